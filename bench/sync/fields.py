"""Where the contest takes place: one kind of database, with everybody who can write to it."""

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.sync.databases import Database
from bench.sync.measuring import Took, run
from zoho_sandbox.testing import RunningSandbox

HERE = Path(__file__).parent
QUIET = 4
"""Calls of a sync that has nothing to do (zoho-books-api.md section 12.3)."""
Turn = tuple[str, Callable[[], Took]]


class Field:
    """One kind of database. `template` has a connected company and no records yet."""

    def __init__(
        self,
        template: Database,
        organisation: int,
        books: dict[str, Any],
        sandbox: RunningSandbox,
        dlt: Path | None,
    ) -> None:
        """`dlt`: the Python that has it, or nobody measures it."""
        self.template, self.organisation, self.books = template, organisation, books
        self.sandbox, self.dlt = sandbox, dlt
        self.synced: Database | None = None
        self.names = (f"{template.folder.name}_{number}" for number in itertools.count(1))

    def whole(self) -> Iterator[Turn]:
        """Everybody reads everything, each into a fresh database."""
        vendor = self.template.vendor
        yield f"bare, {vendor}", lambda: self._fresh([sys.executable, str(HERE / "bare.py")])
        yield f"dunright, {vendor}", lambda: self._fresh(self._dunright())
        if self.dlt:
            yield f"dlt, {vendor}", lambda: self._fresh([str(self.dlt), str(HERE / "with_dlt.py")])

    def settle(self) -> None:
        """Sync a database of our own until nothing is left to complete, to read changes into copies of it.

        Payments over several invoices take a call each, some with every sync.
        """
        self.synced = self.template.copy(next(self.names))
        while self._run(self._dunright(), self.synced).said["calls"] > QUIET:
            pass

    def again(self) -> Iterator[Turn]:
        """Dunright once more: what changed since, then nothing."""
        assert self.synced
        copy = self.synced.copy(next(self.names))
        vendor = self.template.vendor
        yield f"dunright, {vendor}, 1 % changed", lambda: self._run(self._dunright(), copy)
        yield f"dunright, {vendor}, nothing changed", lambda: self._last(copy)

    def _dunright(self) -> list[str]:
        return [sys.executable, str(HERE / "with_dunright.py")]

    def _fresh(self, command: list[str]) -> Took:
        return self._last(self.template.copy(next(self.names)), command)

    def _last(self, database: Database, command: list[str] | None = None) -> Took:
        took = self._run(command or self._dunright(), database)
        database.remove()
        return took

    def _run(self, command: list[str], database: Database) -> Took:
        config = self.books | {"database": database.address, "organisation": self.organisation}
        return run(command, config, environment=database.environment(self.sandbox), cwd=HERE)
