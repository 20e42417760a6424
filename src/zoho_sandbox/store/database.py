"""The SQLite file behind the sandbox: one writer at a time, any number of readers."""

import contextlib
import itertools
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from zoho_sandbox.store.schema import INDEXES, LATER_TABLES, TABLES

SCHEMA_VERSION = 1
# Over all state files of the process, so that no two of them ever show the same version.
_versions = itertools.count(1)


class StateError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class Database:
    """Connections to one state file. `version` grows with each committed change, for caches of page marks.

    `committed` is called after each; it must be quick.
    """

    def __init__(self, path: Path, *, is_draft: bool = False) -> None:
        """Open the file, or make it; StateError when it is not a state file of this sandbox.

        A draft is written in one go and thrown away when that fails, so it needs no journal.
        """
        self.path = path
        self._is_draft = is_draft
        self.version = next(_versions)
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._depth = 0
        self.committed: Callable[[], None] = lambda: None
        try:
            self._writer = self._connect()
            found = self._writer.execute("PRAGMA user_version").fetchone()[0]
            tables = self._writer.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.DatabaseError as error:
            message = f"{path} is not a state file of the sandbox ({error}). Name another file, or remove it."
            raise StateError(message) from error
        if tables == 0:
            self._writer.executescript(TABLES + f"PRAGMA user_version = {SCHEMA_VERSION};")
        elif found != SCHEMA_VERSION:
            message = f"{path} was written by another version of the sandbox. Remove it to start afresh."
            raise StateError(message)
        self._writer.executescript(LATER_TABLES)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, check_same_thread=False, isolation_level=None, cached_statements=256
        )
        connection.execute(f"PRAGMA journal_mode = {'OFF' if self._is_draft else 'WAL'}")
        # A demo company is worth no fsync: after a power cut it is generated again.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -65536")
        if not self._is_draft:
            connection.execute("PRAGMA mmap_size = 1073741824")
        self._all.append(connection)
        return connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading; it sees what was committed."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._readers.put(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer inside one transaction: committed at the end, rolled back on an error. May be nested."""
        with self._lock:
            if self._depth:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            else:
                self._writer.execute("COMMIT")
                self.version = next(_versions)
                self.committed()
            finally:
                self._depth = 0

    def make_indexes(self) -> None:
        """Build the indexes that are missing."""
        with self._lock:
            for statement in filter(str.strip, INDEXES.split(";")):
                self._writer.execute(statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
            self._writer.execute("ANALYZE")

    def meta(self, key: str) -> str | None:
        """A stored setting."""
        with self.reading() as db:
            found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a setting with the state."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in self._all:
                connection.close()


def placeholders(values: "tuple[object, ...] | list[object]") -> str:
    """Question marks for an SQL value list."""
    return ",".join(itertools.repeat("?", len(values)))
