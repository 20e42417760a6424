"""Open invoices as Receivables lists them: narrowed, ordered and counted in SQL, fifty rows at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from dunright.models import Customer, Hold, HoldKind, Invoice, Organisation
from dunright.queries.facts import NOT_CHASED, surroundings
from dunright.queries.filters import (
    PAGE_SIZE,
    STATES,
    Filters,
    clamped,
    in_base,
    invoices_found,
    invoices_with_coming,
    on_schedule,
    owing,
    settled_on,
)
from dunright.queries.next_steps import HOLD_OF_REASON, NextStep, Teller, messages_listing
from dunright.queries.receivables import rates
from dunright.queries.shell import books_of

SORTS = ("number", "customer", "due", "balance")
DEFAULT_SORT = "due"
FEW = 1000
"""Invoices that a search finds, up to which they are handed on by their keys."""
REASONS = ("disputed", "promised", "paused_until", "customer_on_hold", "payment_pending", "no_due_date")
"""Why an invoice may be held back, as far as a list can tell in SQL."""


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    invoice: Invoice
    next: NextStep


@dataclass(frozen=True, slots=True)
class InvoiceList:
    rows: Sequence[InvoiceRow]
    count: int
    """Invoices that the filters leave, on all pages."""
    page: int
    """The one shown: the last when a later one was asked for."""
    owing: int
    """Customers who owe something, whatever the filters."""
    sums: Mapping[str, tuple[Decimal, Decimal]]
    """Currency -> (outstanding, overdue) of all of them."""
    counts: Mapping[str, int]
    """Invoices in each of STATES, under the search and the schedule chosen."""
    reasons: Mapping[str, int]
    """Reason code -> invoices held back for it."""
    schedules: Sequence[str]
    totals: None = None
    """The figures have sums of their own: these are of invoices, those of customers."""


def listing(
    organisation: Organisation, filters: Filters, *, next_run: date, today: date, now: datetime
) -> InvoiceList:
    """The page of open invoices that the filters ask for. `next_run`: the day of the next run."""
    around = surroundings(organisation, now=now, books=books_of(organisation))
    found = _narrowed(organisation, filters, around.default.name if around.default else "")
    reasons = _reasons(organisation, today)
    states = _states(organisation, today)
    shown = states[filters.state]
    if filters.reason:
        shown &= reasons.get(filters.reason, Q(pk=None))
    counted, sums = _counted(found, states, reasons, shown, today)
    counted |= _counted_by_holds(organisation, found, today)
    count = counted["shown"]
    number = clamped(filters.page, count)
    page = _page(organisation, found.filter(shown), filters.sort or DEFAULT_SORT, number)
    teller = Teller(
        organisation,
        {one.customer_id: one.customer for one in page},
        listed=messages_listing(organisation, [one.pk for one in page]),
        day=next_run,
        around=around,
    )
    return InvoiceList(
        rows=[InvoiceRow(one, teller.of_invoice(one.customer_id, one.pk)) for one in page],
        count=count,
        page=number,
        owing=owing(organisation).distinct().count(),
        sums=sums,
        counts={state: counted[state] for state in STATES},
        reasons={code: counted[code] for code in REASONS if counted[code]},
        schedules=[*around.schedules, NOT_CHASED],
    )


def open_invoices(organisation: Organisation) -> QuerySet[Invoice]:
    """Invoices on which something is owed."""
    return Invoice.objects.filter(organisation=organisation, status="open", balance__gt=0, gone_at=None)


def _narrowed(organisation: Organisation, filters: Filters, default: str) -> QuerySet[Invoice]:
    found = open_invoices(organisation)
    if filters.search:
        matching = found.filter(invoices_found(organisation, filters.search))
        found = settled_on(matching, found, at_most=FEW)
    if filters.schedule:
        own_choice = Q(schedule_name=filters.schedule)
        found = found.filter(
            own_choice | Q(schedule_name="") & on_schedule(filters.schedule, default, prefix="customer__")
        )
    return found


def _counted(
    found: QuerySet[Invoice], states: Mapping[str, Q], reasons: Mapping[str, Q], shown: Q, today: date
) -> tuple[dict[str, int], dict[str, tuple[Decimal, Decimal]]]:
    """(how many invoices are in each state, held back for a reason that is no hold of theirs, and shown; their sums).

    In one pass over the index of ages. Sums are (outstanding, overdue) by currency of those shown.
    """
    asked = {
        **{one: states[one] for one in STATES},
        **{one: reasons[one] for one in REASONS[3:]},
        "shown": shown,
    }
    late = shown & Q(due_date__lt=today)
    rows: Any = found.values("currency").annotate(
        owed=Sum("balance", filter=shown),
        late=Sum("balance", filter=late),
        **{f"{one}_count": Count("pk", filter=condition) for one, condition in asked.items()},
    )
    counted = dict.fromkeys(asked, 0)
    sums = {}
    for row in rows.order_by():
        for one in asked:
            counted[one] += row[f"{one}_count"]
        if row["shown_count"]:
            sums[row["currency"]] = row["owed"], row["late"] or Decimal(0)
    return counted, sums


def _counted_by_holds(organisation: Organisation, found: QuerySet[Invoice], today: date) -> dict[str, int]:
    """How many are held back by a hold of their own: few, so asked from the holds and not from every invoice."""
    holds = Hold.objects.filter(_holds_invoice(today), organisation=organisation, ended_at=None)
    of_kind = {code: Count("pk", filter=Q(kind=HOLD_OF_REASON[code])) for code in REASONS[:3]}
    counted: dict[str, int] = holds.filter(Exists(found.filter(pk=OuterRef("invoice")))).aggregate(**of_kind)
    return counted


def _reasons(organisation: Organisation, today: date) -> dict[str, Q]:
    holds = Hold.objects.filter(organisation=organisation, ended_at=None)
    on_invoice = holds.filter(_holds_invoice(today))
    on_hold = holds.filter(_running(today), kind=HoldKind.CUSTOMER)
    return {
        "disputed": Q(pk__in=on_invoice.filter(kind=HoldKind.DISPUTE).values("invoice_id")),
        "promised": Q(pk__in=on_invoice.filter(kind=HoldKind.PROMISE).values("invoice_id")),
        "paused_until": Q(pk__in=on_invoice.filter(kind=HoldKind.PAUSE).values("invoice_id")),
        "customer_on_hold": Q(customer__in=on_hold.values("customer_id")),
        "payment_pending": Q(payment_pending=True),
        "no_due_date": Q(due_date=None),
    }


def _states(organisation: Organisation, today: date) -> dict[str, Q]:
    unchased = Customer.objects.filter(Q(is_chasing=False) | Q(is_excluded=True), organisation=organisation)
    not_chasing = Q(is_chasing=False) | Q(customer__in=unchased.values("pk"))
    coming = Q(pk__in=invoices_with_coming(organisation))
    holds = Hold.objects.filter(organisation=organisation, ended_at=None)
    on_hold = holds.filter(_running(today), kind=HoldKind.CUSTOMER)
    on_its_own = holds.filter(_holds_invoice(today))
    held = (
        Q(pk__in=on_its_own.values("invoice_id"))
        | Q(customer__in=on_hold.values("customer_id"))
        | Q(payment_pending=True)
        | Q(due_date=None)
    )
    return {
        "all": Q(),
        "overdue": Q(due_date__lt=today),
        "leaves": coming,
        "held": held & ~not_chasing & ~coming,
        "not_chasing": not_chasing,
    }


def _running(today: date) -> Q:
    return Q(date=None) | Q(date__gt=today)


def _holds_invoice(today: date) -> Q:
    """Holds on an invoice that still stop it: the promised day itself still belongs to the customer."""
    return (
        Q(kind=HoldKind.DISPUTE)
        | Q(kind=HoldKind.PROMISE, date__gte=today)
        | Q(_running(today), kind=HoldKind.PAUSE)
    )


def _page(organisation: Organisation, rows: QuerySet[Invoice], sort: str, number: int) -> list[Invoice]:
    """One page of them with their customers, in one statement.

    Only keys are sorted; the rows, which are wide, are read for those of the page alone.
    """
    order, more = _order(organisation, sort)
    keys = rows.annotate(**more).order_by(*order).values("pk")[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    page = Invoice.objects.filter(organisation=organisation, pk__in=keys).annotate(**more).order_by(*order)
    return list(
        page.select_related("customer").defer(
            "extra",
            "billing_address",
            "link",
            "customer__extra",
            "customer__billing_address",
            "customer__notes",
        )
    )


def _order(organisation: Organisation, sort: str) -> tuple[list[Any], dict[str, Any]]:
    """(columns to order by, what they need to be annotated with)."""
    key, is_down = sort.removeprefix("-"), sort.startswith("-")
    column: Any = {"number": F("number"), "customer": F("customer__name"), "due": F("due_date")}.get(key)
    more = {}
    if column is None:
        more["in_base"] = in_base("balance", "currency", rates(organisation))
        column = F("in_base")
    first = column.desc(nulls_last=True) if is_down else column.asc(nulls_last=True)
    return [first, F("due_date").asc(nulls_last=True), "number", "pk"], more
