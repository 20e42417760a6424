"""The company's page: its clock, what it is owed and how late, and what happened last."""

from zoho_sandbox.html import Page, button, escape, link, table
from zoho_sandbox.pages.view import View, day_words, moment_words
from zoho_sandbox.wire import Response

BUCKETS = (
    ("Not due", -(10**6), 0),
    ("1–30 days", 1, 30),
    ("31–60 days", 31, 60),
    ("61–90 days", 61, 90),
    ("Over 90 days", 91, 10**6),
)


def show(view: View) -> Response:
    """`/{org}`."""
    org = view.org
    others = view.db.execute(
        "SELECT org, name FROM organisations WHERE org != ? ORDER BY org", (org.id,)
    ).fetchall()
    switch = "".join(f"<li>{link(f'/{other}', name)}</li>" for other, name in others)
    body = f"""<main><h1>{escape(org.name)}</h1>
<p class="muted">Organisation {org.id} · {escape(org.currency)} · {escape(org.zone.key)}</p>
<div class="card clock"><div><p class="muted">Time in these books</p>
<p class="big">{view.now:%A}, {view.now.day} {view.now:%B %Y, %H:%M}</p></div>
<div class="actions">{button("/clock", "Move a day", kind="primary", days=1)}{button("/clock", "Move a week", days=7)}
{button("/clock", "Real time", real="true")}</div></div>
{_receivables(view)}
<div class="halves"><section class="card"><h2>Latest payments</h2>{_payments(view)}</section>
<section class="card"><h2>Latest invoices</h2>{_invoices(view)}</section></div>
{f'<section class="card"><h2>Other companies</h2><ul>{switch}</ul></section>' if switch else ""}</main>"""
    return Page(org.name, body, org=org.id, here="Company").response()


def _receivables(view: View) -> str:
    """What is owed, by age and currency."""
    cases = ", ".join(
        "sum(CASE WHEN julianday(?) - julianday(i.due) BETWEEN ? AND ? THEN i.balance ELSE 0 END)"
        for _ in BUCKETS
    )
    values = [value for _, low, high in BUCKETS for value in (view.today.isoformat(), low, high)]
    rows = view.db.execute(
        "SELECT json_extract(CAST(c.row AS TEXT), '$.currency_code') AS code, count(*), sum(i.balance), "  # noqa: S608 ours
        f"{cases} FROM invoices i JOIN contacts c ON c.id = i.customer WHERE i.org = ? AND i.is_open = 1 GROUP BY code "
        "ORDER BY 3 DESC",
        (*values, view.org.id),
    ).fetchall()
    cells = [
        [f"<strong>{escape(code)}</strong>", str(count), f"<strong>{view.amount(total, code)}</strong>"]
        + [view.amount(amount, code) for amount in ages]
        for code, count, total, *ages in rows
    ]
    heads = ["Currency", "Open invoices>", "Outstanding>", *(f"{name}>" for name, _, _ in BUCKETS)]
    return f'<section class="card"><h2>Receivables</h2>{table(heads, cells, empty="Nobody owes anything.")}</section>'


def _payments(view: View) -> str:
    rows = view.db.execute(
        "SELECT p.created, p.customer, p.customer_name, p.amount, json_extract(CAST(c.row AS TEXT), '$.currency_code') "
        "FROM payments p JOIN contacts c ON c.id = p.customer WHERE p.org = ? "
        "ORDER BY p.created DESC, p.id DESC LIMIT 8",
        (view.org.id,),
    )
    cells = [
        [moment_words(at, view), link(f"/{view.org.id}/customers/{who}", name), view.amount(amount, code)]
        for at, who, name, amount, code in rows
    ]
    return table(["When", "Customer", "Amount>"], cells, empty="No payment yet.")


def _invoices(view: View) -> str:
    rows = view.db.execute(
        "SELECT i.id, i.number, i.customer_name, i.due, i.total, json_extract(CAST(i.row AS TEXT), '$.currency_code') "
        "FROM invoices i WHERE i.org = ? ORDER BY i.created DESC, i.id DESC LIMIT 8",
        (view.org.id,),
    )
    cells = [
        [
            link(f"/{view.org.id}/invoices/{each}", number),
            escape(name),
            day_words(due),
            view.amount(total, code),
        ]
        for each, number, name, due, total, code in rows
    ]
    return table(["Invoice", "Customer", "Due", "Amount>"], cells, empty="No invoice yet.")
