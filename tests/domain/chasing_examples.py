"""Facts that tests of the rules start from; each test changes what it is about."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dunright.domain.facts import (
    Consumed,
    CustomerFacts,
    InvoiceFacts,
    OrganisationFacts,
    PersonFacts,
    Policy,
)
from dunright.domain.schedules import Repeat, Schedule, Step

DUE = date(2026, 3, 2)
STANDARD = Schedule(
    "Standard",
    (
        Step("s1", -3),
        Step("s2", 1),
        Step("s3", 14),
        Step("s4", 30, sender="escalated", recipients="escalated"),
    ),
    Repeat(14, 2),
    default=True,
)
AP = PersonFacts("ap", "ap@k.example", "normal")
FD = PersonFacts("fd", "fd@k.example", "escalated")


def day(days: int) -> date:
    """A day so many days after the due date of the examples."""
    return DUE + timedelta(days=days)


def schedule(*steps: Step, repeat: Repeat | None = None, name: str = "Standard") -> Schedule:
    return Schedule(name, steps, repeat)


def invoice(id: str = "I1", **changes: Any) -> InvoiceFacts:
    facts: dict[str, Any] = {
        "id": id,
        "number": f"INV-{id}",
        "issued": date(2026, 1, 31),
        "seen": date(2026, 1, 31),
        "due": DUE,
        "status": "open",
        "balance": Decimal("1000.00"),
        "currency": "EUR",
        "rate": Decimal(1),
        "schedule": STANDARD,
    }
    return InvoiceFacts(**(facts | changes))


def customer(*invoices: InvoiceFacts, id: str = "K", **changes: Any) -> CustomerFacts:
    facts: dict[str, Any] = {"id": id, "invoices": invoices or (invoice(),), "persons": (AP, FD)}
    return CustomerFacts(**(facts | changes))


def organisation(**changes: Any) -> OrganisationFacts:
    """Settings go to its policy, states to the organisation."""
    states = {key: changes.pop(key) for key in ("paused", "disconnected", "stale_data") if key in changes}
    return OrganisationFacts(Policy(**changes), **states)


def sent(step: str, days: int, on: date, *, times: int = 1, schedule: str = "Standard") -> Consumed:
    return Consumed(schedule, step, days, on, times)


def skipped(step: str, days: int, on: date, schedule: str = "Standard") -> Consumed:
    return Consumed(schedule, step, days, on)
