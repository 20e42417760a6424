"""`dunright …` as programs beside the test, and a company whose local time is noon while they run by the real clock."""

import http.client
import os
import signal
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models.functions import Now
from django.test import Client

from dunright.domain.settings import OrganisationSettings
from dunright.models import ChaseRun, User
from dunright.services import connections, organisations, sync

PATIENCE = 60
"""Seconds until a test that waits for a program gives up."""
STOP_SECONDS = 15
"""A stop takes ten seconds at most; a busy machine gets some more."""


def wait_for(what, condition):
    """Wait until a condition holds, and give what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.02)
    return found


def lease_runs_out(row):
    """Let the time pass after which a silent worker's row is taken over."""
    type(row).objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


def company_at_noon(sandbox, *, customers, approval="never"):
    """A connected company with one invoice a customer that fell due three days ago; no run of its own is near."""
    now = datetime.now(UTC)
    # No midnight, and no chase time, comes by while the test runs. (The sign of these names is the other way round.)
    zone = f"Etc/GMT{now.hour - 12:+d}"
    today = now.astimezone(ZoneInfo(zone)).date()
    owner = User.objects.create_user("ada@northwind.example", None, name="Ada Moor")
    wanted = OrganisationSettings(
        name="Northwind Parts Ltd",
        timezone=zone,
        currency="EUR",
        first_run_after_days=30,
        spread_minutes=0,
        approval=approval,
    )
    sandbox.move_to(now)
    company = organisations.add(wanted, owner=owner, now=now)
    for number in range(customers):
        person = {"first_name": "Una", "last_name": "Roche", "email": f"una{number}@customer.example"}
        contact = sandbox.create_contact(f"Customer {number}", persons=[person])
        due = today - timedelta(days=3)
        sandbox.create_invoice(contact, "250.00", date=str(due - timedelta(days=30)), due_date=str(due))
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    books = connections.reachable_books(log_in, company)[0]
    connections.connect(company, log_in, books.external_id, by=owner, now=now)
    sync.perform(sync.request(company, by=owner, now=now).pk, now=now)
    organisations.resume(company, by=owner, now=now)
    company.owner, company.today = owner, today
    return company


def run_of_today(company):
    """A run that is due at this moment."""
    return ChaseRun.objects.create(
        organisation=company, local_date=company.today, due_at=datetime.now(UTC), kind="by_hand"
    )


class Program:
    """A running `dunright …`."""

    def __init__(self, processes, environ, *arguments):
        self.started_at = datetime.now(UTC)
        self.process = processes.start("-m", "dunright.management.cli", *arguments, environ=environ)

    def signal(self, number, *, group=False):
        """Send a signal to the program, or to it and its children as a terminal and systemd do."""
        (os.killpg if group else os.kill)(self.process.pid, number)

    def kill(self):
        """End it by SIGKILL."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM, and its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def has_children(self):
        """Whether a process of its group is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            return True
        return False


class Pages(Program):
    """A running `dunright serve` or `dunright web`, and a person who is logged in."""

    def __init__(self, processes, environ, command, person):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        super().__init__(processes, environ, command, "--port", str(self.port))
        client = Client()
        client.force_login(person)
        self._cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        wait_for("pages are answered", self.answers)

    def answers(self):
        """Whether somebody answers at its port."""
        with suppress(OSError):
            return self._ask("GET", "/accounts/login/") == 200
        return False

    def press_sync_now(self, company):
        """Press the button, as a browser without script does."""
        token = "t" * 32
        headers = {"Cookie": f"{self._cookies}; csrftoken={token}", "X-CSRFToken": token}
        assert self._ask("POST", f"/o/{company.pk}/sync/now/", headers) == 302

    def _ask(self, method, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers or {})
            return connection.getresponse().status
        finally:
            connection.close()
