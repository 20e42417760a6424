"""One call of the Books API: who asks, in which organisation, for what."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from zoho_sandbox import stamps
from zoho_sandbox.store.rows import Organisation
from zoho_sandbox.wire import Response, ZohoError

if TYPE_CHECKING:
    from zoho_sandbox.switches import Switches

NOT_AUTHORIZED = ZohoError(401, 57, "You are not authorized to perform this operation")
BAD_TOKEN = ZohoError(401, 14, "Invalid value passed for authtoken.")
BAD_URL = ZohoError(404, 5, "Invalid URL Passed")


@dataclass(slots=True)
class Call:
    """A call that was let in. `asked` collects the query parameters a handler knows.

    `body` is the decoded body of a call that writes; `mistakes` collects what a handler lets pass as Zoho does, though
    no client should ask it: kind (see `unknown.KINDS`) and what.
    """

    db: sqlite3.Connection
    org: Organisation
    user: int
    now: float
    query: dict[str, str]
    origin: str
    switches: "Switches"
    version: int
    ids: tuple[str, ...] = ()
    asked: set[str] = field(default_factory=lambda: {"organization_id"})
    body: dict[str, Any] = field(default_factory=dict)
    mistakes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The organisation's date."""
        return stamps.local_day(self.now, self.org.zone)

    def get(self, name: str) -> str:
        """A query parameter; `""` when it was not sent."""
        self.asked.add(name)
        return self.query.get(name, "")

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a positive whole number; ZohoError 2 when it is something else."""
        text = self.get(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 more pages than any books have
            raise invalid(name)
        return int(text)

    def id(self, missing: str, place: int = 0) -> int:
        """An id of the path; ZohoError 1002 "… does not exist." when it cannot be one."""
        text = self.ids[place]
        if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 fits a signed 64-bit number
            raise does_not_exist(missing)
        return int(text)


Handler = Callable[[Call], Response]


class InvalidValue(ZohoError):
    """A query parameter, or a key of a body, has a value that Zoho refuses."""

    def __init__(self, name: str) -> None:
        """Name the parameter."""
        super().__init__(400, 2, f"Invalid value passed for {name}")
        self.name = name


def invalid(name: str) -> InvalidValue:
    """A query parameter, or a key of a body, has a value that Zoho refuses."""
    return InvalidValue(name)


def does_not_exist(what: str) -> ZohoError:
    """There is no such record, or no longer."""
    return ZohoError(404, 1002, f"{what} does not exist.")
