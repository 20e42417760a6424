"""Customers as Receivables lists them: narrowed, ordered and counted in SQL, fifty rows at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When

from dunright.domain.schedules import Schedule
from dunright.models import Customer, CustomerTotal, Hold, Organisation, OutboxMessage
from dunright.queries.facts import NOT_CHASED, Known, Surroundings, surroundings
from dunright.queries.filters import (
    NOT_YET,
    PAGE_SIZE,
    STATES,
    Filters,
    clamped,
    customers_found,
    customers_with_coming,
    in_base,
    on_schedule,
    owing,
    settled_on,
    sums,
)
from dunright.queries.local_time import chase_calendar
from dunright.queries.next_steps import (
    HOLD_OF_REASON,
    NextStep,
    as_if_running,
    coming_messages,
    decided,
    first_run_from,
    name_of,
    open_holds,
    step_name,
)
from dunright.queries.receivables import Totals, rates, totals
from dunright.queries.shell import books_of

SORTS = ("name", "outstanding", "overdue", "next")
DEFAULT_SORT = "-overdue"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    customer: Customer
    totals: Sequence[CustomerTotal]
    """One per currency, the base currency first; empty for a customer who owes nothing (only found by search)."""
    schedule: str
    """Name of the schedule the customer follows."""
    next: NextStep
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    """Currency -> what the coming message lists."""


@dataclass(frozen=True, slots=True)
class CustomerList:
    rows: Sequence[CustomerRow]
    count: int
    """Customers that the filters leave, on all pages."""
    page: int
    """The one shown: the last when a later one was asked for."""
    owing: int
    """Customers who owe something, whatever the filters."""
    sums: Mapping[str, tuple[Decimal, Decimal]]
    """Currency -> (outstanding, overdue) of all of them."""
    totals: Totals | None
    """`queries.receivables.totals` where the sums come from there: when nothing narrows the list."""
    counts: Mapping[str, int]
    """Customers in each of STATES, under the search and the schedule chosen."""
    reasons: Mapping[str, int]
    """Reason code -> customers who are not chased for it."""
    schedules: Sequence[str]
    default_schedule: str
    leaves_on: date | None
    """The day that the filter `leaves` is about; None: nothing is to leave."""


def listing(
    organisation: Organisation, filters: Filters, *, base: str, today: date, now: datetime
) -> CustomerList:
    """The page of customers that the filters ask for. `base`: the organisation's currency."""
    around = surroundings(organisation, now=now, books=books_of(organisation))
    default = around.default.name if around.default else ""
    leaves_on = _leaves_on(organisation, today)
    states = _states(organisation, leaves_on)
    found = _narrowed(organisation, filters, default)
    counts, reasons = _counts(found, states)
    rows = found.filter(states[filters.state])
    if filters.reason:
        rows = rows.filter(_waits_for(filters.reason))
    count = reasons.get(filters.reason, {}).get(filters.state, 0) if filters.reason else counts[filters.state]
    number = clamped(filters.page, count)
    keys = _ordered(organisation, rows, filters.sort or DEFAULT_SORT)
    page = list(keys[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    is_whole = filters == Filters(sort=filters.sort, page=filters.page)
    whole = totals(organisation) if is_whole else None
    is_everybody = not (filters.search or filters.schedule)
    return CustomerList(
        rows=_rows(organisation, page, around=around, base=base),
        count=count,
        page=number,
        owing=counts["all"] if is_everybody else owing(organisation).distinct().count(),
        sums=_whole_sums(whole) if whole is not None else _sums(organisation, rows),
        totals=whole,
        counts=counts,
        reasons=_most_first(
            {reason: one["all"] for reason, one in reasons.items() if reason != "nothing_due"}
        ),
        schedules=[*around.schedules, NOT_CHASED],
        default_schedule=default,
        leaves_on=leaves_on,
    )


def row_of(
    organisation: Organisation, pk: int, *, base: str, now: datetime
) -> tuple[CustomerRow | None, str]:
    """One customer's row as the list shows it, with the name of the default schedule; None for a stranger's key."""
    around = surroundings(organisation, now=now, books=books_of(organisation))
    default = around.default.name if around.default else ""
    rows = _rows(organisation, [pk], around=around, base=base)
    return (rows[0] if rows else None), default


def _narrowed(organisation: Organisation, filters: Filters, default: str) -> QuerySet[Customer]:
    """Who owes something; a search finds everybody, since it may be about a customer who has paid."""
    owes = Q(pk__in=owing(organisation))
    found = Customer.objects.filter(organisation=organisation)
    if filters.search:
        matching = found.filter(owes | Q(gone_at=None)).filter(customers_found(organisation, filters.search))
        found = settled_on(matching, found)
    else:
        found = found.filter(owes)
    if filters.schedule:
        found = found.filter(on_schedule(filters.schedule, default))
    return found


def _leaves_on(organisation: Organisation, today: date) -> date | None:
    """Today while messages are on their way, else the day of the next run that sends something."""
    if customers_with_coming(organisation).exists():
        return today
    sending = Customer.objects.filter(organisation=organisation, next_verdict="send", gone_at=None)
    day: date | None = sending.aggregate(day=Min("next_date"))["day"]
    return day


def _states(organisation: Organisation, leaves_on: date | None) -> dict[str, Q]:
    coming = Q(pk__in=customers_with_coming(organisation))
    not_chasing = Q(is_chasing=False) | Q(is_excluded=True)
    waits = Q(next_verdict="wait") & ~Q(next_reason__in=(*NOT_YET, "customer_not_chasing"))
    return {
        "all": Q(),
        "overdue": Q(pk__in=owing(organisation, overdue=True)),
        "leaves": coming | Q(next_verdict="send", next_date=leaves_on) if leaves_on else coming,
        "held": waits & ~not_chasing & ~coming,
        "not_chasing": not_chasing,
    }


def _counts(
    found: QuerySet[Customer], states: Mapping[str, Q]
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """(state -> customers, reason -> state -> customers who wait for it), all in one statement."""
    asked = {state: Count("pk", filter=states[state]) for state in STATES if state != "all"}
    counted = dict.fromkeys(STATES, 0)
    waiting = {}
    groups: Any = found.values("next_verdict", "next_reason").annotate(all=Count("pk"), **asked)
    for group in groups.order_by():
        for state in STATES:
            counted[state] += group[state]
        if group["next_verdict"] == "wait":
            waiting[group["next_reason"]] = {state: group[state] for state in STATES}
    return counted, waiting


def _whole_sums(whole: Totals) -> dict[str, tuple[Decimal, Decimal]]:
    return {currency: (one["outstanding"], one["overdue"]) for currency, one in whole.items()}


def _sums(organisation: Organisation, rows: QuerySet[Customer]) -> dict[str, tuple[Decimal, Decimal]]:
    return sums(CustomerTotal.objects.filter(organisation=organisation, customer__in=rows.values("pk")))


def _waits_for(reason: str) -> Q:
    return Q(next_verdict="wait", next_reason=reason)


def _most_first(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _ordered(organisation: Organisation, rows: QuerySet[Customer, Any], sort: str) -> QuerySet[Customer, int]:
    key, is_down = sort.removeprefix("-"), sort.startswith("-")
    if key == "name":
        order: list[Any] = [F("name").desc() if is_down else F("name").asc()]
    elif key == "next":
        coming = customers_with_coming(organisation)
        rows = rows.annotate(is_later=Case(When(pk__in=coming, then=Value(0)), default=Value(1)))
        moments = [F("is_later"), F("next_date"), F("next_until")]
        order = [one.desc(nulls_last=True) if is_down else one.asc(nulls_last=True) for one in moments]
    else:
        known = rates(organisation)
        # Named before the sums: they are grouped by these two columns and not by all of them.
        rows = rows.values("pk", "name").annotate(
            late=Sum(in_base("totals__overdue", "totals__currency", known)),
            owed=Sum(in_base("totals__outstanding", "totals__currency", known)),
        )
        first, second = ("late", "owed") if key == "overdue" else ("owed", "late")
        amount = F(first)
        order = [
            amount.desc(nulls_last=True) if is_down else amount.asc(nulls_first=True),
            F(second).desc(nulls_last=True),
            F("name"),
        ]
    return rows.order_by(*order, "pk").values_list("pk", flat=True)


def _rows(
    organisation: Organisation, page: Sequence[int], *, around: Surroundings, base: str
) -> list[CustomerRow]:
    customers = Customer.objects.filter(organisation=organisation, pk__in=page).defer(
        "extra", "billing_address", "notes"
    )
    by_key = {one.pk: one for one in customers}
    owed = _totals(organisation, page, base)
    messages = coming_messages(organisation, page)
    holds = open_holds(organisation, page)
    later = _later(organisation, by_key, holds, around=around)
    default = around.default.name if around.default else ""
    rows = []
    for customer in (by_key[pk] for pk in page if pk in by_key):
        pk = customer.pk
        step, amounts = _next(customer, messages.get(pk), holds, later.get(pk), around.schedules)
        rows.append(
            CustomerRow(
                customer=customer,
                totals=owed.get(pk, ()),
                schedule=customer.schedule_name or default,
                next=step,
                amounts=amounts,
            )
        )
    return rows


Later = tuple[NextStep, Mapping[str, Decimal]]


def _later(
    organisation: Organisation,
    customers: Mapping[int, Customer],
    holds: Sequence[Hold],
    *,
    around: Surroundings,
) -> dict[int, Later]:
    """What leaves later of those for whom nothing is due yet: asked about the run of their day."""
    calendar = chase_calendar(organisation)
    days = {
        pk: first_run_from(calendar, one.next_until)
        for pk, one in customers.items()
        if one.next_verdict == "wait" and one.next_reason == "nothing_due" and one.next_until
    }
    asked = {pk: day for pk, day in days.items() if day is not None}
    known = Known([customers[pk] for pk in asked], holds)
    found: dict[int, Later] = {}
    for pk, one in decided(organisation, asked, around=as_if_running(around), known=known).items():
        message = one.decision.message
        if message is not None:
            found[pk] = NextStep(step=name_of(message.step), day=one.day), message.totals
        else:
            found[pk] = NextStep(reason="nothing_due", day=one.day), {}
    return found


def _next(
    customer: Customer,
    message: OutboxMessage | None,
    holds: Sequence[Hold],
    later: Later | None,
    schedules: Mapping[str, Schedule],
) -> Later:
    if message is not None:
        amounts = {code: Decimal(amount) for code, amount in message.totals.items()}
        name = step_name(schedules, message.schedule_name, message.step)
        return NextStep(message=message, step=name), amounts
    if customer.next_verdict == "send":
        amounts = {code: Decimal(amount) for code, amount in customer.next_amounts.items()}
        return NextStep(step=customer.next_step, day=customer.next_date), amounts
    if later is not None:
        return later
    kind = HOLD_OF_REASON.get(customer.next_reason)
    hold = next((one for one in holds if one.customer_id == customer.pk and one.kind == kind), None)
    return NextStep(reason=customer.next_reason, day=customer.next_until, hold=hold), {}


def _totals(organisation: Organisation, page: Sequence[int], base: str) -> dict[int, list[CustomerTotal]]:
    found: dict[int, list[CustomerTotal]] = {}
    rows = CustomerTotal.objects.filter(organisation=organisation, customer__in=page).order_by("currency")
    for row in sorted(rows, key=lambda one: one.currency != base):
        found.setdefault(row.customer_id, []).append(row)
    return found
