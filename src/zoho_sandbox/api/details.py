"""What the detail of an invoice adds to its row: lines, taxes, whom it was sent to."""

from random import Random
from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.api.call import Call
from zoho_sandbox.company.names import GOODS
from zoho_sandbox.store.identity import base

VAT = 23
_ALWAYS: dict[str, Any] = {
    "payment_reminder_enabled": True,
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
    "qr_code": {"is_qr_enabled": False},
}
"""Keys that say the same on every invoice of these books."""


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
    customer = _customer(call, row["customer_id"])
    more: dict[str, Any] = {
        "payment_terms": customer.get("payment_terms", 0),
        "payment_terms_label": customer.get("payment_terms_label", ""),
        "payment_terms_id": customer.get("payment_terms_id", ""),
        **_amounts(call, identity, row),
        **_receivers(call, row["customer_id"]),
        "contact": {
            "customer_balance": customer.get("outstanding_receivable_amount", 0),
            "credit_limit": 0,
            "unused_customer_credits": customer.get("unused_credits_receivable_amount", 0),
        },
        **_ALWAYS,
        "created_by_id": str(call.org.owner_id),
        "created_by_name": call.org.owner,
        "last_modified_by_id": str(call.org.owner_id),
        "customer_default_billing_address": row["billing_address"],
    }
    return more | (msgspec.json.decode(stored) if stored else {})


def _customer(call: Call, customer_id: str) -> dict[str, Any]:
    """The row of a contact; empty when there is none."""
    found = call.db.execute("SELECT row FROM contacts WHERE id = ?", (int(customer_id),)).fetchone()
    customer: dict[str, Any] = msgspec.json.decode(found[0]) if found else {}
    return customer


def _amounts(call: Call, identity: int, row: dict[str, Any]) -> dict[str, Any]:
    """Lines, taxes and sums of an invoice, and what settled it."""
    total = _cents(row["total"])
    lines = derived_lines(call.org.id, identity, total)
    sub_total = sum(_cents(line["item_total"]) for line in lines)
    return {
        "payment_made": money.number(_settled(call, "applications", identity)),
        "credits_applied": money.number(_settled(call, "credits", identity)),
        "tax_amount_withheld": 0,
        "line_items": lines,
        "sub_total": money.number(sub_total),
        "tax_total": money.number(total - sub_total),
        "taxes": [{"tax_name": f"VAT ({VAT}%)", "tax_amount": money.number(total - sub_total)}],
        "discount_total": 0,
        "bcy_total": money.number(money.base(total, float(row["exchange_rate"]))),
        "balance": money.number(_cents(row["balance"])),
    }


def _settled(call: Call, table: str, identity: int) -> int:
    """What payments (`applications`) or `credits` took off an invoice, in cents."""
    query = f"SELECT coalesce(sum(amount), 0) FROM {table} WHERE invoice = ?"  # noqa: S608 the table is one of ours
    return int(call.db.execute(query, (identity,)).fetchone()[0])


def _receivers(call: Call, customer_id: str) -> dict[str, Any]:
    """Whom the invoice went to: the primary person, where it has an address."""
    stored = call.db.execute("SELECT row FROM persons WHERE contact = ? ORDER BY id", (int(customer_id),))
    persons = [msgspec.json.decode(each) for (each,) in stored]
    receivers = [each for each in persons if each["is_primary_contact"] and each["email"]]
    return {
        "contact_persons": [each["contact_person_id"] for each in receivers],
        "contact_persons_associated": [_associated(each) for each in receivers],
        "contact_persons_details": [],
    }
