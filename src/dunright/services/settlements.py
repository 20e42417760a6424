"""Payments of the books -> rows, and which invoices each of them settles with how much."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from dunright.domain.records import PaymentRecord
from dunright.models import Allocation, Invoice, Organisation, Payment
from dunright.services.mirror_rows import PAYMENTS, known_customers, latest, values_of


def store_payments(organisation: Organisation, records: Iterable[PaymentRecord]) -> int:
    """Write payments; how one is split over invoices where its record or its single invoice number tells.

    The list says no currency: it is the customer's. A payment that changed without telling its split is to be asked
    again.
    """
    records = latest(list(records))
    known = known_customers(organisation, {record.customer_id for record in records})
    records = [
        record if record.currency else record._replace(currency=known[record.customer_id])
        for record in records
        if record.customer_id in known
    ]
    before = _splits_known(organisation, records)
    changed = PAYMENTS.write(organisation.pk, [values_of(one, PAYMENTS) for one in records])
    _allocate(organisation, records, before)
    return changed


class _Split(NamedTuple):
    """What a stored payment said when its split was learnt."""

    modified_at: datetime | None
    amounts: tuple[Decimal, Decimal]
    invoice_numbers: tuple[str, ...]


def _splits_known(organisation: Organisation, records: Sequence[PaymentRecord]) -> dict[str, _Split]:
    rows = Payment.objects.filter(
        organisation=organisation, external_id__in=[one.external_id for one in records]
    ).values_list("external_id", "modified_at", "amount", "unused", "invoice_numbers")
    return {
        external_id: _Split(modified_at, (amount, unused), tuple(numbers))
        for external_id, modified_at, amount, unused, numbers in rows
    }


def _allocate(
    organisation: Organisation, records: Sequence[PaymentRecord], before: Mapping[str, _Split]
) -> None:
    payments = dict(
        Payment.objects.filter(
            organisation=organisation, external_id__in=[one.external_id for one in records]
        ).values_list("external_id", "pk")
    )
    current = [one for one in records if not _is_older(one, before.get(one.external_id))]
    parts = _parts(organisation, current)
    settled = [payments[external_id] for external_id in parts]
    Allocation.objects.filter(organisation=organisation, payment_id__in=settled).delete()
    Allocation.objects.bulk_create(
        Allocation(
            organisation=organisation, payment_id=payments[external_id], invoice_id=invoice, amount=amount
        )
        for external_id, amounts in parts.items()
        for invoice, amount in amounts.items()
    )
    Payment.objects.filter(organisation=organisation, pk__in=settled).update(is_allocated=True)
    untold = {payments[one.external_id]: one for one in current if one.external_id not in parts}
    rows = Allocation.objects.filter(organisation=organisation, payment_id__in=untold)
    known = Counter(rows.values_list("payment_id", flat=True))
    unclear = [
        pk
        for pk, one in untold.items()
        if _says_otherwise(one, before.get(one.external_id)) or known[pk] < len(one.invoice_numbers)
    ]
    Payment.objects.filter(organisation=organisation, pk__in=unclear).update(is_allocated=False)


def _parts(organisation: Organisation, records: Sequence[PaymentRecord]) -> dict[str, dict[int, Decimal]]:
    """Payment -> invoice -> amount, of payments whose split is told.

    An answer about one payment may name what is no invoice of the mirror, such as a retainer invoice: asking again
    would tell the same, so its other parts count. The list shows the payment again when it changes.
    """
    ids = {split.invoice_id for one in records for split in one.allocations or ()}
    numbers = {one.invoice_numbers[0] for one in records if _settles_one(one)}
    rows = list(
        Invoice.objects.filter(
            Q(external_id__in=ids) | Q(number__in=numbers), organisation=organisation
        ).values_list("external_id", "number", "pk")
    )
    by_id = {external_id: pk for external_id, _, pk in rows}
    by_number = {number: pk for _, number, pk in rows}
    found: dict[str, dict[int, Decimal]] = {}
    for one in records:
        if one.allocations is not None:
            told = [(by_id.get(split.invoice_id), split.amount) for split in one.allocations]
        elif _settles_one(one):
            # Tax that the customer kept back settles the invoice as well (zoho-books-api.md section 8).
            told = [(by_number.get(one.invoice_numbers[0]), one.amount + one.tax_withheld)]
        elif not one.invoice_numbers and one.unused == one.amount:
            told = []
        else:
            continue
        if one.allocations is None and any(invoice is None for invoice, _ in told):
            # An invoice that is not in the mirror yet: the next full read or detail call tells.
            continue
        amounts: dict[int, Decimal] = {}
        for invoice, amount in told:
            if invoice is not None:
                # One invoice may be named twice, each time with a part.
                amounts[invoice] = amounts.get(invoice, Decimal(0)) + amount
        found[one.external_id] = amounts
    return found


def _settles_one(record: PaymentRecord) -> bool:
    """Whether the list alone tells what was settled: one invoice and nothing unused."""
    return record.allocations is None and len(record.invoice_numbers) == 1 and record.unused == 0


def _is_older(record: PaymentRecord, before: _Split | None) -> bool:
    known = before.modified_at if before else None
    return known is not None and record.modified_at is not None and record.modified_at < known


def _says_otherwise(record: PaymentRecord, before: _Split | None) -> bool:
    return before is not None and (
        before.amounts != (record.amount, record.unused) or before.invoice_numbers != record.invoice_numbers
    )
