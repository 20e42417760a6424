"""What a decision about a customer is made from: facts of one day, gathered by the caller, never read here.

Balances are outstanding amounts in the invoice's own currency; dates are the organisation's local dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from dunright.domain.schedules import Level, Schedule

PersonLevel = Literal["normal", "escalated", "both", "off"]
Status = Literal["open", "draft", "void", "written_off", "paid"]
Grouping = Literal["all_overdue", "due_steps"]
Entry = Literal["nearest", "gently"]


@dataclass(frozen=True, slots=True)
class Until:
    """Something that stops until a day; None means until somebody ends it."""

    day: date | None = None
    """The first day on which it no longer stops."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """A step that is over for an invoice: sent, or skipped below one that was sent (R4)."""

    schedule: str
    step: str
    days: int
    """The `days` it had when last consumed (R2)."""
    consumed_on: date
    """When it was last consumed."""
    times_sent: int = 0
    """0: only skipped."""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    id: str
    number: str
    issued: date | None
    seen: date
    """The day it was first seen open (R3)."""
    due: date | None
    status: Status
    balance: Decimal
    currency: str
    rate: Decimal
    """Base currency for one unit."""
    schedule: Schedule | None
    """The one in force; None: archived, missing or `none`."""
    chasing: bool = True
    consumed: tuple[Consumed, ...] = ()
    last_listed_on: date | None = None
    """Day of the latest message that listed this invoice under a step (R5); None: never."""
    entry: Entry = "nearest"
    """R5a: how an invoice that was overdue when the organisation was first resumed is begun."""
    disputed: bool = False
    promised: date | None = None
    paused: Until | None = None
    payment_pending: bool = False
    uncertain: bool = False
    """A message that lists it has an unknown fate: no further step (section 6.4)."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    id: str
    email: str | None
    """As the books spell it; what is not one address counts as none (R12)."""
    level: PersonLevel
    is_primary: bool = False
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    id: str
    invoices: tuple[InvoiceFacts, ...]
    persons: tuple[PersonFacts, ...] = ()
    chasing: bool = True
    excluded: bool = False
    """On the organisation's exclusion list, or its parent is Not chasing: counts as Not chasing, wins over all."""
    hold: Until | None = None
    credits: Mapping[str, Decimal] = field(default_factory=dict)
    """Unapplied credits by currency."""
    last_message_on: date | None = None
    """Day of the last chasing message to this customer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation's settings that decide (defaults: chasing-rules.md)."""

    minimum_gap_days: int = 3
    tolerance: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    grouping: Grouping = "all_overdue"
    escalation_notice_days: int = 7
    has_escalated_sender: bool = True


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    policy: Policy
    paused: Until | None = None
    disconnected: bool = False
    stale_data: bool = False


__all__ = [
    "Consumed",
    "CustomerFacts",
    "Entry",
    "Grouping",
    "InvoiceFacts",
    "Level",
    "OrganisationFacts",
    "PersonFacts",
    "PersonLevel",
    "Policy",
    "Status",
    "Until",
]
