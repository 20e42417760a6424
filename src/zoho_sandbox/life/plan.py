"""Carry out what was planned, when the clock has passed it."""

from zoho_sandbox.store.database import Database


def carry_out(database: Database, now: float) -> float:
    """Do all that is due; returns the moment of the next plan."""
    with database.reading() as db:
        found = db.execute("SELECT min(at) FROM plan WHERE at > ?", (now,)).fetchone()[0]
    return float(found) if found is not None else float("inf")
