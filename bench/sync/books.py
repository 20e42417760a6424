"""The books that are read: a sandbox in a process of its own, without limits, holding as many records as asked for."""

import contextlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from zoho_sandbox.testing import RunningSandbox

SHARES = {"contacts": 0.1, "invoices": 1.0, "payments": 0.75}
TODAY = "2026-11-24"
ENOUGH = 10**9
LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


def make(path: Path, records: int) -> dict[str, int]:
    """Write a company with `records` contacts, invoices and payments in those shares; the rows of each.

    Twelve invoices a customer is more than is wanted: the newest ones are cut off. Credit notes are left out.
    """
    counts = {name: round(records * share / sum(SHARES.values())) for name, share in SHARES.items()}
    with serving(path, customers=counts["contacts"]):
        pass
    with contextlib.closing(sqlite3.connect(path)) as db:
        for table in ("invoices", "payments"):
            db.execute(
                f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM {table} ORDER BY id LIMIT ?)",  # noqa: S608 - ours
                (counts[table],),
            )
        db.execute("DELETE FROM creditnotes")
        db.commit()
        found = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in SHARES}  # noqa: S608
    if found != counts:
        raise RuntimeError(f"The company has {found} records, wanted were {counts}.")
    return counts


@contextlib.contextmanager
def serving(path: Path, *, customers: int = 0) -> Iterator[RunningSandbox]:
    """Serve the company in `path`, made when it is not there, until the block ends."""
    command = [sys.executable, "-m", "zoho_sandbox", "--port", "0", "--state", str(path), "--frozen-life"]
    command += ["--today", TODAY, "--customers", str(customers), "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = next(found[0] for line in process.stdout if (found := LISTENING.search(line)))
            sandbox = RunningSandbox(address)
            sandbox.switch(per_day=ENOUGH, access_token_seconds=ENOUGH)
            yield sandbox
        finally:
            process.terminate()


def change(path: Path, sandbox: RunningSandbox, share: float) -> int:
    """Give so many of the invoices another due date; how many that were."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        total = int(db.execute("SELECT count(*) FROM invoices").fetchone()[0])
        rows = db.execute(
            "SELECT id FROM invoices WHERE is_open = 1 OR state = 'paid' ORDER BY id"
        ).fetchall()
    wanted = round(total * share)
    for (identity,) in rows[:: max(1, len(rows) // wanted)][:wanted]:
        sandbox.happen("invoices/edit", invoice=str(identity), due_date="2026-12-31")
    return wanted
