"""The JSON of records as Zoho's lists show them (zoho-books-api.md sections 5 to 9).

What every invoice of a customer shares is encoded once and spliced in: most of an invoice row is the same text.
"""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from zoho_sandbox import money, stamps
from zoho_sandbox.store.identity import base
from zoho_sandbox.wire import encode

EMPTY_ADDRESS = dict.fromkeys(
    ("address", "street2", "city", "state", "zipcode", "country", "phone", "fax", "attention"), ""
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as far as rows need it."""

    id: int
    name: str
    zone: ZoneInfo
    currency: str
    portal: str
    owner: str
    owner_id: int

    def stamp(self, at: int) -> str:
        """A moment in this organisation's time zone."""
        return stamps.stamp(at, self.zone)


@dataclass(slots=True)
class Customer:
    """A customer as far as its documents need it; `address` is spelt as in invoice rows (`zipcode`)."""

    id: int
    name: str
    company: str
    email: str
    currency: str
    currency_id: int
    symbol: str
    rate: float
    terms: int
    terms_label: str
    address: dict[str, str]
    shared: bytes = field(default=b"", repr=False)


def splice(first: bytes, second: bytes) -> bytes:
    """One JSON object of two, none of them empty."""
    return first[:-1] + b"," + second[1:]


def shared_invoice_part(org: Organisation, customer: Customer) -> bytes:
    """What all invoices of a customer have in common, as a JSON object."""
    return encode(
        {
            "zcrm_potential_id": "",
            "customer_id": str(customer.id),
            "customer_name": customer.name,
            "company_name": customer.company,
            "email": customer.email,
            "project_name": "",
            "billing_address": customer.address,
            "shipping_address": EMPTY_ADDRESS,
            "country": customer.address["country"],
            "phone": "",
            "created_by": org.owner,
            "custom_fields": [],
            "custom_field_hash": {},
            "tags": [],
            "salesperson_name": "",
            "shipping_charge": 0,
            "adjustment": 0,
            "has_attachment": False,
            "color_code": "",
            "current_sub_status_id": "",
            "currency_id": str(customer.currency_id),
            "schedule_time": "",
            "currency_code": customer.currency,
            "currency_symbol": customer.symbol,
            "template_type": "standard",
            "template_id": str(base(org.id) + 17001),
            "invoice_source": "Client",
            "sales_channel": "direct_sales",
            "transaction_type": "renewal",
            "documents": "",
            "salesperson_id": "",
            "exchange_rate": money.number(100) if customer.rate == 1 else customer.rate,
        }
    )


def invoice_part(org: Organisation, facts: dict[str, Any]) -> dict[str, Any]:
    """What is an invoice's own. Status, its wording and the payment link are added on reading: they follow the clock.

    `facts`: id, number, reference, date, due, total, balance, created, modified; may have viewed (moment or 0),
    emailed, last_payment, written_off.
    """
    modified = org.stamp(facts["modified"])
    viewed = facts.get("viewed", 0)
    return {
        "ach_payment_initiated": False,
        "invoice_id": str(facts["id"]),
        "invoice_number": facts["number"],
        "reference_number": facts["reference"],
        "date": facts["date"],
        "due_date": facts["due"],
        "issued_date": facts["date"],
        "total": money.number(facts["total"]),
        "balance": money.number(facts["balance"]),
        "payment_expected_date": "",
        "created_time": org.stamp(facts["created"]),
        "last_modified_time": modified,
        "updated_time": modified,
        "is_viewed_by_client": viewed > 0,
        "client_viewed_time": org.stamp(viewed) if viewed else "",
        "is_emailed": facts.get("emailed", True),
        "reminders_sent": 0,
        "last_reminder_sent_date": "",
        "last_payment_date": facts.get("last_payment", ""),
        "write_off_amount": money.number(facts.get("written_off", 0)),
        "unprocessed_payment_amount": 0,
    }


def payment_row(org: Organisation, customer: Customer, facts: dict[str, Any]) -> bytes:
    """A customer payment.

    `facts`: id, number, numbers (of its invoices), date, mode, amount, unused, reference, created, modified.
    """
    base_amount = money.base(facts["amount"], customer.rate)
    return encode(
        {
            "payment_id": str(facts["id"]),
            "payment_number": str(facts["number"]),
            "invoice_numbers": facts["numbers"],
            "date": facts["date"],
            "payment_mode": facts["mode"],
            "payment_mode_formatted": facts["mode"],
            "amount": money.number(facts["amount"]),
            "bcy_amount": money.number(base_amount),
            "unused_amount": money.number(facts["unused"]),
            "bcy_unused_amount": money.number(money.base(facts["unused"], customer.rate)),
            "account_id": str(base(org.id) + 358),
            "account_name": "Undeposited Funds",
            "description": "",
            "reference_number": facts["reference"],
            "customer_id": str(customer.id),
            "customer_name": customer.name,
            "created_time": org.stamp(facts["created"]),
            "last_modified_time": org.stamp(facts["modified"]),
            "last_four_digits": "",
            "gateway_transaction_id": "",
            "payment_gateway": "",
            "bcy_refunded_amount": 0,
            "applied_invoices": [],
            "has_attachment": False,
            "tags": [],
            "documents": "",
            "custom_fields_list": "",
            "tax_account_id": "",
            "tax_account_name": "",
            "tax_amount_withheld": 0,
            "payment_type": "Invoice Payment",
            "payment_status": "paid",
            "settlement_status": "",
            "sales_channel": "",
        }
    )


def creditnote_row(org: Organisation, customer: Customer, facts: dict[str, Any]) -> bytes:
    """A credit note. `facts`: id, number, state, reference, date, total, balance, created, modified."""
    return encode(
        {
            "creditnote_id": str(facts["id"]),
            "creditnote_number": facts["number"],
            "status": facts["state"],
            "color_code": "",
            "current_sub_status_id": "",
            "current_sub_status": facts["state"],
            "reference_number": facts.get("reference", ""),
            "date": facts["date"],
            "total": money.number(facts["total"]),
            "balance": money.number(facts["balance"]),
            "customer_id": str(customer.id),
            "customer_name": customer.name,
            "company_name": customer.company,
            "applied_invoices": "",
            "currency_id": str(customer.currency_id),
            "currency_code": customer.currency,
            "exchange_rate": money.number(100) if customer.rate == 1 else customer.rate,
            "created_time": org.stamp(facts["created"]),
            "last_modified_time": org.stamp(facts["modified"]),
            "is_emailed": False,
            "has_attachment": False,
            "template_id": str(base(org.id) + 17019),
            "template_type": "standard",
            "salesperson_id": "",
            "salesperson_name": "",
            "custom_fields": [],
            "custom_field_hash": {},
            "tags": [],
            "documents": "",
        }
    )
