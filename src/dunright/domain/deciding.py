"""Decide one customer on one day: which message goes, and for each invoice whether it sends or why it waits.

The daily run, the preview, the simulation and the last check before hand-over all ask `decide`
(chasing-rules.md). It reads nothing and changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from dunright.domain.facts import CustomerFacts, Grouping, InvoiceFacts, OrganisationFacts, Until
from dunright.domain.guards import (
    CUSTOMER_GUARDS,
    INVOICE_GUARDS,
    NOBODY_KNOWS,
    ORGANISATION_GUARDS,
    day_after,
)
from dunright.domain.messages import Attempt, Draft, Line, Missing, covered_currencies, listing_order
from dunright.domain.money import in_base_currency
from dunright.domain.reasons import Reason
from dunright.domain.schedules import Kind, Step
from dunright.domain.steps import Due, due_step

Verdict = Literal["send", "wait"]

_INVOICE_CHECKS: Final = tuple((guard.code, guard.stops) for guard in INVOICE_GUARDS)


class InvoiceDecision(NamedTuple):
    """What is done about one invoice today."""

    invoice_id: str
    verdict: Verdict
    reason: Reason | None
    """None exactly when it sends."""
    until: date | None
    """The first day on which the reason no longer stops; None: nobody knows."""
    step: Step | None = None
    """The due step that is sent, or that waits for a reason at the level of the message."""


class Planned(NamedTuple):
    """A message planned before, for the last check: only it may go, with no invoice added."""

    kind: Kind
    invoice_ids: frozenset[str]


class CustomerDecision(NamedTuple):
    message: Draft | None
    """At most one chasing message per customer and run (R8)."""
    decisions: tuple[InvoiceDecision, ...]
    """One per invoice, in the order of the facts."""
    tasks: tuple[Line, ...] = ()
    """Steps on the channel *task*: a to-do each instead of a message, consumed when made."""
    unchanged_before: date | None = None
    """While the facts stay the same, so does this decision on every later day before this one; None: on every
    later day. Equal to `today` when the next day must be decided afresh."""


class Working(NamedTuple):
    """A decision with what it was made from."""

    decision: CustomerDecision
    attempts: Mapping[Kind, Attempt] = MappingProxyType({})
    covered: frozenset[str] = frozenset()
    """Currencies in which credits cover what is owed."""


class _DueInvoice(NamedTuple):
    place: int
    invoice: InvoiceFacts
    due: Due

    def line(self) -> Line:
        return Line(self.invoice, self.due.step, self.due.skipped)


def decide(
    organisation: OrganisationFacts,
    customer: CustomerFacts,
    *,
    today: date,
    spent: Collection[str] = frozenset(),
    missing: Missing | None = None,
    planned: Planned | None = None,
) -> CustomerDecision:
    """Decide about a customer and each of its invoices on one day (chasing-rules.md sections 2 to 4).

    Args:
        organisation: settings and state of the organisation at the moment of the run.
        customer: every invoice that counts, also those not open: each gets a decision.
        today: the date in the organisation's time zone.
        spent: keys (`same_address_key`) of addresses that had a chasing message today, whoever's they are.
        missing: names the required placeholders without a value in a draft (R13); None: never asked.
        planned: ask again about a message planned before (section 6.3): of the same kind, listing none but its
            invoices, and only those get a decision. The facts must not count it as sent: `last_message_on`
            and `spent` are without it, so that it does not stop itself.
    """
    return work_out(
        organisation, customer, today=today, spent=spent, missing=missing, planned=planned
    ).decision


def work_out(
    organisation: OrganisationFacts,
    customer: CustomerFacts,
    *,
    today: date,
    spent: Collection[str] = frozenset(),
    missing: Missing | None = None,
    planned: Planned | None = None,
) -> Working:
    """Decide like `decide`, and keep what was looked at on the way, for `explain`."""
    stop_for_all = _stop_for_all(organisation, customer, today)
    if stop_for_all is not None:
        return Working(_all_wait(customer, *stop_for_all, planned))
    decisions, due, listable = _decide_invoices(organisation, customer, today, planned)
    if not due:
        unchanged_before = min((d.until for d in decisions if d.until is not None), default=None)
        return Working(CustomerDecision(None, tuple(decisions), unchanged_before=unchanged_before))
    covered = covered_currencies(customer)
    message: Draft | None = None
    attempts: dict[Kind, Attempt] = {}
    # The overdue message is tried first, and only if it does not go is the other one tried (R8).
    kinds: tuple[Kind, ...] = ("overdue", "before_due") if planned is None else (planned.kind,)
    for kind in kinds:
        of_kind = [item for item in due if item.due.step.kind == kind and item.due.step.channel == "email"]
        lines = _lines(
            kind,
            [item for item in of_kind if item.invoice.currency not in covered],
            [invoice for invoice in listable if invoice.currency not in covered],
            organisation.policy.grouping,
        )
        stop = None
        if lines:
            attempt = Attempt(
                kind, lines, customer, organisation.policy, today, spent, missing, message is not None
            )
            attempts[kind] = attempt
            stop = attempt.first_stop()
            message = attempt.draft if stop is None else message
        for item in of_kind:
            decisions[item.place] = _message_decision(item, stop, is_covered=item.invoice.currency in covered)
    tasks: tuple[Line, ...] = ()
    if planned is None:
        tasks = _make_tasks(due, decisions, covered, organisation, today, message)
    else:
        _leave_out_other_steps(due, decisions, planned)
    decision = CustomerDecision(message, tuple(decisions), tasks, unchanged_before=today)
    return Working(decision, attempts, covered)


def _leave_out_other_steps(
    due: Sequence[_DueInvoice], decisions: list[InvoiceDecision], planned: Planned
) -> None:
    """A step of another kind that fell due since the message was planned is no step of this message."""
    for item in due:
        if item.due.step.kind != planned.kind or item.due.step.channel != "email":
            decisions[item.place] = InvoiceDecision(item.invoice.id, "wait", "nothing_due", None)


def _lines(
    kind: Kind, due: Sequence[_DueInvoice], listable: Sequence[InvoiceFacts], grouping: Grouping
) -> tuple[Line, ...]:
    """What a message of this kind lists, in order (R10); nothing when no invoice has a due step."""
    lines = [item.line() for item in due]
    if lines and kind == "overdue" and grouping == "all_overdue":
        with_step = {item.invoice.id for item in due}
        lines.extend(Line(invoice) for invoice in listable if invoice.id not in with_step)
    return tuple(sorted(lines, key=listing_order))


def _stop_for_all(
    organisation: OrganisationFacts, customer: CustomerFacts, today: date
) -> tuple[Reason, Until] | None:
    """The first guard of the organisation or the customer that stops every invoice."""
    for guard in ORGANISATION_GUARDS:
        if (until := guard.stops(organisation, today)) is not None:
            return guard.code, until
    for customer_guard in CUSTOMER_GUARDS:
        if (until := customer_guard.stops(customer, today)) is not None:
            return customer_guard.code, until
    return None


def _all_wait(
    customer: CustomerFacts, reason: Reason, until: Until, planned: Planned | None
) -> CustomerDecision:
    decisions = tuple(
        InvoiceDecision(invoice.id, "wait", reason, until.day)
        for invoice in customer.invoices
        if planned is None or invoice.id in planned.invoice_ids
    )
    return CustomerDecision(None, decisions, unchanged_before=until.day)


def _decide_invoices(
    organisation: OrganisationFacts, customer: CustomerFacts, today: date, planned: Planned | None
) -> tuple[list[InvoiceDecision], list[_DueInvoice], list[InvoiceFacts]]:
    """Each invoice up to its step: decisions so far, those with a due step, and those overdue and unguarded."""
    decisions: list[InvoiceDecision] = []
    due: list[_DueInvoice] = []
    listable: list[InvoiceFacts] = []
    policy = organisation.policy
    notice_days = policy.escalation_notice_days
    for invoice in customer.invoices:
        if planned is not None and invoice.id not in planned.invoice_ids:
            continue
        for code, stops in _INVOICE_CHECKS:
            until = stops(invoice, policy, today)
            if until is not None:
                decisions.append(InvoiceDecision(invoice.id, "wait", code, until.day))
                break
        else:
            due_date, schedule = invoice.due, invoice.schedule
            assert due_date is not None
            assert schedule is not None
            if today > due_date:
                listable.append(invoice)
            found = due_step(invoice, schedule, due_date, notice_days=notice_days, today=today)
            if isinstance(found, Due):
                due.append(_DueInvoice(len(decisions), invoice, found))
                decisions.append(InvoiceDecision(invoice.id, "send", None, None, found.step))
            else:
                decisions.append(InvoiceDecision(invoice.id, "wait", found.reason, found.until))
    return decisions, due, listable


def _message_decision(
    item: _DueInvoice, stop: tuple[Reason, Until] | None, *, is_covered: bool
) -> InvoiceDecision:
    """What the fate of its message means for an invoice with a due step."""
    if is_covered:
        stop = ("credit_covers", NOBODY_KNOWS)
    if stop is None:
        return InvoiceDecision(item.invoice.id, "send", None, None, item.due.step)
    return InvoiceDecision(item.invoice.id, "wait", stop[0], stop[1].day, item.due.step)


def _make_tasks(
    due: Sequence[_DueInvoice],
    decisions: list[InvoiceDecision],
    covered: Collection[str],
    organisation: OrganisationFacts,
    today: date,
    message: Draft | None,
) -> tuple[Line, ...]:
    """Steps on the channel *task*: the same guards but those of addresses and the minimum gap."""
    tasks: list[Line] = []
    for item in due:
        if item.due.step.channel != "task":
            continue
        stop = task_stop(item.line(), organisation, today, message)
        decision = _message_decision(item, stop, is_covered=item.invoice.currency in covered)
        decisions[item.place] = decision
        if decision.verdict == "send":
            tasks.append(item.line())
    return tuple(tasks)


def task_stop(
    line: Line, organisation: OrganisationFacts, today: date, message: Draft | None
) -> tuple[Reason, Until] | None:
    """What stops a task, `credit_covers` aside: the minimum on its own invoice, and an overdue message."""
    minimum = organisation.policy.minimum
    if minimum and in_base_currency(line.invoice.balance, line.invoice.rate) < minimum:
        return "below_minimum", NOBODY_KNOWS
    is_before_due = line.step is not None and line.step.kind == "before_due"
    if is_before_due and message is not None and message.kind == "overdue":
        return "waits_for_overdue", Until(day_after(today))
    return None
