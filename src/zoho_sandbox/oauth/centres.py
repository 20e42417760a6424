"""Data centres: each has an address of its own, and a user's tokens are good in the user's own one only.

One sandbox starts with the data centre "sandbox". More are opened by `POST /sandbox/api/centres`, each on a port of
its own, over the same books: what differs is which users are at home there (zoho-books-api.md sections 1, 2 and 13).
"""

import re
import sqlite3
from typing import TYPE_CHECKING, Any

from zoho_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

HOME = "sandbox"
MOST = 12
NAME = re.compile(r"[a-z]{2,12}")


class Centres:
    """The addresses of the data centres, by location."""

    def __init__(self) -> None:
        """Start without any; `join` adds them as their servers come up."""
        self._servers: dict[str, SandboxServer] = {}

    def join(self, location: str, server: SandboxServer) -> None:
        """A server answers for a location now."""
        self._servers[location] = server

    def url(self, location: str) -> str:
        """The address of a location; ValueError when it has none."""
        if location not in self._servers:
            message = f"There is no data centre “{location}” here. Open it first."
            raise ValueError(message)
        return self._servers[location].url

    def listed(self) -> dict[str, str]:
        """Location and address of each, the first one first."""
        return {location: server.url for location, server in self._servers.items()}

    def close(self) -> None:
        """Stop the servers that were opened later; the first one belongs to whoever started it."""
        for location, server in self._servers.items():
            if location != HOME:
                server.shutdown()
                server.server_close()


def home(db: sqlite3.Connection, user: int) -> str:
    """Where a user is at home."""
    found = db.execute("SELECT centre FROM homes WHERE user = ?", (user,)).fetchone()
    return str(found[0]) if found else HOME


def opened(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Open a data centre: `location`, such as "eu"; may have `port`. Answers its address, also when it is open."""
    location = str(given["location"])
    if not NAME.fullmatch(location):
        message = f"“{location}” is no name of a data centre. Write it like “eu”."
        raise ValueError(message)
    centres = sandbox.centres
    if location not in centres.listed():
        if len(centres.listed()) >= MOST:
            message = f"{MOST} data centres are open. That is the most."
            raise ValueError(message)
        host = sandbox.host
        try:
            server = SandboxServer(host, int(given.get("port", 0)), sandbox.handle, location)
        except OSError as error:
            message = (
                f"Port {given.get('port')} cannot be used ({error.strerror}). Leave it out for a free one."
            )
            raise ValueError(message) from error
        server.run_in_thread()
        centres.join(location, server)
    return {"location": location, "url": centres.url(location)}


def listed(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001 all control calls look alike
    """The data centres with their addresses."""
    return {"centres": [{"location": name, "url": url} for name, url in sandbox.centres.listed().items()]}


def move_user(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Say where a user (id or e-mail address) is at home. Tokens of theirs are good there only, from now on."""
    location = str(given["location"])
    sandbox.centres.url(location)
    with sandbox.database.writing() as db:
        found = db.execute(
            "SELECT id FROM users WHERE ? IN (CAST(id AS TEXT), email)", (str(given["user"]),)
        ).fetchone()
        if found is None:
            message = "There is no user with this id or e-mail address."
            raise ValueError(message)
        db.execute("INSERT OR REPLACE INTO homes VALUES (?, ?)", (found[0], location))
    return {"user": found[0], "location": location}


def set_secret(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Give a client a secret of its own in one data centre: client_id, location, client_secret."""
    location = str(given["location"])
    sandbox.centres.url(location)
    with sandbox.database.writing() as db:
        db.execute(
            "INSERT OR REPLACE INTO centre_secrets VALUES (?, ?, ?)",
            (str(given["client_id"]), location, str(given["client_secret"])),
        )
    return {"client_id": given["client_id"], "location": location}
