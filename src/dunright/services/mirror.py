"""Records of the books -> rows of the mirror. Each function writes one kind and returns how many rows changed.

Called inside a transaction by `services.sync_pass`, and by the last look before a message leaves. An older version of
a record never replaces a newer one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from dunright.domain.records import (
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    PersonRecord,
)
from dunright.models import ContactPerson, Customer, Invoice, Organisation
from dunright.services import moves
from dunright.services.mirror_rows import (
    CREDIT_NOTES,
    CURRENCIES,
    CUSTOMERS,
    INVOICES,
    NAMED_CUSTOMERS,
    PERSONS,
    as_stored,
    known_customers,
    latest,
    values_of,
)


def store_customers(organisation: Organisation, records: Iterable[CustomerRecord]) -> int:
    """Write customers as the list shows them; persons and addresses too where a record carries them."""
    records = list(records)
    changed = CUSTOMERS.write(organisation.pk, [values_of(record, CUSTOMERS) for record in records])
    for record in records:
        if record.billing_address is not None:
            Customer.objects.filter(organisation=organisation, external_id=record.external_id).update(
                billing_address=as_stored(record.billing_address)
            )
    persons = [person for record in records for person in record.persons or ()]
    return changed + store_persons(organisation, persons)


def store_customer_detail(organisation: Organisation, record: CustomerRecord, *, now: datetime) -> int:
    """Write one customer read whole: who is not among its persons any more is gone.

    Where a person could not be read, nobody is taken for gone: it may be that one.
    """
    if _is_outdated(organisation, record):
        return 0
    changed = store_customers(organisation, [record])
    mine = Customer.objects.filter(organisation=organisation, external_id=record.external_id)
    mine.update(
        detail_read_at=now, notes=record.notes or "", opening_balance=record.opening_balance or Decimal(0)
    )
    kept = [person.external_id for person in record.persons or ()]
    if record.persons is not None and not record.problems:
        gone = ContactPerson.objects.filter(
            organisation=organisation, customer__external_id=record.external_id, gone_at=None
        )
        changed += gone.exclude(external_id__in=kept).update(gone_at=now)
    return changed


def _is_outdated(organisation: Organisation, record: CustomerRecord) -> bool:
    """Whether the mirror knows a later version: what was read before it must not take anything back."""
    if record.modified_at is None:
        return False
    return Customer.objects.filter(
        organisation=organisation, external_id=record.external_id, modified_at__gt=record.modified_at
    ).exists()


def store_persons(organisation: Organisation, records: Iterable[PersonRecord]) -> int:
    """Write contact persons of customers that are in the mirror; others (of vendors) are left out."""
    records = list(records)
    known = known_customers(organisation, {record.customer_id for record in records})
    rows = [values_of(record, PERSONS) for record in latest(records) if record.customer_id in known]
    return PERSONS.write(organisation.pk, rows)


def store_invoices(organisation: Organisation, records: Iterable[InvoiceRecord], *, today: date) -> int:
    """Write invoices, and customers that only their invoices have named so far.

    `today` is the organisation's date: an open invoice not seen open before is first seen open now (R3).
    """
    records = latest(list(records))
    owners = _owners(organisation, records)
    named = {record.customer_id: record for record in records}
    stubs = [
        (one.customer_id, one.customer_name, one.currency, "", as_stored(one.billing_address))
        for one in named.values()
    ]
    NAMED_CUSTOMERS.write(organisation.pk, stubs)
    changed = INVOICES.write(organisation.pk, [values_of(one, INVOICES) for one in records])
    ids = [one.external_id for one in records]
    mine = Invoice.objects.filter(organisation=organisation, external_id__in=ids)
    mine.filter(status="open", first_open_date=None).update(first_open_date=today)
    _note_paid(mine, records, today=today)
    _fill_addresses(organisation, named.values())
    moves.follow(organisation, owners)
    return changed


def _note_paid(mine: QuerySet[Invoice], records: Sequence[InvoiceRecord], *, today: date) -> None:
    """On which day an invoice seen open was seen paid, for the thank-yous; reopened, it is not paid any more."""
    if any(one.status == "paid" for one in records):
        mine.filter(status="paid", paid_seen_date=None, first_open_date__isnull=False).update(
            paid_seen_date=today
        )
    mine.filter(paid_seen_date__isnull=False).exclude(status="paid").update(paid_seen_date=None)


def store_credit_notes(organisation: Organisation, records: Iterable[CreditNoteRecord]) -> int:
    """Write credit notes of customers that are in the mirror."""
    records = latest(list(records))
    known = known_customers(organisation, {record.customer_id for record in records})
    rows = [values_of(one, CREDIT_NOTES) for one in records if one.customer_id in known]
    return CREDIT_NOTES.write(organisation.pk, rows)


def store_currencies(organisation: Organisation, records: Iterable[CurrencyRecord]) -> int:
    """Write the currencies of the books."""
    return CURRENCIES.write(organisation.pk, [tuple(record) for record in latest(list(records))])


def _owners(organisation: Organisation, records: Sequence[InvoiceRecord]) -> dict[str, str]:
    """Invoices that these records show at another customer than the mirror does -> the customer in the mirror."""
    shown = {one.external_id: one.customer_id for one in records}
    known = Invoice.objects.filter(organisation=organisation, external_id__in=shown)
    return {
        external_id: customer
        for external_id, customer in known.values_list("external_id", "customer__external_id")
        if shown[external_id] != customer
    }


def _fill_addresses(organisation: Organisation, named: Iterable[InvoiceRecord]) -> None:
    with_address = {one.customer_id: one.billing_address for one in named if one.billing_address}
    empty = Customer.objects.filter(
        organisation=organisation, external_id__in=with_address, billing_address=None
    ).only("pk", "external_id")
    for customer in empty:
        customer.billing_address = as_stored(with_address[customer.external_id])
    Customer.objects.bulk_update(empty, ["billing_address"])
