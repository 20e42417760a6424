"""Records of the books -> rows of the mirror. Each function writes one kind and returns how many rows changed.

Called inside a transaction by `services.sync`, and by the last look before a message leaves.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from dunright.domain.records import (
    Address,
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    PaymentRecord,
    PersonRecord,
)
from dunright.models import (
    Allocation,
    ContactPerson,
    CreditNote,
    Currency,
    Customer,
    Invoice,
    Organisation,
    Payment,
)
from dunright.models.upsert import Upsert

_CUSTOMER_OWN = {
    "is_chasing": True,
    "schedule_name": "",
    "is_excluded": False,
    "opening_balance": Decimal(0),
    "next_verdict": "",
    "next_reason": "",
    "next_step": "",
    "next_amounts": {},
}
_PERSONAL = ("email", "first_name", "last_name", "phone", "mobile")
_LISTED = (
    "external_id",
    "name",
    "company_name",
    "status",
    "currency",
    "language",
    *_PERSONAL,
    "website",
    "payment_terms_days",
    "payment_terms_label",
    "source_outstanding",
    "unused_credits",
    "created_at",
    "modified_at",
    "extra",
    "is_seen",
)
_CUSTOMERS = Upsert(Customer, _LISTED, on_insert={**_CUSTOMER_OWN, "notes": ""})
_NAMED_CUSTOMERS = Upsert(
    Customer,
    ("external_id", "name", "currency", "email", "billing_address"),
    only_new=True,
    on_insert={
        **_CUSTOMER_OWN,
        **dict.fromkeys(
            ("company_name", "language", *_PERSONAL[1:], "website", "payment_terms_label", "notes"), ""
        ),
        "status": "active",
        "source_outstanding": Decimal(0),
        "unused_credits": Decimal(0),
        "extra": {},
        "is_seen": False,
    },
)
_PERSONS = Upsert(
    ContactPerson,
    (
        "external_id",
        "customer",
        "salutation",
        *_PERSONAL,
        "designation",
        "department",
        "is_primary",
        "may_be_emailed",
        "modified_at",
        "extra",
    ),
    references={"customer": Customer},
    on_insert={"level": "", "level_chosen": False},
)
_INVOICES = Upsert(
    Invoice,
    (
        "external_id",
        "customer",
        "number",
        "reference",
        "project",
        "salesperson",
        "status",
        "source_status",
        "issue_date",
        "due_date",
        "total",
        "balance",
        "currency",
        "rate",
        "written_off",
        "expected_payment_date",
        "payment_pending",
        "link",
        "source_reminders_sent",
        "source_last_reminder_date",
        "billing_address",
        "created_at",
        "modified_at",
        "extra",
    ),
    quiet=("link",),
    references={"customer": Customer},
    on_insert={
        "is_chasing": True,
        "schedule_name": "",
        "entry": "nearest",
        "verdict": "",
        "reason": "",
        "decided_step": "",
    },
)
_PAYMENTS = Upsert(
    Payment,
    (
        "external_id",
        "customer",
        "number",
        "payment_date",
        "amount",
        "unused",
        "currency",
        "mode",
        "reference",
        "status",
        "invoice_numbers",
        "created_at",
        "modified_at",
        "extra",
    ),
    references={"customer": Customer},
    on_insert={"is_allocated": False},
)
_CREDIT_NOTES = Upsert(
    CreditNote,
    (
        "external_id",
        "customer",
        "number",
        "status",
        "issue_date",
        "total",
        "balance",
        "currency",
        "rate",
        "reference",
        "created_at",
        "modified_at",
        "extra",
    ),
    references={"customer": Customer},
)


def store_customers(organisation: Organisation, records: Iterable[CustomerRecord]) -> int:
    """Write customers as the list shows them; persons and addresses too where a record carries them."""
    records = list(records)
    changed = _CUSTOMERS.write(organisation.pk, [_values(record, _CUSTOMERS) for record in records])
    for record in records:
        if record.billing_address is not None:
            Customer.objects.filter(organisation=organisation, external_id=record.external_id).update(
                billing_address=_address(record.billing_address)
            )
    persons = [person for record in records for person in record.persons or ()]
    return changed + store_persons(organisation, persons)


def store_customer_detail(organisation: Organisation, record: CustomerRecord, *, now: datetime) -> int:
    """Write one customer read whole: who is not among its persons any more is gone.

    Where a person could not be read, nobody is taken for gone: it may be that one.
    """
    changed = store_customers(organisation, [record])
    mine = Customer.objects.filter(organisation=organisation, external_id=record.external_id)
    mine.update(detail_read_at=now, notes=record.notes or "")
    kept = [person.external_id for person in record.persons or ()]
    if record.persons is not None and not record.problems:
        gone = ContactPerson.objects.filter(
            organisation=organisation, customer__external_id=record.external_id, gone_at=None
        )
        changed += gone.exclude(external_id__in=kept).update(gone_at=now)
    return changed


def store_persons(organisation: Organisation, records: Iterable[PersonRecord]) -> int:
    """Write contact persons of customers that are in the mirror; others (of vendors) are left out."""
    records = list(records)
    known = _known(organisation, {record.customer_id for record in records})
    rows = [_values(record, _PERSONS) for record in _latest(records) if record.customer_id in known]
    return _PERSONS.write(organisation.pk, rows)


def store_invoices(organisation: Organisation, records: Iterable[InvoiceRecord], *, today: date) -> int:
    """Write invoices, and customers that only their invoices have named so far.

    `today` is the organisation's date: an open invoice not seen open before is first seen open now (R3).
    """
    records = _latest(list(records))
    named = {record.customer_id: record for record in records}
    stubs = [
        (one.customer_id, one.customer_name, one.currency, "", _address(one.billing_address))
        for one in named.values()
    ]
    _NAMED_CUSTOMERS.write(organisation.pk, stubs)
    changed = _INVOICES.write(organisation.pk, [_values(one, _INVOICES) for one in records])
    ids = [one.external_id for one in records]
    mine = Invoice.objects.filter(organisation=organisation, external_id__in=ids)
    mine.filter(status="open", first_open_date=None).update(first_open_date=today)
    _note_paid(mine, records, today=today)
    _fill_addresses(organisation, named.values())
    return changed


def _note_paid(mine: QuerySet[Invoice], records: Sequence[InvoiceRecord], *, today: date) -> None:
    """On which day an invoice seen open was seen paid, for the thank-yous; reopened, it is not paid any more."""
    if any(one.status == "paid" for one in records):
        mine.filter(status="paid", paid_seen_date=None, first_open_date__isnull=False).update(
            paid_seen_date=today
        )
    mine.filter(paid_seen_date__isnull=False).exclude(status="paid").update(paid_seen_date=None)


def store_payments(organisation: Organisation, records: Iterable[PaymentRecord]) -> int:
    """Write payments; how one is split over invoices where its record or its single invoice number tells."""
    records = _latest(list(records))
    known = _known(organisation, {record.customer_id for record in records})
    records = [record for record in records if record.customer_id in known]
    changed = _PAYMENTS.write(organisation.pk, [_values(one, _PAYMENTS) for one in records])
    _allocate(organisation, records)
    return changed


def store_credit_notes(organisation: Organisation, records: Iterable[CreditNoteRecord]) -> int:
    """Write credit notes of customers that are in the mirror."""
    records = _latest(list(records))
    known = _known(organisation, {record.customer_id for record in records})
    rows = [_values(one, _CREDIT_NOTES) for one in records if one.customer_id in known]
    return _CREDIT_NOTES.write(organisation.pk, rows)


def store_currencies(organisation: Organisation, records: Iterable[CurrencyRecord]) -> int:
    """Write the currencies of the books."""
    columns = ("external_id", "code", "symbol", "precision", "rate", "is_base")
    return Upsert(Currency, columns).write(
        organisation.pk, [tuple(record) for record in _latest(list(records))]
    )


def _allocate(organisation: Organisation, records: Sequence[PaymentRecord]) -> None:
    payments = dict(
        Payment.objects.filter(
            organisation=organisation, external_id__in=[one.external_id for one in records]
        ).values_list("external_id", "pk")
    )
    ids = {split.invoice_id for one in records for split in one.allocations or ()}
    numbers = {one.invoice_numbers[0] for one in records if _settles_one(one)}
    wanted = Q(external_id__in=ids) | Q(number__in=numbers)
    rows = list(
        Invoice.objects.filter(wanted, organisation=organisation).values_list("external_id", "number", "pk")
    )
    by_id = {external_id: pk for external_id, _, pk in rows}
    by_number = {number: pk for _, number, pk in rows}
    splits: list[Allocation] = []
    known: list[int] = []
    for one in records:
        if one.allocations is not None:
            parts = [(by_id.get(split.invoice_id), split.amount) for split in one.allocations]
        elif _settles_one(one):
            parts = [(by_number.get(one.invoice_numbers[0]), one.amount)]
        else:
            continue
        if any(invoice is None for invoice, _ in parts):
            # An invoice that is not in the mirror yet: the next full read or detail call tells.
            continue
        known.append(payments[one.external_id])
        splits += [
            Allocation(
                organisation=organisation,
                payment_id=payments[one.external_id],
                invoice_id=invoice,
                amount=amount,
            )
            for invoice, amount in parts
            if invoice is not None
        ]
    Allocation.objects.filter(organisation=organisation, payment_id__in=known).delete()
    Allocation.objects.bulk_create(splits)
    Payment.objects.filter(organisation=organisation, pk__in=known).update(is_allocated=True)


def _settles_one(record: PaymentRecord) -> bool:
    """Whether the list alone tells what was settled: one invoice and nothing unused."""
    return record.allocations is None and len(record.invoice_numbers) == 1 and record.unused == 0


def _fill_addresses(organisation: Organisation, named: Iterable[InvoiceRecord]) -> None:
    with_address = {one.customer_id: one.billing_address for one in named if one.billing_address}
    empty = Customer.objects.filter(
        organisation=organisation, external_id__in=with_address, billing_address=None
    ).only("pk", "external_id")
    for customer in empty:
        customer.billing_address = _address(with_address[customer.external_id])
    Customer.objects.bulk_update(empty, ["billing_address"])


_ELSEWHERE = {"customer": "customer_id", "source_outstanding": "outstanding"}
"""Columns whose record field has another name."""


def _values(record: Any, upsert: Upsert) -> list[Any]:
    """A record's values in the order of the columns."""
    values = []
    for name in upsert.columns:
        value = getattr(record, _ELSEWHERE.get(name, name), None)
        if name == "billing_address":
            value = _address(value)
        elif name == "is_seen":
            value = True
        elif name == "extra" and value is None:
            value = {}
        values.append(value)
    return values


def _known(organisation: Organisation, ids: set[str]) -> set[str]:
    found = Customer.objects.filter(organisation=organisation, external_id__in=ids)
    return set(found.values_list("external_id", flat=True))


def _address(address: Address | None) -> dict[str, Any] | None:
    return address._asdict() if address is not None and any(address) else None


def _latest(records: list[Any]) -> list[Any]:
    """One record per id, the later one: a page may show a row twice."""
    return list({record.external_id: record for record in records}.values())
