"""The books of one organisation, open for writing at a moment; what every deed of life needs."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from zoho_sandbox import money, stamps
from zoho_sandbox.life.changes import note
from zoho_sandbox.store.rows import Customer, Organisation
from zoho_sandbox.switches import Switches
from zoho_sandbox.wire import encode

OPEN_STATES = ("sent", "viewed", "partially_paid")


class LifeError(ValueError):
    """Something that cannot happen in the books; the message says why in one sentence."""


@dataclass(slots=True)
class Books:
    """An organisation's books inside a write transaction. `now` is the moment of the deed in epoch seconds."""

    db: sqlite3.Connection
    org: Organisation
    now: int
    switches: Switches = field(default_factory=Switches)

    @property
    def today(self) -> date:
        """The organisation's date."""
        return stamps.local_day(self.now, self.org.zone)

    @property
    def stamp(self) -> str:
        """The moment, as rows show it."""
        return self.org.stamp(self.now)


@dataclass(slots=True)
class Invoice:
    """An invoice taken out of the tables; `save` puts it back."""

    id: int
    customer: int
    number: str
    state: str
    due: str
    total: int
    balance: int
    row: dict[str, Any]


def invoice(books: Books, identity: int) -> Invoice:
    """The invoice of that id; LifeError when there is none."""
    found = books.db.execute(
        "SELECT customer, number, state, due, total, balance, row FROM invoices WHERE id = ? AND org = ?",
        (identity, books.org.id),
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no invoice {identity} in {books.org.name}.")
    who, number, state, due, total, balance, row = found
    return Invoice(identity, who, number, state, due, total, balance, msgspec.json.decode(row))


def save(books: Books, changed: Invoice, *, touch: bool = True) -> None:
    """Store an invoice with its columns; `touch` moves its last modified time. Its customer's totals follow."""
    row = changed.row
    row["balance"] = money.number(changed.balance)
    row["due_date"] = changed.due
    if touch:
        row["last_modified_time"] = row["updated_time"] = books.stamp
    books.db.execute(
        "UPDATE invoices SET customer = ?, customer_name = ?, reference = ?, state = ?, is_open = ?, due = ?, "
        "expected = ?, balance = ?, modified = CASE WHEN ? THEN ? ELSE modified END, row = ? WHERE id = ?",
        (
            changed.customer,
            row["customer_name"],
            row["reference_number"],
            changed.state,
            changed.state in OPEN_STATES,
            changed.due,
            row["payment_expected_date"],
            changed.balance,
            touch,
            books.now,
            encode(row),
            changed.id,
        ),
    )
    if touch:
        note(books.db, books.org, "invoice", changed.id, "edited")
    settle_totals(books, changed.customer)


def after_money(changed: Invoice) -> None:
    """Set the state that follows from the balance of an invoice that is out."""
    if changed.balance == 0:
        changed.state = "paid"
    else:
        changed.state = "partially_paid" if changed.balance < changed.total else "sent"


def customer(books: Books, identity: int) -> Customer:
    """The customer of that id as documents need it; LifeError when there is none."""
    found = books.db.execute(
        "SELECT row, more FROM contacts WHERE id = ? AND org = ?", (identity, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no customer {identity} in {books.org.name}.")
    row, billing = msgspec.json.decode(found[0]), msgspec.json.decode(found[1])["billing_address"]
    code = row["currency_code"]
    currency = books.db.execute(
        "SELECT id, symbol, rate FROM currencies WHERE org = ? AND code = ?", (books.org.id, code)
    ).fetchone()
    keys = ("address", "street2", "city", "state", "country", "phone", "fax", "attention")
    address = {key: billing[key] for key in keys} | {"zipcode": billing["zip"]}
    return Customer(
        identity,
        row["contact_name"],
        row["company_name"],
        row["email"],
        code,
        currency[0],
        currency[1],
        currency[2],
        row["payment_terms"],
        row["payment_terms_label"],
        address,
    )


def settle_totals(books: Books, identity: int) -> None:
    """Work out a customer's receivables and unused credits again. That alone changes the contact by a switch only."""
    found = books.db.execute(
        "SELECT c.row, coalesce(u.rate, 1) FROM contacts c LEFT JOIN currencies u ON u.org = c.org AND u.code = "
        "json_extract(CAST(c.row AS TEXT), '$.currency_code') WHERE c.id = ?",
        (identity,),
    ).fetchone()
    if found is None:
        return
    owed, credit, unused = books.db.execute(
        "SELECT (SELECT coalesce(sum(balance), 0) FROM invoices WHERE customer = ? AND is_open = 1) "
        "+ (SELECT coalesce(sum(amount), 0) FROM opening_balances WHERE contact = ?), "
        "(SELECT coalesce(sum(balance), 0) FROM creditnotes WHERE customer = ? AND state = 'open'), "
        "(SELECT coalesce(sum(unused), 0) FROM payments WHERE customer = ?)",
        (identity, identity, identity, identity),
    ).fetchone()
    before = found[0]
    row = msgspec.json.decode(before)
    for key, cents in (
        ("outstanding_receivable_amount", owed),
        ("unused_credits_receivable_amount", credit + unused),
    ):
        row[key] = money.number(cents)
        row[f"{key}_bcy"] = money.number(money.base(cents, found[1]))
    touch = books.switches.balance_moves_contact and encode(row) != before
    if touch:
        row["last_modified_time"] = books.stamp
    books.db.execute(
        "UPDATE contacts SET outstanding = ?, modified = CASE WHEN ? THEN ? ELSE modified END, row = ? WHERE id = ?",
        (owed, touch, books.now, encode(row), identity),
    )


def day(value: object, name: str) -> str:
    """An ISO date from outside; LifeError otherwise."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise LifeError(f"{name} “{value}” is not a date. Write it like 2026-11-24.") from None


def positive(value: object, name: str) -> int:
    """Cents of a positive amount from outside; LifeError otherwise."""
    try:
        amount = money.cents(value)
    except ValueError as error:
        raise LifeError(str(error)) from None
    if amount <= 0:
        raise LifeError(f"{name} must be more than zero.")
    return amount
