"""Records of the books -> rows of the mirror. Each function writes one kind and returns how many rows changed.

Called inside a transaction by `services.sync_pass`, and by the last look before a message leaves. An older version of
a record never replaces a newer one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from dunright.domain.records import (
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    PersonRecord,
)
from dunright.models import ContactPerson, Customer, Invoice, Organisation
from dunright.models.listed import Listed
from dunright.models.upsert import fill_empty
from dunright.services import moves
from dunright.services.mirror_rows import (
    CREDIT_NOTES,
    CURRENCIES,
    CUSTOMERS,
    INVOICES,
    NAMED_CUSTOMERS,
    PERSONS,
    Known,
    as_stored,
    credit_note_rows,
    customer_rows,
    invoice_rows,
    known_customers,
    latest,
    person_rows,
)


def store_customers(organisation: Organisation, records: Iterable[CustomerRecord]) -> int:
    """Write customers as the list shows them; persons and addresses too where a record carries them."""
    records = latest(list(records))
    changed = CUSTOMERS.write(organisation.pk, customer_rows(records))
    for record in records:
        if record.billing_address is not None:
            Customer.objects.filter(organisation=organisation, external_id=record.external_id).update(
                billing_address=as_stored(record.billing_address)
            )
    persons = [person for record in records for person in record.persons or ()]
    return changed + (store_persons(organisation, persons) if persons else 0)


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
    records = latest(list(records))
    known = known_customers(organisation, {record.customer_id for record in records})
    mine = [record for record in records if record.customer_id in known]
    return PERSONS.write(organisation.pk, person_rows(mine, known))


def store_invoices(organisation: Organisation, records: Iterable[InvoiceRecord], *, today: date) -> int:
    """Write invoices, and customers that only their invoices have named so far.

    `today` is the organisation's date: an open invoice not seen open before is first seen open now (R3).
    """
    records = latest(list(records))
    before = _before(organisation, records)
    customers = _customers_of(organisation, records)
    changed = INVOICES.write(organisation.pk, invoice_rows(records, customers, today=today))
    _note_days(organisation, records, before, today=today)
    moves.follow(
        organisation,
        {
            one.external_id: former.customer
            for one in records
            if (former := before.get(one.external_id)) and former.customer != one.customer_id
        },
    )
    return changed


class _Before(NamedTuple):
    """What the mirror knew about an invoice."""

    customer: str
    """External id."""
    first_open_date: date | None
    paid_seen_date: date | None


def _before(organisation: Organisation, records: Sequence[InvoiceRecord]) -> dict[str, _Before]:
    known = Invoice.objects.filter(organisation=organisation, external_id__in=Listed(_ids(records)))
    rows = known.values_list("external_id", "customer__external_id", "first_open_date", "paid_seen_date")
    return {external_id: _Before(customer, opened, paid) for external_id, customer, opened, paid in rows}


def _customers_of(organisation: Organisation, records: Sequence[InvoiceRecord]) -> dict[str, Known]:
    """The customers whom these invoices name; those not in the mirror are made, those without an address get one."""
    named = {record.customer_id: record for record in records}
    known = known_customers(organisation, set(named))
    if unknown := [one for customer, one in named.items() if customer not in known]:
        stubs = [
            (one.customer_id, one.customer_name, one.currency, "", as_stored(one.billing_address))
            for one in unknown
        ]
        NAMED_CUSTOMERS.write(organisation.pk, stubs)
        known |= known_customers(organisation, {one.customer_id for one in unknown})
    without = {
        customer: address
        for customer, one in named.items()
        if not known[customer].has_address and (address := as_stored(one.billing_address))
    }
    fill_empty(Customer, "billing_address", organisation.pk, without)
    return known


def _note_days(
    organisation: Organisation,
    records: Sequence[InvoiceRecord],
    before: Mapping[str, _Before],
    *,
    today: date,
) -> None:
    """When an invoice that is not new was first seen open, and, seen open before, paid (for the thank-yous).

    Reopened, it is not paid any more. The mirror is asked for the status: an older version does not count.
    """
    again = [(one, before[one.external_id]) for one in records if one.external_id in before]
    invoices = Invoice.objects.filter(organisation=organisation)
    if opened := _ids(one for one, known in again if one.status == "open" and not known.first_open_date):
        invoices.filter(external_id__in=Listed(opened), status="open", first_open_date=None).update(
            first_open_date=today
        )
    unpaid = [one for one, known in again if known.first_open_date and not known.paid_seen_date]
    if paid := _ids(one for one in unpaid if one.status == "paid"):
        invoices.filter(external_id__in=Listed(paid), status="paid").update(paid_seen_date=today)
    if reopened := _ids(one for one, known in again if one.status != "paid" and known.paid_seen_date):
        invoices.filter(external_id__in=Listed(reopened)).exclude(status="paid").update(paid_seen_date=None)


def _ids(records: Iterable[InvoiceRecord]) -> list[str]:
    return [record.external_id for record in records]


def store_credit_notes(organisation: Organisation, records: Iterable[CreditNoteRecord]) -> int:
    """Write credit notes of customers that are in the mirror."""
    records = latest(list(records))
    known = known_customers(organisation, {record.customer_id for record in records})
    mine = [one for one in records if one.customer_id in known]
    return CREDIT_NOTES.write(organisation.pk, credit_note_rows(mine, known))


def store_currencies(organisation: Organisation, records: Iterable[CurrencyRecord]) -> int:
    """Write the currencies of the books."""
    return CURRENCIES.write(organisation.pk, [tuple(record) for record in latest(list(records))])
