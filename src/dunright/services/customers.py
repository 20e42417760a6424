"""What a person decides about a customer or an invoice: chase or not, which schedule, stop, what they answered.

Whatever stops a message already on its way withdraws it at once, by asking `domain.chasing.decide` about it again:
pages must not announce what will not leave. A message that goes on with fewer invoices is written anew when it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import QuerySet

from dunright.domain.chasing import Planned, decide
from dunright.models import (
    ContactPerson,
    Customer,
    Invoice,
    Organisation,
    OutboxMessage,
    PersonLevel,
    Role,
    User,
)
from dunright.models.outbox import COMING
from dunright.queries.facts import NOT_CHASED, customer_facts, spent_addresses, surroundings
from dunright.queries.local_time import chase_calendar, local_date
from dunright.queries.next_steps import as_if_running
from dunright.queries.policies import schedules_of
from dunright.services import holds, outbox, outlook, people, timeline
from dunright.services.permissions import require

How = Literal["once", "date", "resumed", "never"]
HOWS: tuple[How, ...] = ("once", "date", "resumed", "never")
PAID_WORKING_DAYS = 3
"""How long a payment that was announced takes to show in the books."""
LONGEST_NOTE = 1000
_A_DAY = timedelta(days=1)


class CannotDecide(Exception):
    """What was asked for is not possible; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a decision."""

    sentence: str
    withdrawn: int = 0
    """Messages on their way that were withdrawn."""


def set_chasing(
    customer: Customer, *, chasing: bool, by: User | None, now: datetime, why: str = ""
) -> Outcome:
    """Switch chasing of a customer on or off (status Chasing, Not chasing)."""
    organisation = customer.organisation
    require(organisation, by, Role.CHASER)
    if chasing and customer.is_excluded:
        raise CannotDecide(f"{customer.name} is on the exclusion list; take it off there first.")
    word = "Chasing" if chasing else "Not chasing"
    with transaction.atomic():
        rows = Customer.objects.filter(organisation=organisation, pk=customer.pk).exclude(is_chasing=chasing)
        if rows.update(is_chasing=chasing):
            timeline.record(
                organisation, "chasing", f"Set to {word}", at=now, customer=customer, by=by, detail=_note(why)
            )
    customer.is_chasing = chasing
    sentence = f"{customer.name} is chased again." if chasing else f"{customer.name} is not chased any more."
    return _followed(customer, sentence, by=by, now=now)


def set_invoice_chasing(
    invoice: Invoice, *, chasing: bool, by: User | None, now: datetime, why: str = ""
) -> Outcome:
    """Switch chasing of one invoice on or off; the customer's others go on."""
    organisation = invoice.organisation
    require(organisation, by, Role.CHASER)
    with transaction.atomic():
        rows = Invoice.objects.filter(organisation=organisation, pk=invoice.pk).exclude(is_chasing=chasing)
        if rows.update(is_chasing=chasing):
            timeline.record(
                organisation,
                "chasing",
                f"{invoice.number} set to {'Chasing' if chasing else 'Not chasing'}",
                at=now,
                customer=invoice.customer,
                invoice=invoice,
                by=by,
                detail=_note(why),
            )
    invoice.is_chasing = chasing
    sentence = (
        f"{invoice.number} is chased again." if chasing else f"{invoice.number} is not chased any more."
    )
    return _followed(invoice.customer, sentence, by=by, now=now)


def choose_schedule(subject: Customer | Invoice, name: str, *, by: User | None, now: datetime) -> Outcome:
    """Choose the schedule of a customer or an invoice: a name, `none`, or empty for the one above it."""
    organisation = subject.organisation
    require(organisation, by, Role.CHASER)
    if name not in {"", NOT_CHASED} and name not in schedules_of(organisation):
        raise CannotDecide(f"There is no schedule called “{name[:80]}”; choose one of the list.")
    is_invoice = isinstance(subject, Invoice)
    customer = subject.customer if isinstance(subject, Invoice) else subject
    about = subject.number if isinstance(subject, Invoice) else subject.name
    above = "the customer's" if is_invoice else "the default"
    chosen = {"": above, NOT_CHASED: "none"}.get(name, name)
    with transaction.atomic():
        rows = type(subject)._default_manager.filter(organisation=organisation, pk=subject.pk)
        if rows.exclude(schedule_name=name).update(schedule_name=name):
            timeline.record(
                organisation,
                "schedule",
                f"Schedule of {about}: {chosen}",
                at=now,
                customer=customer,
                invoice=subject if isinstance(subject, Invoice) else None,
                by=by,
            )
    subject.schedule_name = name
    return _followed(customer, f"{about} now follows the schedule: {chosen}.", by=by, now=now)


def choose_level(person: ContactPerson, level: str, *, by: User | None, now: datetime) -> Outcome:
    """Choose which reminders a person gets (R12); says so when nobody is left to write to."""
    people.choose_level(person, level, by=by, now=now)
    word = {"off": "no", "both": "normal and escalated"}.get(level, level)
    sentence = f"{person} now gets {word} reminders."
    if not _is_anybody_left(person.customer, now=now):
        sentence += f" Nobody at {person.customer.name} gets reminders now; give somebody a level."
    return _followed(person.customer, sentence, by=by, now=now)


def stop_until(customer: Customer, how: How, until: date | None, *, now: datetime) -> date | None:
    """The first day on which a stop no longer stops; None: until resumed. Raises CannotDecide."""
    if how == "date":
        if until is None:
            raise CannotDecide("Give the day from which reminders may go again.")
        return until
    return day_after_run(customer, now=now) if how == "once" else None


def day_after_run(customer: Customer, *, now: datetime) -> date:
    """The day after the run that “this time” is about: of the message on its way, else the next one (section 5)."""
    message = _coming(customer.organisation, customer.pk).order_by("run_date").first()
    run = message.run_date if message else outlook.next_run_date(customer.organisation, now)
    return max(run, local_date(customer.organisation, now)) + _A_DAY


def stop(
    customer: Customer, how: How, *, until: date | None, why: str, by: User | None, now: datetime
) -> Outcome:
    """Stop chasing a customer: this time, until a date, until resumed, or never (status Not chasing)."""
    if how == "never":
        return set_chasing(customer, chasing=False, by=by, now=now, why=why)
    last = stop_until(customer, how, until, now=now)
    holds.hold_customer(customer, until=last, why=_note(why), by=by, now=now)
    words = f"until {_day(last)}" if last else "until somebody resumes"
    return _followed(customer, f"{customer.name} is on hold {words}.", by=by, now=now)


def stop_invoice(
    invoice: Invoice, how: How, *, until: date | None, why: str, by: User | None, now: datetime
) -> Outcome:
    """Stop chasing one invoice, in the same four ways; the customer's others go on."""
    if how == "never":
        return set_invoice_chasing(invoice, chasing=False, by=by, now=now, why=why)
    last = stop_until(invoice.customer, how, until, now=now)
    holds.pause_invoice(invoice, until=last, why=_note(why), by=by, now=now)
    words = f"until {_day(last)}" if last else "until somebody resumes"
    return _followed(invoice.customer, f"{invoice.number} is paused {words}.", by=by, now=now)


def resume(customer: Customer, *, by: User | None, now: datetime) -> Outcome:
    """End everything that holds a customer back: its own hold and Not chasing; holds on single invoices stay."""
    require(customer.organisation, by, Role.CHASER)
    for hold in holds.open_holds(customer.organisation, [customer.pk]):
        if hold.invoice_id is None:
            holds.end(hold, by=by, now=now)
    if not customer.is_chasing:
        set_chasing(customer, chasing=True, by=by, now=now)
    return _followed(customer, f"{customer.name} is chased again.", by=by, now=now)


def resume_invoice(invoice: Invoice, *, by: User | None, now: datetime) -> Outcome:
    """End everything that holds one invoice back: dispute, promise, pause and Not chasing."""
    require(invoice.organisation, by, Role.CHASER)
    for hold in holds.open_holds(invoice.organisation, [invoice.customer_id]):
        if hold.invoice_id == invoice.pk:
            holds.end(hold, by=by, now=now)
    if not invoice.is_chasing:
        set_invoice_chasing(invoice, chasing=True, by=by, now=now)
    return _followed(invoice.customer, f"{invoice.number} is chased again.", by=by, now=now)


def payment_expected_by(organisation: Organisation, *, now: datetime) -> date:
    """The first day on which a payment said to be on its way would be asked for again."""
    calendar = chase_calendar(organisation)
    day = local_date(organisation, now)
    for _ in range(PAID_WORKING_DAYS):
        day = calendar.working_day_from(day + _A_DAY)
    return day


def says_paid(
    customer: Customer, *, until: date | None, note: str, by: User | None, now: datetime
) -> Outcome:
    """They say it is paid: the customer waits until the payment can be in the books."""
    until = until or payment_expected_by(customer.organisation, now=now)
    why = f"Says it is paid. {_note(note)}".strip()
    holds.hold_customer(customer, until=until, why=why, by=by, now=now)
    sentence = f"{customer.name} is left alone until {_day(until)}, so that the payment can arrive."
    return _followed(customer, sentence, by=by, now=now)


def promises(
    customer: Customer,
    invoices: Sequence[Invoice],
    *,
    day: date,
    note: str,
    by: User | None,
    now: datetime,
) -> Outcome:
    """They will pay these invoices by a day, which itself still belongs to them."""
    _check(customer, invoices)
    with transaction.atomic():
        for invoice in invoices:
            holds.accept_promise(invoice, promised=day, why=_note(note), by=by, now=now)
    return _followed(customer, f"{_named(invoices)} promised for {_day(day)}.", by=by, now=now)


def disputes(
    customer: Customer, invoices: Sequence[Invoice], *, note: str, by: User | None, now: datetime
) -> Outcome:
    """They object to these invoices: each waits until its dispute is ended."""
    _check(customer, invoices)
    with transaction.atomic():
        for invoice in invoices:
            holds.dispute(invoice, why=_note(note), by=by, now=now)
    return _followed(customer, f"{_named(invoices)} disputed.", by=by, now=now)


def wrong_person(
    customer: Customer, person: ContactPerson, *, note: str, by: User | None, now: datetime
) -> Outcome:
    """They are not the one to write to: no more reminders to that person."""
    require(customer.organisation, by, Role.CHASER)
    if person.customer_id != customer.pk:
        raise CannotDecide(f"That person is not at {customer.name}; choose one of the list.")
    if _note(note):
        timeline.record(
            customer.organisation,
            "note",
            f"{person} says: wrong person",
            at=now,
            customer=customer,
            by=by,
            detail=_note(note),
        )
    return choose_level(person, PersonLevel.OFF, by=by, now=now)


def log_contact(
    customer: Customer,
    kind: Literal["call", "note"],
    text: str,
    *,
    person: ContactPerson | None = None,
    until: date | None = None,
    by: User | None,
    now: datetime,
) -> Outcome:
    """Write down a call or a note; with `until`, the customer is left alone until that day (`customer_on_hold`)."""
    require(customer.organisation, by, Role.CHASER)
    if not text.strip():
        raise CannotDecide("Write what was said.")
    sentence = f"Call with {person or customer.name}" if kind == "call" else f"Note by {by or 'the system'}"
    with transaction.atomic():
        timeline.record(
            customer.organisation,
            kind,
            sentence,
            at=now,
            customer=customer,
            by=by,
            detail=text.strip()[:5000],
        )
        if until is not None:
            holds.hold_customer(customer, until=until, why=_note(text), by=by, now=now, origin="call")
    said = "The call is on the timeline." if kind == "call" else "The note is on the timeline."
    if until is not None:
        said += f" {customer.name} is on hold until {_day(until)}."
    return _followed(customer, said, by=by, now=now)


def _followed(customer: Customer, sentence: str, *, by: User | None, now: datetime) -> Outcome:
    """Withdraw what may not leave any more, and say anew what comes next."""
    withdrawn = _withdraw_stopped(customer, by=by, now=now)
    outlook.refresh(customer.organisation, now=now, customers=[customer.pk])
    if withdrawn:
        sentence += " The reminder that was on its way is withdrawn."
    return Outcome(sentence, withdrawn)


def _withdraw_stopped(customer: Customer, *, by: User | None, now: datetime) -> int:
    """Ask again about the customer's chasing messages that have not left; the number withdrawn."""
    organisation = customer.organisation
    messages = list(_coming(organisation, customer.pk).select_related("organisation", "customer"))
    if not messages:
        return 0
    around = as_if_running(surroundings(organisation, now=now, is_fresh=True))
    facts = customer_facts(organisation, [customer.pk], around=around)[customer.pk]
    withdrawn = 0
    for message in messages:
        lines = message.lines.filter(organisation=organisation).values_list("invoice_id", flat=True)
        decision = decide(
            around.organisation,
            facts,
            today=max(message.run_date, local_date(organisation, now)),
            spent=spent_addresses(organisation, message.run_date, without_message=message.pk),
            planned=Planned(
                kind="before_due" if message.kind == "before_due" else "overdue",
                invoice_ids=frozenset(str(pk) for pk in lines),
            ),
        )
        if decision.message is None:
            reasons = sorted({one.reason for one in decision.decisions if one.reason})
            withdrawn += outbox.cancel([message], by=by, now=now, reason=", ".join(reasons))
    return withdrawn


def _coming(organisation: Organisation, customer: int) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        organisation=organisation, customer=customer, slot=outbox.CHASE, state__in=COMING
    )


def _is_anybody_left(customer: Customer, *, now: datetime) -> bool:
    around = surroundings(customer.organisation, now=now, is_fresh=True)
    facts = customer_facts(customer.organisation, [customer.pk], around=around)[customer.pk]
    return any(person.level != "off" and person.email for person in facts.persons)


def _check(customer: Customer, invoices: Sequence[Invoice]) -> None:
    if not invoices:
        raise CannotDecide("Choose at least one invoice.")
    if any(invoice.customer_id != customer.pk for invoice in invoices):
        raise CannotDecide(f"Those invoices are not all of {customer.name}; choose from the list.")


def _named(invoices: Sequence[Invoice]) -> str:
    numbers = [invoice.number for invoice in invoices]
    if len(numbers) == 1:
        return f"{numbers[0]} is"
    return f"{', '.join(numbers[:-1])} and {numbers[-1]} are"


def _note(text: str) -> str:
    return text.strip()[:LONGEST_NOTE]


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
