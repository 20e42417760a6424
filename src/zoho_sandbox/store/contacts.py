"""The JSON of contacts and their persons (zoho-books-api.md section 6)."""

from typing import Any

from zoho_sandbox import money
from zoho_sandbox.store.identity import base
from zoho_sandbox.store.rows import Organisation

ADDRESS_KEYS = (
    "address_id",
    "attention",
    "address",
    "street2",
    "city",
    "state_code",
    "state",
    "zip",
    "country",
    "county",
    "country_code",
    "phone",
    "fax",
    "latitude",
    "longitude",
)


def contact_row(org: Organisation, facts: dict[str, Any]) -> dict[str, Any]:
    """A contact as the list shows it.

    `facts`: id, name, company, status, terms, terms_label, currency, currency_id, rate, outstanding, credits, created,
    modified, and the primary person's first_name, last_name, email, phone, mobile.
    """
    outstanding, credit = facts["outstanding"], facts["credits"]
    return {
        "contact_id": str(facts["id"]),
        "contact_name": facts["name"],
        "customer_name": facts["name"],
        "vendor_name": "",
        "company_name": facts["company"],
        "website": "",
        "language_code": "",
        "contact_type": "customer",
        "status": facts["status"],
        "customer_sub_type": "business",
        "source": "user",
        "is_linked_with_zohocrm": False,
        "payment_terms": facts["terms"],
        "payment_terms_id": str(base(org.id) + 93085 + facts["terms"]),
        "payment_terms_label": facts["terms_label"],
        "currency_id": str(facts["currency_id"]),
        "currency_code": facts["currency"],
        "outstanding_receivable_amount": money.number(outstanding),
        "outstanding_receivable_amount_bcy": money.number(money.base(outstanding, facts["rate"])),
        "outstanding_payable_amount": 0,
        "outstanding_payable_amount_bcy": 0,
        "unused_credits_receivable_amount": money.number(credit),
        "unused_credits_receivable_amount_bcy": money.number(money.base(credit, facts["rate"])),
        "unused_credits_payable_amount": 0,
        "unused_credits_payable_amount_bcy": 0,
        "first_name": facts["first_name"],
        "last_name": facts["last_name"],
        "email": facts["email"],
        "phone": facts["phone"],
        "mobile": facts["mobile"],
        "portal_status": "disabled",
        "track_1099": False,
        "created_time": org.stamp(facts["created"]),
        "last_modified_time": org.stamp(facts["modified"]),
        "custom_fields": [],
        "custom_field_hash": {},
        "contactperson_custom_fields": [],
        "tags": [],
        "ach_supported": False,
        "has_attachment": False,
    }


def detail_address(contact: int, place: int, row: dict[str, str], country_code: str = "") -> dict[str, str]:
    """An address as contact details show it (`zip`), of one as invoice rows show it (`zipcode`)."""
    address = dict.fromkeys(ADDRESS_KEYS, "")
    address |= {key: value for key, value in row.items() if key != "zipcode"}
    address |= {
        "address_id": str(contact + 40 + 2 * place),
        "zip": row.get("zipcode", ""),
        "country_code": country_code,
    }
    return address


def contact_more(
    org: Organisation, contact: int, *, address: dict[str, str], country_code: str, notes: str
) -> dict[str, Any]:
    """What the detail of a contact adds to its row, but for the persons."""
    return {
        "contact_salutation": "",
        "designation": "",
        "department": "",
        "owner_id": "",
        "owner_name": "",
        "has_transaction": True,
        "credit_limit": 0,
        "credit_limit_exceeded_amount": 0,
        "payment_reminder_enabled": True,
        "is_sms_enabled": True,
        "price_precision": 2,
        "exchange_rate": "",
        "opening_balances": [],
        "opening_balance_amount": 0,
        "outstanding_ob_receivable_amount": 0,
        "unused_retainer_payments": 0,
        "tax_id_type": "",
        "tax_id_value": "",
        "sales_channel": "direct_sales",
        "documents": [],
        "cards": [],
        "bank_accounts": [],
        "default_templates": {},
        "customer_currency_summaries": [],
        "created_by_name": org.owner,
        "created_by_id": str(org.owner_id),
        "last_modified_by_id": str(org.owner_id),
        "approvers_list": [],
        "integration_references": [],
        "billing_address": detail_address(contact, 1, address, country_code),
        "shipping_address": detail_address(contact, 2, {}),
        "addresses": [],
        "notes": notes,
    }


def person_row(org: Organisation, facts: dict[str, Any]) -> dict[str, Any]:
    """A contact person as the bulk list shows it.

    `facts`: id, contact, contact_name, is_primary, created, modified, and what `company.profiles.Person` names.
    """
    return {
        "contact_person_id": str(facts["id"]),
        "contact_id": str(facts["contact"]),
        "contact_name": facts["contact_name"],
        "salutation": facts["salutation"],
        "first_name": facts["first_name"],
        "last_name": facts["last_name"],
        "email": facts["email"],
        "phone": facts["phone"],
        "mobile": facts["mobile"],
        "is_primary_contact": facts["is_primary"],
        "skype": "",
        "designation": facts["designation"],
        "department": facts["department"],
        "is_added_in_portal": False,
        "created_time": org.stamp(facts["created"]),
        "updated_time": org.stamp(facts["modified"]),
    }


def person_detail(row: dict[str, Any], preference: str = "live") -> dict[str, Any]:
    """A contact person as the contact's detail shows it, of one as the bulk list does.

    `preference` as `switches.communication_preference`.
    """
    detail = {
        key: value
        for key, value in row.items()
        if key not in {"contact_id", "contact_name", "created_time", "updated_time"}
    }
    if preference != "absent":
        told = {"is_email_enabled": True} if preference == "live" else {}
        detail["communication_preference"] = told | {"is_sms_enabled": False, "is_whatsapp_enabled": False}
    return detail
