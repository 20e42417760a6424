"""Opening the state of a sandbox: an existing file goes on, a new one gets a company."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from zoho_sandbox.company import build, organisations
from zoho_sandbox.company.writer import Company
from zoho_sandbox.store.database import Database, StateError

__all__ = ["Start", "StateError", "open_state"]


@dataclass(frozen=True, slots=True)
class Start:
    """What a new state is made from. `first_invoice_number` is the number of the oldest invoice."""

    seed: int = 1
    customers: int = 25
    today: date = date(2026, 11, 24)
    first_invoice_number: int = 1


def open_state(path: Path, start: Start, progress: Callable[[int], None] | None = None) -> Database:
    """Open the state file, making it first where it does not exist. StateError when the file cannot be used."""
    if not path.exists():
        if not path.parent.is_dir():
            message = f"The folder {path.parent} does not exist. Make it, or name another state file."
            raise StateError(message)
        _make(path, start, progress)
    return Database(path)


def _make(path: Path, start: Start, progress: Callable[[int], None] | None) -> None:
    """Write a company beside the file and move it into place when it is whole."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    database = Database(part, is_draft=True)
    try:
        with database.writing() as db:
            org = _first_organisation(db, start)
            loaded = organisations.load(db, org)
            if loaded is None:  # pragma: no cover - it was stored a moment ago
                message = "The first organisation could not be stored."
                raise StateError(message)
            company = Company(start.seed, start.customers, start.today, start.first_invoice_number)
            build.write(db, loaded, company, progress)
            db.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [
                    ("seed", str(start.seed)),
                    ("customers", str(start.customers)),
                    ("today", start.today.isoformat()),
                ],
            )
        database.make_indexes()
    finally:
        database.close()
    part.rename(path)


def _first_organisation(db: sqlite3.Connection, start: Start) -> int:
    users = [organisations.add_user(db, name, email) for name, email in organisations.DEFAULT_USERS]
    created = date.fromordinal(start.today.toordinal() - 1600).isoformat()
    org = organisations.add_organisation(db, {}, created=created)
    for user, role in zip(users, ("Admin", "Staff"), strict=True):
        organisations.add_member(db, org, user, role)
    return org
