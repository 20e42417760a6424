"""Changes that somebody asked to be told of: put into the queue of webhooks, in the transaction that makes them."""

import sqlite3
import time
from typing import Literal

from zoho_sandbox.store.rows import Organisation

Kind = Literal["contact", "invoice", "payment", "creditnote"]
Event = Literal["created", "edited", "deleted"]
KINDS: tuple[Kind, ...] = ("contact", "invoice", "payment", "creditnote")
EVENTS: tuple[Event, ...] = ("created", "edited", "deleted")
TABLES: dict[Kind, str] = {
    "contact": "contacts",
    "invoice": "invoices",
    "payment": "payments",
    "creditnote": "creditnotes",
}
KIND_OF_TABLE: dict[str, Kind] = {table: kind for kind, table in TABLES.items()}


def note(db: sqlite3.Connection, org: Organisation, kind: Kind, record: int, event: Event) -> None:
    """Queue a change for each webhook that wants it, after it was made; a deletion before, while the row is there.

    The row is kept with it, for a record that is gone by the time it is sent.
    """
    wanted = [
        hook
        for hook, events in db.execute(
            "SELECT id, events FROM hooks WHERE org = ? AND kind = ?", (org.id, kind)
        )
        if event in events.split(",")
    ]
    for hook in wanted:
        # Webhooks travel in real time, whatever the clock of the books says.
        db.execute(
            "INSERT INTO hook_queue (hook, event, record, row, due) "  # noqa: S608 the table is one of ours
            f"SELECT ?, ?, id, row, ? FROM {TABLES[kind]} WHERE id = ?",
            (hook, event, time.time(), record),
        )
