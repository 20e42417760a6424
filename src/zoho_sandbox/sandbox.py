"""The sandbox as one value: state, clock, switches, and the answer to any request."""

import ipaddress
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from zoho_sandbox import stamps
from zoho_sandbox.api import gate
from zoho_sandbox.api.routes import ROOT
from zoho_sandbox.clock import Clock
from zoho_sandbox.company import organisations
from zoho_sandbox.control import routes as control
from zoho_sandbox.delivery import Delivery
from zoho_sandbox.faults import Faults
from zoho_sandbox.life import plan
from zoho_sandbox.life.books import Books, LifeError
from zoho_sandbox.limits import Limits
from zoho_sandbox.oauth import consent, endpoints
from zoho_sandbox.oauth.centres import Centres
from zoho_sandbox.pages import routes as pages
from zoho_sandbox.store.database import Database
from zoho_sandbox.switches import Switches
from zoho_sandbox.unknown import Unknown
from zoho_sandbox.wire import Request, Response

DEFAULT_CLIENT_ID = "1000.SANDBOXSANDBOXSANDBOXSANDBOX00"
DEFAULT_CLIENT_SECRET = "sandbox-secret"  # noqa: S105 known to everybody, like the company


class Sandbox:
    """A running Zoho Books."""

    def __init__(
        self, database: Database, *, clock: Clock | None = None, switches: Switches | None = None
    ) -> None:
        """Take over a state. The clock goes on as it was left unless one is given."""
        self.database = database
        self.clock = clock or Clock()
        self.switches = switches or Switches()
        self.limits = Limits()
        self.faults = Faults()
        self.unknown = Unknown()
        self.sleep = time.sleep
        self.hosts: set[str] = set()
        self.host = "127.0.0.1"
        self.centres = Centres()
        self.delivery = Delivery(self)
        database.committed = self.delivery.nudge
        self._life = threading.Lock()
        self._next_plan: float = 0

    @property
    def path(self) -> Path:
        """The state file."""
        return self.database.path

    def register_client(
        self, client: str, secret: str, redirects: tuple[str, ...] = (), name: str = "Dunright"
    ) -> None:
        """Register an app; without addresses any on this machine is accepted."""
        with self.database.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO clients VALUES (?, ?, ?, ?)",
                (client, secret, name, " ".join(redirects)),
            )

    def zone(self) -> ZoneInfo:
        """The time zone of the first organisation, in which times without an offset are read."""
        with self.database.reading() as db:
            return stamps.zone(
                db.execute("SELECT time_zone FROM organisations ORDER BY org LIMIT 1").fetchone()[0]
            )

    def keep_clock(self) -> None:
        """Store the clock, so that a restart finds it as it was."""
        self.database.set_meta("clock", f"{self.clock.offset} {self.clock.stopped_at or ''}")

    def catch_up(self) -> None:
        """Carry out what was planned up to now."""
        if not self.switches.life_goes_on or self.clock.now() < self._next_plan:
            return
        with self._life:
            if self.clock.now() >= self._next_plan:
                self._next_plan = plan.carry_out(self.database, self.clock.now(), self.switches)

    def books(self, db: sqlite3.Connection, org: int | None = None) -> Books:
        """The books of an organisation, the first one unless named, for a deed of now; LifeError for an unknown one."""
        if org is None:
            org = db.execute("SELECT min(org) FROM organisations").fetchone()[0] or 0
        found = organisations.load(db, org)
        if found is None:
            raise LifeError(f"There is no organisation {org}.")
        return Books(db, found, int(self.clock.now()), self.switches)

    def close(self) -> None:
        """Stop what runs beside the first server, and close the state."""
        self.delivery.stop()
        self.centres.close()
        self.database.close()

    def plans_changed(self) -> None:
        """Look at the plan again at the next request."""
        self._next_plan = 0

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        self.catch_up()
        path = request.path
        if not path.startswith("/sandbox/") and (fault := self.faults.strike(request.target, request.method)):
            return self.faults.suffer(fault, lambda: self._healthy(request, path))
        return self._healthy(request, path)

    def _healthy(self, request: Request, path: str) -> Response:
        if path.startswith(ROOT):
            return gate.answer(self, request)
        if answer := endpoints.CALLS.get((request.method, path)):
            return answer(self, request)
        if not self._is_from_here(request):
            return Response(
                403, b"This sandbox serves its pages to this machine only.\n", "text/plain; charset=utf-8"
            )
        if path == "/oauth/v2/auth" and request.method == "GET":
            return consent.show(self, request)
        if path == "/oauth/v2/consent" and request.method == "POST":
            return consent.decide(self, request)
        if path.startswith("/sandbox/api/"):
            return control.answer(self, request)
        return pages.answer(self, request)

    def _is_from_here(self, request: Request) -> bool:
        """Whether page and sender are this machine: other sites must not press our buttons."""
        addresses = [request.origin]
        if request.method != "GET" and "origin" in request.headers:
            addresses.append(request.headers["origin"])
        return all(self._is_our_host(address) for address in addresses)

    def _is_our_host(self, address: str) -> bool:
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            return False
        if host in self.hosts or host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
