"""Crash points on the database that the environment names: all of them, or a fixed sample.

    python tests/journeys/crash_program.py POINTS_PER_SCENARIO_AND_MODE STOPPED_PER_SCENARIO

prints one JSON object with the totals; 0 stands for every point. The tables must be there, and empty.
"""

import json
import logging
import signal
import ssl
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import django

SAY_EVERY = 200
"""Points between two lines on how it goes."""


def main():
    """Play what was asked for and tell the totals."""
    django.setup()
    each, stopped = map(int, sys.argv[1:3])
    only = sys.argv[3:]
    from tests.journeys.crash_runs import Totals

    totals = Totals()
    for point in played(each, stopped, only):
        totals.add(point)
        if totals.points.total() % SAY_EVERY == 0:
            print(totals.in_words(), file=sys.stderr, flush=True)
    print(json.dumps(totals.as_json()))


def played(each, stopped, only=()):
    """Every point that is asked for, one after another."""
    from tests.journeys import crash_runs

    with stage() as play:
        for scenario in play.scenarios():
            if only and scenario.name not in only:
                continue
            snapshot = play.kept()
            player = crash_runs.Player(scenario, snapshot, play.trap, play.sink)
            for mode in crash_runs.MODES:
                yield from _of_mode(player, mode, each)
            if stopped:
                yield from _of_mode(player, crash_runs.STOPPED, stopped)
            snapshot.restore()
            snapshot.drop()


@contextmanager
def stage():
    """Books, mail server and company, ready for the first scenario."""
    from tests.journeys import crash_hook, crash_scenarios, crash_world
    from zoho_sandbox.testing import running_sandbox

    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    trap, tape = crash_hook.Trap(), crash_world.Tape()
    with (
        running_sandbox(customers=0, today=crash_scenarios.MONDAY) as sandbox,
        running_sink() as sink,
        lead_to(sandbox, sink),
        crash_hook.installed(trap, tape),
    ):
        sandbox.stop_clock()
        crash_scenarios.begin(sandbox)
        yield Stage(sandbox, sink, trap, tape)


class Stage(NamedTuple):
    """What is played on."""

    sandbox: Any
    sink: Any
    trap: Any
    tape: Any

    def scenarios(self):
        """The scenarios in their order, the company brought to where each begins."""
        from tests.journeys import crash_scenarios

        for scenario in crash_scenarios.SCENARIOS:
            self.tape.record()
            scenario.prepare(self.sandbox)
            self.tape.play()
            yield scenario

    def until(self, name):
        """Bring the company to where this scenario begins; gives the rows as they are then."""
        for scenario in self.scenarios():
            if scenario.name == name:
                return self.kept()
        raise LookupError(name)

    def kept(self):
        """The rows as they are now."""
        from tests.journeys.crash_world import Snapshot

        return Snapshot()


def _of_mode(player, mode, each):
    """All points, or `each` of them spread evenly over the scenario."""
    count = len(player.labels)
    step = max(count / each, 1) if each else 1
    place = 0.0
    while True:
        # One more than there are: a scenario that fails on its way may be longer than one that does not.
        point = player.play(mode, int(place) + 1)
        if point is None:
            return
        yield point
        place += step
        if each and place >= count:
            return


@contextmanager
def running_sink():
    """The mail server beside."""
    from tests.journeys.crash_world import Sink

    program = Path(__file__).with_name("crash_sink.py")
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield Sink(int(process.stdout.readline()))
        finally:
            process.kill()


@contextmanager
def lead_to(sandbox, sink):
    """Lead the product to these books and this mail server, without what only takes time."""
    import stamina
    from django.conf import settings

    from dunright.mail import send

    before = settings.CONFIGURATION, settings.EMAIL_URL
    settings.CONFIGURATION = replace(
        settings.CONFIGURATION,
        zoho_sandbox_url=sandbox.url,
        zoho_client_id=sandbox.client_id,
        zoho_client_secret=sandbox.client_secret,
    )
    settings.EMAIL_URL = sink.url
    stamina.set_testing(True, attempts=4, cap=True)
    # Reading the system's certificates takes longer than the mail.
    send.ssl.create_default_context = lru_cache(maxsize=1)(ssl.create_default_context)
    try:
        yield
    finally:
        settings.CONFIGURATION, settings.EMAIL_URL = before
        stamina.set_testing(False)


if __name__ == "__main__":
    main()
