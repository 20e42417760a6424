"""Senders beside the test: started, awaited at a point, killed there, or let come to their end."""

import json
import os
import select
import signal
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count

from django.db.models.functions import Now

from dunright.models import OutboxMessage

PROGRAM = "tests/journeys/sender_program.py"
PATIENCE = 60
"""Seconds until a test that waits for a process gives up."""


def wait_for(what, condition):
    """Wait until a condition holds, and give what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.02)
    return found


def lease_runs_out(company):
    """Let the time pass after which a silent worker's rows are taken over."""
    claimed = OutboxMessage.objects.filter(organisation=company, state="claimed")
    claimed.update(lease_until=Now() - timedelta(seconds=1))


class Senders:
    """The program that forks senders, and what it has told."""

    def __init__(self, processes):
        self._process = processes.start(PROGRAM)
        self._told = []
        self._rest = b""
        self._orders = count(1)
        self._until(lambda news: "ready" in news)

    def start(self, sandbox, catcher, *, now, point="", begin=0.0):
        """Start a sender that does what is due at `now`, from the moment `begin` on, and stands still at a point."""
        number = next(self._orders)
        order = {
            "order": number,
            "now": now.isoformat(),
            "point": point,
            "begin": begin,
            "mail": catcher.smtp_url,
            "settings": {
                "zoho_sandbox_url": sandbox.url,
                "zoho_client_id": sandbox.client_id,
                "zoho_client_secret": sandbox.client_secret,
            },
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = self._until(lambda news: news.get("order") == number and "pid" in news)["pid"]
        return Sender(self, number, pid)

    def told(self, number, *words):
        """What a sender tells under one of these words, awaited."""
        found = self._until(lambda news: news.get("order") == number and any(word in news for word in words))
        return next((word, found[word]) for word in words if word in found)

    def _until(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while (found := next((news for news in self._told if wanted(news)), None)) is None:
            pipe = self._process.stdout.fileno()
            ready, _, _ = select.select([pipe], [], [], max(deadline - time.monotonic(), 0))
            piece = os.read(pipe, 65536) if ready else b""
            assert piece, f"the senders say nothing more; so far: {self._told}"
            *lines, self._rest = (self._rest + piece).split(b"\n")
            self._told += [json.loads(line) for line in lines]
        return found


class Sender:
    """One process that hands over what is due."""

    def __init__(self, senders, number, pid):
        self._senders, self._number, self.pid = senders, number, pid

    def stands_still(self):
        """Wait until it stands at its point."""
        word, news = self._senders.told(self._number, "at", "done", "error")
        assert word == "at", news

    def kill(self):
        """End it by SIGKILL; when this returns it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        wait_for("the killed sender is gone", self._is_gone)

    def done(self):
        """Wait for its end; what it did."""
        word, news = self._senders.told(self._number, "done", "error")
        assert word == "done", news
        return news

    def _is_gone(self):
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False
