"""The limit: one keep-alive connection, msgspec, ten pages a transaction, one upsert statement a page.

Same lists, same tables with the same columns and durability as Dunright's; no budget, no checks, no repair, no totals.
Reads its configuration as JSON on standard input.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

PAGES_A_TRANSACTION = 10
Row = dict[str, Any]
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def main() -> None:
    """Read every list once; print how many rows and how long."""
    config = json.load(sys.stdin)
    began, cpu = time.perf_counter(), time.process_time()
    store = Store(config)
    counts = {name: store.fill(name, pages(config, path)) for name, path in LISTS.items()}
    store.close()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    sys.stdout.write(json.dumps({"rows": counts, "seconds": seconds, "cpu": cpu}) + "\n")


PERSONS = "contacts/contactpersons"
"""The one list for which no order is documented."""
LISTS = {
    "contacts": "contacts",
    "contact_persons": PERSONS,
    "invoices": "invoices",
    "customerpayments": "customerpayments",
}


def pages(config: dict[str, Any], path: str) -> Iterator[list[Row]]:
    """Read a list page by page over one connection for all of it."""
    connection = HTTPConnection(urlsplit(config["api_url"]).netloc)
    headers = {"Authorization": f"Zoho-oauthtoken {config['access_token']}"}
    number, more = 1, True
    while more:
        query = {"organization_id": config["organization_id"], "per_page": 200, "page": number}
        if path != PERSONS:
            query |= {"sort_column": "created_time", "sort_order": "A"}
        connection.request("GET", f"/books/v3/{path}?{urlencode(query)}", headers=headers)
        answer = _decode(connection.getresponse().read())
        more = answer["page_context"]["has_more_page"]
        number += 1
        yield next(rows for rows in answer.values() if isinstance(rows, list))
    connection.close()


def cents(value: float) -> int:
    """Whole ten-thousandths, as the tables hold amounts."""
    return round(value * 10_000)


def text(row: Row, *keys: str) -> list[Any]:
    """Values that go in as they are."""
    return [row.get(key, "") for key in keys]


def day(value: str) -> str | None:
    """A date, or none."""
    return value or None


def contact(row: Row) -> list[Any]:
    """A row of `dunright_customer`."""
    extra = msgspec.json.encode(row["custom_fields"]).decode()
    keys = "contact_id contact_name company_name status currency_code language_code email first_name last_name phone"
    return [
        *text(row, *keys.split(), "mobile", "website"), row["payment_terms"] or None, row["payment_terms_label"],
        cents(row["outstanding_receivable_amount"]), cents(row["unused_credits_receivable_amount"]),
        row["created_time"], row["last_modified_time"], extra,
    ]  # fmt: skip


def person(row: Row) -> list[Any]:
    """A row of `dunright_contactperson`."""
    keys = "contact_person_id contact_id salutation email first_name last_name phone mobile designation department"
    return [*text(row, *keys.split()), row["is_primary_contact"], row.get("updated_time") or None]


def invoice(row: Row) -> list[Any]:
    """A row of `dunright_invoice`."""
    keys = "invoice_id customer_id invoice_number reference_number project_name salesperson_name status"
    return [
        *text(row, *keys.split()), row["status"], day(row["date"]), day(row["due_date"]), cents(row["total"]),
        cents(row["balance"]), row["currency_code"], row["exchange_rate"], cents(row["write_off_amount"]),
        day(row["payment_expected_date"]), row["ach_payment_initiated"], row.get("invoice_url", ""),
        row["reminders_sent"], day(row["last_reminder_sent_date"]),
        msgspec.json.encode(row["billing_address"]).decode(), row["created_time"], row["last_modified_time"], "{}",
    ]  # fmt: skip


def payment(row: Row) -> list[Any]:
    """A row of `dunright_payment`."""
    return [
        *text(row, "payment_id", "customer_id", "payment_number"), day(row["date"]), cents(row["amount"]),
        cents(row["unused_amount"]), *text(row, "currency_code", "payment_mode", "reference_number", "payment_status"),
        msgspec.json.encode(row["invoice_numbers"].split(", ")).decode(), row["created_time"],
        row["last_modified_time"], "{}",
    ]  # fmt: skip


class Table(msgspec.Struct):
    """Columns as read, and which of them names a customer. Other columns that must not be null get an empty value."""

    name: str
    columns: str
    values: Callable[[Row], list[Any]]
    reference: int | None = 1


_NAME = (
    "external_id name company_name status currency language email first_name last_name phone mobile website"
)
TABLES = {
    "contacts": Table(
        "dunright_customer",
        f"{_NAME} payment_terms_days payment_terms_label source_outstanding unused_credits created_at modified_at"
        " extra",
        contact,
        None,
    ),
    "contact_persons": Table(
        "dunright_contactperson",
        "external_id customer_id salutation email first_name last_name phone mobile designation department is_primary"
        " modified_at",
        person,
    ),
    "invoices": Table(
        "dunright_invoice",
        "external_id customer_id number reference project salesperson source_status status issue_date due_date total"
        " balance currency rate written_off expected_payment_date payment_pending link source_reminders_sent"
        " source_last_reminder_date billing_address created_at modified_at extra",
        invoice,
    ),
    "customerpayments": Table(
        "dunright_payment",
        "external_id customer_id number payment_date amount unused currency mode reference status invoice_numbers"
        " created_at modified_at extra",
        payment,
    ),
}  # fmt: skip


def empty(kind: str) -> Any:
    """Nothing, as a column of that kind holds it."""
    kind = kind.lower()
    if kind.startswith("bool"):
        return False
    if "int" in kind:
        return 0
    return "{}" if kind in {"text", "jsonb"} else ""


class Store:
    """One connection to the tables, as durable as Dunright's."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.organisation = config["organisation"]
        if config["database"].startswith("postgresql"):
            import psycopg  # noqa: PLC0415 - only where it is used

            self.connection: Any = psycopg.connect(config["database"])
            self.mark = "%s"
        else:
            import sqlite3  # noqa: PLC0415 - only where it is used

            self.connection = sqlite3.connect(config["database"])
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
            self.mark = "?"

    def fill(self, name: str, found: Iterator[list[Row]]) -> int:
        """Upsert every page; the number of rows."""
        table = TABLES[name]
        cursor, total, constants = self.connection.cursor(), 0, self.constants(table)
        for number, rows in enumerate(found, start=1):
            total += len(rows)
            if rows:
                given = constants.values()
                values = [value for row in rows for value in (*table.values(row), *given)]
                cursor.execute(self.statement(table, constants, len(rows)), values)
            if number % PAGES_A_TRANSACTION == 0:
                self.connection.commit()
        self.connection.commit()
        return total

    def constants(self, table: Table) -> dict[str, Any]:
        """Values of the columns that are not read and must not be null."""
        if self.mark == "?":
            found = self.connection.execute(
                'SELECT name, type FROM pragma_table_info(?) WHERE "notnull"', (table.name,)
            )
        else:
            wanted = "table_name = %s AND is_nullable = 'NO'"
            found = self.connection.execute(
                f"SELECT column_name, data_type FROM information_schema.columns WHERE {wanted}",  # noqa: S608 - ours
                (table.name,),
            )
        others = {name: kind for name, kind in found if name not in {"id", *table.columns.split()}}
        return {name: empty(kind) for name, kind in others.items()} | {"organisation_id": self.organisation}

    def statement(self, table: Table, constants: dict[str, Any], rows: int) -> str:
        """Text of one upsert of so many rows."""
        columns = table.columns.split()
        names = [*columns, *constants]
        marks = [self.mark] * len(names)
        if table.reference is not None:
            marks[table.reference] = (
                f"(SELECT id FROM dunright_customer WHERE organisation_id = {int(self.organisation)}"  # noqa: S608 - ours
                f" AND external_id = {self.mark})"
            )
        sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in columns[1:])
        one = f"({', '.join(marks)})"
        return (
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - ours
            f" ON CONFLICT (organisation_id, external_id) DO UPDATE SET {sets}"
        )

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


if __name__ == "__main__":
    main()
