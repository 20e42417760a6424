"""What is set right afterwards: refunds, credit notes taken back, payments edited, opening balances, rates."""

from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.life.books import Books, LifeError, after_money, day, invoice, save, settle_totals
from zoho_sandbox.life.changes import note
from zoho_sandbox.store.identity import next_id
from zoho_sandbox.wire import encode


def _payment(books: Books, identity: int) -> tuple[int, int, dict[str, Any]]:
    found = books.db.execute(
        "SELECT customer, unused, row FROM payments WHERE id = ? AND org = ?", (identity, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no payment {identity} in {books.org.name}.")
    return found[0], found[1], msgspec.json.decode(found[2])


def _store_payment(books: Books, identity: int, unused: int, row: dict[str, Any]) -> None:
    row |= {"unused_amount": money.number(unused), "last_modified_time": books.stamp}
    books.db.execute(
        "UPDATE payments SET unused = ?, date = ?, mode = ?, reference = ?, modified = ?, row = ? WHERE id = ?",
        (
            unused, row["date"], row["payment_mode"], row["reference_number"], books.now, encode(row), identity,
        ),
    )  # fmt: skip
    note(books.db, books.org, "payment", identity, "edited")


def edit_payment(books: Books, identity: int, changes: dict[str, Any]) -> None:
    """Change date, mode or reference of a payment."""
    who, unused, row = _payment(books, identity)
    names = {"date": "date", "mode": "payment_mode", "reference": "reference_number"}
    if unknown := changes.keys() - names.keys():
        raise LifeError(f"A payment has no {', '.join(sorted(unknown))} that can be changed here.")
    row |= {names[key]: str(value) for key, value in changes.items()}
    row["date"] = day(row["date"], "The date")
    row["payment_mode_formatted"] = row["payment_mode"]
    _store_payment(books, identity, unused, row)
    settle_totals(books, who)


def refund(books: Books, identity: int, amount: int) -> int:
    """Pay back `amount` cents of what is unused of a payment; returns the refund's id."""
    who, unused, row = _payment(books, identity)
    if not 0 < amount <= unused:
        raise LifeError(f"Only {money.number(unused)} of this payment is unused.")
    made = next_id(books.db, books.org.id, "other")
    books.db.execute(
        "INSERT INTO refunds VALUES (?, ?, ?, ?, ?)",
        (made, identity, books.today.isoformat(), row["payment_mode"], amount),
    )
    returned = money.cents(row["bcy_refunded_amount"]) + amount
    _store_payment(books, identity, unused - amount, row | {"bcy_refunded_amount": money.number(returned)})
    settle_totals(books, who)
    return made


def _note(books: Books, identity: int) -> tuple[int, str, int, dict[str, Any]]:
    found = books.db.execute(
        "SELECT customer, state, balance, row FROM creditnotes WHERE id = ? AND org = ?",
        (identity, books.org.id),
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no credit note {identity} in {books.org.name}.")
    return found[0], found[1], found[2], msgspec.json.decode(found[3])


def _store_note(books: Books, identity: int, state: str, balance: int, row: dict[str, Any]) -> None:
    row |= {"status": state, "current_sub_status": state, "balance": money.number(balance)}
    row["last_modified_time"] = books.stamp
    books.db.execute(
        "UPDATE creditnotes SET balance = ?, state = ?, modified = ?, row = ? WHERE id = ?",
        (balance, state, books.now, encode(row), identity),
    )
    note(books.db, books.org, "creditnote", identity, "edited")


def unapply_credit(books: Books, identity: int, owed: int) -> None:
    """Take a credit note off an invoice again: both are open once more."""
    who, _, balance, row = _note(books, identity)
    parts = books.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM credits WHERE creditnote = ? AND invoice = ?", (identity, owed)
    ).fetchone()[0]
    if not parts:
        raise LifeError("This credit note is not applied to that invoice.")
    books.db.execute("DELETE FROM credits WHERE creditnote = ? AND invoice = ?", (identity, owed))
    _store_note(books, identity, "open", balance + parts, row)
    changed = invoice(books, owed)
    changed.balance += parts
    after_money(changed)
    save(books, changed, touch=books.switches.credit_moves_invoice)
    settle_totals(books, who)


def _unapplied(books: Books, identity: int) -> tuple[int, dict[str, Any]]:
    who, _, _, row = _note(books, identity)
    if books.db.execute("SELECT 1 FROM credits WHERE creditnote = ?", (identity,)).fetchone():
        raise LifeError(f"{row['creditnote_number']} is applied to invoices. Take it off them first.")
    return who, row


def void_credit(books: Books, identity: int) -> None:
    """Declare a credit note void that is applied to nothing."""
    who, row = _unapplied(books, identity)
    _store_note(books, identity, "void", 0, row)
    settle_totals(books, who)


def delete_credit(books: Books, identity: int) -> None:
    """Delete a credit note that is applied to nothing."""
    who, _ = _unapplied(books, identity)
    note(books.db, books.org, "creditnote", identity, "deleted")
    books.db.execute("DELETE FROM creditnotes WHERE id = ?", (identity,))
    settle_totals(books, who)


def set_opening_balance(books: Books, who: int, amount: int) -> None:
    """Say what a customer owed before these books began: receivable without an invoice. Cents; 0 for nothing."""
    found = books.db.execute(
        "SELECT row, more FROM contacts WHERE id = ? AND org = ?", (who, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no customer {who} in {books.org.name}.")
    if amount < 0:
        raise LifeError("An opening balance is not below zero here.")
    row, more = msgspec.json.decode(found[0]), msgspec.json.decode(found[1])
    shown = money.number(amount)
    more |= {
        "opening_balance_amount": shown,
        "outstanding_ob_receivable_amount": shown,
        "opening_balances": [
            {"currency_id": row["currency_id"], "currency_code": row["currency_code"],
             "opening_balance_amount": shown, "exchange_rate": 1}
        ] if amount else [],
    }  # fmt: skip
    row["last_modified_time"] = books.stamp
    books.db.execute(
        "UPDATE contacts SET row = ?, more = ?, modified = ? WHERE id = ?",
        (encode(row), encode(more), books.now, who),
    )
    books.db.execute("INSERT OR REPLACE INTO opening_balances VALUES (?, ?)", (who, amount))
    note(books.db, books.org, "contact", who, "edited")
    settle_totals(books, who)


def set_rate(books: Books, code: str, rate: object) -> None:
    """Set what one unit of a currency is worth in the base currency. Documents of before keep theirs."""
    try:
        value = float(str(rate))
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:  # noqa: PLR2004 no currency is worth more
        raise LifeError(f"“{rate}” is not an exchange rate. Write it like 1.08.")
    found = books.db.execute(
        "SELECT id, row FROM currencies WHERE org = ? AND code = ?", (books.org.id, code)
    ).fetchone()
    if found is None or code == books.org.currency:
        raise LifeError(f"{books.org.name} has no foreign currency “{code}”.")
    row = msgspec.json.decode(found[1]) | {"exchange_rate": value, "effective_date": books.today.isoformat()}
    books.db.execute("UPDATE currencies SET rate = ?, row = ? WHERE id = ?", (value, encode(row), found[0]))
