"""Retainer invoices: money asked for in advance, unused once it is paid (zoho-books-api.md section 9)."""

from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.life.books import Books, LifeError, customer, day, settle_totals
from zoho_sandbox.life.changes import note
from zoho_sandbox.store.identity import next_id, take
from zoho_sandbox.store.rows import payment_row
from zoho_sandbox.wire import encode


def create(books: Books, who: int, total: int, facts: dict[str, Any]) -> int:
    """Ask a customer for `total` cents in advance. `facts` may have date, reference_number, draft."""
    buyer = customer(books, who)
    issued = day(facts.get("date", books.today.isoformat()), "The date")
    identity = next_id(books.db, books.org.id, "other")
    number = f"RET-{take(books.db, books.org.id, 'retainer number'):05}"
    state = "draft" if facts.get("draft") else "sent"
    row = {
        "retainerinvoice_id": str(identity), "retainerinvoice_number": number, "customer_id": str(who),
        "customer_name": buyer.name, "status": state, "reference_number": str(facts.get("reference_number", "")),
        "project_or_estimate_name": "", "date": issued, "currency_id": str(buyer.currency_id),
        "currency_code": buyer.currency, "currency_symbol": buyer.symbol, "exchange_rate": buyer.rate,
        "is_viewed_by_client": False, "client_viewed_time": "", "total": money.number(total),
        "balance": money.number(total), "created_time": books.stamp, "last_modified_time": books.stamp,
        "is_emailed": state == "sent", "last_payment_date": "", "has_attachment": False, "tags": [],
    }  # fmt: skip
    books.db.execute(
        "INSERT INTO retainers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identity, books.org.id, who, buyer.name, number, state, issued, total, total, books.now, books.now,
            encode(row),
        ),
    )  # fmt: skip
    return identity


def _take(books: Books, identity: int) -> tuple[int, str, int, dict[str, Any]]:
    found = books.db.execute(
        "SELECT customer, state, balance, row FROM retainers WHERE id = ? AND org = ?",
        (identity, books.org.id),
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no retainer invoice {identity} in {books.org.name}.")
    return found[0], found[1], found[2], msgspec.json.decode(found[3])


def _store(books: Books, identity: int, state: str, balance: int, row: dict[str, Any]) -> None:
    row |= {"status": state, "balance": money.number(balance), "last_modified_time": books.stamp}
    books.db.execute(
        "UPDATE retainers SET state = ?, balance = ?, modified = ?, row = ? WHERE id = ?",
        (state, balance, books.now, encode(row), identity),
    )


def pay(books: Books, identity: int) -> int:
    """The customer pays in advance: a payment for no invoice, unused until it is applied. Returns its id."""
    who, state, balance, row = _take(books, identity)
    if state != "sent":
        raise LifeError(f"Nothing is asked for by {row['retainerinvoice_number']}.")
    buyer, today = customer(books, who), books.today.isoformat()
    payment = next_id(books.db, books.org.id, "payment")
    number = take(books.db, books.org.id, "payment number")
    values = {
        "id": payment, "number": number, "numbers": row["retainerinvoice_number"], "date": today,
        "mode": "Bank Transfer", "amount": balance, "unused": balance, "reference": "", "created": books.now,
        "modified": books.now,
    }  # fmt: skip
    encoded = encode(
        msgspec.json.decode(payment_row(books.org, buyer, values)) | {"payment_type": "Retainer Payment"}
    )
    books.db.execute(
        "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            payment, books.org.id, who, buyer.name, number, "Bank Transfer", "", today, balance, balance, books.now,
            books.now, encoded,
        ),
    )  # fmt: skip
    _store(books, identity, "paid", 0, row | {"last_payment_date": today})
    more = books.db.execute("SELECT more FROM contacts WHERE id = ?", (who,)).fetchone()[0]
    detail = msgspec.json.decode(more)
    unused = money.cents(detail["unused_retainer_payments"]) + balance
    detail["unused_retainer_payments"] = money.number(unused)
    books.db.execute("UPDATE contacts SET more = ? WHERE id = ?", (encode(detail), who))
    note(books.db, books.org, "payment", payment, "created")
    settle_totals(books, who)
    return payment


def void(books: Books, identity: int) -> None:
    """Ask no longer."""
    _, state, _, row = _take(books, identity)
    if state != "sent":
        raise LifeError(f"{row['retainerinvoice_number']} cannot be voided any more.")
    _store(books, identity, "void", 0, row)
