"""The rows of Zoho's answers as typed structs: decoded once, in C, with lengths checked on the way.

Numbers are `Any`, since Zoho writes `""` where it has none; `mapping` reads them. What no struct names is
ignored. A page in which one row does not fit is decoded again row by row (`rows.py`), so a rare odd row costs
time, not the page.
"""

from typing import Annotated, Any

import msgspec

Id = Annotated[str, msgspec.Meta(max_length=64)]
"""Never cut: two ids with one beginning are two records."""
Upto10 = Annotated[str, msgspec.Meta(max_length=10)] | None
Upto30 = Annotated[str, msgspec.Meta(max_length=30)] | None
Upto60 = Annotated[str, msgspec.Meta(max_length=60)] | None
Upto100 = Annotated[str, msgspec.Meta(max_length=100)] | None
Upto150 = Annotated[str, msgspec.Meta(max_length=150)] | None
Upto200 = Annotated[str, msgspec.Meta(max_length=200)] | None
Upto250 = Annotated[str, msgspec.Meta(max_length=250)] | None
Upto1000 = Annotated[str, msgspec.Meta(max_length=1_000)] | None
Upto10000 = Annotated[str, msgspec.Meta(max_length=10_000)] | None
"""Longer text is cut, except links and e-mail addresses, which are dropped: half of one is worse than none."""
Flag = bool | None
Number = Any

NOTHING = msgspec.Raw(b"null")


class PageContext(msgspec.Struct):
    has_more_page: Flag = None
    sort_column: Upto100 = ""
    sort_order: Upto100 = ""


class AddressRow(msgspec.Struct, frozen=True):
    """Lists say `address` and `zipcode`, details `street` and `zip`, too."""

    attention: Upto250 = ""
    address: Upto10000 = ""
    street: Upto10000 = ""
    street2: Upto10000 = ""
    city: Upto250 = ""
    state: Upto250 = ""
    zip: Upto100 = ""
    zipcode: Upto100 = ""
    country: Upto250 = ""
    phone: Upto60 = ""


class Preference(msgspec.Struct):
    is_email_enabled: Flag = None


class PersonRow(msgspec.Struct):
    contact_person_id: Id = ""
    contact_id: Id = ""
    salutation: Upto30 = ""
    first_name: Upto150 = ""
    last_name: Upto150 = ""
    email: Upto250 = ""
    phone: Upto60 = ""
    mobile: Upto60 = ""
    designation: Upto150 = ""
    department: Upto150 = ""
    is_primary_contact: Flag = False
    communication_preference: Preference | None = None
    updated_time: Upto30 = ""
    last_modified_time: Upto30 = ""


class CustomerRow(msgspec.Struct):
    contact_id: Id = ""
    contact_type: Upto100 = ""
    contact_name: Upto250 = ""
    company_name: Upto250 = ""
    status: Upto30 = ""
    currency_code: Upto10 = ""
    language_code: Upto10 = ""
    email: Upto250 = ""
    first_name: Upto150 = ""
    last_name: Upto150 = ""
    phone: Upto60 = ""
    mobile: Upto60 = ""
    website: Upto250 = ""
    payment_terms: Number = None
    payment_terms_label: Upto100 = ""
    outstanding_receivable_amount: Number = None
    unused_credits_receivable_amount: Number = None
    created_time: Upto30 = ""
    last_modified_time: Upto30 = ""
    custom_field_hash: msgspec.Raw = NOTHING
    custom_fields: msgspec.Raw = NOTHING
    tags: msgspec.Raw = NOTHING


class CustomerDetail(CustomerRow):
    contact_persons: list[msgspec.Raw] | None = None
    billing_address: AddressRow | None = None
    notes: Upto10000 = ""
    payment_reminder_enabled: Flag = None
    outstanding_ob_receivable_amount: Number = None


class InvoiceRow(msgspec.Struct):
    invoice_id: Id = ""
    invoice_number: Upto100 = ""
    customer_id: Id = ""
    customer_name: Upto250 = ""
    status: Upto30 = ""
    date: Upto30 = ""
    due_date: Upto30 = ""
    total: Number = None
    balance: Number = None
    currency_code: Upto10 = ""
    exchange_rate: Number = None
    reference_number: Upto200 = ""
    project_name: Upto200 = ""
    salesperson_name: Upto200 = ""
    write_off_amount: Number = None
    payment_expected_date: Upto30 = ""
    ach_payment_initiated: Flag = False
    unprocessed_payment_amount: Number = None
    invoice_url: Upto1000 = ""
    reminders_sent: Number = None
    last_reminder_sent_date: Upto30 = ""
    created_time: Upto30 = ""
    last_modified_time: Upto30 = ""
    updated_time: Upto30 = ""
    billing_address: AddressRow | None = None
    email: Upto250 = ""
    type: Upto100 = ""
    current_sub_status: Upto100 = ""
    is_emailed: Flag = None
    is_viewed_by_client: Flag = None
    last_payment_date: Upto30 = ""
    custom_field_hash: msgspec.Raw = NOTHING
    custom_fields: msgspec.Raw = NOTHING
    tags: msgspec.Raw = NOTHING


class LineRow(msgspec.Struct):
    name: Upto250 = ""
    description: Upto10000 = ""
    quantity: Number = None
    unit: Upto100 = ""
    rate: Number = None
    item_total: Number = None


class RecipientRow(msgspec.Struct):
    contact_person_id: Id = ""
    first_name: Upto150 = ""
    last_name: Upto150 = ""
    contact_person_email: Upto250 = ""
    email: Upto250 = ""
    phone: Upto60 = ""
    mobile: Upto60 = ""


class InvoiceDetail(InvoiceRow):
    line_items: list[msgspec.Raw] | None = None
    contact_persons_associated: list[msgspec.Raw] | None = None
    contact_persons_details: list[msgspec.Raw] | None = None
    payment_reminder_enabled: Flag = None
    payment_made: Number = None
    credits_applied: Number = None
    notes: Upto10000 = ""


class AppliedRow(msgspec.Struct):
    invoice_id: Id = ""
    invoice_number: Upto100 = ""
    amount_applied: Number = None
    tax_amount_withheld: Number = None


class PaymentRow(msgspec.Struct):
    payment_id: Id = ""
    payment_number: Upto100 = ""
    invoice_numbers: Upto10000 = ""
    date: Upto30 = ""
    payment_mode: Upto60 = ""
    amount: Number = None
    unused_amount: Number = None
    reference_number: Upto200 = ""
    customer_id: Id = ""
    currency_code: Upto10 = ""
    tax_amount_withheld: Number = None
    payment_type: Upto60 = ""
    payment_status: Upto30 = ""
    description: Upto10000 = ""
    created_time: Upto30 = ""
    last_modified_time: Upto30 = ""
    custom_field_hash: msgspec.Raw = NOTHING
    custom_fields: msgspec.Raw = NOTHING
    tags: msgspec.Raw = NOTHING


class PaymentDetail(PaymentRow):
    invoices: list[msgspec.Raw] | None = None
    updated_time: Upto30 = ""


class CreditNoteRow(msgspec.Struct):
    creditnote_id: Id = ""
    creditnote_number: Upto100 = ""
    customer_id: Id = ""
    status: Upto30 = ""
    date: Upto30 = ""
    total: Number = None
    balance: Number = None
    currency_code: Upto10 = ""
    exchange_rate: Number = None
    reference_number: Upto200 = ""
    created_time: Upto30 = ""
    last_modified_time: Upto30 = ""
    custom_field_hash: msgspec.Raw = NOTHING
    custom_fields: msgspec.Raw = NOTHING
    tags: msgspec.Raw = NOTHING


class CurrencyRow(msgspec.Struct):
    currency_id: Id = ""
    currency_code: Upto10 = ""
    currency_symbol: Upto10 = ""
    price_precision: Number = None
    exchange_rate: Number = None
    is_base_currency: Flag = False


class OrganisationSettings(msgspec.Struct):
    is_org_active: Flag = None


class OrganisationRow(msgspec.Struct):
    organization_id: Id = ""
    name: Upto250 = ""
    country_code: Upto100 = ""
    time_zone: Upto100 = ""
    currency_code: Upto10 = ""
    language_code: Upto10 = ""
    plan_name: Upto100 = ""
    is_default_org: Flag = False
    is_org_active: Flag = None
    org_settings: OrganisationSettings | None = None
