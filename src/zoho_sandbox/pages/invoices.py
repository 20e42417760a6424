"""Invoices: the list, one invoice with its buttons, and the page its payment link leads to."""

from typing import Any

from zoho_sandbox.api.invoices import OPEN, status_on
from zoho_sandbox.company import organisations
from zoho_sandbox.html import Page, button, escape, link, pill, problem, table
from zoho_sandbox.pages.view import View, day_words, lateness
from zoho_sandbox.wire import Response

MOST = 200
FILTERS = {"overdue": "is_open = 1 AND due < ?", "open": "is_open = 1 AND ? != ''", "all": "? != ''"}
COLUMNS = (
    "id, number, customer, customer_name, date, due, state, total, balance, expected, reference, "
    "json_extract(CAST(row AS TEXT), '$.currency_code'), json_extract(CAST(row AS TEXT), '$.write_off_amount')"
)


def show_list(view: View) -> Response:
    """`/{org}/invoices?show=`: overdue, open or all, the newest two hundred."""
    shown = view.query.get("show", "open")
    shown = shown if shown in FILTERS else "open"
    today = view.today.isoformat()
    order = "due" if shown == "overdue" else "created DESC"
    rows = view.db.execute(
        f"SELECT {COLUMNS} FROM invoices WHERE org = ? AND {FILTERS[shown]} ORDER BY {order} LIMIT {MOST}",  # noqa: S608 ours
        (view.org.id, today),
    )
    cells = []
    for identity, number, who, name, _, due, state, total, balance, _, _, code, _ in rows:
        status = status_on(state, due, today)
        late = f"{lateness(due, view.today)} days" if status == "overdue" else ""
        cells.append([
            link(f"/{view.org.id}/invoices/{identity}", number), link(f"/{view.org.id}/customers/{who}", name),
            day_words(due), late, pill(status), view.amount(total, code), view.amount(balance, code)])  # fmt: skip
    tabs = "".join(
        f'<a href="?show={each}"{" aria-current=page" if each == shown else ""}>{each.capitalize()}</a>'
        for each in FILTERS
    )
    heads = ["Invoice", "Customer", "Due", "Late>", "State", "Total>", "Outstanding>"]
    body = f"""<main><h1>Invoices</h1><nav class="tabs" aria-label="Which">{tabs}</nav>
<div class="card">{table(heads, cells, empty="No invoice.")}</div></main>"""
    return Page("Invoices", body, org=view.org.id, here="Invoices").response()


def show(view: View, identity: int) -> Response:
    """`/{org}/invoices/{id}`."""
    found = view.db.execute(
        f"SELECT {COLUMNS} FROM invoices WHERE id = ? AND org = ?",  # noqa: S608 ours
        (identity, view.org.id),
    ).fetchone()
    if found is None:
        return problem(
            "There is no such invoice, or no longer.", title="Not found", status=404, org=view.org.id
        )
    _, number, who, name, issued, due, state, total, balance, expected, reference, code, written_off = found
    status = status_on(state, due, view.today.isoformat())
    late = lateness(due, view.today)
    words = f"{late} days late" if status == "overdue" else f"due in {-late} days" if state in OPEN else ""
    facts = (
        ("Customer", link(f"/{view.org.id}/customers/{who}", name)),
        ("Date", day_words(issued)),
        ("Due", f"{day_words(due)} <span class=muted>{words}</span>"),
        ("Total", view.amount(total, code)),
        ("Outstanding", f"<strong>{view.amount(balance, code)}</strong>"),
        ("Expected", day_words(expected) if expected else "—"),
        ("Reference", escape(reference) or "—"),
    )
    listed = "".join(f"<div><dt>{key}</dt><dd>{value}</dd></div>" for key, value in facts)
    deeds = _cancel(view, identity) if written_off else _deeds(view, identity, state, due, balance)
    body = f"""<main><p><a href="/{view.org.id}/invoices">Invoices</a></p><h1>{escape(number)} {pill(status)}</h1>
<div class="card"><dl class="facts">{listed}</dl></div>
<section class="card"><h2>Let something happen</h2>
<div class="deeds">{deeds}</div></section>
<section class="card"><h2>Payments and credits</h2>{_receipts(view, identity, code)}</section></main>"""
    return Page(number, body, org=view.org.id, here="Invoices").response()


def _cancel(view: View, identity: int) -> str:
    return button(f"/{view.org.id}/invoices/{identity}/reopen", "Cancel the write-off", kind="primary")


def _deeds(view: View, identity: int, state: str, due: str, balance: int) -> str:
    at = f"/{view.org.id}/invoices/{identity}"
    if state == "draft":
        return button(f"{at}/send", "Mark as sent", kind="primary")
    if state == "void":
        return button(f"{at}/reopen", "Reopen")
    if state == "paid":
        return '<p class="muted">Paid. Delete a payment below to make it owed again.</p>'
    half = f"{balance / 200:.2f}"
    return (
        button(f"{at}/pay", "Pay in full", kind="primary")
        + f'<form method="post" action="{at}/pay" class="inline"><label>Amount <input type="text" name="amount" '
        f'inputmode="decimal" value="{half}" required></label><button type="submit">Pay a part</button></form>'
        f'<form method="post" action="{at}/due" class="inline"><label>Due date <input name="due_date" type="date" '
        f'value="{due}" required></label><button type="submit">Change due date</button></form>'
        f'<form method="post" action="{at}/expected" class="inline"><label>Expected '
        '<input name="payment_expected_date" type="date"></label>'
        '<button type="submit">Set expected payment</button></form>'
        + button(f"{at}/write-off", "Write off", kind="danger")
        + button(f"{at}/void", "Void", kind="danger")
    )


def _receipts(view: View, identity: int, code: str) -> str:
    paid = view.db.execute(
        "SELECT p.id, p.date, p.mode, a.amount FROM applications a JOIN payments p ON p.id = a.payment "
        "WHERE a.invoice = ? ORDER BY p.date, a.id",
        (identity,),
    )
    cells = [
        [
            day_words(day), escape(mode), view.amount(amount, code),
            button(f"/{view.org.id}/payments/{payment}/delete", "Delete", kind="small", invoice=identity),
        ]
        for payment, day, mode, amount in paid
    ]  # fmt: skip
    credited = view.db.execute(
        "SELECT c.date, n.number, c.amount FROM credits c JOIN creditnotes n ON n.id = c.creditnote "
        "WHERE c.invoice = ? ORDER BY c.id",
        (identity,),
    )
    cells += [
        [day_words(day), f"Credit note {escape(number)}", view.amount(amount, code), ""]
        for day, number, amount in credited
    ]
    return table(["Date", "How", "Amount>", ""], cells, empty="Nothing yet.")


def show_public(view: View, token: str) -> Response:
    """`/books/{portal}/secure?CInvoiceID=…`: what a customer sees who follows the link in a mail."""
    # The last sixteen digits are the invoice's id; the rest differs from reply to reply.
    found: Any = None
    try:
        identity = int(token.strip()[-16:], 16)
    except ValueError:
        identity = 0
    if 0 < identity < 2**63:
        found = view.db.execute(
            f"SELECT {COLUMNS}, org FROM invoices WHERE id = ? AND state NOT IN ('draft', 'void')",  # noqa: S608 ours
            (identity,),
        ).fetchone()
    if found is None:
        return problem("This link leads to no invoice.", title="Not found", status=404)
    _, number, _, name, issued, due, _, total, balance, _, _, code, _, org = found
    seller = organisations.load(view.db, org)
    if balance:
        pay = button(
            f"/{org}/invoices/{identity}/pay",
            f"Pay {view.amount(balance, code)}",
            kind="primary",
            back=token.strip(),
        )
    else:
        pay = "<p><strong>Paid. Thank you.</strong></p>"
    body = f"""<main class="narrow card"><p class="muted">{escape(seller.name if seller else "")}</p>
<h1>Invoice {escape(number)}</h1>
<p>For {escape(name)}, of {day_words(issued)}, due on {day_words(due)}.</p>
<dl class="facts"><div><dt>Total</dt><dd>{view.amount(total, code)}</dd></div>
<div><dt>To pay</dt><dd><strong>{view.amount(balance, code)}</strong></dd></div></dl>{pay}</main>"""
    return Page(f"Invoice {number}", body).response()
