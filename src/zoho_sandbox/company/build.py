"""Write a generated company into the tables: customer by customer, so that memory stays flat."""

import sqlite3
from collections.abc import Callable

from zoho_sandbox.company.history import moment
from zoho_sandbox.company.profiles import profile
from zoho_sandbox.company.ranks import Ranks
from zoho_sandbox.company.writer import Company, Writer, story_of
from zoho_sandbox.store.rows import Organisation

BATCH = 500


def write(
    db: sqlite3.Connection, org: Organisation, company: Company, progress: Callable[[int], None] | None = None
) -> None:
    """Write the company's customers and documents. `progress` is told how many customers are done."""
    currencies = {
        code: (identity, symbol, rate)
        for identity, code, symbol, rate in db.execute(
            "SELECT id, code, symbol, rate FROM currencies WHERE org = ?", (org.id,)
        )
    }
    ranks = {"invoice": Ranks(), "payment": Ranks(), "creditnote": Ranks()}
    for index in range(company.customers):
        story = story_of(company, profile(company.seed, index), org)
        ranks["invoice"].add(index, [moment(each.issued, each.second, org.zone) for each in story.invoices])
        ranks["payment"].add(index, [each.at for each in story.payments])
        ranks["creditnote"].add(index, [each.at for each in story.credits])
    counts = {kind: each.settle() for kind, each in ranks.items()}
    for kind, count in counts.items():
        first = company.first_invoice_number - 1 if kind == "invoice" else 0
        db.execute("INSERT INTO counters VALUES (?, ?, ?)", (org.id, kind, count))
        db.execute("INSERT INTO counters VALUES (?, ?, ?)", (org.id, f"{kind} number", count + first))
    db.execute("INSERT INTO counters VALUES (?, 'contact', ?)", (org.id, company.customers))
    writer = Writer(db, org, company, ranks, currencies)
    for index in range(company.customers):
        writer.customer(index)
        if index % BATCH == BATCH - 1:
            writer.flush()
            if progress:
                progress(index + 1)
    writer.flush()
    db.executemany(
        "INSERT INTO counters VALUES (?, ?, ?)", [(org.id, kind, last) for kind, last in writer.given.items()]
    )
