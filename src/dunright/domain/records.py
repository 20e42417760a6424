"""What a connector hands over: one frozen record per thing in the books, whatever system they are kept in.

Amounts are `Decimal` in the record's own currency, dates are the organisation's, moments carry an offset.
`extra` keeps what the source sent and no field holds (custom fields and the like), as plain JSON values.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class OrganisationRecord(NamedTuple):
    """One set of books that a log-in reaches."""

    external_id: str
    name: str
    country: str = ""
    """ISO 3166 alpha-2, or empty."""
    timezone: str = ""
    """IANA name as the source says it, or empty."""
    currency: str = ""
    """ISO 4217 code of the base currency."""
    language: str = ""
    plan: str = ""
    active: bool = True
    is_default: bool = False


class CurrencyRecord(NamedTuple):
    external_id: str
    code: str
    symbol: str = ""
    precision: int = 2
    rate: Decimal = Decimal(1)
    """Base currency for one unit of this one."""
    is_base: bool = False


class Address(NamedTuple):
    """A postal address, each part as the source spells it."""

    attention: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


class PersonRecord(NamedTuple):
    """A contact person of a customer."""

    external_id: str
    customer_id: str
    salutation: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    designation: str = ""
    department: str = ""
    is_primary: bool = False
    may_be_emailed: bool = True
    modified_at: datetime | None = None


class CustomerRecord(NamedTuple):
    external_id: str
    name: str
    company_name: str = ""
    status: str = "active"
    """`active` or `inactive` (archived in the books)."""
    currency: str = ""
    language: str = ""
    email: str = ""
    """Address of the primary person as the list shows it."""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    mobile: str = ""
    website: str = ""
    payment_terms_days: int | None = None
    payment_terms_label: str = ""
    outstanding: Decimal = Decimal(0)
    """What the source itself says is outstanding, in the customer's currency: for comparison only."""
    unused_credits: Decimal = Decimal(0)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    billing_address: Address | None = None
    """None when the source's list does not carry it."""
    notes: str | None = None
    persons: tuple[PersonRecord, ...] | None = None
    """None when the source's list does not carry them; an empty tuple means the customer has none."""
    opening_balance: Decimal | None = None
    """Owed from before the books began, without an invoice; None when the source's list does not say."""
    source_reminds: bool | None = None
    """The books send reminders of their own to this customer; None when the source's list does not say."""
    extra: Mapping[str, Any] = {}
    problems: tuple[str, ...] = ()
    """Sentences about persons that could not be read: then `persons` are not all, and who is missing is not gone."""


class InvoiceRecord(NamedTuple):
    external_id: str
    number: str
    customer_id: str
    customer_name: str
    status: str
    """`open`, `draft`, `void`, `written_off` or `paid` (overdue is a matter of dates, not a status)."""
    source_status: str
    """The word the source uses."""
    issue_date: date | None
    due_date: date | None
    total: Decimal
    balance: Decimal
    currency: str
    rate: Decimal = Decimal(1)
    """Base currency for one unit of the invoice's currency."""
    reference: str = ""
    project: str = ""
    salesperson: str = ""
    written_off: Decimal = Decimal(0)
    expected_payment_date: date | None = None
    payment_pending: bool = False
    """An online payment or direct debit is under way."""
    link: str = ""
    """Where the customer can see and pay it; changes between calls, so never compared."""
    source_reminders_sent: int = 0
    source_last_reminder_date: date | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    billing_address: Address | None = None
    extra: Mapping[str, Any] = {}


class RecipientRecord(NamedTuple):
    """A person whom the books name as recipient of one invoice."""

    person_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""


class LineRecord(NamedTuple):
    """One line of an invoice; the amount is without tax unless the books keep prices with tax."""

    name: str
    description: str = ""
    quantity: Decimal = Decimal(0)
    unit: str = ""
    price: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


class InvoiceDetailRecord(NamedTuple):
    """One invoice with what only a call of its own tells."""

    invoice: InvoiceRecord
    recipients: tuple[RecipientRecord, ...] = ()
    lines: tuple[LineRecord, ...] = ()
    source_reminds: bool = False
    """The books send reminders of their own for it: chasing it here as well would double them."""
    payment_made: Decimal = Decimal(0)
    credits_applied: Decimal = Decimal(0)
    notes: str = ""


class AllocationRecord(NamedTuple):
    """The part of a payment or credit note that settles one invoice."""

    invoice_id: str
    amount: Decimal


class PaymentRecord(NamedTuple):
    external_id: str
    number: str
    customer_id: str
    payment_date: date | None
    amount: Decimal
    unused: Decimal
    currency: str
    """Empty when the source's list does not say; then the customer's."""
    mode: str = ""
    reference: str = ""
    status: str = ""
    invoice_numbers: tuple[str, ...] = ()
    allocations: tuple[AllocationRecord, ...] | None = None
    """None when the list does not say how the amount is split; then a detail call does."""
    created_at: datetime | None = None
    modified_at: datetime | None = None
    extra: Mapping[str, Any] = {}
    tax_withheld: Decimal = Decimal(0)
    """Tax that the customer kept back: it settles invoices as well, beside `amount`."""


class CreditNoteRecord(NamedTuple):
    external_id: str
    number: str
    customer_id: str
    status: str
    """`open`, `closed`, `draft` or `void`."""
    issue_date: date | None
    total: Decimal
    balance: Decimal
    """Not yet applied."""
    currency: str
    rate: Decimal = Decimal(1)
    reference: str = ""
    created_at: datetime | None = None
    modified_at: datetime | None = None
    extra: Mapping[str, Any] = {}
