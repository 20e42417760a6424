"""Ids of eighteen digits, and numbers in a row, as the books give them out."""

import sqlite3

STEP = 2000
FIRST = 1_000_000
# The last digits tell the kinds apart, so that no two records of any kind share an id.
RESIDUE = {
    "contact": 5,
    "person": 505,
    "invoice": 1,
    "payment": 701,
    "application": 1001,
    "creditnote": 1201,
    "credit": 1401,
    "currency": 97,
    "user": 3,
    "other": 1601,
}
NUMBERS = ("invoice number", "payment number", "creditnote number")


def base(org: int) -> int:
    """Where the ids of an organisation begin; organisations are numbered from 60001234567 on."""
    return 471_900_000_000_000_000 + (org - 60_001_234_567) * 10**13


def record_id(org: int, kind: str, rank: int) -> int:
    """The id of the record of that kind and rank (from 0)."""
    return base(org) + FIRST + rank * STEP + RESIDUE[kind]


def take(db: sqlite3.Connection, org: int, name: str) -> int:
    """The next rank or number of a series; what was deleted is never given out again."""
    found = db.execute(
        "INSERT INTO counters VALUES (?, ?, 1) ON CONFLICT (org, name) DO UPDATE SET last = last + 1 RETURNING last",
        (org, name),
    ).fetchone()
    return int(found[0])


def next_id(db: sqlite3.Connection, org: int, kind: str) -> int:
    """A fresh id for a record of that kind."""
    return record_id(org, kind, take(db, org, kind) - 1)
