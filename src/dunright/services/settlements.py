"""Payments of the books -> rows, and which invoices each of them settles with how much."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dunright.domain.records import PaymentRecord
from dunright.models import Allocation, Invoice, Organisation, Payment
from dunright.models.listed import Listed
from dunright.services.mirror_rows import ALLOCATIONS, PAYMENTS, known_customers, latest, payment_rows


def store_payments(organisation: Organisation, records: Iterable[PaymentRecord]) -> int:
    """Write payments; how one is split over invoices where its record or its single invoice number tells.

    The list says no currency: it is the customer's. A payment that changed without telling its split is to be asked
    again.
    """
    records = latest(list(records))
    known = known_customers(organisation, {record.customer_id for record in records})
    records = [
        record if record.currency else record._replace(currency=known[record.customer_id].currency)
        for record in records
        if record.customer_id in known
    ]
    before = _splits_known(organisation, records)
    current = [one for one in records if not _is_older(one, before.get(one.external_id))]
    parts = _parts(organisation, current)
    changed = PAYMENTS.write(organisation.pk, payment_rows(records, known, parts))
    _allocate(organisation, current, parts, before)
    return changed


class _Split(NamedTuple):
    """What a stored payment said when its split was learnt."""

    pk: int
    modified_at: datetime | None
    amounts: tuple[Decimal, Decimal]
    invoice_numbers: tuple[str, ...]


def _splits_known(organisation: Organisation, records: Sequence[PaymentRecord]) -> dict[str, _Split]:
    rows = Payment.objects.filter(
        organisation=organisation, external_id__in=Listed(one.external_id for one in records)
    ).values_list("external_id", "pk", "modified_at", "amount", "unused", "invoice_numbers")
    return {
        external_id: _Split(pk, modified_at, (amount, unused), tuple(numbers))
        for external_id, pk, modified_at, amount, unused, numbers in rows
    }


def _allocate(
    organisation: Organisation,
    records: Sequence[PaymentRecord],
    parts: Mapping[str, Mapping[int, Decimal]],
    before: Mapping[str, _Split],
) -> None:
    """Write the parts that are told. Payments that are new came with their `is_allocated`; the others get it here."""
    payments = {external_id: known.pk for external_id, known in before.items()}
    if new := [external_id for external_id in parts if external_id not in payments]:
        rows = Payment.objects.filter(organisation=organisation, external_id__in=Listed(new))
        payments |= dict(rows.values_list("external_id", "pk"))
    wanted = {
        (payments[external_id], invoice): amount
        for external_id, amounts in parts.items()
        for invoice, amount in amounts.items()
    }
    if settled := [known.pk for external_id, known in before.items() if external_id in parts]:
        stored = Allocation.objects.filter(organisation=organisation, payment_id__in=Listed(settled))
        known_parts = stored.values_list("pk", "payment_id", "invoice_id")
        if past := [pk for pk, *part in known_parts if tuple(part) not in wanted]:
            stored.filter(pk__in=past).delete()
        Payment.objects.filter(organisation=organisation, pk__in=Listed(settled), is_allocated=False).update(
            is_allocated=True
        )
    ALLOCATIONS.write(organisation.pk, [(*part, amount) for part, amount in wanted.items()])
    untold = {
        known.pk: (one, known)
        for one in records
        if one.external_id not in parts and (known := before.get(one.external_id))
    }
    if untold:
        _doubt(organisation, untold)


def _doubt(organisation: Organisation, untold: Mapping[int, tuple[PaymentRecord, _Split]]) -> None:
    """Ask again about payments that changed without telling their split, or of which parts are missing."""
    rows = Allocation.objects.filter(organisation=organisation, payment_id__in=Listed(untold))
    allocated = Counter(rows.values_list("payment_id", flat=True))
    unclear = [
        pk
        for pk, (one, known) in untold.items()
        if _says_otherwise(one, known) or allocated[pk] < len(one.invoice_numbers)
    ]
    Payment.objects.filter(organisation=organisation, pk__in=Listed(unclear), is_allocated=True).update(
        is_allocated=False
    )


def _parts(organisation: Organisation, records: Sequence[PaymentRecord]) -> dict[str, dict[int, Decimal]]:
    """Payment -> invoice -> amount, of payments whose split is told.

    An answer about one payment may name what is no invoice of the mirror, such as a retainer invoice: asking again
    would tell the same, so its other parts count. The list shows the payment again when it changes.
    """
    ids = {split.invoice_id for one in records for split in one.allocations or ()}
    numbers = {one.invoice_numbers[0] for one in records if _settles_one(one)}
    invoices = Invoice.objects.filter(organisation=organisation)
    by_id: dict[str, int] = {}
    if ids:
        by_id = dict(invoices.filter(external_id__in=Listed(ids)).values_list("external_id", "pk"))
    by_number = dict(invoices.filter(number__in=Listed(numbers)).values_list("number", "pk"))
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


def _says_otherwise(record: PaymentRecord, before: _Split) -> bool:
    return (
        before.amounts != (record.amount, record.unused) or before.invoice_numbers != record.invoice_numbers
    )
