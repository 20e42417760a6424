"""Calls that change invoices and contacts (zoho-books-api.md sections 6.4 and 7.3).

Paths, scopes and messages are those of Zoho's documents. What is impossible in the books is refused with status 400.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from zoho_sandbox.api import invoices as reading
from zoho_sandbox.api.call import Call, Handler, does_not_exist, invalid
from zoho_sandbox.api.lists import DAY
from zoho_sandbox.life import contacts, invoices
from zoho_sandbox.life.books import Books, LifeError
from zoho_sandbox.wire import Response, ZohoError, json_response, success

# Keys of an invoice that a client may send; those that are changed here, and those that are taken and left as they are.
CHANGED = {"payment_expected_date", "due_date", "reference_number"}
TAKEN = {
    "customer_id", "line_items", "invoice_number", "date", "currency_id", "contact_persons",
    "contact_persons_associated", "payment_terms", "payment_terms_label", "exchange_rate", "notes", "terms",
    "discount", "custom_fields", "salesperson_id", "template_id", "stop_reminder_until_payment_expected_date",
    "payment_options", "allow_partial_payments", "reason",
}  # fmt: skip
NEEDED = ("customer_id", "line_items")
DATES = ("payment_expected_date", "due_date")
# The number is not recorded for what the books do not allow.
IMPOSSIBLE = 4


def books(call: Call) -> Books:
    """The books of a call that writes."""
    return Books(call.db, call.org, int(call.now), call.switches)


def refusing(handler: Handler) -> Handler:
    """Refuse as Zoho does what cannot happen in the books."""

    def handle(call: Call) -> Response:
        try:
            return handler(call)
        except LifeError as error:
            raise ZohoError(400, IMPOSSIBLE, str(error)) from error

    return handle


def known_keys(call: Call, known: set[str]) -> None:
    """Report keys of the body that Zoho does not know."""
    call.mistakes.extend(("key", key) for key in sorted(call.body.keys() - known))


def _invoice(call: Call) -> int:
    identity = call.id("Invoice")
    found = call.db.execute("SELECT 1 FROM invoices WHERE id = ? AND org = ?", (identity, call.org.id))
    if found.fetchone() is None:
        raise does_not_exist("Invoice")
    return identity


def _contact(call: Call) -> int:
    identity = call.id("Contact")
    found = call.db.execute("SELECT 1 FROM contacts WHERE id = ? AND org = ?", (identity, call.org.id))
    if found.fetchone() is None:
        raise does_not_exist("Contact")
    return identity


def day_or_empty(call: Call, name: str) -> str:
    """A date of the body, or `""`; ZohoError 2 otherwise."""
    value = call.body.get(name) or ""
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except (TypeError, ValueError):
        raise invalid(name) from None


def update_invoice(call: Call) -> Response:
    """`PUT /invoices/{id}`: the expected and the due date and the reference; other known keys are left as they are.

    By the documents customer_id and line_items are needed in each update; a switch demands them.
    """
    identity = _invoice(call)
    known_keys(call, CHANGED | TAKEN)
    if call.switches.invoice_update == "whole":
        for name in NEEDED:
            if not call.body.get(name):
                raise invalid(name)
    changes: dict[str, Any] = {name: day_or_empty(call, name) for name in DATES if name in call.body}
    if "reference_number" in call.body:
        changes["reference_number"] = str(call.body["reference_number"])
    if changes:
        invoices.edit(books(call), identity, changes)
    detail = msgspec.json.decode(reading.invoice(call).body)["invoice"]
    return json_response({"code": 0, "message": "Invoice information has been updated.", "invoice": detail})


def _on_invoice(deed: Callable[[Books, int], None], message: str) -> Handler:
    def handle(call: Call) -> Response:
        deed(books(call), _invoice(call))
        return json_response({"code": 0, "message": message})

    return handle


def _mark_sent(own: Books, identity: int) -> None:
    """A draft is sent; a void invoice counts again."""
    found = own.db.execute("SELECT state FROM invoices WHERE id = ?", (identity,)).fetchone()
    (invoices.reopen if found[0] == "void" else invoices.send)(own, identity)


def _cancel_write_off(own: Books, identity: int) -> None:
    if own.db.execute("SELECT state FROM invoices WHERE id = ?", (identity,)).fetchone()[0] == "void":
        raise LifeError("Only an invoice that was written off can have its write-off cancelled.")
    invoices.reopen(own, identity)


mark_sent = _on_invoice(_mark_sent, "Invoice status has been changed to Sent.")
mark_void = _on_invoice(invoices.void, "Invoice status has been changed to Void.")
write_off = _on_invoice(invoices.write_off, "Invoice has been written off")
cancel_write_off = _on_invoice(_cancel_write_off, "The write off done for this invoice has been cancelled.")


def invoice_reminders(*, on: bool) -> Handler:
    """`POST /invoices/{id}/paymentreminder/enable` and `…/disable`: Zoho's own reminders of an invoice."""
    message = "Reminders enabled." if on else "Reminders stopped."

    def handle(call: Call) -> Response:
        invoices.set_reminders(books(call), _invoice(call), on=on)
        return json_response({"code": 0, "message": message})

    return handle


def contact_reminders(*, on: bool) -> Handler:
    """`POST /contacts/{id}/paymentreminder/enable` and `…/disable`: Zoho's own reminders of a customer."""
    done = "enabled" if on else "stopped"
    message = f"All reminders associated with this contact have been {done}."

    def handle(call: Call) -> Response:
        contacts.set_reminders(books(call), _contact(call), on=on)
        return json_response({"code": 0, "message": message})

    return handle


def contact_active(*, active: bool) -> Handler:
    """`POST /contacts/{id}/active` and `…/inactive`."""
    message = f"The contact has been marked as {'active' if active else 'inactive'}."

    def handle(call: Call) -> Response:
        contacts.set_active(books(call), _contact(call), active=active)
        return json_response({"code": 0, "message": message})

    return handle


def payment_link(call: Call) -> Response:
    """`GET /share/paymentlink?transaction_id&transaction_type=invoice&link_type&expiry_time`."""
    if call.get("transaction_type") != "invoice":
        raise invalid("transaction_type")
    if call.get("link_type") not in {"public", "private"}:
        raise invalid("link_type")
    if not DAY.fullmatch(call.get("expiry_time")):
        raise invalid("expiry_time")
    call.ids = (call.get("transaction_id"),)
    detail = msgspec.json.decode(reading.invoice(call).body)["invoice"]
    if "invoice_url" not in detail:
        raise ZohoError(400, IMPOSSIBLE, "This invoice cannot be shared.")
    return success(data={"share_link": detail["invoice_url"].strip()})
