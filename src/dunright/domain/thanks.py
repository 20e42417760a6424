"""Which invoices a customer is thanked for, and when (chasing-rules.md section 7).

The next working day after an invoice was seen fully paid by payment, all of a customer's in one message; never for part
payments, voids or credits, nor for an invoice that was paid before it was ever seen open, and never twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from dunright.domain.calendar import ChaseCalendar
from dunright.domain.facts import CustomerFacts, InvoiceFacts, Status
from dunright.domain.messages import Draft
from dunright.domain.other_mail import WAITS, draft_of, next_working_day, not_written_to
from dunright.domain.wording.defaults import THANK_YOU

Unthanked = Literal["thanked", "not_paid", "never_open", "not_by_payment", "not_yet", "too_late"]

WORDS: Mapping[Unthanked, str] = {
    "thanked": "the customer was thanked before",
    "not_paid": "it is not paid in full (any more)",
    "never_open": "it was paid before it was seen open",
    "not_by_payment": "a credit settled it, not a payment",
    "not_yet": "its day has not come",
    "too_late": "it was paid too long ago",
}


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """An invoice that was seen paid, as far as thanks depend on it."""

    id: str
    number: str
    currency: str
    total: Decimal
    status: Status
    first_open: date | None
    """The day it was first seen open; None: never."""
    paid_seen: date | None
    """The day it was seen paid; None: not since it was last open."""
    by_payment: bool | None
    """Whether money alone settled it; None: the books have not told yet, the last check asks them."""
    thanked: bool = False
    """Decided before, whatever was decided."""
    due: date | None = None


class Thanks(NamedTuple):
    """What to do about a customer's paid invoices."""

    message: Draft | None
    """One for all that are thanked for."""
    thankful: tuple[PaidInvoice, ...]
    """What there is to thank for, by due date, number and id, also where the customer gets no message."""
    reason: str
    """Why the customer gets no message at all; empty when it does, or when there is nothing to thank for."""
    unthanked: Mapping[str, Unthanked]
    """Invoices left out, each with its reason."""


def thank_you_day(calendar: ChaseCalendar, paid_seen: date) -> date:
    """The working day on which a payment seen on a day is thanked for."""
    return next_working_day(calendar, paid_seen)


def decide_thanks(
    customer: CustomerFacts,
    paid: Sequence[PaidInvoice],
    *,
    has_schedule: bool,
    calendar: ChaseCalendar,
    today: date,
    is_planned: bool = False,
) -> Thanks:
    """Decide what a customer is thanked for on a day.

    `is_planned`: asked again about a message planned before, whose invoices' days have come; how long it may wait is
    the message's own matter then.
    """
    unthanked: dict[str, Unthanked] = {}
    thankful: list[PaidInvoice] = []
    for invoice in paid:
        why = _why_not(invoice) or ("" if is_planned else _not_today(invoice, calendar, today))
        if why:
            unthanked[invoice.id] = why
        else:
            thankful.append(invoice)
    thankful.sort(key=lambda one: (one.due or date.max, one.number, one.id))
    reason = not_written_to(customer, has_schedule=has_schedule, today=today) if thankful else ""
    message = None
    if thankful and not reason:
        message = draft_of(customer, [_as_facts(one) for one in thankful], template=THANK_YOU)
    return Thanks(message, tuple(thankful), reason, unthanked)


def _as_facts(paid: PaidInvoice) -> InvoiceFacts:
    """As a message lists it: what it is about is what was paid."""
    assert paid.first_open is not None
    return InvoiceFacts(
        id=paid.id,
        number=paid.number,
        issued=None,
        seen=paid.first_open,
        due=paid.due,
        status=paid.status,
        balance=paid.total,
        currency=paid.currency,
        rate=Decimal(1),
        schedule=None,
    )


def _why_not(invoice: PaidInvoice) -> Unthanked | Literal[""]:
    if invoice.thanked:
        return "thanked"
    if invoice.status != "paid":
        return "not_paid"
    if invoice.first_open is None or invoice.paid_seen is None:
        return "never_open"
    # Nothing known yet is no reason: the last check reads the invoice again and hears what settled it.
    return "not_by_payment" if invoice.by_payment is False else ""


def _not_today(invoice: PaidInvoice, calendar: ChaseCalendar, today: date) -> Unthanked | Literal[""]:
    assert invoice.paid_seen is not None
    day = thank_you_day(calendar, invoice.paid_seen)
    if today < day:
        return "not_yet"
    return "too_late" if today - day >= WAITS else ""
