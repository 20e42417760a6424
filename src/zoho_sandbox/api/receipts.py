"""Customer payments and credit notes (zoho-books-api.md sections 8 and 9)."""

from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.dirt import soil
from zoho_sandbox.api.lists import Listing, Where, amounts, days, identity, modified_since, page, texts
from zoho_sandbox.company.organisations import account_id
from zoho_sandbox.wire import Response, success

PAYMENTS = Listing(
    table="payments",
    key="customerpayments",
    report="Customer Payments",
    sort="date",
    order="D",
    sorts={
        "date": "date",
        "created_time": "created",
        "last_modified_time": "modified",
        "amount": "amount",
        "customer_name": "customer_name",
        "payment_number": "number",
        "payment_mode": "mode",
    },
)
CREDIT_NOTES = Listing(
    table="creditnotes",
    key="creditnotes",
    report="Credit Notes",
    sort="created_time",
    order="D",
    sorts={
        "created_time": "created",
        "last_modified_time": "modified",
        "date": "date",
        "total": "total",
        "balance": "balance",
        "customer_name": "customer_name",
        "creditnote_number": "number",
    },
)
MODES = {
    "PaymentMode.Check": "Check",
    "PaymentMode.Cash": "Cash",
    "PaymentMode.BankTransfer": "Bank Transfer",
    "PaymentMode.Paypal": "PayPal",
    "PaymentMode.CreditCard": "Credit Card",
    "PaymentMode.Others": "Others",
}
NOTE_STATES = {"draft", "pending_approval", "approved", "open", "closed", "void", "rejected"}


def payments(call: Call) -> Response:
    """`GET /customerpayments`. `applied_invoices` is empty in rows, as live."""
    where, wanted = Where(), call.get("filter_by") or "PaymentMode.All"
    if wanted != "PaymentMode.All":
        if wanted not in MODES:
            raise invalid("filter_by")
        where.add("mode = ?", MODES[wanted])
    identity(call, where, "customer_id", "customer")
    texts(
        call,
        where,
        {"customer_name": "customer_name", "reference_number": "reference", "payment_mode": "mode"},
    )
    days(call, where, {"date": "date"})
    amounts(call, where, {"amount": "amount"})
    modified_since(call, where, "customerpayments")
    return page(call, PAYMENTS, where, wanted)


def payment(call: Call) -> Response:
    """`GET /customerpayments/{id}`: with the invoices it was applied to."""
    wanted = call.id("Payment")
    found = call.db.execute(
        "SELECT row, customer FROM payments WHERE id = ? AND org = ?", (wanted, call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Payment")
    row: dict[str, Any] = msgspec.json.decode(found[0])
    # The detail names the moment of the last change differently from the list.
    detail = {
        key: value
        for key, value in row.items()
        if key not in {"last_modified_time", "applied_invoices", "invoice_numbers"}
    }
    currency = call.db.execute(
        "SELECT u.id, u.code, u.symbol, u.rate FROM contacts c JOIN currencies u ON u.org = c.org AND u.code = "
        "json_extract(CAST(c.row AS TEXT), '$.currency_code') WHERE c.id = ?",
        (found[1],),
    ).fetchone() or ("", "", "", 1)
    applied = call.db.execute(
        "SELECT a.id, a.amount, a.date, i.id, i.number, i.total, i.balance, i.date, i.due FROM applications a "
        "JOIN invoices i ON i.id = a.invoice WHERE a.payment = ? ORDER BY a.id",
        (wanted,),
    )
    detail |= {
        "updated_time": row["last_modified_time"],
        "currency_id": str(currency[0]),
        "currency_code": currency[1],
        "currency_symbol": currency[2],
        "exchange_rate": currency[3] if currency[3] != 1 else 1,
        "bank_charges": 0,
        "payment_refunds": _refunds(call, wanted),
        "account_id": str(account_id(call.org.id)),
        "account_type": "cash",
        "custom_fields": [],
        "invoices": [
            {
                "invoice_id": str(invoice),
                "invoice_number": number,
                "invoice_payment_id": str(each),
                "amount_applied": money.number(amount),
                "tax_amount_withheld": 0,
                "discount_amount": 0,
                "total": money.number(total),
                "balance": money.number(balance),
                "date": issued,
                "due_date": due,
                "apply_date": day,
            }
            for each, amount, day, invoice, number, total, balance, issued, due in applied
        ],
    }
    return success(payment=soil("customerpayments", detail, call.switches))


def refunds(call: Call) -> Response:
    """`GET /customerpayments/{id}/refunds`."""
    wanted = call.id("Payment")
    if (
        call.db.execute("SELECT 1 FROM payments WHERE id = ? AND org = ?", (wanted, call.org.id)).fetchone()
        is None
    ):
        raise does_not_exist("Payment")
    return success(payment_refunds=_refunds(call, wanted))


def _refunds(call: Call, payment: int) -> list[dict[str, Any]]:
    rows = call.db.execute(
        "SELECT id, date, mode, amount FROM refunds WHERE payment = ? ORDER BY id", (payment,)
    )
    return [
        {
            "payment_refund_id": str(each), "payment_id": str(payment), "date": day, "refund_mode": mode,
            "amount_bcy": money.number(amount), "amount_fcy": money.number(amount), "reference_number": "",
            "description": "",
        }
        for each, day, mode, amount in rows
    ]  # fmt: skip


def credit_notes(call: Call) -> Response:
    """`GET /creditnotes`."""
    where, wanted, status = Where(), call.get("filter_by") or "Status.All", call.get("status")
    if wanted != "Status.All":
        status = wanted.removeprefix("Status.").lower()
    if status:
        if status not in NOTE_STATES:
            raise invalid("filter_by" if wanted != "Status.All" else "status")
        where.add("state = ?", status)
    identity(call, where, "customer_id", "customer")
    texts(call, where, {"creditnote_number": "number", "customer_name": "customer_name"})
    days(call, where, {"date": "date"})
    amounts(call, where, {"total": "total"})
    modified_since(call, where, "creditnotes")
    return page(call, CREDIT_NOTES, where, wanted)


def _note(call: Call) -> tuple[int, dict[str, Any]]:
    wanted = call.id("Credit Note")
    found = call.db.execute(
        "SELECT row FROM creditnotes WHERE id = ? AND org = ?", (wanted, call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Credit Note")
    return wanted, msgspec.json.decode(found[0])


def _applied(call: Call, note: int) -> list[dict[str, Any]]:
    rows = call.db.execute(
        "SELECT c.id, c.amount, c.date, i.id, i.number, n.number FROM credits c JOIN invoices i ON i.id = c.invoice "
        "JOIN creditnotes n ON n.id = c.creditnote WHERE c.creditnote = ? ORDER BY c.id",
        (note,),
    )
    return [
        {
            "creditnote_id": str(note),
            "invoice_id": str(invoice),
            "creditnote_invoice_id": str(each),
            "date": day,
            "invoice_number": number,
            "creditnote_number": own,
            "credited_amount": money.number(amount),
        }
        for each, amount, day, invoice, number, own in rows
    ]


def credit_note(call: Call) -> Response:
    """`GET /creditnotes/{id}`."""
    note, row = _note(call)
    row |= {"invoices_credited": _applied(call, note), "creditnote_refunds": [], "notes": "", "terms": ""}
    return success(creditnote=soil("creditnotes", row, call.switches))


def credited_invoices(call: Call) -> Response:
    """`GET /creditnotes/{id}/invoices`."""
    note, _ = _note(call)
    return success(invoices_credited=_applied(call, note))
