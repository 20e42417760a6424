"""Control of life: what tests and tools let happen in the books, one call per deed.

Every call may name `organisation`; the first one is meant otherwise. Amounts are numbers in the customer's currency.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.life import contacts, corrections, invoices, payments, retainers
from zoho_sandbox.life.books import Books, LifeError, positive
from zoho_sandbox.wire import encode

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

Deed = Callable[[Books, dict[str, Any]], object]
TABLES = {
    "contact": "contacts",
    "person": "persons",
    "invoice": "invoices",
    "payment": "payments",
    "creditnote": "creditnotes",
}


def identity(given: dict[str, Any], name: str) -> int:
    """An id from outside; LifeError when it is none."""
    text = str(given.pop(name))
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 a signed 64-bit number
        raise LifeError(f"“{text}” is not an id.")
    return int(text)


def _create_contact(books: Books, given: dict[str, Any]) -> object:
    return {"contact_id": str(contacts.create(books, given))}


def _edit_contact(books: Books, given: dict[str, Any]) -> object:
    contacts.edit(books, identity(given, "contact"), given)
    return {}


def _activate(books: Books, given: dict[str, Any]) -> object:
    contacts.set_active(books, identity(given, "contact"), active=bool(given.get("active", True)))
    return {}


def _delete_contact(books: Books, given: dict[str, Any]) -> object:
    contacts.delete(books, identity(given, "contact"), force=bool(given.get("force", False)))
    return {}


def _merge(books: Books, given: dict[str, Any]) -> object:
    contacts.merge(books, identity(given, "contact"), identity(given, "into"))
    return {}


def _add_person(books: Books, given: dict[str, Any]) -> object:
    return {"contact_person_id": str(contacts.add_person(books, identity(given, "contact"), given))}


def _edit_person(books: Books, given: dict[str, Any]) -> object:
    contacts.edit_person(books, identity(given, "person"), given)
    return {}


def _delete_person(books: Books, given: dict[str, Any]) -> object:
    contacts.delete_person(books, identity(given, "person"))
    return {}


def _create_invoice(books: Books, given: dict[str, Any]) -> object:
    made = invoices.create(books, identity(given, "contact"), invoices.amount_of(given), given)
    return {"invoice_id": str(made)}


def _edit_invoice(books: Books, given: dict[str, Any]) -> object:
    invoices.edit(books, identity(given, "invoice"), given)
    return {}


def _pay(books: Books, given: dict[str, Any]) -> object:
    """`invoice` with an optional `amount`, or `invoices`: ids, or objects with invoice and amount."""
    if "invoice" in given:
        part = positive(given.pop("amount"), "The amount") if "amount" in given else None
        parts: list[payments.Part] = [(identity(given, "invoice"), part)]
    else:
        parts = [_part(each) for each in given.pop("invoices", [])]
    if "contact" in given:
        given["customer"] = identity(given, "contact")
    return {"payment_id": str(payments.pay(books, parts, given))}


def _part(each: object) -> payments.Part:
    if isinstance(each, dict):
        amount = positive(each["amount"], "The amount") if "amount" in each else None
        return identity(each, "invoice"), amount
    return identity({"invoice": each}, "invoice"), None


def _delete_payment(books: Books, given: dict[str, Any]) -> object:
    payments.delete_payment(books, identity(given, "payment"))
    return {}


def _create_credit(books: Books, given: dict[str, Any]) -> object:
    amount = positive(given.get("total"), "The total")
    if "invoice" in given:
        given["invoice"] = identity(given, "invoice")
    return {"creditnote_id": str(payments.credit(books, identity(given, "contact"), amount, given))}


def _apply_credit(books: Books, given: dict[str, Any]) -> object:
    amount = positive(given["amount"], "The amount") if "amount" in given else None
    applied = payments.apply_credit(books, identity(given, "creditnote"), identity(given, "invoice"), amount)
    return {"amount_applied": money.number(applied)}


def _patch(books: Books, given: dict[str, Any]) -> object:
    """Set keys of a record's row to anything at all, as dirty data would be. Filters see the old values.

    Takes kind (a key of `TABLES`), id, `set` (keys and values), and `remove` (keys).
    """
    table = TABLES.get(str(given.get("kind")))
    if table is None or not isinstance(given.get("set"), dict):
        raise LifeError(f"Give kind ({', '.join(TABLES)}), id and the values to set.")
    wanted = identity(given, "id")
    query = f"SELECT row FROM {table} WHERE id = ? AND org = ?"  # noqa: S608 the table is one of ours
    found = books.db.execute(query, (wanted, books.org.id)).fetchone()
    if found is None:
        raise LifeError(f"There is no {given['kind']} {wanted}.")
    row = msgspec.json.decode(found[0]) | given["set"]
    row = {key: value for key, value in row.items() if key not in given.get("remove", [])}
    books.db.execute(f"UPDATE {table} SET row = ? WHERE id = ?", (encode(row), wanted))  # noqa: S608
    return {}


def _edit_payment(books: Books, given: dict[str, Any]) -> object:
    corrections.edit_payment(books, identity(given, "payment"), given)
    return {}


def _refund(books: Books, given: dict[str, Any]) -> object:
    amount = positive(given["amount"], "The amount")
    return {"payment_refund_id": str(corrections.refund(books, identity(given, "payment"), amount))}


def _unapply(books: Books, given: dict[str, Any]) -> object:
    corrections.unapply_credit(books, identity(given, "creditnote"), identity(given, "invoice"))
    return {}


def _on(kind: str, deed: Callable[[Books, int], object]) -> Deed:
    def on(books: Books, given: dict[str, Any]) -> object:
        made = deed(books, identity(given, kind))
        return {} if made is None else {"payment_id": str(made)}

    return on


def _opening_balance(books: Books, given: dict[str, Any]) -> object:
    corrections.set_opening_balance(books, identity(given, "contact"), money.cents(given["amount"]))
    return {}


def _rate(books: Books, given: dict[str, Any]) -> object:
    corrections.set_rate(books, str(given["currency"]), given["rate"])
    return {}


def _create_retainer(books: Books, given: dict[str, Any]) -> object:
    made = retainers.create(books, identity(given, "contact"), invoices.amount_of(given), given)
    return {"retainerinvoice_id": str(made)}


DEEDS: dict[str, Deed] = {
    "contacts/create": _create_contact,
    "contacts/edit": _edit_contact,
    "contacts/active": _activate,
    "contacts/delete": _delete_contact,
    "contacts/merge": _merge,
    "persons/add": _add_person,
    "persons/edit": _edit_person,
    "persons/delete": _delete_person,
    "invoices/create": _create_invoice,
    "invoices/edit": _edit_invoice,
    "invoices/send": _on("invoice", invoices.send),
    "invoices/void": _on("invoice", invoices.void),
    "invoices/reopen": _on("invoice", invoices.reopen),
    "invoices/write-off": _on("invoice", invoices.write_off),
    "invoices/delete": _on("invoice", invoices.delete),
    "payments/create": _pay,
    "payments/edit": _edit_payment,
    "payments/refund": _refund,
    "payments/delete": _delete_payment,
    "creditnotes/create": _create_credit,
    "creditnotes/apply": _apply_credit,
    "creditnotes/unapply": _unapply,
    "creditnotes/void": _on("creditnote", corrections.void_credit),
    "creditnotes/delete": _on("creditnote", corrections.delete_credit),
    "retainers/create": _create_retainer,
    "retainers/pay": _on("retainer", retainers.pay),
    "retainers/void": _on("retainer", retainers.void),
    "contacts/opening-balance": _opening_balance,
    "currencies/rate": _rate,
    "records/patch": _patch,
}


def happen(sandbox: "Sandbox", deed: str, given: dict[str, Any]) -> object:
    """Let a deed of `DEEDS` happen now, wholly or not at all."""
    org = identity(given, "organisation") if "organisation" in given else None
    with sandbox.database.writing() as db:
        return DEEDS[deed](sandbox.books(db, org), given)
