"""What the next runs would send: the run's own function, asked day by day with the facts of today.

Messages that are planned already count as sent on their day, so that none is foreseen twice.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from dunright.domain.calendar import Run, first_day, runs_between
from dunright.domain.chasing import Draft, after_sending, decide_run
from dunright.domain.facts import Consumed, CustomerFacts, InvoiceFacts
from dunright.domain.other_mail import OTHER_KINDS
from dunright.models import (
    ChaseRun,
    Connection,
    Customer,
    MessageState,
    Organisation,
    OutboxLine,
    OutboxMessage,
)
from dunright.models.outbox import COMING
from dunright.queries.facts import customer_facts, customers_with_open_invoices, spent_addresses, surroundings
from dunright.queries.filters import NOT_YET, owing
from dunright.queries.local_time import chase_calendar, settings_of


class Upcoming(NamedTuple):
    """One message that a coming run would send."""

    run: Run
    customer: Customer
    draft: Draft


class HeldBack(NamedTuple):
    """Customers who are not written to for one reason."""

    reason: str
    """A reason code of chasing-rules.md section 3."""
    size: int
    customers: list[Customer]
    """The first few by name; `next_until` is the first day on which the reason no longer stops."""
    is_only_early: bool
    """Nobody holds anything back: the reason passes by itself within days."""


def runs_to_come(organisation: Organisation, *, now: datetime, days: int) -> Iterator[Run]:
    """Runs of the next so many days that have not taken place."""
    calendar = chase_calendar(organisation)
    today = calendar.local_date(now)
    last = ChaseRun.objects.filter(organisation=organisation).order_by("-local_date").first()
    connection = Connection.objects.filter(organisation=organisation).first()
    start = today
    if connection is not None:
        wait = settings_of(organisation).first_run_after_days
        start = max(start, first_day(calendar.local_date(connection.connected_at), wait))
    if last is not None:
        start = max(start, last.local_date + timedelta(days=1))
    for run in runs_between(calendar, start, today + timedelta(days=days)):
        if run.at > now:
            yield run


def upcoming(
    organisation: Organisation, *, now: datetime, days: int = 30, customers: Collection[int] | None = None
) -> list[Upcoming]:
    """What would leave in the next so many days, if nothing changed and every message were approved and sent."""
    around = surroundings(organisation, now=now, is_fresh=True)
    if customers is None:
        customers = list(customers_with_open_invoices(organisation).values_list("pk", flat=True))
    facts = customer_facts(organisation, customers, around=around)
    for pk, lines in _planned(organisation, customers).items():
        facts[pk] = _as_sent(facts[pk], lines)
    rows = {one.pk: one for one in Customer.objects.filter(organisation=organisation, pk__in=customers)}
    known = [facts[pk] for pk in sorted(facts)]
    found: list[Upcoming] = []
    for run in runs_to_come(organisation, now=now, days=days):
        organisation_then = around.organisation
        paused = organisation_then.paused
        if paused is not None and paused.day is not None and run.date >= paused.day:
            organisation_then = replace(organisation_then, paused=None)
        after: dict[str, CustomerFacts] = {}
        spent = spent_addresses(organisation, run.date)
        for customer, decision in decide_run(organisation_then, known, today=run.date, spent=spent):
            if decision.message is not None:
                found.append(Upcoming(run, rows[int(customer.id)], decision.message))
            after[customer.id] = after_sending(customer, decision, on=run.date)
        known = [after[customer.id] for customer in known]
    return found


def held_back(organisation: Organisation, *, few: int) -> list[HeldBack]:
    """Who owes something and is not written to, by the reason that tells most, as the lists of Receivables count them.

    The largest group first; those that only wait for their day come last. Each names `few` customers.
    """
    waiting = Customer.objects.filter(
        organisation=organisation, next_verdict="wait", pk__in=owing(organisation)
    )
    counted = dict(waiting.order_by().values_list("next_reason").annotate(Count("pk")))
    place = Window(RowNumber(), partition_by=F("next_reason"), order_by=(F("name").asc(), F("pk").asc()))
    shown = waiting.annotate(place=place).filter(place__lte=few).order_by("next_reason", "place")
    named: dict[str, list[Customer]] = {}
    for customer in shown.only("name", "next_reason", "next_until"):
        named.setdefault(customer.next_reason, []).append(customer)
    groups = [
        HeldBack(reason, size, named.get(reason, []), reason in NOT_YET) for reason, size in counted.items()
    ]
    return sorted(groups, key=lambda one: (one.is_only_early, -one.size, one.reason))


def _planned(
    organisation: Organisation, customers: Collection[int]
) -> dict[int, list[tuple[OutboxLine, date]]]:
    lines = OutboxLine.objects.filter(
        organisation=organisation,
        message__customer__in=customers,
        message__state__in=(*COMING, MessageState.CLAIMED),
    ).exclude(message__kind__in=OTHER_KINDS)
    lines = lines.select_related("message")
    found: dict[int, list[tuple[OutboxLine, date]]] = {}
    for line in lines:
        message: OutboxMessage = line.message
        found.setdefault(message.customer_id, []).append((line, message.run_date))
    return found


def _as_sent(customer: CustomerFacts, lines: list[tuple[OutboxLine, date]]) -> CustomerFacts:
    by_invoice = {str(line.invoice_id): (line, on) for line, on in lines if line.step}

    def after(invoice: InvoiceFacts) -> InvoiceFacts:
        if invoice.id not in by_invoice:
            return invoice
        line, on = by_invoice[invoice.id]
        times = next((one.times_sent for one in invoice.consumed if one.step == line.step), 0)
        consumed = {(one.schedule, one.step): one for one in invoice.consumed}
        for skipped in line.skipped:
            consumed[line.schedule_name, skipped["step"]] = Consumed(
                line.schedule_name, skipped["step"], skipped["days"], on
            )
        consumed[line.schedule_name, line.step] = Consumed(
            line.schedule_name, line.step, line.step_days or 0, on, times_sent=times + 1
        )
        return replace(invoice, consumed=tuple(consumed.values()), last_listed_on=on)

    return replace(
        customer,
        invoices=tuple(after(invoice) for invoice in customer.invoices),
        last_message_on=max(on for _, on in lines),
    )
