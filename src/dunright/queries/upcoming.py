"""What the next runs would send: the run's own function, asked day by day with the facts of today.

Messages that are planned already count as sent on their day, so that none is foreseen twice.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import Case, Count, F, IntegerField, Value, When, Window
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
    SpentAddress,
)
from dunright.models.outbox import COMING
from dunright.queries.facts import (
    Surroundings,
    customer_facts,
    customers_with_open_invoices,
    surroundings,
)
from dunright.queries.filters import NOT_YET, customers_with_coming, owing
from dunright.queries.local_time import chase_calendar, settings_of


class Upcoming(NamedTuple):
    """One message that a coming run would send."""

    run: Run
    customer: Customer
    draft: Draft


class Foreseen(NamedTuple):
    """What one coming run would send."""

    run: Run
    messages: list[Upcoming]
    """Of the customers looked at, in the order of the run."""
    more: int
    """Further customers whose turn comes with this run; not looked at, so that some of them may get nothing."""


class Forecast(NamedTuple):
    days: list[Foreseen]
    """Runs that would send something, the next one first."""
    is_whole: bool
    """Everybody was looked at: nothing else would leave."""


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
    """What would leave in the next so many days, if nothing changed and every message were approved and sent.

    `customers`: only to these; None: to all.
    """
    around = surroundings(organisation, now=now, is_fresh=True)
    if customers is None:
        customers = list(customers_with_open_invoices(organisation).values_list("pk", flat=True))
    return _foreseen(organisation, customers, _sending_runs(organisation, around, now, days), around)


def forecast(
    organisation: Organisation, *, now: datetime, days: int = 30, most: int, of_a_day: int
) -> Forecast:
    """What `upcoming` says, of `most` customers at most: those whose turn comes first, `of_a_day` of each day.

    A page of a large company costs what one of a small company does. Whose turn it is comes from what
    `services.outlook` noted; a company with `most` customers to look at, or fewer, gets the whole of it.
    """
    around = surroundings(organisation, now=now, is_fresh=True)
    runs = _sending_runs(organisation, around, now, days)
    if not runs:
        return Forecast([], is_whole=True)
    turns = _turns(organisation, runs, at_most=most)
    chosen = sorted(turns, key=lambda one: (_round(one, of_a_day), one.group, one.place))[:most]
    decided = Counter(one.group for one in chosen)
    left = {one.group: one.size - decided[one.group] for one in turns}
    found = _foreseen(organisation, [one.customer for one in chosen], runs, around)
    by_run = {run: list(rows) for run, rows in groupby(found, key=lambda one: one.run)}
    told = [
        Foreseen(run, by_run.get(run, []), left.get(group, 0))
        for group, run in enumerate(runs)
        if run in by_run or left.get(group)
    ]
    return Forecast(told, is_whole=not any(left.values()))


class _Turn(NamedTuple):
    """A customer to look at."""

    customer: int
    group: int
    """Index of the run from which on something may go; beyond them: `_turns`."""
    place: int
    """In the order of R8 among those of the group, from 1 on."""
    size: int
    """Of the group."""


def _round(turn: _Turn, of_a_day: int) -> int:
    """One of each day before a second of any, so that every day is seen."""
    return 0 if turn.place == 1 else 1 if turn.place <= of_a_day else 2


def _turns(organisation: Organisation, runs: Sequence[Run], *, at_most: int) -> list[_Turn]:
    """Customers to whom something may go by the last of these runs, `at_most` of each group.

    Two groups follow those of the runs. First who waits although something is due, which a day alone does not
    change; then who has a message on its way: both seldom get one by these runs, but they may.
    """
    stopped, on_their_way = len(runs), len(runs) + 1
    group = Case(
        When(pk__in=customers_with_coming(organisation), then=Value(on_their_way)),
        When(next_verdict="wait", next_look_date__lte=runs[0].date, then=Value(stopped)),
        *(When(next_look_date__lte=run.date, then=Value(place)) for place, run in enumerate(runs)),
        output_field=IntegerField(),
    )
    order = (F("last_message_date").asc(nulls_first=True), F("pk").asc())
    rows = Customer.objects.filter(
        organisation=organisation, gone_at=None, next_look_date__lte=runs[-1].date
    ).annotate(group=group)
    placed = rows.annotate(
        place=Window(RowNumber(), partition_by=F("group"), order_by=order),
        size=Window(Count("pk"), partition_by=F("group")),
    ).filter(place__lte=at_most)
    return [_Turn(*row) for row in placed.order_by().values_list("pk", "group", "place", "size")]


def _sending_runs(organisation: Organisation, around: Surroundings, now: datetime, days: int) -> list[Run]:
    """The coming runs that nothing stops as a whole: a pause until a day is over on that day."""
    guards = around.organisation
    if guards.disconnected:
        return []
    runs = list(runs_to_come(organisation, now=now, days=days))
    if guards.paused is None:
        return runs
    until = guards.paused.day
    return [] if until is None else [run for run in runs if run.date >= until]


def _foreseen(
    organisation: Organisation, customers: Collection[int], runs: Sequence[Run], around: Surroundings
) -> list[Upcoming]:
    """Ask these runs about these customers, each with what the ones before would have sent."""
    if not runs:
        return []
    facts = customer_facts(organisation, customers, around=around)
    for pk, lines in _planned(organisation, customers).items():
        facts[pk] = _as_sent(facts[pk], lines)
    rows = {one.pk: one for one in Customer.objects.filter(organisation=organisation, pk__in=customers)}
    spent = _spent_from(organisation, runs[0].date)
    running = replace(around.organisation, paused=None)
    known = {facts[pk].id: facts[pk] for pk in sorted(facts)}
    # While nothing changes, neither does a decision: a customer is asked again when it says so.
    ask_from = dict.fromkeys(known, date.min)
    found: list[Upcoming] = []
    for run in runs:
        asked = [one for one in known.values() if run.date >= ask_from[one.id]]
        for customer, decision in decide_run(running, asked, today=run.date, spent=spent.get(run.date, ())):
            if decision.message is not None:
                found.append(Upcoming(run, rows[int(customer.id)], decision.message))
            known[customer.id] = after_sending(customer, decision, on=run.date)
            ask_from[customer.id] = decision.unchanged_before or date.max
    return found


def _spent_from(organisation: Organisation, first: date) -> dict[date, set[str]]:
    """Day -> keys of the addresses that have their chasing message of it (R8), from a day on."""
    found: dict[date, set[str]] = {}
    rows = SpentAddress.objects.filter(organisation=organisation, day__gte=first)
    for day, key in rows.values_list("day", "address_key"):
        found.setdefault(day, set()).add(key)
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
