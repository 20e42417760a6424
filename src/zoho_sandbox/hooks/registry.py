"""Which webhooks there are, and what became of what they sent."""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from zoho_sandbox.life.books import LifeError
from zoho_sandbox.life.changes import EVENTS, KINDS
from zoho_sandbox.wire import encode

METHODS = ("POST", "PUT", "DELETE")
BODIES = ("json", "form")
SECRET = re.compile(r"[A-Za-z0-9]{12,50}")
HEADER_NAME, HEADER_VALUE = re.compile(r"[A-Za-z0-9-]{1,60}"), re.compile(r"[ -~]{0,1000}")
LONGEST_NAME, LONGEST_URL, MOST = 50, 5000, 50
COLUMNS = "id, org, name, url, secret, kind, events, method, body, headers"


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook: for one kind of record, on some events."""

    id: int
    org: int
    name: str
    url: str
    secret: str
    kind: str
    events: str
    method: str
    body: str
    headers: dict[str, str]

    def listed(self) -> dict[str, object]:
        """As the control API shows it."""
        return {
            "hook": self.id, "organization_id": str(self.org), "name": self.name, "url": self.url,
            "secret": self.secret, "kind": self.kind, "events": self.events.split(","), "method": self.method,
            "body": self.body, "headers": self.headers,
        }  # fmt: skip


def hooks(db: sqlite3.Connection, term: str = "1", *values: object) -> list[Hook]:
    """The webhooks that fit a condition."""
    rows: Iterable[Any] = db.execute(f"SELECT {COLUMNS} FROM hooks WHERE {term} ORDER BY id", values)  # noqa: S608 terms are ours
    return [Hook(*(*row[:9], msgspec.json.decode(row[9]))) for row in rows]


def register(db: sqlite3.Connection, org: int, given: dict[str, Any]) -> int:
    """Set up a webhook; LifeError when something in it is wrong.

    Takes url, kind (contact, invoice, payment, creditnote); may have name, secret (12 to 50 letters and digits), events
    (created, edited, deleted; all unless named), method, body (`json`, or `form` with a field JSONString), headers.
    """
    kind, events = given.get("kind"), given.get("events") or list(EVENTS)
    if kind not in KINDS:
        raise LifeError(f"Give the kind of record: {', '.join(KINDS)}.")
    if not isinstance(events, list) or not set(map(str, events)) <= set(EVENTS):
        raise LifeError(f"Give events as a list of {', '.join(EVENTS)}.")
    secret = str(given.get("secret") or "")
    if secret and not SECRET.fullmatch(secret):
        raise LifeError("A secret has 12 to 50 letters and digits.")
    method, body = given.get("method", "POST"), given.get("body", "json")
    if method not in METHODS or body not in BODIES:
        raise LifeError(f"Give the method ({', '.join(METHODS)}) and the body ({', '.join(BODIES)}).")
    name = str(given.get("name") or kind)[:LONGEST_NAME]
    url, headers = _url(given.get("url")), _headers(given.get("headers") or {})
    if db.execute("SELECT count(*) FROM hooks").fetchone()[0] >= MOST:
        raise LifeError(f"There are {MOST} webhooks already. Remove some first.")
    made = db.execute(
        "INSERT INTO hooks (org, name, url, secret, kind, events, method, body, headers) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (org, name, url, secret, kind, ",".join(map(str, events)), method, body, encode(headers)),
    )
    return int(made.fetchone()[0])


def _url(given: object) -> str:
    try:
        parts = urlsplit(str(given))
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    text = str(given)
    if not is_good or not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST_URL:
        raise LifeError(f"“{given}” is not an address a webhook can be sent to. Write it like https://…")
    return text


def _headers(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(
        HEADER_NAME.fullmatch(str(name)) and HEADER_VALUE.fullmatch(str(value))
        for name, value in given.items()
    ):
        raise LifeError("Give headers as names with their values.")
    return {str(name): str(value) for name, value in given.items()}


def remove(db: sqlite3.Connection, hook: int | None) -> int:
    """Remove one webhook, or all, with what they were still to send; returns how many."""
    term = "(? IS NULL OR {} = ?)"
    db.execute(f"DELETE FROM hook_queue WHERE {term.format('hook')}", (hook, hook))  # noqa: S608 ours
    return db.execute(f"DELETE FROM hooks WHERE {term.format('id')}", (hook, hook)).rowcount  # noqa: S608 ours


def deliveries(db: sqlite3.Connection, most: int = 200) -> list[dict[str, object]]:
    """The latest changes that were queued, newest first, and what became of each."""
    rows = db.execute(
        "SELECT q.hook, h.name, h.kind, q.event, q.record, q.state, q.tries, q.answer FROM hook_queue q "
        "JOIN hooks h ON h.id = q.hook ORDER BY q.id DESC LIMIT ?",
        (most,),
    )
    names = ("hook", "name", "kind", "event", "record", "state", "tries", "answer")
    return [dict(zip(names, (*row[:4], str(row[4]), *row[5:]), strict=True)) for row in rows]
