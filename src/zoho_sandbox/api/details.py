"""What the detail of an invoice adds to its row: lines, taxes, whom it was sent to."""

from random import Random
from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.api.call import Call
from zoho_sandbox.company.names import GOODS
from zoho_sandbox.store.identity import base

VAT = 23


def _cents(value: float) -> int:
    return round(value * 100)


def derived_lines(org: int, identity: int, total: int) -> list[dict[str, Any]]:
    """Line items that add up to a total with VAT, always the same ones for an invoice; amounts in JSON numbers."""
    rng = Random(identity)
    net = round(total * 100 / (100 + VAT))
    count = 1 if net < 10_000 else rng.randrange(1, 5)  # noqa: PLR2004 small invoices have one line
    rest, lines = net, []
    for place, (name, price) in enumerate(rng.sample(GOODS, count)):
        share = rest if place == count - 1 else round(net / count * rng.uniform(0.5, 1.2))
        quantity = max(1, share // price)
        # The last cent of a line sits in its total, as after a discount.
        rate = round(share / quantity)
        rest -= share
        lines.append(
            {
                "line_item_id": str(identity + 10 * (place + 1)),
                "item_id": str(base(org) + 200_000 + price),
                "item_order": place,
                "name": name,
                "description": "",
                "quantity": quantity,
                "unit": "pcs",
                "rate": money.number(rate),
                "bcy_rate": money.number(rate),
                "discount": 0,
                "tax_id": str(base(org) + 7001),
                "tax_name": "VAT",
                "tax_percentage": VAT,
                "item_total": money.number(share),
                "account_name": "Sales",
                "project_id": "",
                "tags": [],
            }
        )
    return lines


def _associated(person: dict[str, Any]) -> dict[str, Any]:
    """A contact person as an invoice names those it was sent to."""
    return {
        "contact_person_id": person["contact_person_id"],
        "contact_person_name": f"{person['first_name']} {person['last_name']}".strip(),
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "contact_person_email": person["email"],
        "phone": person["phone"],
        "mobile": person["mobile"],
        "communication_preference": {"is_email_enabled": True},
    }


def invoice_more(call: Call, identity: int, row: dict[str, Any], stored: bytes | None) -> dict[str, Any]:
    """The keys that only the detail has."""
    total, balance = _cents(row["total"]), _cents(row["balance"])
    credited = call.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM credits WHERE invoice = ?", (identity,)
    ).fetchone()[0]
    paid = call.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM applications WHERE invoice = ?", (identity,)
    ).fetchone()[0]
    contact = call.db.execute(
        "SELECT row, outstanding FROM contacts WHERE id = ?", (int(row["customer_id"]),)
    ).fetchone()
    persons = [
        msgspec.json.decode(each)
        for (each,) in call.db.execute(
            "SELECT row FROM persons WHERE contact = ? ORDER BY id", (int(row["customer_id"]),)
        )
    ]
    customer = msgspec.json.decode(contact[0]) if contact else {}
    lines = derived_lines(call.org.id, identity, total)
    sub_total = sum(_cents(line["item_total"]) for line in lines)
    receivers = [each for each in persons if each["is_primary_contact"] and each["email"]]
    more: dict[str, Any] = {
        "payment_terms": customer.get("payment_terms", 0),
        "payment_terms_label": customer.get("payment_terms_label", ""),
        "payment_terms_id": customer.get("payment_terms_id", ""),
        "payment_reminder_enabled": True,
        "payment_made": money.number(paid),
        "credits_applied": money.number(credited),
        "tax_amount_withheld": 0,
        "line_items": lines,
        "sub_total": money.number(sub_total),
        "tax_total": money.number(total - sub_total),
        "taxes": [{"tax_name": f"VAT ({VAT}%)", "tax_amount": money.number(total - sub_total)}],
        "discount_total": 0,
        "bcy_total": money.number(money.base(total, float(row["exchange_rate"]))),
        "contact_persons": [each["contact_person_id"] for each in receivers],
        "contact_persons_associated": [_associated(each) for each in receivers],
        "contact_persons_details": [],
        "contact": {
            "customer_balance": customer.get("outstanding_receivable_amount", 0),
            "credit_limit": 0,
            "unused_customer_credits": customer.get("unused_credits_receivable_amount", 0),
        },
        "payment_options": {"payment_gateways": []},
        "allow_partial_payments": False,
        "stop_reminder_until_payment_expected_date": False,
        "next_reminder_date_formatted": "",
        "salesorder_id": "",
        "salesorder_number": "",
        "recurring_invoice_id": "",
        "estimate_id": "",
        "notes": "Thanks for your business.",
        "terms": "",
        "template_name": "Standard Template",
        "documents": [],
        "sub_statuses": [],
        "created_by_id": str(call.org.owner_id),
        "created_by_name": call.org.owner,
        "last_modified_by_id": str(call.org.owner_id),
        "qr_code": {"is_qr_enabled": False},
        "customer_default_billing_address": row["billing_address"],
        "balance": money.number(balance),
    }
    return more | (msgspec.json.decode(stored) if stored else {})
