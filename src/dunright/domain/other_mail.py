"""What thank-yous and statements have in common: to whom, when, and how long they wait (chasing-rules.md section 7).

Neither spends an address nor starts the minimum gap; both leave at the chase time of their day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from dunright.domain.calendar import ChaseCalendar, leaves_at
from dunright.domain.facts import CustomerFacts, InvoiceFacts, OrganisationFacts, PersonFacts
from dunright.domain.guards import CUSTOMER_GUARDS, ORGANISATION_GUARDS
from dunright.domain.messages import Draft, Line, listing_order
from dunright.domain.money import EXACT
from dunright.domain.recipients import recipients_of
from dunright.domain.schedules import Step

OtherKind = Literal["thank_you", "statement"]
OTHER_KINDS: Final[tuple[OtherKind, ...]] = ("thank_you", "statement")
OTHER_NAMES: Final[Mapping[str, str]] = {"thank_you": "Thank-you", "statement": "Statement"}
WAITS: Final = timedelta(days=7)
"""So long it may wait; then it is dropped, with the reason that held it."""
FIRST_BATCH: Final = "it waits for the first approved batch of reminders"

_NOT_CHASING = next(guard for guard in CUSTOMER_GUARDS if guard.code == "customer_not_chasing")


def held_by(organisation: OrganisationFacts, *, waits_for_batch: bool, today: date) -> str:
    """What holds all other mail of an organisation today: a reason code, a sentence, or empty."""
    for guard in ORGANISATION_GUARDS:
        if guard.stops(organisation, today) is not None:
            return guard.code
    return FIRST_BATCH if waits_for_batch else ""


def not_written_to(customer: CustomerFacts, *, has_schedule: bool, today: date) -> str:
    """Why a customer gets no other mail: it is not being chased, or nobody can be reached; empty when it does.

    `has_schedule`: whether its own schedule or the default is in force; with `none` it is not chased.
    """
    if _NOT_CHASING.stops(customer, today) is not None:
        return _NOT_CHASING.code
    if not has_schedule:
        return "no_schedule"
    return "" if addressees(customer) else "no_recipient"


def addressees(customer: CustomerFacts) -> tuple[PersonFacts, ...]:
    """The normal recipients (R12), also those who had a reminder today."""
    return recipients_of(customer.persons, "normal", spent=()).chosen


def draft_of(
    customer: CustomerFacts,
    invoices: Sequence[InvoiceFacts],
    *,
    template: str,
    attachments: tuple[str, ...] = (),
) -> Draft:
    """The message as every message is drafted: it stands for no step and consumes nothing."""
    lines = tuple(sorted(map(Line, invoices), key=listing_order))
    totals: dict[str, Decimal] = {}
    for one in invoices:
        totals[one.currency] = EXACT.add(totals.get(one.currency, Decimal(0)), one.balance)
    step = Step(id="", days=0, template=template, attachments=attachments)
    return Draft(
        customer_id=customer.id,
        kind=step.kind,
        schedule="",
        step=step,
        leading_invoice=lines[0].invoice.id,
        sender="normal",
        to=addressees(customer),
        cc=(),
        flags=(),
        lines=lines,
        totals=totals,
        credits={code: amount for code, amount in customer.credits.items() if amount > 0},
        starts_thread=True,
    )


def is_given_up(calendar: ChaseCalendar, planned_for: date, *, now: datetime) -> bool:
    """Whether a message planned for a day has waited for seven days."""
    return now >= calendar.moment(planned_for, calendar.chase_time) + WAITS


def next_try(calendar: ChaseCalendar, *, now: datetime, pause: timedelta) -> datetime:
    """When a message that could not leave is tried again: soon, in the evening at the next working day's chase time."""
    again = leaves_at(calendar, approved_at=now + pause)
    return max(again, calendar.moment(calendar.local_date(again), calendar.chase_time))


def next_working_day(calendar: ChaseCalendar, day: date) -> date:
    """The first working day after a day."""
    return calendar.working_day_from(day + timedelta(days=1))
