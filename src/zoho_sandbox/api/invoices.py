"""Invoices (zoho-books-api.md section 7). Status, its wording and the payment link follow the clock and the call."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.details import invoice_more
from zoho_sandbox.api.dirt import soil
from zoho_sandbox.api.lists import (
    Listing,
    Piece,
    Row,
    Where,
    amounts,
    days,
    identity,
    modified_since,
    page,
    texts,
)
from zoho_sandbox.pdf import invoice_pdf
from zoho_sandbox.wire import Response, success

OPEN = ("sent", "viewed", "partially_paid")
STATUSES = {"sent", "draft", "overdue", "paid", "void", "unpaid", "partially_paid", "viewed"}
BY_FILTER = {
    "Status.Sent": "sent",
    "Status.Draft": "draft",
    "Status.OverDue": "overdue",
    "Status.Paid": "paid",
    "Status.Void": "void",
    "Status.Unpaid": "unpaid",
    "Status.PartiallyPaid": "partially_paid",
    "Status.Viewed": "viewed",
}
NAMES = {status: name for name, status in BY_FILTER.items()}


def status_on(state: str, due: str, today: str) -> str:
    """The status that Zoho shows on a day: an open invoice past its due date is overdue."""
    return "overdue" if state in OPEN and due < today else state


def due_words(status: str, due: str, today: date) -> str:
    """The wording of `due_days`; empty when nothing is due."""
    if status not in {*OPEN, "overdue"}:
        return ""
    ahead = date.fromisoformat(due).toordinal() - today.toordinal()
    if ahead == 0:
        return "Due Today"
    words = f"{abs(ahead)} {'day' if abs(ahead) == 1 else 'days'}"
    return f"Due in {words}" if ahead > 0 else f"Overdue by {words}"


def _pieces(call: Call, rows: Sequence[Row]) -> list[Piece]:
    """Rows in pieces, each begun by a comma: what follows the clock and the call, then what is stored.

    The payment link is another one in each reply, and has the trailing space that live replies have. Rows of one state
    and due date begin alike, so their beginning is made once; the stored part is not copied until all are joined.
    """
    mode = call.switches.invoice_url
    token = secrets.token_hex(8) if mode == "changing" else "0" * 16
    link = f'"invoice_url":"{call.origin}/books/{call.org.portal}/secure?CInvoiceID=2-{token}'.encode()
    today, heads = call.today, dict[tuple[str, str], tuple[bytes, bool]]()
    out: list[Piece] = []
    for identity_, state, due, row in rows:
        found = heads.get((state, due))
        if found is None:
            is_linked = state not in {"draft", "void"} and mode != "absent"
            head = _head(state, due, today, call.switches.partly_paid_overdue)
            found = heads[state, due] = (head + link if is_linked else head), is_linked
        out.append(found[0])
        if found[1]:
            out.append(b'%016x ",' % identity_)
        out.append(memoryview(row)[1:])
    return out


def _render(call: Call, rows: Sequence[Row]) -> list[bytes]:
    return [b"".join(_pieces(call, [row]))[1:] for row in rows]


def _head(state: str, due: str, today: date, partly_paid: str) -> bytes:
    """The first keys of a row, which follow the clock, after a comma; open at its end."""
    status = status_on(state, due, today.isoformat())
    if state == "partially_paid" and status == "overdue":
        status = partly_paid
    words = due_words(status, due, today)
    return f',{{"status":"{status}","current_sub_status":"{status}","due_days":"{words}",'.encode()


INVOICES = Listing(
    table="invoices",
    key="invoices",
    report="Invoices",
    sort="created_time",
    order="D",
    columns="id, state, due, row",
    render=_render,
    pieces=_pieces,
    sorts={
        "customer_name": "customer_name",
        "invoice_number": "number",
        "date": "date",
        "due_date": "due",
        "total": "total",
        "balance": "balance",
        "created_time": "created",
        "last_modified_time": "modified",
    },
)


def invoices(call: Call) -> Response:
    """`GET /invoices`."""
    where, applied = Where(), "Status.All"
    wanted = call.get("filter_by")
    status = call.get("status")
    if status and status not in STATUSES:
        raise invalid("status")
    if wanted == "Date.PaymentExpectedDate":
        where.add("expected != ''")
        applied = wanted
    elif wanted not in {"", "Status.All"}:
        if wanted not in BY_FILTER:
            raise invalid("filter_by")
        status = status or BY_FILTER[wanted]
    if status:
        applied = NAMES[status]
        _narrow(call, where, status)
    if call.switches.debit_notes == "hidden":
        where.add("id NOT IN (SELECT invoice FROM debit_notes)")
    identity(call, where, "customer_id", "customer")
    texts(
        call,
        where,
        {"invoice_number": "number", "reference_number": "reference", "customer_name": "customer_name"},
    )
    if email := call.get("email"):
        where.add(
            "customer IN (SELECT id FROM contacts c WHERE c.org = ? AND c.email = ?)", call.org.id, email
        )
    days(call, where, {"date": "date", "due_date": "due", "created_date": "date(created, 'unixepoch')"})
    amounts(call, where, {"total": "total", "balance": "balance"})
    modified_since(call, where, "invoices")
    if call.get("response_option") == "2":
        return _count(call, where)
    return page(call, INVOICES, where, applied)


def _narrow(call: Call, where: Where, status: str) -> None:
    today = call.today.isoformat()
    if status == "unpaid":
        where.add("is_open = 1")
    elif call.switches.partly_paid_overdue == "partially_paid" and status in {"overdue", "partially_paid"}:
        if status == "overdue":
            where.add("is_open = 1 AND due < ? AND state != 'partially_paid'", today)
        else:
            where.add("is_open = 1 AND state = 'partially_paid'")
    elif status == "overdue":
        where.add("is_open = 1 AND due < ?", today)
    elif status in OPEN:
        where.add("is_open = 1 AND state = ? AND due >= ?", status, today)
    else:
        where.add("state = ?", status)


def _count(call: Call, where: Where) -> Response:
    """`response_option=2`: only how many there are."""
    found = call.db.execute(
        f"SELECT count(*) FROM invoices WHERE {' AND '.join(['org = ?', *where.terms])}",  # noqa: S608 terms are ours
        (call.org.id, *where.values),
    ).fetchone()
    return success(page_context={"total": found[0]})


def _find(call: Call) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = call.db.execute(
        "SELECT id, state, due, row, more FROM invoices WHERE id = ? AND org = ?",
        (call.id("Invoice"), call.org.id),
    ).fetchone()
    if found is None:
        raise does_not_exist("Invoice")
    return found


def invoice(call: Call) -> Response:
    """`GET /invoices/{id}`, as JSON, or as PDF with `accept=pdf`."""
    found = _find(call)
    detail = msgspec.json.decode(_render(call, [found[:4]])[0])
    detail |= invoice_more(call, found[0], detail, found[4])
    if call.get("accept") == "pdf":
        name = f"{detail['invoice_number']}.pdf"
        disposition = (
            f'attachment; filename="{"".join(c for c in name if (c.isascii() and c.isalnum()) or c in "-.")}"'
        )
        return Response(
            body=invoice_pdf(call.org.name, detail),
            content_type="application/pdf",
            headers=[("Content-Disposition", disposition)],
        )
    return success(invoice=soil("invoices", detail, call.switches))


def payments(call: Call) -> Response:
    """`GET /invoices/{id}/payments`."""
    found = _find(call)
    rows = call.db.execute(
        "SELECT a.id, a.amount, p.row, (SELECT count(*) FROM applications b WHERE b.payment = p.id) "
        "FROM applications a JOIN payments p ON p.id = a.payment WHERE a.invoice = ? ORDER BY p.date, a.id",
        (found[0],),
    ).fetchall()
    out = []
    for application, amount, row, parts in rows:
        payment = msgspec.json.decode(row)
        out.append(
            {
                "payment_id": payment["payment_id"],
                "payment_number": payment["payment_number"],
                "invoice_id": str(found[0]),
                "invoice_payment_id": str(application),
                "payment_mode": payment["payment_mode"],
                "date": payment["date"],
                "amount": amount / 100 if amount % 100 else amount // 100,
                "tax_amount_withheld": 0,
                "exchange_rate": 1,
                "reference_number": payment["reference_number"],
                "description": payment["description"],
                "online_transaction_id": "",
                "is_single_invoice_payment": parts == 1,
            }
        )
    return success(payments=out)


def credits_applied(call: Call) -> Response:
    """`GET /invoices/{id}/creditsapplied`."""
    found = _find(call)
    rows = call.db.execute(
        "SELECT c.id, c.amount, c.date, n.id, n.number FROM credits c JOIN creditnotes n "
        "ON n.id = c.creditnote WHERE c.invoice = ? ORDER BY c.date, c.id",
        (found[0],),
    )
    return success(
        credits=[
            {
                "creditnote_id": str(note),
                "creditnotes_invoice_id": str(each),
                "creditnotes_number": number,
                "credited_date": day,
                "amount_applied": amount / 100 if amount % 100 else amount // 100,
            }
            for each, amount, day, note, number in rows
        ]
    )
