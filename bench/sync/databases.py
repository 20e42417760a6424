"""Databases to sync into: one with a connected company as a template, and a fresh copy of it for every run."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support import postgres
from zoho_sandbox.testing import RunningSandbox

KEY = "YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk="


class Database:
    """Where one program works: the environment Dunright gets, and the address that others connect to."""

    def __init__(self, vendor: str, folder: Path, server: str = "") -> None:
        """On SQLite the folder is the database, on PostgreSQL its name is that of one on `server`."""
        self.vendor, self.folder, self.server = vendor, folder, server
        self.address = f"{server}/{folder.name}" if server else str(folder / "dunright.sqlite3")

    def environment(self, sandbox: RunningSandbox) -> dict[str, str]:
        """What Dunright reads, beside what this process has."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("DUNRIGHT_")}
        own |= {
            "DUNRIGHT_DATA_DIR": str(self.folder),
            "DUNRIGHT_SECRET_KEY": "bench-only",
            "DUNRIGHT_ENCRYPTION_KEYS": KEY,
            "DUNRIGHT_ZOHO_SANDBOX_URL": sandbox.url,
            "DUNRIGHT_ZOHO_CLIENT_ID": sandbox.client_id,
            "DUNRIGHT_ZOHO_CLIENT_SECRET": sandbox.client_secret,
        }
        return own | ({"DUNRIGHT_DATABASE_URL": self.address} if self.server else {})

    def copy(self, name: str) -> "Database":
        """A database of its own with the same rows; who calls this removes it again."""
        made = Database(self.vendor, self.folder.with_name(name), self.server)
        if self.server:
            made.folder.mkdir()
            _tell(self.server, f'CREATE DATABASE "{name}" TEMPLATE "{self.folder.name}"')
        else:
            shutil.copytree(self.folder, made.folder)
        return made

    def remove(self) -> None:
        """Leave nothing of it."""
        shutil.rmtree(self.folder)
        if self.server:
            _tell(self.server, f'DROP DATABASE "{self.folder.name}" WITH (FORCE)')


@contextlib.contextmanager
def server(vendor: str) -> Iterator[str]:
    """The address of a PostgreSQL server as durable as in production; nothing for SQLite."""
    if vendor == "sqlite":
        yield ""
        return
    with postgres.server() as address:
        # The tests' server saves itself the disk; what is measured here must not.
        for setting in ("fsync = on", "full_page_writes = on"):
            _tell(address, f"ALTER SYSTEM SET {setting}")
        _tell(address, "SELECT pg_reload_conf()")
        yield address


def connected(
    vendor: str, folder: Path, address: str, sandbox: RunningSandbox, organisation: str
) -> tuple[Database, int]:
    """A database with one company, connected to the sandbox's books; and the company's id."""
    made = Database(vendor, folder, address)
    made.folder.mkdir()
    if address:
        _tell(address, f'CREATE DATABASE "{folder.name}"')
    environment = made.environment(sandbox)
    company = (
        "--name Bench --country IE --timezone Europe/Dublin --currency EUR --owner-email bench@bench.example"
    )
    added = _dunright(environment, "organisation", "add", *company.split(), "--json")
    number = json.loads(added)["id"]
    books = f"--organisation {number} --location sandbox --external-id {organisation} --refresh-token -"
    _dunright(environment, "connect", "zoho_books", *books.split(), given=sandbox.refresh_token())
    return made, int(number)


def _dunright(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    command = [str(Path(sys.executable).with_name("dunright")), *arguments]
    done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout


def _tell(address: str, statement: str) -> None:
    import psycopg  # noqa: PLC0415 - only with PostgreSQL

    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(statement)
