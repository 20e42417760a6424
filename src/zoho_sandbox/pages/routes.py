"""Which page or button an address means."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zoho_sandbox.company import organisations
from zoho_sandbox.html import Page, problem, see_other
from zoho_sandbox.pages import actions, company, control, customers, invoices, switches, webhooks
from zoho_sandbox.pages.view import View, first_organisation
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

FOLDER = Path(__file__).parent
FILES = {
    "/style.css": ((FOLDER / "style.css").read_bytes(), "text/css; charset=utf-8"),
    "/open.js": ((FOLDER / "open.js").read_bytes(), "text/javascript; charset=utf-8"),
    "/icon.svg": ((FOLDER / "icon.svg").read_bytes(), "image/svg+xml"),
}
ID = r"(\d{1,18})"
ORGANISATION = re.compile(rf"/{ID}(/.*)?")
CUSTOMER, INVOICE = re.compile(rf"/customers/{ID}"), re.compile(rf"/invoices/{ID}")
INVOICE_DEED = re.compile(rf"/{ID}/invoices/{ID}/({'|'.join(actions.INVOICE_DEEDS)})")
PAYMENT_DELETE, ACTIVE = (
    re.compile(rf"/{ID}/payments/{ID}/delete"),
    re.compile(rf"/{ID}/customers/{ID}/active"),
)
PUBLIC = re.compile(r"/books/[^/]+/secure")
APP = re.compile(rf"/app(?:/{ID})?/?")
COMMON: dict[str, Callable[[View], Response]] = {
    "/apps": control.apps,
    "/users": control.users,
    "/weather": control.weather,
    "/switches": switches.show,
    "/mistakes": switches.mistakes,
    "/webhooks": webhooks.show,
}
BUTTONS: dict[str, Callable[["Sandbox", Request], Response]] = {
    "/clock": actions.move_clock, "/apps/revoke": actions.revoke, "/users/leave": actions.leave,
    "/switches": switches.set_one, "/switches/usual": switches.set_usual, "/mistakes/forget": switches.forget_mistakes,
    "/webhooks/add": webhooks.add, "/webhooks/remove": webhooks.remove,
    "/weather/fault": actions.add_fault, "/weather/clear": actions.clear_faults, "/weather/limits": actions.set_limits,
}  # fmt: skip


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Answer with a page or a file, or do what a button says."""
    if request.path in FILES:
        body, kind = FILES[request.path]
        return Response(body=body, content_type=kind, headers=[("X-Content-Type-Options", "nosniff")])
    if request.method == "POST":
        try:
            return _press(sandbox, request) or _not_found()
        except (ValueError, KeyError) as error:
            return problem(str(error))
    if request.method not in {"GET", "HEAD"}:
        return problem("Pages are looked at with GET and buttons pressed with POST.", status=405)
    with sandbox.database.reading() as db:
        return _page(sandbox, db, request) or _not_found()


def _not_found() -> Response:
    return problem("There is no such page.", title="Not found", status=404)


def _press(sandbox: "Sandbox", request: Request) -> Response | None:
    if button := BUTTONS.get(request.path):
        return button(sandbox, request)
    if match := INVOICE_DEED.fullmatch(request.path):
        return actions.on_invoice(sandbox, int(match[1]), int(match[2]), match[3], request.form)
    if match := PAYMENT_DELETE.fullmatch(request.path):
        return actions.delete_payment(sandbox, int(match[1]), int(match[2]), request.form)
    if match := ACTIVE.fullmatch(request.path):
        return actions.set_active(sandbox, int(match[1]), int(match[2]), request.form)
    return None


def _page(sandbox: "Sandbox", db: sqlite3.Connection, request: Request) -> Response | None:
    first = first_organisation(db)
    if request.path == "/":
        return see_other(f"/{first}")
    if APP.fullmatch(request.path):
        # Deep links of the real pages carry what to open behind a #, which only a script can read.
        body = '<main class="narrow card"><h1>Opening…</h1><p><a href="/">To the company</a></p></main>'
        return Page("Opening", body, script="/open.js").response()
    match = ORGANISATION.fullmatch(request.path)
    org = organisations.load(db, int(match[1]) if match else first)
    if org is None:
        return None
    view = View(sandbox, db, org, request.query)
    if PUBLIC.fullmatch(request.path):
        return invoices.show_public(view, request.query.get("CInvoiceID", ""))
    if match is None:
        return COMMON[request.path](view) if request.path in COMMON else None
    return _company_page(view, match[2] or "")


def _company_page(view: View, rest: str) -> Response | None:
    if rest in {"", "/"}:
        return company.show(view)
    if rest == "/customers":
        return customers.show_list(view)
    if rest == "/invoices":
        return invoices.show_list(view)
    if match := CUSTOMER.fullmatch(rest):
        return customers.show(view, int(match[1]))
    if match := INVOICE.fullmatch(rest):
        return invoices.show(view, int(match[1]))
    return None
