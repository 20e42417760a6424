"""One invoice with everything a page shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dunright.domain.chasing import Explanation
from dunright.domain.schedules import Schedule, Step
from dunright.models import (
    Allocation,
    ConsumedStep,
    Hold,
    Invoice,
    MessageState,
    Organisation,
    OutboxLine,
    OutboxMessage,
    ScheduleVersion,
)
from dunright.queries.explain import Gathered, explain_invoice
from dunright.queries.facts import surroundings
from dunright.queries.next_steps import (
    Decided,
    NextStep,
    Teller,
    first_run_from,
    messages_listing,
    read_lines,
)
from dunright.queries.shell import books_of

SHOWN_STATES = (
    MessageState.SENT,
    MessageState.UNCERTAIN,
    MessageState.REFUSED,
    MessageState.FAILED,
)
"""Messages that left, tried to, or may have."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that listed the invoice."""

    message: OutboxMessage
    step: str
    """The name of the invoice's own step, else of the message's."""
    days_late: int | None
    others: int
    """Other invoices in the same message."""


@dataclass(frozen=True, slots=True)
class StepStory:
    """A step of the schedule in force, with what became of it."""

    step: Step
    is_over: bool
    times_sent: int
    over_on: date | None
    listed: Listed | None
    """The latest message that sent it."""
    planned: date | None
    """The run that would send it if nothing changed; None for a step that is over or cannot come any more."""

    @property
    def distance(self) -> int:
        """Days between the step and the due date."""
        return abs(self.step.days)


@dataclass(frozen=True, slots=True)
class InvoicePage:
    invoice: Invoice
    teller: Teller
    decided: Decided
    next: NextStep
    explained: Explanation
    explained_for: date
    """The day of the run that the explanation is about."""
    schedule: Schedule | None
    schedule_version: int | None
    steps: Sequence[StepStory]
    sent: Sequence[Listed]
    """Latest first."""
    holds: Mapping[str, Hold]
    """Kind -> the open hold on the invoice, or on its customer."""
    allocations: Sequence[Allocation]
    other_settled: Decimal
    """What settled a part of the total without a payment known here: credits, or payments not yet read in detail."""


def find(organisation: Organisation, pk: int) -> Invoice | None:
    """An invoice of this organisation with its customer; None for another one's, or none at all."""
    rows = Invoice.objects.filter(organisation=organisation, pk=pk)
    return rows.select_related("customer", "organisation", "customer__organisation").first()


def read(organisation: Organisation, invoice: Invoice, *, next_run: date, now: datetime) -> InvoicePage:
    """Everything about an invoice. `next_run`: the day of the next run."""
    coming = messages_listing(organisation, [invoice.pk])
    read_lines(organisation, coming.values())
    around = surroundings(organisation, now=now, books=books_of(organisation))
    teller = Teller(
        organisation, {invoice.customer_id: invoice.customer}, listed=coming, day=next_run, around=around
    )
    decided = teller.decided[invoice.customer_id]
    following = teller.of_invoice(invoice.customer_id, invoice.pk)
    message = following.message
    asked_for = message.run_date if message else next_run
    schedule = _schedule_of(invoice, teller)
    listed = _listed(organisation, invoice, teller)
    allocations = list(
        Allocation.objects.filter(organisation=organisation, invoice=invoice, payment__gone_at=None)
        .select_related("payment")
        .order_by("payment__payment_date", "pk")
    )
    settled = invoice.total - invoice.balance - invoice.written_off
    return InvoicePage(
        invoice=invoice,
        teller=teller,
        decided=decided,
        next=following,
        explained=explain_invoice(
            organisation,
            invoice,
            today=asked_for,
            now=now,
            without_message=message.pk if message else None,
            gathered=Gathered(around, decided.facts),
        ),
        explained_for=asked_for,
        schedule=schedule,
        schedule_version=_version(organisation, schedule),
        steps=_steps(organisation, invoice, schedule, listed, teller),
        sent=listed,
        holds={hold.kind: hold for hold in teller.holds if hold.invoice_id in {None, invoice.pk}},
        allocations=allocations,
        other_settled=settled - sum((one.amount for one in allocations), Decimal(0)),
    )


def _schedule_of(invoice: Invoice, teller: Teller) -> Schedule | None:
    name = invoice.schedule_name or invoice.customer.schedule_name
    return teller.schedules.get(name) if name else teller.default


def _version(organisation: Organisation, schedule: Schedule | None) -> int | None:
    if schedule is None:
        return None
    rows = ScheduleVersion.objects.filter(organisation=organisation, schedule__name=schedule.name)
    return rows.order_by("-number").values_list("number", flat=True).first()


def _listed(organisation: Organisation, invoice: Invoice, teller: Teller) -> list[Listed]:
    lines = (
        OutboxLine.objects.filter(organisation=organisation, invoice=invoice, message__state__in=SHOWN_STATES)
        .select_related("message")
        .defer("message__html", "message__text", "message__content")
        .order_by("-message__due_at", "-pk")
    )
    rows = list(lines)
    sizes: dict[int, int] = {}
    keys = [line.message_id for line in rows]
    for key in OutboxLine.objects.filter(organisation=organisation, message__in=keys).values_list(
        "message_id", flat=True
    ):
        sizes[key] = sizes.get(key, 0) + 1
    return [
        Listed(
            message=line.message,
            step=_name(line, teller),
            days_late=(line.message.run_date - invoice.due_date).days if invoice.due_date else None,
            others=sizes[line.message_id] - 1,
        )
        for line in rows
    ]


def _name(line: OutboxLine, teller: Teller) -> str:
    if line.step:
        return teller.name_of_step(line.schedule_name, line.step)
    return teller.message_name(line.message)


def _steps(
    organisation: Organisation,
    invoice: Invoice,
    schedule: Schedule | None,
    listed: Sequence[Listed],
    teller: Teller,
) -> list[StepStory]:
    """The steps in the order of their days, each with what became of it or when it would come."""
    if schedule is None:
        return []
    rows = ConsumedStep.objects.filter(
        organisation=organisation, invoice=invoice, schedule_name=schedule.name
    )
    consumed = {row.step: row for row in rows}
    floor = max((row.days for row in consumed.values()), default=None)
    stories = []
    for step in sorted(schedule.steps, key=lambda one: one.days):
        row = consumed.get(step.id)
        name = teller.name_of_step(schedule.name, step.id)
        is_over = row is not None or (floor is not None and step.days <= floor)
        stories.append(
            StepStory(
                step=step,
                is_over=is_over,
                times_sent=row.times_sent if row else 0,
                over_on=row.consumed_on if row else None,
                listed=next((one for one in listed if one.step == name), None) if row else None,
                planned=None if is_over else _planned(invoice, step, teller),
            )
        )
    return stories


def _planned(invoice: Invoice, step: Step, teller: Teller) -> date | None:
    """The first run from the step's day on; a step before the due date has no place after it (R3)."""
    if invoice.due_date is None or invoice.status != "open":
        return None
    try:
        reached = step.planned_date(invoice.due_date)
    except OverflowError:
        return None
    day = first_run_from(teller.calendar, max(reached, teller.day))
    return None if day is None or (step.kind == "before_due" and day > invoice.due_date) else day
