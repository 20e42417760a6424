"""Where caught messages are kept: one SQLite file, every message on the disk before its sender hears "250"."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mail_catcher.reading import Letter, read

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    recipients TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    people TEXT NOT NULL,
    shown_to TEXT NOT NULL,
    subject TEXT NOT NULL,
    date TEXT NOT NULL,
    files INTEGER NOT NULL,
    search TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_by_message_id ON message (message_id);
CREATE TABLE IF NOT EXISTS recipient (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (address, message)
) WITHOUT ROWID;
"""
_SEARCHED_TEXT: Final = 20_000
"""Characters of the text that searching looks at."""
_COLUMNS: Final = (
    "id, received_at, mail_from, recipients, message_id, sender, sender_name, people, shown_to, subject, date, files,"
    " length(raw)"
)


@dataclass(frozen=True, slots=True)
class Caught:
    """A message as lists show it."""

    id: int
    received_at: datetime
    mail_from: str
    """The sender of the envelope."""
    recipients: tuple[str, ...]
    """Those of the envelope: where it really went."""
    message_id: str
    sender: str
    """The From header, decoded."""
    sender_name: str
    """The name in the From header, else an address."""
    people: tuple[tuple[str, str], ...]
    """Name (may be empty) and address of those in the To header."""
    to: str
    """The To header, decoded."""
    subject: str
    date: datetime | None
    """The Date header with its own offset."""
    files: int
    size: int
    """In bytes."""

    @property
    def when(self) -> datetime:
        """The moment that a mail program shows: the letter's own, else that of its arrival."""
        return self.date or self.received_at


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages: all conditions together; an empty one means all."""

    search: str = ""
    """Words that all occur in names, addresses, subject or text, whatever their case."""
    to: str = ""
    """An address of the envelope."""
    since: datetime | None = None
    """Received at or after this moment."""
    after: int = 0
    """Only ids above this one."""
    message_id: str = ""

    def where(self) -> tuple[str, list[Any]]:
        """The condition in SQL, and its values."""
        parts: list[str] = ["id > ?"]
        values: list[Any] = [self.after]
        for word in self.search.casefold().split():
            parts.append("instr(search, ?) > 0")
            values.append(word)
        if self.to:
            parts.append("id IN (SELECT message FROM recipient WHERE address = ?)")
            values.append(self.to.strip().casefold())
        if self.since:
            parts.append("received_at >= ?")
            values.append(_stamp(self.since))
        if self.message_id:
            parts.append("message_id = ?")
            values.append(self.message_id)
        return " AND ".join(parts), values


class Store:
    """The kept messages. Safe to use from several threads, one at a time."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._db.execute("PRAGMA journal_mode = WAL")
        # A message that was answered with 250 must outlive a power cut, as with a real mail server.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, *, mail_from: str, recipients: Sequence[str], raw: bytes, received_at: datetime) -> int:
        """Keep one message; it is on the disk when this returns its id. Raises sqlite3.Error (disk full)."""
        row = _row(read(raw), mail_from, recipients)
        row |= {"received_at": _stamp(received_at), "raw": raw}
        names = ", ".join(row)
        insert = f"INSERT INTO message ({names}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - our own names
        with self._lock, closing(self._db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                cursor.execute(insert, list(row.values()))
                number = cursor.lastrowid or 0
                cursor.executemany(
                    "INSERT OR IGNORE INTO recipient (message, address) VALUES (?, ?)",
                    [(number, address.strip().casefold()) for address in recipients],
                )
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
        return number

    def count(self, chosen: Filter | None = None) -> int:
        """How many messages there are."""
        where, values = (chosen or Filter()).where()
        return int(self._rows(f"SELECT count(*) FROM message WHERE {where}", values)[0][0])  # noqa: S608 - our own text

    def find(self, chosen: Filter | None = None, *, limit: int = 50, offset: int = 0) -> list[Caught]:
        """Messages, the latest first."""
        where, values = (chosen or Filter()).where()
        query = f"SELECT {_COLUMNS} FROM message WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608 - as above
        return [_caught(row) for row in self._rows(query, [*values, limit, offset])]

    def get(self, number: int) -> tuple[Caught, bytes] | None:
        """One message and its raw bytes, None when there is none of that id."""
        rows = self._rows(f"SELECT {_COLUMNS}, raw FROM message WHERE id = ?", [number])  # noqa: S608 - as above
        return (_caught(rows[0][:-1]), rows[0][-1]) if rows else None

    def neighbours(self, number: int) -> tuple[int | None, int | None]:
        """The ids of the next newer and the next older message."""
        query = (
            "SELECT (SELECT min(id) FROM message WHERE id > ?), (SELECT max(id) FROM message WHERE id < ?)"
        )
        newer, older = self._rows(query, [number, number])[0]
        return newer, older

    def copies(self) -> dict[str, int]:
        """How many times each Message-ID was accepted."""
        return dict(
            self._rows("SELECT message_id, count(*) FROM message GROUP BY message_id ORDER BY min(id)", [])
        )

    def delete_all(self) -> int:
        """Forget all messages; returns how many there were."""
        with self._lock:
            return self._db.execute("DELETE FROM message").rowcount

    def _rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _searchable(letter: Letter, mail_from: str, recipients: Sequence[str]) -> str:
    shown = [letter.header(name) for name in ("From", "To", "Cc", "Subject")]
    files = [attachment.name for attachment in letter.attachments]
    return "\n".join([*shown, mail_from, *recipients, *files, letter.text[:_SEARCHED_TEXT]]).casefold()


def _row(letter: Letter, mail_from: str, recipients: Sequence[str]) -> dict[str, Any]:
    """The columns that follow from the message itself."""
    name, address = next(iter(letter.people("From")), ("", ""))
    return {
        "mail_from": mail_from,
        "recipients": json.dumps(list(recipients)),
        "message_id": letter.header("Message-ID"),
        "sender": letter.header("From"),
        "sender_name": name or address or mail_from,
        "people": json.dumps(letter.people("To")),
        "shown_to": letter.header("To"),
        "subject": letter.header("Subject"),
        "date": letter.date.isoformat() if letter.date else "",
        "files": len(letter.attachments),
        "search": _searchable(letter, mail_from, recipients),
    }


def _caught(row: Sequence[Any]) -> Caught:
    return Caught(
        id=row[0],
        received_at=datetime.fromisoformat(row[1]),
        mail_from=row[2],
        recipients=tuple(json.loads(row[3])),
        message_id=row[4],
        sender=row[5],
        sender_name=row[6],
        people=tuple((name, address) for name, address in json.loads(row[7])),
        to=row[8],
        subject=row[9],
        date=datetime.fromisoformat(row[10]) if row[10] else None,
        files=row[11],
        size=row[12],
    )
