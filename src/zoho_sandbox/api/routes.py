"""Which calls this Zoho Books knows, and the scope each needs (zoho-books-api.md section 2.4)."""

import re
from dataclasses import dataclass

from zoho_sandbox.api import comments, contacts, invoices, receipts, retainers, settings, webhooks, writes
from zoho_sandbox.api.call import Handler
from zoho_sandbox.api.writes import refusing

ROOT = "/books/v3"
REMINDER = "{id}/paymentreminder"


@dataclass(frozen=True, slots=True)
class Route:
    """One call. `scope` is `module.right`; `is_counted` is False for the call that shows no rate-limit headers.

    A handler of any other method than GET writes, and is lent the writing connection.
    """

    method: str
    path: re.Pattern[str]
    scope: str
    handler: Handler
    is_counted: bool = True


def _route(path: str, module: str, handler: Handler, *, is_counted: bool = True) -> Route:
    return _write("GET", path, f"{module}.read", handler, is_counted=is_counted)


def _write(method: str, path: str, scope: str, handler: Handler, *, is_counted: bool = True) -> Route:
    return Route(method, re.compile(ROOT + path.replace("{id}", "([^/]+)")), scope, handler, is_counted)


# The first match counts: fixed names stand before ids.
ROUTES = (
    _route("/organizations", "settings", settings.organizations, is_counted=False),
    _route("/organizations/{id}", "settings", settings.organization, is_counted=False),
    _route("/contacts", "contacts", contacts.contacts),
    _route("/contacts/contactpersons", "contacts", contacts.all_persons),
    _route("/contacts/contactpersons/{id}", "contacts", contacts.person),
    _route("/contacts/{id}", "contacts", contacts.contact),
    _route("/contacts/{id}/contactpersons", "contacts", contacts.persons),
    _route("/contacts/{id}/contactpersons/{id}", "contacts", contacts.person),
    _route("/contacts/{id}/address", "contacts", contacts.addresses),
    _route("/invoices", "invoices", invoices.invoices),
    _route("/invoices/{id}", "invoices", invoices.invoice),
    _route("/invoices/{id}/payments", "invoices", invoices.payments),
    _route("/invoices/{id}/creditsapplied", "invoices", invoices.credits_applied),
    _write("PUT", "/invoices/{id}", "invoices.update", refusing(writes.update_invoice)),
    _write("POST", "/invoices/{id}/status/sent", "invoices.create", refusing(writes.mark_sent)),
    _write("POST", "/invoices/{id}/status/void", "invoices.create", refusing(writes.mark_void)),
    _write("POST", "/invoices/{id}/writeoff", "invoices.create", refusing(writes.write_off)),
    _write("POST", "/invoices/{id}/writeoff/cancel", "invoices.create", refusing(writes.cancel_write_off)),
    _write("POST", f"/invoices/{REMINDER}/enable", "invoices.create", writes.invoice_reminders(on=True)),
    _write("POST", f"/invoices/{REMINDER}/disable", "invoices.create", writes.invoice_reminders(on=False)),
    _route("/invoices/{id}/comments", "invoices", comments.of_invoice),
    _write("POST", "/invoices/{id}/comments", "invoices.create", refusing(comments.add_to_invoice)),
    _write("DELETE", "/invoices/{id}/comments/{id}", "invoices.delete", comments.delete_from_invoice),
    _write("POST", f"/contacts/{REMINDER}/enable", "contacts.create", writes.contact_reminders(on=True)),
    _write("POST", f"/contacts/{REMINDER}/disable", "contacts.create", writes.contact_reminders(on=False)),
    _write("POST", "/contacts/{id}/active", "contacts.create", writes.contact_active(active=True)),
    _write("POST", "/contacts/{id}/inactive", "contacts.create", writes.contact_active(active=False)),
    _route("/contacts/{id}/comments", "contacts", comments.of_contact),
    _write("POST", "/contacts/{id}/comments", "contacts.create", comments.add_to_contact),
    _route("/share/paymentlink", "settings", writes.payment_link),
    _route("/customerpayments", "customerpayments", receipts.payments),
    _route("/customerpayments/{id}", "customerpayments", receipts.payment),
    _route("/customerpayments/{id}/refunds", "customerpayments", receipts.refunds),
    _route("/creditnotes", "creditnotes", receipts.credit_notes),
    _route("/creditnotes/{id}", "creditnotes", receipts.credit_note),
    _route("/creditnotes/{id}/invoices", "creditnotes", receipts.credited_invoices),
    _route("/retainerinvoices", "invoices", retainers.retainers),
    _route("/retainerinvoices/{id}", "invoices", retainers.retainer),
    _route("/settings/webhooks", "settings", webhooks.listed),
    _write("POST", "/settings/webhooks", "settings.create", refusing(webhooks.create)),
    _write("DELETE", "/settings/webhooks/{id}", "settings.delete", webhooks.delete),
    _route("/settings/currencies", "settings", settings.currencies),
    _route("/users", "settings", settings.users),
    _route("/users/me", "settings", settings.me),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The call of that method and path, with the ids in it."""
    wanted = "GET" if method == "HEAD" else method
    for route in ROUTES:
        if route.method == wanted and (match := route.path.fullmatch(path)):
            return route, match.groups()
    return None
