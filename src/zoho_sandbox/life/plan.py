"""Carry out what was planned, when the clock has passed it: customers buy and pay by themselves."""

import sqlite3
from collections import Counter
from typing import Any

import msgspec

from zoho_sandbox.company import history, organisations
from zoho_sandbox.company.profiles import profile
from zoho_sandbox.life import invoices, payments
from zoho_sandbox.life.books import OPEN_STATES, Books
from zoho_sandbox.store.database import Database
from zoho_sandbox.store.rows import Organisation
from zoho_sandbox.switches import Switches
from zoho_sandbox.wire import encode

MOMENTS_PER_TRANSACTION = 200
DEEDS_AT_ONCE = 500
NEVER = float("inf")
Deed = tuple[int, int, int, int, str, bytes]


def carry_out(database: Database, now: float, switches: Switches) -> float:
    """Do all that is due, each at its own moment; returns the moment of the next plan."""
    while True:
        with database.reading() as db:
            following = db.execute("SELECT min(at) FROM plan").fetchone()[0]
        if following is None:
            return NEVER
        if following > now:
            return float(following)
        with database.writing() as db:
            orgs: dict[int, Organisation | None] = {}
            for _ in range(MOMENTS_PER_TRANSACTION):
                if not _moment(db, now, switches, orgs):
                    break


def _moment(
    db: sqlite3.Connection, now: float, switches: Switches, orgs: dict[int, Organisation | None]
) -> bool:
    """Do what is planned for the earliest moment that has passed; False when nothing is due.

    What these deeds plan themselves is never earlier.
    """
    deeds: list[Deed] = db.execute(
        "SELECT id, at, org, customer, kind, payload FROM plan WHERE at = (SELECT min(at) FROM plan) AND at <= ? "
        "ORDER BY customer, kind, id LIMIT ?",
        (now, DEEDS_AT_ONCE),
    ).fetchall()
    any_due = bool(deeds)
    while deeds:
        first = deeds[0]
        together = [each for each in deeds if each[3:5] == first[3:5]]
        deeds = deeds[len(together) :]
        db.executemany("DELETE FROM plan WHERE id = ?", [each[:1] for each in together])
        if first[2] not in orgs:
            orgs[first[2]] = organisations.load(db, first[2])
        if (org := orgs[first[2]]) is not None:
            _do(
                Books(db, org, first[1], switches),
                first[3],
                first[4],
                [msgspec.json.decode(each[5]) for each in together],
            )
    return any_due


def _do(books: Books, customer: int, kind: str, payloads: list[dict[str, Any]]) -> None:
    """Do the deeds of one kind for one customer. What has become impossible meanwhile is passed over."""
    if kind == "issue":
        for payload in payloads:
            _issue(books, customer, payload)
    elif kind == "unused_credit":
        if _is_active(books, customer):
            payments.credit(books, customer, payloads[0]["amount"])
    elif kind == "pay":
        _pay(books, payloads)
    else:
        for payload in payloads:
            if balance := _balance(books, payload["invoice"]):
                _settle(books, customer, kind, payload, balance)


def _pay(books: Books, payloads: list[dict[str, Any]]) -> None:
    """A customer's payments of one day are one transfer."""
    wanted: Counter[int] = Counter()
    for payload in payloads:
        wanted[payload["invoice"]] += payload["amount"]
    parts = [(identity, min(amount, _balance(books, identity))) for identity, amount in wanted.items()]
    if parts := [part for part in parts if part[1]]:
        payments.pay(books, parts)


def _settle(books: Books, customer: int, kind: str, payload: dict[str, Any], balance: int) -> None:
    identity = payload["invoice"]
    if kind == "void" and balance == _total(books, identity):
        invoices.void(books, identity)
    elif kind == "write_off":
        invoices.write_off(books, identity)
    elif kind == "credit":
        payments.credit(books, customer, min(payload["amount"], balance), {"invoice": identity})


def _balance(books: Books, identity: int) -> int:
    """What is owed on an invoice; 0 when it is gone, settled, or moved to another customer's account by hand."""
    found = books.db.execute("SELECT state, balance FROM invoices WHERE id = ?", (identity,)).fetchone()
    return int(found[1]) if found and found[0] in OPEN_STATES else 0


def _total(books: Books, identity: int) -> int:
    return int(books.db.execute("SELECT total FROM invoices WHERE id = ?", (identity,)).fetchone()[0])


def _is_active(books: Books, customer: int) -> bool:
    found = books.db.execute("SELECT status FROM contacts WHERE id = ?", (customer,)).fetchone()
    return found is not None and found[0] == "active"


def _issue(books: Books, customer: int, payload: dict[str, Any]) -> None:
    """Write a customer's next invoice, and plan what becomes of it and the one after it."""
    if not _is_active(books, customer):
        return
    who = profile(payload["seed"], payload["customer"])
    drawn, wanted, memory = history.draw_invoice(
        who, payload["seed"], payload["index"], payload["wanted"], payload["memory"]
    )
    facts = {"due_date": drawn.due.isoformat(), "reference_number": drawn.reference, "draft": drawn.is_draft}
    identity = invoices.create(books, customer, drawn.amount, facts)
    zone = books.org.zone
    plans: list[tuple[int, str, dict[str, Any]]] = [
        (
            history.moment(deed.day, who.pay_second, zone),
            deed.kind,
            {"invoice": identity, "amount": deed.amount},
        )
        for deed in drawn.deeds
    ]
    after, _, _ = history.draw_invoice(who, payload["seed"], payload["index"] + 1, wanted, memory)
    following = payload | {"index": payload["index"] + 1, "wanted": wanted, "memory": memory}
    plans.append((history.moment(after.issued, after.second, zone), "issue", following))
    books.db.executemany(
        "INSERT INTO plan VALUES (NULL, ?, ?, ?, ?, ?)",
        [(max(at, books.now), books.org.id, customer, kind, encode(facts_)) for at, kind, facts_ in plans],
    )
