"""What is owed: the figures on top of Receivables, per currency, never added across them (chasing-rules.md R11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.fields import SmallIntegerField

from dunright.models import (
    Currency,
    Customer,
    CustomerTotal,
    Invoice,
    MessageState,
    Organisation,
    OutboxLine,
    Payment,
)
from dunright.queries.next_steps import ON_ITS_WAY

BAND_ENDS = (0, 30, 60, 90)
"""Days late with which the first four bands end; the fifth has no end."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BandFigures:
    amount: Decimal = ZERO
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency's."""

    currency: str
    outstanding: Decimal = ZERO
    overdue: Decimal = ZERO
    open_count: int = 0
    """Invoices."""
    overdue_count: int = 0
    customers: int = 0
    late_customers: int = 0
    chased: Decimal = ZERO
    """Listed by this week's messages, sent or on their way."""
    sent: int = 0
    """This week's messages that left."""
    coming: int = 0
    """This week's messages that have not left yet."""
    collected: Decimal = ZERO
    """Payments dated in this month."""
    payments: int = 0
    latest_payment: date | None = None
    bands: Sequence[BandFigures] = field(default=tuple(BandFigures() for _ in range(5)))
    """Not due, 1-30, 31-60, 61-90, 90+ days late."""


Totals = Mapping[str, Mapping[str, Any]]
"""Currency -> fields of Figures."""


def figures(
    organisation: Organisation, *, today: date, base: str, owed: Totals | None = None
) -> list[Figures]:
    """The figures of each currency in which something is owed, chased or paid; the base currency first.

    `owed`: what `totals` says, where the caller has just asked it.
    """
    found: dict[str, Figures] = {base: Figures(base)}
    for part in (
        owed if owed is not None else totals(organisation),
        _bands(organisation, today),
        _chased(organisation, today),
        _collected(organisation, today),
    ):
        for currency, values in part.items():
            found[currency] = replace(found.get(currency, Figures(currency)), **values)
    return sorted(found.values(), key=lambda one: (one.currency != base, one.currency))


def rates(organisation: Organisation) -> dict[str, Decimal]:
    """Base currency for one unit of each currency: for comparing, never for adding."""
    rows = Currency.objects.filter(organisation=organisation)
    return dict(rows.values_list("code", "rate"))


def totals(organisation: Organisation) -> Totals:
    """What is owed in each currency, overdue as of the organisation's `totals_date`."""
    rows = (
        CustomerTotal.objects.filter(organisation=organisation)
        .values("currency")
        .annotate(
            owed=Sum("outstanding"),
            late=Sum("overdue"),
            opened=Sum("open_count"),
            overdue_invoices=Sum("overdue_count"),
            people=Count("pk"),
            late_people=Count("pk", filter=Q(overdue__gt=0)),
        )
    )
    return {
        row["currency"]: {
            "outstanding": row["owed"],
            "overdue": row["late"],
            "open_count": row["opened"],
            "overdue_count": row["overdue_invoices"],
            "customers": row["people"],
            "late_customers": row["late_people"],
        }
        for row in rows.order_by()
    }


def _bands(organisation: Organisation, today: date) -> Totals:
    """Open invoices by age; those without a due date count as not due."""
    ends = [today - timedelta(days=days) for days in BAND_ENDS]
    band = Case(
        When(due_date__lt=ends[3], then=Value(4)),
        When(due_date__lt=ends[2], then=Value(3)),
        When(due_date__lt=ends[1], then=Value(2)),
        When(due_date__lt=ends[0], then=Value(1)),
        default=Value(0),
        output_field=SmallIntegerField(),
    )
    rows = (
        Invoice.objects.filter(organisation=organisation, status="open", balance__gt=0, gone_at=None)
        .annotate(band=band)
        .values("currency", "band")
        .annotate(amount=Sum("balance"), people=Count("customer_id", distinct=True))
    )
    found: dict[str, list[BandFigures]] = {}
    for row in rows.order_by():
        bands = found.setdefault(row["currency"], [BandFigures() for _ in range(5)])
        bands[row["band"]] = BandFigures(row["amount"], row["people"])
    return {currency: {"bands": tuple(bands)} for currency, bands in found.items()}


def _chased(organisation: Organisation, today: date) -> Totals:
    monday = today - timedelta(days=today.weekday())
    of_the_week: Mapping[str, Any] = {
        "message__organisation": organisation,
        "message__slot": "chase",
        "message__run_date__range": (monday, monday + timedelta(days=6)),
        "message__state__in": (MessageState.SENT, *ON_ITS_WAY),
    }
    is_sent = Q(message__state=MessageState.SENT)
    rows = (
        OutboxLine.objects.filter(organisation=organisation, **of_the_week)
        .values("currency")
        .annotate(
            amount=Sum("balance"),
            left=Count("message_id", distinct=True, filter=is_sent),
            waiting=Count("message_id", distinct=True, filter=~is_sent),
        )
    )
    return {
        row["currency"]: {"chased": row["amount"], "sent": row["left"], "coming": row["waiting"]}
        for row in rows.order_by()
    }


def _collected(organisation: Organisation, today: date) -> Totals:
    """Payments of the month; one without a currency of its own is in its customer's, looked up for those few alone."""
    own = Customer.objects.filter(organisation=organisation, pk=OuterRef("customer")).values("currency")
    rows = (
        Payment.objects.filter(
            organisation=organisation,
            gone_at=None,
            payment_date__gte=today.replace(day=1),
            payment_date__lte=today,
        )
        .annotate(paid_in=Case(When(currency="", then=Subquery(own)), default=F("currency")))
        .values("paid_in")
        .annotate(paid=Sum("amount"), times=Count("pk"), latest=Max("payment_date"))
    )
    return {
        row["paid_in"]: {"collected": row["paid"], "payments": row["times"], "latest_payment": row["latest"]}
        for row in rows.order_by()
        if row["paid_in"]
    }
