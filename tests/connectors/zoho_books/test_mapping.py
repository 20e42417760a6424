"""From recorded shapes to records, through the real decoding."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dunright.connectors.zoho_books import mapping, wire
from dunright.connectors.zoho_books.rows import decode_row
from dunright.domain.records import (
    Address,
    AllocationRecord,
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    OrganisationRecord,
    PaymentRecord,
    PersonRecord,
)
from tests.connectors.zoho_books import shapes
from tests.connectors.zoho_books.shapes import row

HARBOUR = Address("Accounts", "Kai 4", "", "Hamburg", "", "20457", "Germany", "")


def invoice(**changes):
    return mapping.invoice(decoded(row(shapes.INVOICE, **changes), wire.InvoiceRow, "invoice_id"))


def customer(**changes):
    return mapping.customer(decoded(row(shapes.CUSTOMER, **changes), wire.CustomerRow, "contact_id"))


def decoded(shape, kind, id_field):
    return decode_row(json.dumps(shape).encode(), kind, id_field)


def test_invoice_of_the_list():
    assert invoice() == InvoiceRecord(
        external_id="471900000000103001",
        number="INV-000231",
        customer_id="471900000000091005",
        customer_name="Harbour Foods",
        status="open",
        source_status="overdue",
        issue_date=date(2026, 5, 2),
        due_date=date(2026, 6, 1),
        total=Decimal("1890.5"),
        balance=Decimal("1390.5"),
        currency="EUR",
        rate=Decimal(1),
        reference="PO-7781",
        link="https://zohosecurepay.com/books/northwindparts/secure?CInvoiceID=2-1f",
        source_reminders_sent=1,
        source_last_reminder_date=date(2026, 6, 3),
        created_at=datetime(2026, 5, 2, 8, 30, tzinfo=UTC),
        modified_at=datetime(2026, 6, 3, 15, 40, 9, tzinfo=UTC),
        billing_address=HARBOUR,
        extra={
            "email": "jana.krol@harbour.example",
            "is_emailed": True,
            "is_viewed": True,
            "last_payment_date": "2026-05-28",
        },
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "sent"}, "open"),
        ({"status": "viewed"}, "open"),
        ({"status": "overdue"}, "open"),
        ({"status": "partially_paid"}, "open"),
        ({"status": "unpaid"}, "open"),
        ({"status": "draft"}, "draft"),
        ({"status": "scheduled"}, "draft"),
        ({"status": "pending_approval"}, "draft"),
        ({"status": "approved"}, "draft"),
        ({"status": "rejected"}, "draft"),
        ({"status": "void"}, "void"),
        ({"status": "paid", "balance": 0}, "paid"),
        ({"status": "paid", "balance": 0, "write_off_amount": 12.5}, "written_off"),
        ({"status": "overdue", "balance": 0, "write_off_amount": 12.5}, "written_off"),
        ({"status": "overdue", "balance": 5, "write_off_amount": 12.5}, "open"),
        ({"status": "sent", "balance": 0}, "paid"),
        ({"status": "void", "balance": ""}, "void"),
    ],
)
def test_status_follows_the_word_and_the_balance(changes, status):
    assert invoice(**changes).status == status


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exchange_rate": ""}, {"rate": Decimal(1)}),
        ({"exchange_rate": 0}, {"rate": Decimal(1)}),
        ({"exchange_rate": 1e-30}, {"rate": Decimal(1)}),
        ({"exchange_rate": 1.17000000000001}, {"rate": Decimal("1.1700000000")}),
        ({"write_off_amount": ""}, {"written_off": Decimal(0)}),
        ({"balance": 149.97000000000003}, {"balance": Decimal("149.9700")}),
        ({"balance": "149.97"}, {"balance": Decimal("149.97")}),
        ({"balance": 598}, {"balance": Decimal(598)}),
        ({"due_date": ""}, {"due_date": None}),
        ({"due_date": ...}, {"due_date": None}),
        ({"due_date": None}, {"due_date": None}),
        ({"payment_expected_date": "0000-00-00"}, {"expected_payment_date": None}),
        ({"payment_expected_date": "2026-06-20"}, {"expected_payment_date": date(2026, 6, 20)}),
        ({"ach_payment_initiated": True}, {"payment_pending": True}),
        ({"unprocessed_payment_amount": 10}, {"payment_pending": True}),
        ({"invoice_url": ...}, {"link": ""}),
        ({"invoice_url": "javascript:alert(1)"}, {"link": ""}),
        ({"invoice_url": "https://x.example/\r\nBcc: y"}, {"link": ""}),
        ({"reminders_sent": -3}, {"source_reminders_sent": 0}),
        ({"reminders_sent": ""}, {"source_reminders_sent": 0}),
        (
            {"last_modified_time": "2026-11-03T16:40:09-0500"},
            {"modified_at": datetime(2026, 11, 3, 21, 40, 9, tzinfo=UTC)},
        ),
        ({"last_modified_time": "soon"}, {"modified_at": None}),
        ({"last_modified_time": "2026-11-03T16:40:09"}, {"modified_at": None}),
        ({"last_modified_time": ""}, {"modified_at": datetime(2026, 6, 3, 15, 40, 9, tzinfo=UTC)}),
        ({"billing_address": ...}, {"billing_address": None}),
        (
            {"billing_address": {"street": "Kai 5", "zip": "1", "city": None}},
            {"billing_address": Address(street="Kai 5", postcode="1")},
        ),
        ({"customer_name": " Harbour\r\nBcc: x\tFoods "}, {"customer_name": "Harbour Bcc: x Foods"}),
        ({"customer_name": "a\x00b"}, {"customer_name": "ab"}),
        ({"customer_name": "back\\u0000slash"}, {"customer_name": "back\\u0000slash"}),
        ({"customer_name": "<b>&"}, {"customer_name": "<b>&"}),
        ({"customer_name": "x" * 9000}, {"customer_name": "x" * 250}),
        ({"customer_name": ["x"]}, {"customer_name": ""}),
        ({"invoice_number": 231}, {"number": "231"}),
        ({"invoice_id": 471900000000103001}, {"external_id": "471900000000103001"}),
        ({"currency_code": "eur"}, {"currency": "EUR"}),
        (
            {"is_emailed": "yes", "custom_field_hash": {"cf_x": 1.5}, "tags": [{"tag_id": "1"}]},
            {
                "extra": {
                    "email": "jana.krol@harbour.example",
                    "is_viewed": True,
                    "last_payment_date": "2026-05-28",
                    "custom_fields": {"cf_x": 1.5},
                    "tags": [{"tag_id": "1"}],
                }
            },
        ),
        (
            {"custom_fields": [{"label": "PO\x00", "value": "7"}], "current_sub_status": "in_court"},
            {
                "extra": {
                    "email": "jana.krol@harbour.example",
                    "is_viewed": True,
                    "is_emailed": True,
                    "last_payment_date": "2026-05-28",
                    "sub_status": "in_court",
                    "custom_fields": [{"label": "PO", "value": "7"}],
                }
            },
        ),
    ],
)
def test_odd_values_of_an_invoice(changes, expected):
    assert {name: getattr(invoice(**changes), name) for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "frozen"}, "its status “frozen” is unknown"),
        ({"status": ""}, "its status “” is unknown"),
        ({"total": ...}, "it has no total"),
        ({"balance": ""}, "it has no balance"),
        ({"balance": "much"}, "its balance “much” is no number"),
        ({"balance": True}, "its balance “True” is no number"),
        ({"balance": {}}, "its balance “{}” is no number"),
        ({"balance": 10**12}, "its balance “1000000000000” cannot be right"),
        ({"balance": float("1e300")}, "its balance “1E+300” cannot be right"),
        ({"balance": "NaN"}, "its balance “NaN” is no number"),
        ({"total": "-1e999999999"}, "its total “-1E+999999999” cannot be right"),
        ({"due_date": "2026-02-30"}, "its due date “2026-02-30” is no date"),
        ({"due_date": "0001-01-01"}, "its due date 0001-01-01 cannot be right"),
        ({"due_date": "9999-12-31"}, "its due date 9999-12-31 cannot be right"),
        ({"date": "02/05/2026"}, "its date “02/05/2026” is no date"),
        ({"currency_code": ""}, "its currency “” is no currency code"),
        ({"currency_code": "EURO"}, "its currency “EURO” is no currency code"),
        ({"customer_id": ""}, "it has no customer"),
        ({"customer_id": "9" * 100}, "it has no customer"),
    ],
)
def test_invoice_that_cannot_be_believed(changes, reason):
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        invoice(**changes)


@pytest.mark.parametrize("value", ["9" * 65, "", None, {}, ...])
def test_row_without_a_usable_id(value):
    with pytest.raises(ValueError, match=r"^it has no (usable )?id$"):
        invoice(invoice_id=value)


def test_customer_of_the_list():
    assert customer() == CustomerRecord(
        external_id="471900000000091005",
        name="Harbour Foods",
        company_name="Harbour Foods GmbH",
        status="active",
        currency="EUR",
        email="jana.krol@harbour.example",
        first_name="Jana",
        last_name="Krol",
        phone="+49 40 555 0100",
        payment_terms_days=30,
        payment_terms_label="Net 30",
        outstanding=Decimal("1890.5"),
        unused_credits=Decimal(120),
        created_at=datetime(2026, 1, 12, 10, 2, 11, tzinfo=UTC),
        modified_at=datetime(2026, 6, 3, 15, 40, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"payment_terms": -3, "payment_terms_label": "Due end of next month"},
            {"payment_terms_days": None, "payment_terms_label": "Due end of next month"},
        ),
        ({"payment_terms": ""}, {"payment_terms_days": None}),
        ({"payment_terms": 0}, {"payment_terms_days": 0}),
        ({"payment_terms": 10.5}, {"payment_terms_days": None}),
        ({"status": "inactive"}, {"status": "inactive"}),
        ({"status": "duplicate"}, {"status": "inactive"}),
        ({"contact_name": ""}, {"name": "Harbour Foods GmbH"}),
        ({"outstanding_receivable_amount": ""}, {"outstanding": Decimal(0)}),
        ({"currency_code": ...}, {"currency": ""}),
        ({"email": "x" * 300}, {"email": ""}),
    ],
)
def test_odd_values_of_a_customer(changes, expected):
    assert {name: getattr(customer(**changes), name) for name in expected} == expected


def test_vendor_is_no_customer():
    assert customer(contact_type="vendor", outstanding_receivable_amount="rubbish") is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"communication_preference": ...}, True),
        ({"communication_preference": {"is_sms_enabled": True}}, True),
        ({"communication_preference": {"is_email_enabled": False}}, False),
        ({"communication_preference": ""}, True),
    ],
)
def test_person_may_be_emailed_unless_the_books_say_no(changes, expected):
    person = mapping.person(decoded(row(shapes.PERSON, **changes), wire.PersonRow, "contact_person_id"), "9")
    assert person == PersonRecord(
        external_id="471900000000091007",
        customer_id="9",
        salutation="Ms",
        first_name="Jana",
        last_name="Krol",
        email="jana.krol@harbour.example",
        phone="+49 40 555 0100",
        designation="Head of Accounts",
        department="Finance",
        is_primary=True,
        may_be_emailed=expected,
    )


PAYMENT = PaymentRecord(
    external_id="471900000000114002",
    number="42",
    customer_id="471900000000091005",
    payment_date=date(2026, 5, 28),
    amount=Decimal(700),
    unused=Decimal(0),
    currency="",
    mode="Bank Transfer",
    reference="SEPA 8812",
    status="paid",
    invoice_numbers=("INV-000231", "INV-000244"),
    created_at=datetime(2026, 5, 28, 10, 0, 4, tzinfo=UTC),
    modified_at=datetime(2026, 5, 28, 10, 0, 4, tzinfo=UTC),
    extra={"type": "Invoice Payment"},
)


def test_payment_of_the_list_has_no_currency_and_no_split():
    assert mapping.payment(decoded(shapes.PAYMENT, wire.PaymentRow, "payment_id")) == PAYMENT


def test_payment_detail_adds_the_split_with_withheld_tax():
    found = decoded(shapes.PAYMENT_DETAIL, wire.PaymentDetail, "payment_id")
    applied = [decode_row(bytes(raw), wire.AppliedRow, "invoice_id") for raw in found.invoices]
    assert mapping.payment_detail(found, applied) == PAYMENT._replace(
        currency="EUR",
        allocations=(AllocationRecord("1031", Decimal(500)), AllocationRecord("1044", Decimal(200))),
    )


def test_credit_note_of_the_list():
    assert mapping.credit_note(
        decoded(shapes.CREDIT_NOTE, wire.CreditNoteRow, "creditnote_id")
    ) == CreditNoteRecord(
        external_id="471900000000120001",
        number="CN-00003",
        customer_id="471900000000091005",
        status="open",
        issue_date=date(2026, 5, 30),
        total=Decimal(240),
        balance=Decimal(120),
        currency="EUR",
        created_at=datetime(2026, 5, 30, 9, 0, tzinfo=UTC),
        modified_at=datetime(2026, 5, 30, 9, 0, tzinfo=UTC),
    )


def test_currency_of_the_list():
    assert mapping.currency(decoded(shapes.CURRENCY, wire.CurrencyRow, "currency_id")) == CurrencyRecord(
        external_id="471900000000000101",
        code="USD",
        symbol="$",
        precision=2,
        rate=Decimal("0.92"),
        is_base=False,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"org_settings": {"is_org_active": False}}, {"active": False}),
        ({"org_settings": ..., "is_org_active": False}, {"active": False}),
        ({"org_settings": ...}, {}),
        ({"country_code": ...}, {"country": ""}),
        ({"time_zone": "PST"}, {"timezone": "PST"}),
        ({"fiscal_year_start_month": "april"}, {}),
    ],
)
def test_organisation_of_the_list(changes, expected):
    record = OrganisationRecord(
        external_id="60001234567",
        name="Northwind Parts Ltd",
        country="IE",
        timezone="Europe/Dublin",
        currency="EUR",
        language="en",
        plan="Professional",
        active=True,
        is_default=True,
    )
    found = mapping.organisation(
        decoded(row(shapes.ORGANISATION, **changes), wire.OrganisationRow, "organization_id")
    )
    assert found == record._replace(**expected)
