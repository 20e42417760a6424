"""What comes next with some customers and each of their invoices, for pages.

A message already planned comes first; else `domain.chasing.decide` is asked about the next run, as the run itself will
ask it. The guards of the whole organisation are left out: a page says those once, not on every row.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from dunright.domain.calendar import ChaseCalendar, runs_between
from dunright.domain.chasing import CustomerDecision, InvoiceDecision, decide
from dunright.domain.facts import CustomerFacts, InvoiceFacts
from dunright.domain.schedules import Schedule, Step
from dunright.models import Customer, Hold, HoldKind, MessageState, Organisation, OutboxLine, OutboxMessage
from dunright.models.outbox import COMING
from dunright.queries.facts import Known, Surroundings, customer_facts
from dunright.queries.local_time import chase_calendar

ON_ITS_WAY = (*COMING, MessageState.CLAIMED)
"""Messages that have not left yet, whoever holds them."""
_LONGEST_SEARCH = timedelta(days=400)
_TEXTS = ("html", "text", "content", "edited_body", "server_reply", "facts")
"""What is long in a message and in no list."""
HOLD_OF_REASON: Mapping[str, str] = {
    "disputed": HoldKind.DISPUTE,
    "promised": HoldKind.PROMISE,
    "paused_until": HoldKind.PAUSE,
    "customer_on_hold": HoldKind.CUSTOMER,
}
"""The kind of hold behind a reason."""


class Decided(NamedTuple):
    """A customer as the run of `day` would decide it."""

    day: date
    facts: CustomerFacts
    decision: CustomerDecision


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next with an invoice or a customer.

    Either `message` stands (it is on its way), or `step` goes on `day` at a run, or `reason` says why nothing comes.
    """

    message: OutboxMessage | None = None
    step: str = ""
    """The name people know the step by: of its text, else its id."""
    day: date | None = None
    """The run that sends the step; with a reason: the first day on which it no longer stops."""
    reason: str = ""
    """A reason code of chasing-rules.md section 3; empty when something goes."""
    hold: Hold | None = None
    """The hold behind the reason."""


def first_run_from(calendar: ChaseCalendar, day: date) -> date | None:
    """The first day of a run, from `day` on; None where no day is a chase day or the calendar ends."""
    try:
        return next((run.date for run in runs_between(calendar, day, day + _LONGEST_SEARCH)), None)
    except OverflowError:
        return None


def as_if_running(around: Surroundings) -> Surroundings:
    """Without the guards of the whole organisation."""
    return around._replace(
        organisation=replace(around.organisation, paused=None, disconnected=False, stale_data=False)
    )


def decided(
    organisation: Organisation,
    customers: Mapping[int, date],
    *,
    around: Surroundings,
    known: Known | None = None,
) -> dict[int, Decided]:
    """Ask about each of these customers (primary key -> day of the run), in a constant number of statements."""
    facts = customer_facts(organisation, list(customers), around=around, known=known)
    return {
        pk: Decided(customers[pk], one, decide(around.organisation, one, today=customers[pk]))
        for pk, one in facts.items()
    }


def coming_messages(organisation: Organisation, customers: Collection[int]) -> dict[int, OutboxMessage]:
    """The chasing message on its way to each of these customers; the earliest where there are two."""
    rows = OutboxMessage.objects.filter(
        organisation=organisation, customer__in=customers, slot="chase", state__in=ON_ITS_WAY
    ).defer(*_TEXTS)
    found: dict[int, OutboxMessage] = {}
    for row in rows.order_by("due_at", "pk"):
        found.setdefault(row.customer_id, row)
    return found


def messages_listing(organisation: Organisation, invoices: Collection[int]) -> dict[int, OutboxMessage]:
    """The chasing message on its way that lists each of these invoices; the earliest where there are two."""
    rows = OutboxLine.objects.filter(
        organisation=organisation,
        invoice__in=invoices,
        message__slot="chase",
        message__state__in=ON_ITS_WAY,
    )
    rows = rows.select_related("message").defer(*(f"message__{name}" for name in _TEXTS))
    found: dict[int, OutboxMessage] = {}
    for row in rows.order_by("message__due_at", "pk"):
        found.setdefault(row.invoice_id, row.message)
    return found


def read_lines(organisation: Organisation, messages: Collection[OutboxMessage]) -> None:
    """Read the lines of these messages along, so that a page may look at them."""
    lines = OutboxLine.objects.filter(organisation=organisation)
    prefetch_related_objects(list(messages), Prefetch("lines", lines))


def open_holds(organisation: Organisation, customers: Collection[int]) -> list[Hold]:
    """Holds of these customers and their invoices that nobody has ended, with who set them."""
    rows = Hold.objects.filter(organisation=organisation, customer__in=customers, ended_at=None)
    return list(rows.select_related("created_by", "invoice").order_by("pk"))


def step_name(schedules: Mapping[str, Schedule], schedule: str, step: str) -> str:
    """What people know a step by, also one that its schedule no longer has."""
    found = schedules.get(schedule)
    for one in found.steps if found else ():
        if one.id == step:
            return name_of(one)
    return step.replace("-", " ").replace("_", " ").capitalize()


def name_of(step: Step) -> str:
    """The name of a step's text, else its id."""
    return step.template or step.id


class Teller:
    """Says what comes next with the invoices of some customers of one organisation."""

    def __init__(
        self,
        organisation: Organisation,
        customers: Mapping[int, Customer],
        *,
        listed: Mapping[int, OutboxMessage],
        day: date,
        around: Surroundings,
    ) -> None:
        """Read everything needed about these customers (by primary key). `day`: of the next run.

        `listed`: primary key of an invoice -> the message on its way that lists it.
        """
        self.day = day
        self.calendar = chase_calendar(organisation)
        self.organisation_facts = around.organisation
        self.schedules = around.schedules
        self.default = around.default
        self.listed = listed
        self.holds = open_holds(organisation, customers)
        self.decided = decided(
            organisation,
            dict.fromkeys(customers, day),
            around=as_if_running(around),
            known=Known(customers.values(), self.holds),
        )

    def of_invoice(self, customer: int, invoice: int) -> NextStep:
        """What comes next with one invoice; nothing said about one that is not open and was never decided."""
        message = self.listed.get(invoice)
        if message is not None:
            return NextStep(message=message, step=self.message_name(message))
        known = self.decided.get(customer)
        if known is None:
            return NextStep(reason="not_open")
        for facts, decision in zip(known.facts.invoices, known.decision.decisions, strict=True):
            if facts.id == str(invoice):
                return self._told(known, facts, decision)
        return NextStep(reason="not_open")

    def message_name(self, message: OutboxMessage) -> str:
        """What people know a message's leading step by."""
        return self.name_of_step(message.schedule_name, message.step)

    def name_of_step(self, schedule: str, step: str) -> str:
        """What people know a step by, also one that its schedule no longer has."""
        return step_name(self.schedules, schedule, step)

    def hold_behind(self, reason: str, *, invoice: int | None) -> Hold | None:
        """The hold that a reason comes from; `invoice` None asks about any of the customer's."""
        kind = HOLD_OF_REASON.get(reason)
        for hold in self.holds:
            is_subject = kind == HoldKind.CUSTOMER or invoice is None or hold.invoice_id == invoice
            if hold.kind == kind and is_subject:
                return hold
        return None

    def _told(self, known: Decided, facts: InvoiceFacts, decision: InvoiceDecision) -> NextStep:
        if decision.reason is None or _is_listed(known, facts):
            step = decision.step or (known.decision.message.step if known.decision.message else None)
            return NextStep(step=name_of(step) if step else "", day=known.day)
        if decision.reason == "nothing_due" and decision.until is not None:
            return NextStep(
                step=later_step(facts, decision.until),
                day=first_run_from(self.calendar, max(decision.until, known.day)),
            )
        hold = self.hold_behind(decision.reason, invoice=int(facts.id))
        return NextStep(reason=decision.reason, day=decision.until, hold=hold)


def later_step(facts: InvoiceFacts, until: date) -> str:
    """The name of the step that becomes due on a day; the repeated one where none is planned for it."""
    schedule, due = facts.schedule, facts.due
    if schedule is None or due is None:
        return ""
    for step in schedule.steps:
        if (until - due).days == step.days:
            return name_of(step)
    # The end of the notice before an escalated step (R5), or the next repeat (R6).
    escalated = [step for step in schedule.steps if step.is_escalated and (until - due).days > step.days]
    last = schedule.last_overdue_step
    if schedule.repeat is None and escalated:
        return name_of(max(escalated, key=lambda step: step.days))
    return name_of(last) if last else ""


def _is_listed(known: Decided, facts: InvoiceFacts) -> bool:
    """Whether the message of the run lists the invoice, also without a due step of its own (R10)."""
    message = known.decision.message
    return message is not None and any(line.invoice.id == facts.id for line in message.lines)
