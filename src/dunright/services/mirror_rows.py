"""Which columns of a record reach which table, and what a new row begins with."""

from decimal import Decimal
from typing import Any

from dunright.domain.records import Address
from dunright.models import ContactPerson, CreditNote, Currency, Customer, Invoice, Organisation, Payment
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
        "extra",
    ),
    references={"customer": Customer},
    on_insert={"level": "", "level_chosen": False},
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
    references={"customer": Customer},
    on_insert={"is_allocated": False},
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
    references={"customer": Customer},
)
CURRENCIES = Upsert(Currency, ("external_id", "code", "symbol", "precision", "rate", "is_base"))

_ELSEWHERE = {"customer": "customer_id", "source_outstanding": "outstanding"}
"""Columns whose record field has another name."""


def values_of(record: Any, upsert: Upsert) -> list[Any]:
    """A record's values in the order of the columns."""
    values = []
    for name in upsert.columns:
        value = getattr(record, _ELSEWHERE.get(name, name), None)
        if name == "billing_address":
            value = as_stored(value)
        elif name == "is_seen":
            value = True
        elif name == "extra" and value is None:
            value = {}
        values.append(value)
    return values


def known_customers(organisation: Organisation, ids: set[str]) -> dict[str, str]:
    """External id -> currency of the customers that are in the mirror."""
    found = Customer.objects.filter(organisation=organisation, external_id__in=ids)
    return dict(found.values_list("external_id", "currency"))


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
