"""Answers in the shapes that zoho-books-api.md records, with invented content."""

from copy import deepcopy

ORGANISATION = {
    "organization_id": "60001234567",
    "name": "Northwind Parts Ltd",
    "contact_name": "Ada Moor",
    "email": "ada@northwind.example",
    "is_default_org": True,
    "language_code": "en",
    "fiscal_year_start_month": "1",
    "account_created_date": "2024-03-02",
    "time_zone": "Europe/Dublin",
    "is_dst_active": True,
    "date_format": "dd MMM yyyy",
    "field_separator": " ",
    "currency_id": "471900000000000097",
    "currency_code": "EUR",
    "currency_symbol": "€",
    "price_precision": 2,
    "plan_type": 3,
    "plan_name": "Professional",
    "plan_period": "Month",
    "country_code": "IE",
    "country_name": "Ireland",
    "portal_name": "northwindparts",
    "org_settings": {"is_org_active": True},
}

CUSTOMER = {
    "contact_id": "471900000000091005",
    "contact_name": "Harbour Foods",
    "customer_name": "Harbour Foods",
    "vendor_name": "",
    "company_name": "Harbour Foods GmbH",
    "website": "",
    "language_code": "",
    "contact_type": "customer",
    "status": "active",
    "customer_sub_type": "business",
    "source": "user",
    "is_linked_with_zohocrm": False,
    "payment_terms": 30,
    "payment_terms_id": "471900000000093085",
    "payment_terms_label": "Net 30",
    "currency_id": "471900000000000097",
    "currency_code": "EUR",
    "outstanding_receivable_amount": 1890.5,
    "outstanding_receivable_amount_bcy": 1890.5,
    "unused_credits_receivable_amount": 120,
    "unused_credits_receivable_amount_bcy": 120,
    "first_name": "Jana",
    "last_name": "Krol",
    "email": "jana.krol@harbour.example",
    "phone": "+49 40 555 0100",
    "mobile": "",
    "portal_status": "disabled",
    "track_1099": False,
    "created_time": "2026-01-12T10:02:11+0000",
    "last_modified_time": "2026-06-03T16:40:09+0100",
    "custom_fields": [],
    "custom_field_hash": {},
    "tags": [],
    "has_attachment": False,
}

PERSON = {
    "contact_person_id": "471900000000091007",
    "salutation": "Ms",
    "first_name": "Jana",
    "last_name": "Krol",
    "email": "jana.krol@harbour.example",
    "phone": "+49 40 555 0100",
    "mobile": "",
    "designation": "Head of Accounts",
    "department": "Finance",
    "skype": "",
    "is_primary_contact": True,
    "is_added_in_portal": False,
    "communication_preference": {
        "is_email_enabled": True,
        "is_sms_enabled": False,
        "is_whatsapp_enabled": False,
    },
}

BULK_PERSON = {key: value for key, value in PERSON.items() if key != "communication_preference"} | {
    "contact_id": "471900000000091005",
    "contact_name": "Harbour Foods",
    "created_time": "2026-01-12T10:02:11+0000",
    "updated_time": "2026-06-03T16:40:09+0100",
}

CUSTOMER_DETAIL = CUSTOMER | {
    "contact_persons": [PERSON],
    "primary_contact_id": "471900000000091007",
    "exchange_rate": "",
    "payment_reminder_enabled": True,
    "outstanding_ob_receivable_amount": 0,
    "billing_address": {
        "address_id": "471900000000091009",
        "attention": "Accounts",
        "address": "Kai 4",
        "street2": "",
        "city": "Hamburg",
        "state_code": "",
        "state": "",
        "zip": "20457",
        "country": "Germany",
        "county": "",
        "country_code": "DE",
        "phone": "",
        "fax": "",
    },
    "addresses": [],
    "notes": "Pays by SEPA on Fridays",
}

INVOICE = {
    "ach_payment_initiated": False,
    "invoice_id": "471900000000103001",
    "zcrm_potential_id": "",
    "customer_id": "471900000000091005",
    "customer_name": "Harbour Foods",
    "company_name": "Harbour Foods GmbH",
    "status": "overdue",
    "invoice_number": "INV-000231",
    "reference_number": "PO-7781",
    "date": "2026-05-02",
    "due_date": "2026-06-01",
    "issued_date": "2026-05-02",
    "due_days": "Overdue by 12 days",
    "email": "jana.krol@harbour.example",
    "project_name": "",
    "billing_address": {
        "address": "Kai 4",
        "street2": "",
        "city": "Hamburg",
        "state": "",
        "zipcode": "20457",
        "country": "Germany",
        "phone": "",
        "fax": "",
        "attention": "Accounts",
    },
    "country": "Germany",
    "phone": "",
    "created_by": "Ada Moor",
    "total": 1890.5,
    "balance": 1390.5,
    "payment_expected_date": "",
    "custom_fields": [],
    "custom_field_hash": {},
    "tags": [],
    "salesperson_name": "",
    "shipping_charge": 0,
    "adjustment": 0,
    "created_time": "2026-05-02T09:30:00+0100",
    "last_modified_time": "2026-06-03T16:40:09+0100",
    "updated_time": "2026-06-03T16:40:09+0100",
    "is_viewed_by_client": True,
    "client_viewed_time": "2026-05-03T08:00:12+0100",
    "has_attachment": False,
    "is_emailed": True,
    "current_sub_status_id": "",
    "current_sub_status": "overdue",
    "currency_id": "471900000000000097",
    "schedule_time": "",
    "currency_code": "EUR",
    "currency_symbol": "€",
    "template_type": "standard",
    "invoice_url": "https://zohosecurepay.com/books/northwindparts/secure?CInvoiceID=2-1f ",
    "reminders_sent": 1,
    "last_reminder_sent_date": "2026-06-03",
    "last_payment_date": "2026-05-28",
    "documents": "",
    "salesperson_id": "",
    "write_off_amount": 0,
    "exchange_rate": 1,
    "unprocessed_payment_amount": 0,
}

INVOICE_DETAIL = INVOICE | {
    "payment_reminder_enabled": True,
    "payment_made": 500,
    "credits_applied": 0,
    "line_items": [
        {
            "line_item_id": "1",
            "item_id": "2",
            "name": "Crates",
            "description": "Blue\nstackable",
            "quantity": 2.5,
            "unit": "pcs",
            "rate": 756.2,
            "item_total": 1890.5,
        }
    ],
    "contact_persons": ["471900000000091007"],
    "contact_persons_associated": [
        {
            "contact_person_id": "471900000000091007",
            "contact_person_name": "Jana Krol",
            "first_name": "Jana",
            "last_name": "Krol",
            "contact_person_email": "jana.krol@harbour.example",
            "phone": "+49 40 555 0100",
            "mobile": "",
        }
    ],
    "notes": "Thank you",
}

PAYMENT = {
    "payment_id": "471900000000114002",
    "payment_number": "42",
    "invoice_numbers": "INV-000231, INV-000244",
    "date": "2026-05-28",
    "payment_mode": "Bank Transfer",
    "amount": 700,
    "bcy_amount": 700,
    "unused_amount": 0,
    "account_name": "Undeposited Funds",
    "description": "",
    "reference_number": "SEPA 8812",
    "customer_id": "471900000000091005",
    "customer_name": "Harbour Foods",
    "created_time": "2026-05-28T11:00:04+0100",
    "last_modified_time": "2026-05-28T11:00:04+0100",
    "applied_invoices": [],
    "tags": [],
    "documents": "",
    "tax_amount_withheld": 0,
    "payment_type": "Invoice Payment",
    "payment_status": "paid",
}

PAYMENT_DETAIL = {key: value for key, value in PAYMENT.items() if key != "last_modified_time"} | {
    "currency_code": "EUR",
    "updated_time": "2026-05-28T11:00:04+0100",
    "invoices": [
        {
            "invoice_id": "1031",
            "invoice_number": "INV-000231",
            "amount_applied": 500,
            "tax_amount_withheld": 0,
        },
        {
            "invoice_id": "1044",
            "invoice_number": "INV-000244",
            "amount_applied": 180,
            "tax_amount_withheld": 20,
        },
    ],
}

CREDIT_NOTE = {
    "creditnote_id": "471900000000120001",
    "creditnote_number": "CN-00003",
    "status": "open",
    "reference_number": "",
    "date": "2026-05-30",
    "total": 240,
    "balance": 120,
    "customer_id": "471900000000091005",
    "customer_name": "Harbour Foods",
    "applied_invoices": "",
    "currency_id": "471900000000000097",
    "currency_code": "EUR",
    "exchange_rate": "",
    "created_time": "2026-05-30T10:00:00+0100",
    "last_modified_time": "2026-05-30T10:00:00+0100",
    "salesperson_id": "-1",
    "salesperson_name": "Others",
    "tags": [],
}

CURRENCY = {
    "currency_id": "471900000000000101",
    "currency_code": "USD",
    "currency_name": "USD- US Dollar",
    "currency_symbol": "$",
    "price_precision": 2,
    "currency_format": "1,234,567.89",
    "is_base_currency": False,
    "exchange_rate": 0.92,
    "effective_date": "2026-05-30",
}


def row(shape, **changes):
    """Return a copy of a shape with changes; a value of `...` leaves the key out."""
    changed = deepcopy(shape) | changes
    return {key: value for key, value in changed.items() if value is not ...}


def page(key, rows, *, more=False, sorted_by="", **context):
    """Return a list answer with rows under `key`."""
    return {
        "code": 0,
        "message": "success",
        key: rows,
        "page_context": {
            "page": 1,
            "per_page": 200,
            "has_more_page": more,
            "sort_column": sorted_by,
            "sort_order": "D",
            **context,
        },
    }


def detail(key, shape):
    """Return the answer with one record under `key`."""
    return {"code": 0, "message": "success", key: shape}
