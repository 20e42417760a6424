"""Open invoices as Receivables lists them: narrowed, ordered and counted in SQL, fifty rows at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from dunright.models import Hold, HoldKind, Invoice, Organisation
from dunright.queries.facts import NOT_CHASED
from dunright.queries.filters import (
    PAGE_SIZE,
    STATES,
    Filters,
    clamped,
    customers_found,
    in_base,
    invoices_with_coming,
    on_schedule,
    owing,
)
from dunright.queries.next_steps import NextStep, Teller
from dunright.queries.policies import schedules_of
from dunright.queries.receivables import rates

SORTS = ("number", "customer", "due", "balance")
DEFAULT_SORT = "due"
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


def listing(
    organisation: Organisation, filters: Filters, *, next_run: date, today: date, now: datetime
) -> InvoiceList:
    """The page of open invoices that the filters ask for. `next_run`: the day of the next run."""
    schedules = schedules_of(organisation)
    default = next((one.name for one in schedules.values() if one.default), "")
    found = _narrowed(organisation, filters, default)
    reasons = _reasons(organisation, today)
    states = _states(organisation, reasons, today)
    asked = {f"is_{code}": Count("pk", filter=one) for code, one in reasons.items()}
    counted = found.aggregate(**{one: Count("pk", filter=states[one]) for one in STATES}, **asked)
    rows = found.filter(states[filters.state])
    if filters.reason:
        rows = rows.filter(reasons.get(filters.reason, Q(pk=None)))
    ordered = _ordered(organisation, rows, filters.sort or DEFAULT_SORT)
    sums = _sums(rows, today)
    count = sum(of_currency for of_currency, _ in sums.values())
    number = clamped(filters.page, count)
    page = list(ordered[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    teller = Teller(organisation, {one.customer_id for one in page}, day=next_run, now=now)
    return InvoiceList(
        rows=[InvoiceRow(one, teller.of_invoice(one.customer_id, one.pk)) for one in page],
        count=count,
        page=number,
        owing=owing(organisation).distinct().count(),
        sums={code: amounts for code, (_, amounts) in sums.items()},
        counts={state: counted[state] for state in STATES},
        reasons={code: counted[f"is_{code}"] for code in reasons if counted[f"is_{code}"]},
        schedules=[*schedules, NOT_CHASED],
    )


def open_invoices(organisation: Organisation) -> QuerySet[Invoice]:
    """Invoices on which something is owed."""
    return Invoice.objects.filter(organisation=organisation, status="open", balance__gt=0, gone_at=None)


def _narrowed(organisation: Organisation, filters: Filters, default: str) -> QuerySet[Invoice]:
    found = open_invoices(organisation)
    if filters.search:
        by_customer = customers_found(organisation, filters.search, prefix="customer__")
        own = Q()
        for word in filters.search.split():
            own &= Q(number__icontains=word) | Q(reference__icontains=word)
        found = found.filter(own | by_customer)
    if filters.schedule:
        own_choice = Q(schedule_name=filters.schedule)
        found = found.filter(
            own_choice | Q(schedule_name="") & on_schedule(filters.schedule, default, prefix="customer__")
        )
    return found


def _reasons(organisation: Organisation, today: date) -> dict[str, Q]:
    holds = Hold.objects.filter(organisation=organisation, ended_at=None)
    running = Q(date=None) | Q(date__gt=today)

    def held(kind: str, still: Q) -> Q:
        return Q(pk__in=holds.filter(still, kind=kind).values("invoice_id"))

    on_hold = holds.filter(running, kind=HoldKind.CUSTOMER)
    return {
        "disputed": held(HoldKind.DISPUTE, Q()),
        # The promised day itself still belongs to the customer.
        "promised": held(HoldKind.PROMISE, Q(date__gte=today)),
        "paused_until": held(HoldKind.PAUSE, running),
        "customer_on_hold": Q(customer__in=on_hold.values("customer_id")),
        "payment_pending": Q(payment_pending=True),
        "no_due_date": Q(due_date=None),
    }


def _states(organisation: Organisation, reasons: Mapping[str, Q], today: date) -> dict[str, Q]:
    not_chasing = Q(is_chasing=False) | Q(customer__is_chasing=False) | Q(customer__is_excluded=True)
    coming = Q(pk__in=invoices_with_coming(organisation))
    held = Q()
    for one in reasons.values():
        held |= one
    return {
        "all": Q(),
        "overdue": Q(due_date__lt=today),
        "leaves": coming,
        "held": held & ~not_chasing & ~coming,
        "not_chasing": not_chasing,
    }


def _ordered(organisation: Organisation, rows: QuerySet[Invoice], sort: str) -> QuerySet[Invoice]:
    key, is_down = sort.removeprefix("-"), sort.startswith("-")
    column: Any = {"number": F("number"), "customer": F("customer__name"), "due": F("due_date")}.get(key)
    if column is None:
        rows = rows.annotate(in_base=in_base("balance", "currency", rates(organisation)))
        column = F("in_base")
    first = column.desc(nulls_last=True) if is_down else column.asc(nulls_last=True)
    rows = rows.select_related("customer").defer("extra", "billing_address", "link", "customer__extra")
    return rows.order_by(first, "due_date", "number", "pk")


def _sums(
    rows: QuerySet[Invoice], today: date
) -> dict[str, tuple[int, tuple[Decimal, Decimal]]]:
    """Currency -> (invoices, (outstanding, overdue))."""
    found = rows.order_by().values("currency")
    found = found.annotate(
        number_of=Count("pk"), owed=Sum("balance"), late=Sum("balance", filter=Q(due_date__lt=today))
    )
    return {
        row["currency"]: (row["number_of"], (row["owed"], row["late"] or Decimal(0))) for row in found
    }
