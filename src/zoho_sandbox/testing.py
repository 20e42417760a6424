"""Run the sandbox in tests: `with running_sandbox() as sandbox: connect(sandbox.url)`."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from zoho_sandbox.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Sandbox
from zoho_sandbox.starting import Options, start

TODAY = date(2026, 11, 24)
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `json` decodes the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as a value."""
        return msgspec.json.decode(self.body)


class RunningSandbox:
    """A sandbox that serves at `url`. Methods speak HTTP; `inside` is the sandbox when it runs in this process."""

    client_id, client_secret = DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET

    def __init__(self, url: str, inside: Sandbox | None = None) -> None:
        """Speak to the sandbox at that address."""
        self.url, self.inside = url, inside

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request over a connection of its own; redirects are not followed."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def control(self, method: str, call: str, /, **values: Any) -> Any:
        """Call /sandbox/api; AssertionError with the sentence of the sandbox when it refuses."""
        answer = self.request(
            method, f"/sandbox/api/{call}", msgspec.json.encode(values) if values else None, JSON
        )
        if answer.status != 200:  # noqa: PLR2004
            message = f"{method} {call}: {answer.body.decode()}"
            raise AssertionError(message)
        return answer.json

    # Clock, switches, faults.

    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return datetime.fromisoformat(self.control("GET", "clock")["now"])

    def move_to(self, moment: datetime | str) -> None:
        """Set the clock."""
        self.control("POST", "clock", now=moment if isinstance(moment, str) else moment.isoformat())

    def move(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move the clock ahead."""
        self.control("POST", "clock", days=days, seconds=seconds)

    def stop_clock(self) -> None:
        """Let no time pass."""
        self.control("POST", "clock", stopped=True)

    def switch(self, **switches: Any) -> None:
        """Set switches, such as `last_modified_filter="exact"`; see `zoho_sandbox.switches`."""
        self.control("POST", "switches", **switches)

    def fault(self, path: str = "", **fault: Any) -> None:
        """Set a fault, such as `fault("/invoices", kind="html", status=503, count=2)`; see `zoho_sandbox.faults`."""
        self.control("POST", "faults", path=path, **fault)

    def clear_faults(self) -> None:
        """Take all faults back."""
        self.control("DELETE", "faults")

    def unknown(self) -> list[dict[str, Any]]:
        """Calls and parameters that Zoho does not know."""
        found: list[dict[str, Any]] = self.control("GET", "unknown")["unknown"]
        return found

    def calls(self) -> int:
        """API calls since the start."""
        return int(self.control("GET", "usage")["calls"])

    # Life.

    def happen(self, deed: str, **values: Any) -> Any:
        """Let something happen, such as `happen("payments/create", invoice=id)`; see `control.life.DEEDS`."""
        return self.control("POST", deed, **values)

    def pay(self, invoice: str, amount: str | float | None = None) -> str:
        """Pay an invoice, in full or in part; returns the payment's id."""
        part = {} if amount is None else {"amount": amount}
        return str(self.happen("payments/create", invoice=invoice, **part)["payment_id"])

    def create_invoice(self, contact: str, total: str | float, **facts: Any) -> str:
        """Write an invoice; may have date, due_date, reference_number, number, draft. Returns its id."""
        return str(self.happen("invoices/create", contact=contact, total=total, **facts)["invoice_id"])

    def create_contact(self, name: str, **facts: Any) -> str:
        """Add a customer; may have company, currency, terms, address, notes, persons. Returns its id."""
        return str(self.happen("contacts/create", name=name, **facts)["contact_id"])

    def add_organisation(self, name: str, **facts: Any) -> str:
        """Add an organisation with a user of its own; may have user, email, time_zone, currency, customers, seed."""
        return str(self.control("POST", "organisations", name=name, **facts)["organization_id"])

    def hook(self, url: str, kind: str, /, **facts: Any) -> int:
        """Set up a webhook; may have secret, events, method, body, headers. Returns its id."""
        return int(self.control("POST", "hooks", url=url, kind=kind, **facts)["hook"])

    def settle_hooks(self) -> None:
        """Wait until all webhooks are sent or given up; AssertionError when they take too long."""
        left = self.control("POST", "hooks/settle")["waiting"]
        if left:
            message = f"{left} webhooks are still waiting"
            raise AssertionError(message)

    # Tokens.

    def refresh_token(self, **choice: str) -> str:
        """A refresh token straight away; may choose user, client_id, scope."""
        return str(self.control("POST", "refresh-token", **(choice or {"user": ""}))["refresh_token"])

    def access_token(self, refresh_token: str | None = None) -> str:
        """An access token of a refresh token, a fresh one unless it is given."""
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token or self.refresh_token(),
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return str(
            self.request("POST", "/oauth/v2/token", urlencode(fields).encode(), FORM).json["access_token"]
        )

    def revoke_all(self) -> None:
        """Revoke every token, as a user does under Connected apps."""
        self.control("POST", "revoke")

    def consent(self, authorize_url: str, *, accept: bool = True, user: str = "") -> str:
        """Answer the consent page like a person; returns the callback address with its query."""
        parts = urlsplit(authorize_url)
        page = self.request("GET", f"{parts.path}?{parts.query}")
        if page.status != 200:  # noqa: PLR2004
            message = f"the consent page says {page.status}: {page.body.decode()}"
            raise AssertionError(message)
        choice = user or page.body.decode().split('name="user" value="', 1)[1].split('"', 1)[0]
        fields = dict(parse_qsl(parts.query)) | {"user": choice, "answer": "accept" if accept else "reject"}
        return self.request("POST", "/oauth/v2/consent", urlencode(fields).encode(), FORM).headers["location"]

    # The API.

    def get(self, path: str, token: str, **query: object) -> Answer:
        """`GET /books/v3{path}` with an access token."""
        text = urlencode(query)
        return self.request(
            "GET",
            f"/books/v3{path}{'?' + text if text else ''}",
            None,
            {"Authorization": f"Zoho-oauthtoken {token}"},
        )

    def write(self, method: str, path: str, token: str, body: object = None, **query: object) -> Answer:
        """`POST`, `PUT` or `DELETE /books/v3{path}` with an access token and a JSON body."""
        text = urlencode(query)
        return self.request(
            method,
            f"/books/v3{path}{'?' + text if text else ''}",
            None if body is None else msgspec.json.encode(body),
            JSON | {"Authorization": f"Zoho-oauthtoken {token}"},
        )


@contextlib.contextmanager
def running_sandbox(
    *,
    customers: int = 25,
    seed: int = 1,
    today: date | None = TODAY,
    state: Path | None = None,
    life_goes_on: bool = True,
) -> Iterator[RunningSandbox]:
    """Run a sandbox in a thread on a free port, with a new company unless `state` names an existing file.

    Its clock starts at nine in the morning of `today` in Dublin and runs. The default day is the one on the reference
    pictures, so that tests do not depend on the day they run on.
    """
    with tempfile.TemporaryDirectory(prefix="zoho-sandbox-") as folder:
        path = state or Path(folder) / "state.sqlite3"
        sandbox, server = start(
            Options(path, customers=customers, seed=seed, today=today, life_goes_on=life_goes_on)
        )
        server.run_in_thread()
        try:
            yield RunningSandbox(server.url, sandbox)
        finally:
            server.shutdown()
            server.server_close()
            sandbox.close()
