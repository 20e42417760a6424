"""What the buttons of the pages do: one life or control call each, then back to the page."""

from typing import TYPE_CHECKING, Any

from zoho_sandbox.control import life, people, running
from zoho_sandbox.html import see_other
from zoho_sandbox.life.books import LifeError
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

INVOICE_DEEDS = {
    "pay": "payments/create", "due": "invoices/edit", "expected": "invoices/edit", "void": "invoices/void",
    "write-off": "invoices/write-off", "send": "invoices/send", "reopen": "invoices/reopen",
}  # fmt: skip


def on_invoice(sandbox: "Sandbox", org: int, invoice: int, verb: str, form: dict[str, str]) -> Response:
    """A button of an invoice's page, or of the page that a payment link leads to."""
    back = form.pop("back", "")
    given: dict[str, Any] = {**form, "organisation": str(org), "invoice": str(invoice)}
    life.happen(sandbox, INVOICE_DEEDS[verb], given)
    if back and back.replace("-", "").isalnum() and back.isascii():
        return see_other(f"/books/{org}/secure?CInvoiceID={back}")
    return see_other(f"/{org}/invoices/{invoice}")


def delete_payment(sandbox: "Sandbox", org: int, payment: int, form: dict[str, str]) -> Response:
    """Delete a payment, and back to the invoice it was looked at from."""
    life.happen(sandbox, "payments/delete", {"organisation": str(org), "payment": str(payment)})
    invoice = form.get("invoice", "")
    return see_other(f"/{org}/invoices/{invoice}" if invoice.isascii() and invoice.isdigit() else f"/{org}")


def set_active(sandbox: "Sandbox", org: int, customer: int, form: dict[str, str]) -> Response:
    """Archive a customer or take it back."""
    life.happen(sandbox, "contacts/active", {
        "organisation": str(org), "contact": str(customer), "active": bool(form.get("active"))})  # fmt: skip
    return see_other(f"/{org}/customers/{customer}")


def move_clock(sandbox: "Sandbox", request: Request) -> Response:
    """Move the clock."""
    running.move_clock(sandbox, dict[str, Any](request.form))
    return see_other("/")


def revoke(sandbox: "Sandbox", request: Request) -> Response:
    """Revoke one app's access."""
    token = request.form.get("token", "")
    if not token:
        raise LifeError("Choose what to revoke.")
    running.revoke(sandbox, {"refresh_token": token})
    return see_other("/apps")


def leave(sandbox: "Sandbox", request: Request) -> Response:
    """A user leaves an organisation."""
    people.leave(sandbox, {"user": request.form.get("user", ""), "organisation": request.form.get("org", "")})
    return see_other("/users")


def add_fault(sandbox: "Sandbox", request: Request) -> Response:
    """One fault for the next API call."""
    status = request.form.get("status", "500")
    fault = {
        "path": "^/books/v3/",
        "kind": request.form.get("kind_", ""),
        "status": int(status) if status.isdigit() else 500,
    }
    running.add_faults(sandbox, fault | {"seconds": 3.0})
    return see_other("/weather")


def clear_faults(sandbox: "Sandbox", request: Request) -> Response:  # noqa: ARG001 all actions look alike
    """Take all faults back."""
    sandbox.faults.clear()
    return see_other("/weather")


def set_limits(sandbox: "Sandbox", request: Request) -> Response:
    """Enforce the limits, or only count."""
    running.set_switches(sandbox, {"enforce_limits": bool(request.form.get("on"))})
    return see_other("/weather")
