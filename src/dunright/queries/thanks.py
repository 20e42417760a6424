"""Invoices that were seen paid, as the rule about thank-yous looks at them (chasing-rules.md section 7)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from dunright.domain.thanks import PaidInvoice
from dunright.models import Allocation, Invoice, Organisation, Payment, ThankYou

LOOK_BACK = timedelta(days=21)
"""Further back nothing is thanked for: a thank-you waits for seven days, and no holidays last for two weeks."""


def to_thank_for(organisation: Organisation, *, today: date) -> QuerySet[Invoice]:
    """Invoices seen paid lately, before today, about which nothing was decided yet."""
    decided = ThankYou.objects.filter(organisation=organisation, invoice=OuterRef("pk"))
    return Invoice.objects.filter(
        ~Exists(decided),
        organisation=organisation,
        paid_seen_date__lt=today,
        paid_seen_date__gte=today - LOOK_BACK,
        gone_at=None,
    )


def paid_invoices(organisation: Organisation, rows: Iterable[Invoice]) -> dict[int, list[PaidInvoice]]:
    """Facts of these rows by their customer's key. What was decided about them before is not looked at."""
    rows = list(rows)
    by_payment = _by_payment(organisation, rows)
    found: dict[int, list[PaidInvoice]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(
            PaidInvoice(
                id=str(row.pk),
                number=row.number,
                currency=row.currency,
                total=row.total,
                status=row.status,  # type: ignore[arg-type]  # the connector's own five words
                first_open=row.first_open_date,
                paid_seen=row.paid_seen_date,
                by_payment=by_payment[row.pk],
                due=row.due_date,
            )
        )
    return found


def _by_payment(organisation: Organisation, rows: list[Invoice]) -> dict[int, bool | None]:
    """Whether money settled each invoice: no where no payment names it, yes where its known parts make up the whole.

    Otherwise nobody knows yet: the rest may be a part that the books have not told, or a credit.
    """
    keys = [row.pk for row in rows]
    parts: dict[int, Decimal] = defaultdict(Decimal)
    known = Allocation.objects.filter(organisation=organisation, invoice__in=keys, payment__gone_at=None)
    for invoice, amount in known.values_list("invoice_id", "amount"):
        parts[invoice] += amount
    untold = Payment.objects.filter(
        organisation=organisation,
        customer__in={row.customer_id for row in rows},
        is_allocated=False,
        gone_at=None,
    )
    named = {
        (customer, number)
        for customer, numbers in untold.values_list("customer_id", "invoice_numbers")
        for number in numbers
    }
    found: dict[int, bool | None] = {}
    for row in rows:
        if row.total > 0 and parts[row.pk] >= row.total:
            found[row.pk] = True
        elif parts[row.pk] > 0 or (row.customer_id, row.number) in named:
            found[row.pk] = None
        else:
            found[row.pk] = False
    return found
