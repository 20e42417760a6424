"""Which columns of a record reach which table, and what a new row begins with."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, Q

from dunright.domain.records import (
    Address,
    CreditNoteRecord,
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
from dunright.models.listed import Listed
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
CUSTOMERS = Upsert(Customer, _LISTED, on_insert={**_CUSTOMER_OWN, "notes": ""})
NAMED_CUSTOMERS = Upsert(
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
PERSONS = Upsert(
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
    ),
    on_insert={"level": "", "level_chosen": False, "extra": {}},
)
INVOICES = Upsert(
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
        "created_at",
        "modified_at",
        "extra",
        "billing_address",
    ),
    quiet=("link",),
    first=("first_open_date",),
    on_insert={
        "is_chasing": True,
        "schedule_name": "",
        "entry": "nearest",
        "verdict": "",
        "reason": "",
        "decided_step": "",
    },
)
PAYMENTS = Upsert(
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
    first=("is_allocated",),
)
CREDIT_NOTES = Upsert(
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
)
CURRENCIES = Upsert(Currency, ("external_id", "code", "symbol", "precision", "rate", "is_base"))

ALLOCATIONS = Upsert(Allocation, ("payment", "invoice", "amount"), unique=("payment", "invoice"))

_ELSEWHERE = {"customer": "customer_id", "source_outstanding": "outstanding"}
"""Columns whose record field has another name."""


Read = Callable[[Any], tuple[Any, ...]]
Rows = list[tuple[Any, ...]]


def _reading(upsert: Upsert, *without: str) -> Read:
    """A function from a record to the values of the source's columns, in their order."""
    return attrgetter(*(_ELSEWHERE.get(name, name) for name in upsert.columns if name not in without))


_of_customer = _reading(CUSTOMERS, "is_seen")
_of_person, _of_invoice, _of_payment, _of_credit_note = map(
    _reading, (PERSONS, INVOICES, PAYMENTS, CREDIT_NOTES)
)


class Known(NamedTuple):
    """A customer that is in the mirror."""

    pk: int
    currency: str
    has_address: bool


def known_customers(organisation: Organisation, ids: set[str]) -> dict[str, Known]:
    """External id -> the customer, of those that are in the mirror."""
    found = Customer.objects.filter(organisation=organisation, external_id__in=Listed(ids))
    has_address = Q(billing_address__isnull=False)
    rows = found.values_list("external_id", "pk", "currency", ExpressionWrapper(has_address, BooleanField()))
    return {external_id: Known(pk, currency, bool(address)) for external_id, pk, currency, address in rows}


def customer_rows(records: Iterable[CustomerRecord]) -> Rows:
    """Rows for `CUSTOMERS`."""
    return [(*_of_customer(record), True) for record in records]


def person_rows(records: Iterable[PersonRecord], known: Mapping[str, Known]) -> Rows:
    """Rows for `PERSONS`."""
    return _owned(_of_person, records, known)


def invoice_rows(records: Iterable[InvoiceRecord], known: Mapping[str, Known], *, today: date) -> Rows:
    """Rows for `INVOICES`: a new one that is open is first seen open today (R3)."""
    return [
        (*row[:-1], as_stored(row[-1]), today if record.status == "open" else None)
        for record, row in zip(records, _owned(_of_invoice, records, known), strict=True)
    ]


def payment_rows(
    records: Iterable[PaymentRecord], known: Mapping[str, Known], allocated: Collection[str]
) -> Rows:
    """Rows for `PAYMENTS`; `allocated`: external ids of those whose split is told."""
    return [(*row, row[0] in allocated) for row in _owned(_of_payment, records, known)]


def credit_note_rows(records: Iterable[CreditNoteRecord], known: Mapping[str, Known]) -> Rows:
    """Rows for `CREDIT_NOTES`."""
    return _owned(_of_credit_note, records, known)


def _owned(read: Read, records: Iterable[Any], known: Mapping[str, Known]) -> Rows:
    """Values in whose second place the customer's own key replaces the source's."""
    return [(external_id, known[customer].pk, *rest) for external_id, customer, *rest in map(read, records)]


@lru_cache(maxsize=1024)
def as_stored(address: Address | None) -> dict[str, Any] | None:
    """An address as its column keeps it; None when no part of it says anything."""
    return address._asdict() if address is not None and any(address) else None


def latest(records: list[Any]) -> list[Any]:
    """One record per id, the one that changed last: a page may show a row twice, in any order."""
    found: dict[str, Any] = {}
    for record in records:
        other = found.get(record.external_id)
        mine, others = getattr(record, "modified_at", None), getattr(other, "modified_at", None)
        if mine is None or others is None or mine >= others:
            found[record.external_id] = record
    return list(found.values())
