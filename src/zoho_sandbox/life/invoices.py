"""Invoices: written, sent, changed, voided, written off, reopened, deleted."""

from datetime import date, timedelta
from typing import Any

import msgspec

from zoho_sandbox import money
from zoho_sandbox.company.history import due_date
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
from zoho_sandbox.store.rows import invoice_part, shared_invoice_part, splice
from zoho_sandbox.wire import encode


def create(books: Books, who: int, total: int, facts: dict[str, Any] | None = None) -> int:
    """Write an invoice over `total` cents.

    `facts` may have date, due_date, reference_number, number, draft, emailed, and type `debit_note` for a customer's
    debit note, which asks for more on something already invoiced.
    """
    facts = facts or {}
    buyer = customer(books, who)
    issued = day(facts.get("date", books.today.isoformat()), "The date")
    terms = due_date(date.fromisoformat(issued), buyer.terms).isoformat()
    due = day(facts.get("due_date", terms), "The due date")
    is_debit_note = facts.get("type") == "debit_note"
    series, form = ("debit note number", "DN-{:05}") if is_debit_note else ("invoice number", "INV-{:06}")
    number = str(facts.get("number") or form.format(take(books.db, books.org.id, series)))
    if books.db.execute(
        "SELECT 1 FROM invoices WHERE org = ? AND number = ?", (books.org.id, number)
    ).fetchone():
        raise LifeError(f"Invoice number {number} has been used already.")
    state = "draft" if facts.get("draft") else "sent"
    reference = str(facts.get("reference_number", ""))
    identity = next_id(books.db, books.org.id, "invoice")
    own = invoice_part(books.org, {
        "id": identity, "number": number, "reference": reference, "date": issued, "due": due, "total": total,
        "balance": total, "created": books.now, "modified": books.now,
        "emailed": state != "draft" and bool(facts.get("emailed", True))})  # fmt: skip
    if is_debit_note:
        own["type"] = "debit_note"
        books.db.execute("INSERT INTO debit_notes VALUES (?)", (identity,))
    row = splice(encode(own), shared_invoice_part(books.org, buyer))
    books.db.execute(
        "INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, NULL)",
        (
            identity, books.org.id, who, buyer.name, number, reference, state, state != "draft", issued, due,
            total, total, books.now, books.now, row,
        ),
    )  # fmt: skip
    note(books.db, books.org, "invoice", identity, "created")
    settle_totals(books, who)
    return identity


def edit(books: Books, identity: int, changes: dict[str, Any]) -> None:
    """Change facts of an invoice.

    Takes due_date, payment_expected_date (`""` removes it), reference_number, total, viewed (true), and payment_pending
    (an amount that is on its way by direct debit).
    """
    changed = invoice(books, identity)
    unknown = changes.keys() - {
        "due_date",
        "payment_expected_date",
        "reference_number",
        "viewed",
        "payment_pending",
        "total",
    }
    if unknown:
        raise LifeError(f"An invoice has no {', '.join(sorted(unknown))} that can be changed here.")
    if "due_date" in changes:
        changed.due = day(changes["due_date"], "The due date")
    if "payment_expected_date" in changes:
        value = changes["payment_expected_date"]
        changed.row["payment_expected_date"] = day(value, "The expected date") if value else ""
    if "reference_number" in changes:
        changed.row["reference_number"] = str(changes["reference_number"])
    if "total" in changes:
        _change_total(books, changed, positive(changes["total"], "The total"))
    if changes.get("viewed"):
        changed.row |= {"is_viewed_by_client": True, "client_viewed_time": books.stamp}
        changed.state = "viewed" if changed.state == "sent" else changed.state
    if "payment_pending" in changes:
        amount = money.cents(changes["payment_pending"])
        changed.row |= {
            "unprocessed_payment_amount": money.number(amount),
            "ach_payment_initiated": amount > 0,
        }
    save(books, changed)


def set_reminders(books: Books, identity: int, *, on: bool) -> None:
    """Switch Zoho's own reminders of an invoice. Whether that moves its time is a switch."""
    changed = invoice(books, identity)
    stored = books.db.execute("SELECT more FROM invoices WHERE id = ?", (identity,)).fetchone()[0]
    more = (msgspec.json.decode(stored) if stored else {}) | {"payment_reminder_enabled": on}
    books.db.execute("UPDATE invoices SET more = ? WHERE id = ?", (encode(more), identity))
    save(books, changed, touch=books.switches.reminder_switch_moves_record)


def _change_total(books: Books, changed: Invoice, total: int) -> None:
    settled = changed.total - changed.balance
    if changed.state not in {*OPEN_STATES, "draft"} or total < settled:
        raise LifeError(f"The total of {changed.number} cannot become {money.number(total)}.")
    changed.total, changed.balance, changed.row["total"] = total, total - settled, money.number(total)
    books.db.execute("UPDATE invoices SET total = ? WHERE id = ?", (total, changed.id))
    if settled:
        after_money(changed)


def send(books: Books, identity: int) -> None:
    """Mark a draft as sent."""
    changed = invoice(books, identity)
    if changed.state != "draft":
        raise LifeError(f"{changed.number} is not a draft.")
    changed.state, changed.row["is_emailed"] = "sent", True
    save(books, changed)


def void(books: Books, identity: int) -> None:
    """Declare an invoice void; what was paid on it must be taken off first."""
    changed = invoice(books, identity)
    if changed.state == "void":
        raise LifeError(f"{changed.number} is void already.")
    if changed.balance != changed.total:
        raise LifeError(f"{changed.number} has payments or credits. Delete those first.")
    changed.state, changed.balance = "void", 0
    save(books, changed)


def reopen(books: Books, identity: int) -> None:
    """Make a void or written-off invoice count again."""
    changed = invoice(books, identity)
    if changed.state == "void":
        changed.balance = changed.total
    elif written_off := money.cents(changed.row["write_off_amount"]):
        changed.balance += written_off
        changed.row["write_off_amount"] = 0
    else:
        raise LifeError(f"{changed.number} is neither void nor written off.")
    after_money(changed)
    save(books, changed)


def write_off(books: Books, identity: int) -> None:
    """Give up what is still owed on an invoice."""
    changed = invoice(books, identity)
    if changed.state not in OPEN_STATES:
        raise LifeError(f"Nothing is owed on {changed.number}.")
    changed.row["write_off_amount"] = money.number(changed.balance)
    changed.state, changed.balance = "paid", 0
    save(books, changed)


def delete(books: Books, identity: int) -> None:
    """Delete an invoice; one with payments or credits is kept, as at Zoho."""
    gone = invoice(books, identity)
    held = books.db.execute(
        "SELECT (SELECT count(*) FROM applications WHERE invoice = ?) "
        "+ (SELECT count(*) FROM credits WHERE invoice = ?)",
        (identity, identity),
    ).fetchone()[0]
    if held:
        raise LifeError(f"{gone.number} has payments or credits. Delete those first.")
    note(books.db, books.org, "invoice", identity, "deleted")
    books.db.execute("DELETE FROM debit_notes WHERE invoice = ?", (identity,))
    books.db.execute("DELETE FROM invoices WHERE id = ?", (identity,))
    settle_totals(books, gone.customer)


def change_due_date(books: Books, identity: int, *, days: int) -> None:
    """Move the due date by some days."""
    changed = invoice(books, identity)
    edit(books, identity, {"due_date": (date.fromisoformat(changed.due) + timedelta(days=days)).isoformat()})


def amount_of(facts: dict[str, Any]) -> int:
    """The total of an invoice to write, from outside."""
    return positive(facts.get("total"), "The total")
