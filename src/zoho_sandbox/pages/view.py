"""What every page is given: a reading connection, the organisation, its day."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from zoho_sandbox import money
from zoho_sandbox.company import organisations
from zoho_sandbox.store.rows import Organisation

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox


@dataclass(slots=True)
class View:
    """One request for a page of an organisation."""

    sandbox: "Sandbox"
    db: sqlite3.Connection
    org: Organisation
    query: dict[str, str]

    @property
    def now(self) -> datetime:
        """Local time of the organisation."""
        return datetime.fromtimestamp(self.sandbox.clock.now(), self.org.zone)

    @property
    def today(self) -> date:
        """The organisation's date."""
        return self.now.date()

    def symbol(self, code: str) -> str:
        """The symbol of a currency."""
        return organisations.SYMBOLS.get(code, f"{code} ")

    def amount(self, cents: int, code: str) -> str:
        """An amount for people."""
        return money.text(cents, self.symbol(code))


def day_words(iso: str) -> str:
    """A date for people: `24 Nov 2026`."""
    value = date.fromisoformat(iso)
    return f"{value.day} {value:%b %Y}"


def moment_words(at: int, view: View) -> str:
    """A moment for people."""
    local = datetime.fromtimestamp(at, view.org.zone)
    return f"{local.day} {local:%b, %H:%M}"


def lateness(due: str, today: date) -> int:
    """Days after the due date; negative before it."""
    return today.toordinal() - date.fromisoformat(due).toordinal()


def first_organisation(db: sqlite3.Connection) -> int:
    """The organisation shown at `/`; 0 when there is none."""
    return int(db.execute("SELECT coalesce(min(org), 0) FROM organisations").fetchone()[0])
