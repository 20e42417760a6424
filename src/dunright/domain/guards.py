"""The guards of an organisation, a customer and an invoice (chasing-rules.md section 3), in the order asked.

A guard answers None when it lets through, else until when it stops (`Until(None)`: nobody knows).
`sees` puts into words what it looked at, for people who ask why.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, NamedTuple

from dunright.domain.facts import CustomerFacts, InvoiceFacts, OrganisationFacts, Policy, Until
from dunright.domain.money import in_base_currency
from dunright.domain.reasons import Reason

NOBODY_KNOWS: Final = Until(None)
TOMORROW: Final = timedelta(days=1)


class OrganisationGuard(NamedTuple):
    code: Reason
    stops: Callable[[OrganisationFacts, date], Until | None]
    sees: Callable[[OrganisationFacts], str]


class CustomerGuard(NamedTuple):
    code: Reason
    stops: Callable[[CustomerFacts, date], Until | None]
    sees: Callable[[CustomerFacts], str]


class InvoiceGuard(NamedTuple):
    code: Reason
    stops: Callable[[InvoiceFacts, Policy, date], Until | None]
    sees: Callable[[InvoiceFacts, Policy], str]


def day_after(day: date, days: int = 1) -> date | None:
    """The day so many days later; None where the calendar ends (absurd dates in books must not stop a run)."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _still(until: Until | None, today: date) -> Until | None:
    """What lasts until a date, or until somebody ends it."""
    if until is None or (until.day is not None and today >= until.day):
        return None
    return until


def _last_words(until: Until | None, otherwise: str) -> str:
    if until is None:
        return otherwise
    return "until somebody ends it" if until.day is None else f"until {until.day}"


def _paused(organisation: OrganisationFacts, today: date) -> Until | None:
    return _still(organisation.paused, today)


def _disconnected(organisation: OrganisationFacts, _: date) -> Until | None:
    return NOBODY_KNOWS if organisation.disconnected else None


def _stale_data(organisation: OrganisationFacts, _: date) -> Until | None:
    return NOBODY_KNOWS if organisation.stale_data else None


def _customer_not_chasing(customer: CustomerFacts, _: date) -> Until | None:
    return None if customer.chasing and not customer.excluded else NOBODY_KNOWS


def _customer_on_hold(customer: CustomerFacts, today: date) -> Until | None:
    return _still(customer.hold, today)


def _no_schedule(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return NOBODY_KNOWS if invoice.schedule is None else None


def _not_open(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return None if invoice.status == "open" and invoice.balance > 0 else NOBODY_KNOWS


def _no_due_date(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return NOBODY_KNOWS if invoice.due is None else None


def _invoice_not_chasing(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return None if invoice.chasing else NOBODY_KNOWS


def _disputed(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return NOBODY_KNOWS if invoice.disputed else None


def _promised(invoice: InvoiceFacts, _policy: Policy, today: date) -> Until | None:
    promised = invoice.promised
    # The promised day itself still belongs to the customer.
    return None if promised is None or today > promised else Until(day_after(promised))


def _paused_until(invoice: InvoiceFacts, _policy: Policy, today: date) -> Until | None:
    return _still(invoice.paused, today)


def _payment_pending(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return NOBODY_KNOWS if invoice.payment_pending else None


def _below_tolerance(invoice: InvoiceFacts, policy: Policy, _today: date) -> Until | None:
    if not policy.tolerance:
        return None  # No tolerance is the default, and an open balance is above zero.
    return NOBODY_KNOWS if in_base_currency(invoice.balance, invoice.rate) < policy.tolerance else None


def _uncertain(invoice: InvoiceFacts, _policy: Policy, _today: date) -> Until | None:
    return NOBODY_KNOWS if invoice.uncertain else None


def _chasing_words(customer: CustomerFacts) -> str:
    if customer.excluded:
        return "on the exclusion list, or its parent is Not chasing"
    return "Chasing" if customer.chasing else "Not chasing"


def _tolerance_words(invoice: InvoiceFacts, policy: Policy) -> str:
    in_base = in_base_currency(invoice.balance, invoice.rate)
    return f"{in_base:f} in base currency, tolerance {policy.tolerance:f}"


ORGANISATION_GUARDS: Final = (
    OrganisationGuard(
        "paused", _paused, lambda o: "paused " + _last_words(o.paused, "") if o.paused else "running"
    ),
    OrganisationGuard(
        "disconnected", _disconnected, lambda o: "needs re-authorisation" if o.disconnected else "connected"
    ),
    OrganisationGuard(
        "stale_data", _stale_data, lambda o: "too old, or cannot be read" if o.stale_data else "fresh"
    ),
)

CUSTOMER_GUARDS: Final = (
    CustomerGuard("customer_not_chasing", _customer_not_chasing, _chasing_words),
    CustomerGuard(
        "customer_on_hold",
        _customer_on_hold,
        lambda c: f"on hold {_last_words(c.hold, '')}" if c.hold else "no hold",
    ),
)

INVOICE_GUARDS: Final = (
    # Named at the level of the customer, yet each invoice has a schedule in force of its own.
    InvoiceGuard(
        "no_schedule",
        _no_schedule,
        lambda i, _: "archived, missing or none" if i.schedule is None else i.schedule.name,
    ),
    InvoiceGuard("not_open", _not_open, lambda i, _: f"{i.status}, balance {i.balance:f} {i.currency}"),
    InvoiceGuard("no_due_date", _no_due_date, lambda i, _: "none" if i.due is None else i.due.isoformat()),
    InvoiceGuard(
        "invoice_not_chasing", _invoice_not_chasing, lambda i, _: "Chasing" if i.chasing else "Not chasing"
    ),
    InvoiceGuard("disputed", _disputed, lambda i, _: "an open dispute" if i.disputed else "no dispute"),
    InvoiceGuard(
        "promised",
        _promised,
        lambda i, _: "no promise" if i.promised is None else f"promised for {i.promised}",
    ),
    InvoiceGuard(
        "paused_until",
        _paused_until,
        lambda i, _: f"paused {_last_words(i.paused, '')}" if i.paused else "no pause",
    ),
    InvoiceGuard(
        "payment_pending",
        _payment_pending,
        lambda i, _: "a payment is under way" if i.payment_pending else "no payment under way",
    ),
    InvoiceGuard("below_tolerance", _below_tolerance, _tolerance_words),
    InvoiceGuard(
        "uncertain",
        _uncertain,
        lambda i, _: "a message of unknown fate lists it" if i.uncertain else "no message of unknown fate",
    ),
)
