"""Payments and credit notes: received, applied, taken back."""

from collections.abc import Sequence
from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.life.books import (
    OPEN_STATES,
    Books,
    Invoice,
    LifeError,
    after_money,
    customer,
    day,
    invoice,
    positive,
    save,
    settle_totals,
)
from zoho_sandbox.life.changes import note
from zoho_sandbox.store.identity import next_id, take
from zoho_sandbox.store.rows import creditnote_row, payment_row
from zoho_sandbox.wire import encode

Part = tuple[int, int | None]


def pay(books: Books, parts: Sequence[Part], facts: dict[str, Any] | None = None) -> int:
    """Receive one payment for invoices of one customer; a part without cents pays the invoice in full.

    `facts` may have customer (needed without parts), amount (more than the parts leaves the rest unused), date, mode,
    reference.
    """
    facts = facts or {}
    if len({identity for identity, _ in parts}) < len(parts):
        raise LifeError("An invoice can stand only once in a payment.")
    paid = [invoice(books, identity) for identity, _ in parts]
    who = paid[0].customer if paid else int(facts.get("customer", 0))
    if any(each.customer != who for each in paid):
        raise LifeError("One payment can only be for invoices of one customer.")
    buyer = customer(books, who)
    amounts = [_part(each, wanted) for each, (_, wanted) in zip(paid, parts, strict=True)]
    amount = positive(facts["amount"], "The amount") if "amount" in facts else sum(amounts)
    if amount < sum(amounts) or amount == 0:
        raise LifeError("The amount is less than what is applied to invoices.")
    received = day(facts.get("date", books.today.isoformat()), "The date")
    identity, number = (
        next_id(books.db, books.org.id, "payment"),
        take(books.db, books.org.id, "payment number"),
    )
    values = {
        "id": identity, "number": number, "numbers": ", ".join(each.number for each in paid), "date": received,
        "mode": str(facts.get("mode", "Bank Transfer")), "amount": amount, "unused": amount - sum(amounts),
        "reference": str(facts.get("reference", "")), "created": books.now, "modified": books.now,
    }  # fmt: skip
    books.db.execute(
        "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identity, books.org.id, who, buyer.name, number, values["mode"], values["reference"], received, amount,
            values["unused"], books.now, books.now, payment_row(books.org, buyer, values),
        ),
    )  # fmt: skip
    note(books.db, books.org, "payment", identity, "created")
    for each, part in zip(paid, amounts, strict=True):
        books.db.execute(
            "INSERT INTO applications VALUES (?, ?, ?, ?, ?)",
            (next_id(books.db, books.org.id, "application"), identity, each.id, part, received),
        )
        each.balance -= part
        each.row |= {
            "last_payment_date": received,
            "unprocessed_payment_amount": 0,
            "ach_payment_initiated": False,
        }
        after_money(each)
        save(books, each, touch=books.switches.payment_moves_invoice)
    settle_totals(books, who)
    return identity


def _part(owed: Invoice, wanted: int | None) -> int:
    if owed.state not in OPEN_STATES:
        raise LifeError(f"Nothing is owed on {owed.number}.")
    amount = owed.balance if wanted is None else wanted
    if not 0 < amount <= owed.balance:
        raise LifeError(f"{owed.number} can take at most {money.number(owed.balance)}.")
    return amount


def delete_payment(books: Books, identity: int) -> None:
    """Delete a payment: its invoices are owed again. Whether that moves their time is a switch."""
    found = books.db.execute(
        "SELECT customer FROM payments WHERE id = ? AND org = ?", (identity, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no payment {identity} in {books.org.name}.")
    parts = books.db.execute(
        "SELECT invoice, amount FROM applications WHERE payment = ?", (identity,)
    ).fetchall()
    note(books.db, books.org, "payment", identity, "deleted")
    books.db.execute("DELETE FROM applications WHERE payment = ?", (identity,))
    books.db.execute("DELETE FROM refunds WHERE payment = ?", (identity,))
    books.db.execute("DELETE FROM payments WHERE id = ?", (identity,))
    for owed, amount in parts:
        changed = invoice(books, owed)
        changed.balance += amount
        after_money(changed)
        last = books.db.execute("SELECT max(date) FROM applications WHERE invoice = ?", (owed,)).fetchone()[0]
        changed.row["last_payment_date"] = last or ""
        save(books, changed, touch=books.switches.payment_deletion_moves_invoice)
    settle_totals(books, found[0])


def credit(books: Books, who: int, total: int, facts: dict[str, Any] | None = None) -> int:
    """Write a credit note over `total` cents.

    `facts` may have date, reference, and `invoice` to apply it to at once.
    """
    facts = facts or {}
    buyer = customer(books, who)
    identity = next_id(books.db, books.org.id, "creditnote")
    number = f"CN-{take(books.db, books.org.id, 'creditnote number'):05}"
    issued = day(facts.get("date", books.today.isoformat()), "The date")
    row = creditnote_row(books.org, buyer, {
        "id": identity, "number": number, "state": "open", "reference": str(facts.get("reference", "")), "date": issued,
        "total": total, "balance": total, "created": books.now, "modified": books.now})  # fmt: skip
    books.db.execute(
        "INSERT INTO creditnotes VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)",
        (identity, books.org.id, who, buyer.name, number, issued, total, total, books.now, books.now, row),
    )
    note(books.db, books.org, "creditnote", identity, "created")
    settle_totals(books, who)
    if facts.get("invoice"):
        apply_credit(books, identity, int(facts["invoice"]))
    return identity


def apply_credit(books: Books, note_id: int, owed: int, amount: int | None = None) -> int:
    """Apply a credit note to an invoice of its customer, as far as both reach or `amount` cents say."""
    found = books.db.execute(
        "SELECT customer, balance, row FROM creditnotes WHERE id = ? AND org = ?", (note_id, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no credit note {note_id} in {books.org.name}.")
    changed = invoice(books, owed)
    if changed.customer != found[0]:
        raise LifeError("A credit note can only be applied to invoices of its customer.")
    wanted = min(found[1], changed.balance) if amount is None else amount
    if found[1] < wanted:
        raise LifeError(f"Only {money.number(found[1])} of this credit note is left.")
    part = _part(changed, wanted)
    books.db.execute(
        "INSERT INTO credits VALUES (?, ?, ?, ?, ?)",
        (next_id(books.db, books.org.id, "credit"), note_id, owed, part, books.today.isoformat()),
    )
    left = found[1] - part
    state = "open" if left else "closed"
    row = msgspec.json.decode(found[2]) | {
        "balance": money.number(left), "status": state, "current_sub_status": state, "last_modified_time": books.stamp,
    }  # fmt: skip
    books.db.execute(
        "UPDATE creditnotes SET balance = ?, state = ?, modified = ?, row = ? WHERE id = ?",
        (left, state, books.now, encode(row), note_id),
    )
    note(books.db, books.org, "creditnote", note_id, "edited")
    changed.balance -= part
    after_money(changed)
    save(books, changed, touch=books.switches.credit_moves_invoice)
    return part
