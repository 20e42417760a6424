"""Customers: the list, and one customer with persons and invoices."""

from urllib.parse import urlencode

import msgspec

from zoho_sandbox.api.invoices import status_on
from zoho_sandbox.html import Page, button, escape, link, pill, problem, table
from zoho_sandbox.pages.view import View, day_words, lateness
from zoho_sandbox.wire import Response

PER_PAGE = 50


def show_list(view: View) -> Response:
    """`/{org}/customers?q=&page=`."""
    search, text = view.query.get("q", "").strip()[:100], view.query.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1  # noqa: PLR2004 enough pages
    rows = view.db.execute(
        "SELECT id, name, email, status, outstanding, json_extract(CAST(row AS TEXT), '$.currency_code'), "
        "(SELECT coalesce(sum(balance), 0) FROM invoices WHERE customer = contacts.id AND is_open = 1 AND due < ?) "
        "FROM contacts WHERE org = ? AND (? = '' OR instr(lower(name), lower(?)) OR instr(lower(email), lower(?))) "
        "ORDER BY name, id LIMIT ? OFFSET ?",
        (
            view.today.isoformat(),
            view.org.id,
            search,
            search,
            search,
            PER_PAGE + 1,
            (max(page, 1) - 1) * PER_PAGE,
        ),
    ).fetchall()
    cells = [
        [
            link(f"/{view.org.id}/customers/{each}", name)
            + (f" {pill(status)}" if status != "active" else ""),
            escape(email) or '<span class="muted">no e-mail address</span>',
            view.amount(owed, code),
            view.amount(overdue, code),
        ]
        for each, name, email, status, owed, code, overdue in rows[:PER_PAGE]
    ]
    more = ""
    if page > 1:
        more += link(f"?{_query(search, page - 1)}", "Earlier")
    if len(rows) > PER_PAGE:
        more += link(f"?{_query(search, page + 1)}", "Later")
    found = table(["Customer", "E-mail", "Outstanding>", "Overdue>"], cells, empty="No customer fits.")
    body = f"""<main><h1>Customers</h1><form class="search"><input name="q" type="search" aria-label="Search"
placeholder="Search names and addresses" value="{escape(search)}"><button type="submit">Search</button></form>
<div class="card">{found}</div><p class="pages">{more}</p></main>"""
    return Page("Customers", body, org=view.org.id, here="Customers").response()


def _query(search: str, page: int) -> str:
    return urlencode({"q": search, "page": page})


def show(view: View, identity: int) -> Response:
    """`/{org}/customers/{id}`."""
    found = view.db.execute(
        "SELECT row, more FROM contacts WHERE id = ? AND org = ?", (identity, view.org.id)
    ).fetchone()
    if found is None:
        return problem(
            "There is no such customer, or no longer.", title="Not found", status=404, org=view.org.id
        )
    row, more = msgspec.json.decode(found[0]), msgspec.json.decode(found[1])
    persons = [
        msgspec.json.decode(each)
        for (each,) in view.db.execute("SELECT row FROM persons WHERE contact = ? ORDER BY id", (identity,))
    ]
    people = table(
        ["Name", "Role", "E-mail", "Phone"],
        [
            [escape(f"{each['first_name']} {each['last_name']}".strip()), escape(each["designation"]),
             escape(each["email"]), escape(each["phone"] or each["mobile"])]
            for each in persons
        ],
        empty="No contact person.",
    )  # fmt: skip
    code = row["currency_code"]
    billing = more["billing_address"]
    address = ", ".join(
        filter(None, (billing[key] for key in ("address", "street2", "city", "zip", "country")))
    )
    active = row["status"] == "active"
    words = [row["company_name"], row["payment_terms_label"], code, *([] if active else ["archived"])]
    label, value = ("Archive", "") if active else ("Take back", "1")
    archive = button(f"/{view.org.id}/customers/{identity}/active", label, active=value)
    body = f"""<main><p><a href="/{view.org.id}/customers">Customers</a></p><h1>{escape(row["contact_name"])}</h1>
<p class="muted">{" · ".join(map(escape, words))}</p>
<p class="muted">{escape(address)}</p>
<div class="actions">{archive}</div>
<section class="card"><h2>Contact persons</h2>{people}</section>
<section class="card"><h2>Invoices</h2>{_invoices(view, identity, code)}</section></main>"""
    return Page(row["contact_name"], body, org=view.org.id, here="Customers").response()


def _invoices(view: View, customer: int, code: str) -> str:
    rows = view.db.execute(
        "SELECT id, number, date, due, state, total, balance FROM invoices WHERE customer = ? "
        "ORDER BY is_open DESC, due DESC LIMIT 100",
        (customer,),
    )
    cells = []
    for identity, number, issued, due, state, total, balance in rows:
        status = status_on(state, due, view.today.isoformat())
        late = f"{lateness(due, view.today)} days" if status == "overdue" else ""
        cells.append([
            link(f"/{view.org.id}/invoices/{identity}", number), day_words(issued), day_words(due), late, pill(status),
            view.amount(total, code), view.amount(balance, code)])  # fmt: skip
    heads = ["Invoice", "Date", "Due", "Late>", "State", "Total>", "Outstanding>"]
    return table(heads, cells, empty="No invoice.")
