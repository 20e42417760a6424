"""How many invoice-days a second the simulation decides on one core: `python bench/simulate.py`.

A year of daily runs over 2,000 invoices of 400 customers, with the events of real books: part payments,
payments in full, promises, disputes, holds, moved due dates, unapplied credits. The goal is 100,000.
"""

import json
import random
import time
from datetime import date, timedelta
from typing import Any

from dunright.domain.scenario import read_scenario
from dunright.domain.simulation import simulate

GOAL = 100_000
FIRST, DAYS = date(2026, 1, 1), 365
CUSTOMERS, INVOICES = 400, 2_000
STEPS = [
    {"id": "s1", "days": -3},
    {"id": "s2", "days": 1},
    {"id": "s3", "days": 14},
    {"id": "s4", "days": 30, "sender": "escalated", "recipients": "escalated"},
]


def scenario(seed: int = 7) -> dict[str, Any]:
    """A year of a firm that sends invoices on account."""
    draw = random.Random(seed)  # noqa: S311 - made-up books, nothing secret
    invoices = [_invoice(number, draw) for number in range(INVOICES)]
    return {
        "name": "a year of daily runs",
        "from": FIRST.isoformat(),
        "to": (FIRST + timedelta(days=DAYS - 1)).isoformat(),
        "organisation": {
            "timezone": "Europe/Dublin",
            "country": "IE",
            "currency": "EUR",
            "chase_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "chase_time": "09:00",
            "holidays": False,
            "minimum_gap_days": 3,
            "tolerance": "1.00",
            "minimum": "5.00",
            "grouping": "all_overdue",
            "escalation_notice_days": 7,
        },
        "schedules": [
            {"name": "Standard", "default": True, "steps": STEPS, "repeat": {"every_days": 14, "limit": None}}
        ],
        "customers": [_customer(number) for number in range(CUSTOMERS)],
        "invoices": invoices,
        "events": [event for invoice in invoices for event in _events(invoice, draw)],
    }


def _customer(number: int) -> dict[str, Any]:
    contacts = [
        {"email": f"ap{number}@customer.example", "level": "normal"},
        {"email": f"fd{number}@customer.example", "level": "escalated"},
    ]
    return {"id": f"K{number}", "chasing": True, "contacts": contacts}


def _invoice(number: int, draw: random.Random) -> dict[str, Any]:
    issued = FIRST + timedelta(days=draw.randint(-120, 0))
    return {
        "id": f"I{number}",
        "customer": f"K{draw.randrange(CUSTOMERS)}",
        "number": f"INV-{number:06}",
        "issued": issued.isoformat(),
        "due": (issued + timedelta(days=draw.choice((14, 30, 30, 60)))).isoformat(),
        "total": f"{draw.randint(5_00, 9_000_00) / 100:.2f}",
        "currency": draw.choice(("EUR", "EUR", "EUR", "GBP")),
        "rate": "1",
        "status": "open",
    }


def _events(invoice: dict[str, Any], draw: random.Random) -> list[dict[str, Any]]:
    def event(kind: str, **keys: Any) -> dict[str, Any]:
        day = FIRST + timedelta(days=draw.randrange(DAYS))
        return {"at": f"{day}T{draw.randrange(24):02}:15", "type": kind, **keys}

    listed = {"invoice": invoice["id"]}
    until = (FIRST + timedelta(days=draw.randrange(DAYS))).isoformat()
    made = [event("payment", **listed, amount=invoice["total"])] if draw.random() < 0.85 else []  # noqa: PLR2004
    maybe = (
        (0.10, event("payment", **listed, amount="50.00")),
        (0.10, event("promise", **listed, date=until)),
        (0.04, event("dispute", **listed)),
        (0.04, event("due_date", **listed, due=until)),
        (0.04, event("hold", customer=invoice["customer"], until=until)),
        (0.02, event("credit", customer=invoice["customer"], currency="EUR", amount="120.00")),
    )
    return made + [one for chance, one in maybe if draw.random() < chance]


def main() -> None:
    """Print the figures of one run with reuse and one without."""
    books = read_scenario(scenario())
    for reuse in (True, False):
        start = time.process_time()
        answer = simulate(books, reuse=reuse)
        seconds = time.process_time() - start
        decided = len(answer["decisions"])
        figures = {
            "decided": "where something changed" if reuse else "afresh in every run",
            "invoice_days": decided,
            "messages": len(answer["messages"]),
            "processor_seconds": round(seconds, 3),
            "invoice_days_per_second": round(decided / seconds),
            "ratio_to_goal": round(decided / seconds / GOAL, 2),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
