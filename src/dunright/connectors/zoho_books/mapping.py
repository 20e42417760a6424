"""From rows to records: no I/O. Each raises `ValueError`, with the reason, for a row not to be believed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from dunright.connectors.zoho_books import values as v
from dunright.connectors.zoho_books import wire
from dunright.domain.records import (
    Address,
    AllocationRecord,
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    LineRecord,
    OrganisationRecord,
    PaymentRecord,
    PersonRecord,
    RecipientRecord,
)

INVOICE_STATUS = {
    "sent": "open",
    "viewed": "open",
    "overdue": "open",
    "partially_paid": "open",
    "unpaid": "open",
    "draft": "draft",
    # Written, but not yet with the customer: nothing to chase.
    "scheduled": "draft",
    "pending_approval": "draft",
    "approved": "draft",
    "rejected": "draft",
    "void": "void",
    "paid": "paid",
}
CREDIT_NOTE_STATUS = {
    "open": "open",
    "closed": "closed",
    "draft": "draft",
    "pending_approval": "draft",
    "approved": "draft",
    "rejected": "draft",
    "void": "void",
}
ALPHA_2 = 2


def invoice(row: wire.InvoiceRow) -> InvoiceRecord:
    """Map a row of the list or the head of a detail (zoho-books-api.md section 7.1)."""
    source_status = row.status or ""
    status = INVOICE_STATUS.get(source_status)
    if status is None:
        raise ValueError(f"its status “{v.shown(source_status)}” is unknown")
    total = v.needed_amount(row.total, "total")
    # What is not open may lack a balance; of what is open it is the very thing that is chased.
    balance = (
        v.needed_amount(row.balance, "balance") if status == "open" else v.amount(row.balance, "balance")
    )
    written_off = v.amount(row.write_off_amount, "write-off")
    if written_off > 0 and balance == 0 and status in {"open", "paid"}:
        status = "written_off"
    elif status == "open" and balance <= 0:
        status = "paid"
    return InvoiceRecord(
        external_id=v.needed_id(row.invoice_id, "id"),
        number=v.line(row.invoice_number),
        customer_id=v.needed_id(row.customer_id, "customer"),
        customer_name=v.line(row.customer_name),
        status=status,
        source_status=source_status,
        issue_date=v.day(row.date, "date"),
        due_date=v.day(row.due_date, "due date"),
        total=total,
        balance=balance,
        currency=v.currency(row.currency_code),
        rate=v.rate(row.exchange_rate),
        reference=v.line(row.reference_number),
        project=v.line(row.project_name),
        salesperson=v.line(row.salesperson_name),
        written_off=written_off,
        expected_payment_date=v.day_or_none(row.payment_expected_date),
        payment_pending=bool(row.ach_payment_initiated)
        or v.amount(row.unprocessed_payment_amount, "payment") > 0,
        link=_link(row.invoice_url),
        source_reminders_sent=v.whole(row.reminders_sent) or 0,
        source_last_reminder_date=v.day_or_none(row.last_reminder_sent_date),
        created_at=v.moment(row.created_time),
        modified_at=v.moment(row.last_modified_time or row.updated_time),
        billing_address=_address(row.billing_address),
        extra=_extra(
            row,
            email=row.email,
            type=row.type,
            sub_status="" if row.current_sub_status == source_status else row.current_sub_status,
            is_emailed=row.is_emailed,
            is_viewed=row.is_viewed_by_client,
            last_payment_date=row.last_payment_date,
        ),
    )


def open_invoice(row: wire.InvoiceRow) -> InvoiceRecord | None:
    """Map a row when there is something to pay; None for the others, however odd their values are."""
    if INVOICE_STATUS.get(row.status or "") in {"draft", "void", "paid"}:
        return None
    record = invoice(row)
    return record if record.status == "open" else None


def customer(row: wire.CustomerRow) -> CustomerRecord | None:
    """Map a row of the contact list (section 6.1); None for a contact that is no customer."""
    if row.contact_type not in {"customer", "", None}:
        return None
    return CustomerRecord(
        external_id=v.needed_id(row.contact_id, "id"),
        name=v.line(row.contact_name) or v.line(row.company_name),
        company_name=v.line(row.company_name),
        status="active" if row.status in {"active", "", None} else "inactive",
        currency=v.currency_or_empty(row.currency_code),
        language=v.line(row.language_code),
        email=v.line(row.email),
        first_name=v.line(row.first_name),
        last_name=v.line(row.last_name),
        phone=v.line(row.phone),
        mobile=v.line(row.mobile),
        website=v.line(row.website),
        # Negative numbers are codes for rules such as "end of next month": the label tells them.
        payment_terms_days=v.whole(row.payment_terms, None),
        payment_terms_label=v.line(row.payment_terms_label),
        outstanding=v.amount(row.outstanding_receivable_amount, "outstanding amount"),
        unused_credits=v.amount(row.unused_credits_receivable_amount, "unused credits"),
        created_at=v.moment(row.created_time),
        modified_at=v.moment(row.last_modified_time),
        extra=_extra(row),
    )


def customer_detail(row: wire.CustomerDetail, persons: tuple[PersonRecord, ...]) -> CustomerRecord | None:
    """Map the detail of a contact (section 6.2) with its persons."""
    record = customer(row)
    if record is None:
        return None
    return record._replace(
        billing_address=_address(row.billing_address),
        notes=row.notes or "",
        persons=persons,
        opening_balance=v.amount(row.outstanding_ob_receivable_amount, "opening balance"),
        source_reminds=row.payment_reminder_enabled,
    )


def person(row: wire.PersonRow, customer_id: str = "") -> PersonRecord:
    """Map a contact person of the bulk list or of a customer's detail (sections 6.2, 6.3)."""
    preference = row.communication_preference
    return PersonRecord(
        external_id=v.needed_id(row.contact_person_id, "id"),
        customer_id=v.needed_id(row.contact_id or customer_id, "customer"),
        salutation=v.line(row.salutation),
        first_name=v.line(row.first_name),
        last_name=v.line(row.last_name),
        email=v.line(row.email),
        phone=v.line(row.phone),
        mobile=v.line(row.mobile),
        designation=v.line(row.designation),
        department=v.line(row.department),
        is_primary=bool(row.is_primary_contact),
        may_be_emailed=preference is None or preference.is_email_enabled is not False,
        modified_at=v.moment(row.last_modified_time or row.updated_time),
    )


def payment(row: wire.PaymentRow) -> PaymentRecord:
    """Map a row of the payment list (section 8): without currency and without its split."""
    return PaymentRecord(
        external_id=v.needed_id(row.payment_id, "id"),
        number=v.line(row.payment_number),
        customer_id=v.needed_id(row.customer_id, "customer"),
        payment_date=v.day(row.date, "date"),
        amount=v.needed_amount(row.amount, "amount"),
        unused=v.amount(row.unused_amount, "unused amount"),
        currency=v.currency_or_empty(row.currency_code),
        mode=v.line(row.payment_mode),
        reference=v.line(row.reference_number),
        status=v.line(row.payment_status),
        invoice_numbers=tuple(
            number for part in (row.invoice_numbers or "").split(",") if (number := part.strip())
        ),
        created_at=v.moment(row.created_time),
        modified_at=v.moment(row.last_modified_time),
        tax_withheld=v.amount(row.tax_amount_withheld, "withheld tax"),
        extra=_extra(row, type=row.payment_type, description=row.description),
    )


def payment_detail(row: wire.PaymentDetail, applied: list[wire.AppliedRow]) -> PaymentRecord:
    """Map the detail of a payment with its allocations. Tax that a customer withheld settles the invoice as well."""
    record = payment(row)
    return record._replace(
        allocations=tuple(
            AllocationRecord(
                v.needed_id(part.invoice_id, "invoice"),
                v.needed_amount(part.amount_applied, "applied amount")
                + v.amount(part.tax_amount_withheld, "withheld tax"),
            )
            for part in applied
        ),
        invoice_numbers=record.invoice_numbers
        or tuple(v.line(part.invoice_number) for part in applied if part.invoice_number),
        modified_at=record.modified_at or v.moment(row.updated_time),
    )


def credit_note(row: wire.CreditNoteRow) -> CreditNoteRecord:
    """Map a row of the credit-note list (section 9)."""
    status = CREDIT_NOTE_STATUS.get(row.status or "")
    if status is None:
        raise ValueError(f"its status “{v.shown(row.status)}” is unknown")
    return CreditNoteRecord(
        external_id=v.needed_id(row.creditnote_id, "id"),
        number=v.line(row.creditnote_number),
        customer_id=v.needed_id(row.customer_id, "customer"),
        status=status,
        issue_date=v.day(row.date, "date"),
        total=v.needed_amount(row.total, "total"),
        balance=v.amount(row.balance, "balance"),
        currency=v.currency(row.currency_code),
        rate=v.rate(row.exchange_rate),
        reference=v.line(row.reference_number),
        created_at=v.moment(row.created_time),
        modified_at=v.moment(row.last_modified_time),
        extra=_extra(row),
    )


def currency(row: wire.CurrencyRow) -> CurrencyRecord:
    """Map a row of the currency list (section 9)."""
    precision = v.whole(row.price_precision, 2)
    return CurrencyRecord(
        external_id=v.needed_id(row.currency_id, "id"),
        code=v.currency(row.currency_code),
        symbol=v.line(row.currency_symbol),
        precision=2 if precision is None else min(precision, 4),
        rate=v.rate(row.exchange_rate),
        is_base=bool(row.is_base_currency),
    )


def organisation(row: wire.OrganisationRow) -> OrganisationRecord:
    """Map a row of the organisation list (section 5)."""
    settings_say = row.org_settings.is_org_active if row.org_settings else None
    country = (row.country_code or "").strip().upper()
    return OrganisationRecord(
        external_id=v.needed_id(row.organization_id, "id"),
        name=v.line(row.name),
        country=country if len(country) == ALPHA_2 and country.isascii() and country.isalpha() else "",
        timezone=v.line(row.time_zone),
        currency=v.currency_or_empty(row.currency_code),
        language=v.line(row.language_code),
        plan=v.line(row.plan_name),
        active=row.is_org_active is not False and settings_say is not False,
        is_default=bool(row.is_default_org),
    )


def recipient(row: wire.RecipientRow) -> RecipientRecord:
    """Map a person whom an invoice names as its recipient (section 7.2)."""
    return RecipientRecord(
        person_id=v.needed_id(row.contact_person_id, "id"),
        first_name=v.line(row.first_name),
        last_name=v.line(row.last_name),
        email=v.line(row.contact_person_email or row.email),
        phone=v.line(row.phone),
        mobile=v.line(row.mobile),
    )


def invoice_line(row: wire.LineRow) -> LineRecord:
    """Map a line of an invoice (section 7.2)."""
    return LineRecord(
        name=v.line(row.name),
        description=row.description or "",
        quantity=v.amount(row.quantity, "quantity"),
        unit=v.line(row.unit),
        price=v.amount(row.rate, "price"),
        amount=v.amount(row.item_total, "amount"),
    )


def _link(text: str | None) -> str:
    """Return the payment link without the blank that Zoho leaves at its end; nothing but a web address counts."""
    link = (text or "").strip()
    return link if link.startswith(("https://", "http://")) and link.isprintable() and " " not in link else ""


@lru_cache(maxsize=1024)
def _address(row: wire.AddressRow | None) -> Address | None:
    """Return an address, all parts empty when that is what the row says; None when the row carries none."""
    if row is None:
        return None
    return Address(
        attention=v.line(row.attention),
        street=(row.address or row.street or "").strip(),
        street2=(row.street2 or "").strip(),
        city=v.line(row.city),
        state=v.line(row.state),
        postcode=v.line(row.zipcode or row.zip),
        country=v.line(row.country),
        phone=v.line(row.phone),
    )


def _extra(row: Any, **more: object) -> Mapping[str, Any]:
    """Keep what no field holds: custom fields, tags and `more`, where they say anything."""
    fields = v.plain(row.custom_field_hash) or v.plain(row.custom_fields)
    return _present(custom_fields=fields, tags=v.plain(row.tags), **more)


def _present(**found: object) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in (None, "")}
