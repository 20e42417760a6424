"""Scenarios that tests of the simulation start from."""

import json
from typing import Any

import pytest

from dunright.domain.simulation import ScenarioError, read_scenario, simulate

TWO_INVOICES = json.loads("""
{"name": "two invoices", "from": "2026-02-25", "to": "2026-04-10",
 "organisation": {"timezone": "Europe/Amsterdam", "country": "NL", "currency": "EUR",
   "chase_days": ["mon","tue","wed","thu","fri"],
   "chase_time": "09:00", "holidays": false, "minimum_gap_days": 3, "tolerance": "0", "minimum": "0",
   "grouping": "all_overdue", "escalation_notice_days": 7},
 "schedules": [{"name": "Standard", "default": true,
   "steps": [{"id": "s1", "days": -3}, {"id": "s2", "days": 1},
     {"id": "s3", "days": 30, "sender": "escalated", "recipients": "escalated"}],
   "repeat": {"every_days": 14, "limit": 2}}],
 "customers": [{"id": "K", "chasing": true, "schedule": null,
   "contacts": [{"email": "ap@k.example", "level": "normal"}, {"email": "fd@k.example", "level": "escalated"}]}],
 "invoices": [{"id": "I1", "customer": "K", "number": "INV-1", "issued": "2026-01-31", "seen": "2026-01-31",
   "due": "2026-03-02", "total": "1000.00", "currency": "EUR", "rate": "1", "status": "open", "schedule": null}],
 "events": [{"at": "2026-03-05T10:00", "type": "payment", "invoice": "I1", "amount": "600.00"}]}
""")
"""The example of chasing-rules.md section 9. 2 March 2026 is a Monday."""


def a_copy() -> dict[str, Any]:
    """The example, free to be changed."""
    copied: dict[str, Any] = json.loads(json.dumps(TWO_INVOICES))
    return copied


def scenario(
    *events: dict[str, Any], organisation: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """The example with other events, settings and parts."""
    made = a_copy() | {"events": list(events)} | changes
    made["organisation"] |= organisation or {}
    return made


def event(at: str, kind: str, **keys: Any) -> dict[str, Any]:
    return {"at": at, "type": kind, **keys}


def invoice(id: str, **changes: Any) -> dict[str, Any]:
    return a_copy()["invoices"][0] | {"id": id, "number": f"INV-{id}"} | changes


def customer(id: str, *emails: str, **changes: Any) -> dict[str, Any]:
    contacts = [{"email": email, "level": "normal"} for email in emails]
    return {"id": id, "chasing": True, "contacts": contacts} | changes


def schedule(*days: int, name: str = "Standard", **changes: Any) -> dict[str, Any]:
    """A schedule whose steps are called by their days: `d1` for one day after the due date."""
    steps = [{"id": f"d{number}", "days": number} for number in days]
    return {"name": name, "default": name == "Standard", "steps": steps} | changes


def played(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The answer to a scenario."""
    return simulate(read_scenario(scenario(*events, **changes)))


def sent(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Date, leading step and what is listed, of each message."""
    return [
        (message["at"][:10], message["step"], [(line["id"], line["step"]) for line in message["invoices"]])
        for message in answer["messages"]
    ]


def days_sent(answer: dict[str, Any]) -> list[str]:
    return [message["at"][:10] for message in answer["messages"]]


def decided(answer: dict[str, Any], day: str, invoice: str = "I1") -> tuple[Any, ...]:
    return next(
        (one["verdict"], one["reason"], one["until"])
        for one in answer["decisions"]
        if one["date"] == day and one["invoice"] == invoice
    )


def refusal(raw: object) -> str:
    """What is wrong with a scenario that cannot be read."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario(raw)
    return str(caught.value)
