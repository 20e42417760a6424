"""Let the n-th point of a scenario fail in each way, go on with another worker, and judge what came of it."""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import timedelta
from typing import NamedTuple

from django.db import connection

from dunright.services.due import run_due
from tests.journeys import crash_facts
from tests.journeys.crash_hook import Trap, fault, lost, watched_writes
from tests.journeys.crash_scenarios import must_have_arrived, ticks
from tests.journeys.crash_world import be_impatient, leases_run_out

MODES = ("exit", "error", "outage", "fault", "freeze")
"""The process ends; the operation fails; it and everything after it fails, until another goes on; something of ours
fails; the worker stands still longer than its lease."""
STOPPED = "stopped"
"""As `freeze`, by SIGSTOP and SIGCONT in a process of its own: dearer, hence for a sample."""
A_TICK_OR_TWO = timedelta(minutes=3)
_ENDED = 9


class Point(NamedTuple):
    """One crash and what came of it."""

    scenario: str
    mode: str
    number: int
    label: str
    verdict: crash_facts.Verdict
    uncertain: int


class Player:
    """Plays one scenario again and again from the same rows."""

    def __init__(self, scenario, snapshot, trap: Trap, sink):
        self.scenario = scenario
        self._snapshot, self._trap, self._sink = snapshot, trap, sink
        self._sink.copies()
        self._put_back()
        with watched_writes(trap):
            trap.arm(0, None)
            scenario.deed()
            trap.disarm()
        self.labels = list(trap.labels)
        """Every point of the scenario when nothing breaks."""
        self._go_on()
        self._sent_cleanly = must_have_arrived()
        copies = self._sink.copies()
        assert (set(copies.values()) <= {1}, crash_facts.uncertain()) == (True, 0), (
            "it broke with nothing broken"
        )
        self._expected = crash_facts.facts()

    def play(self, mode, number) -> Point | None:
        """Let the point `number` fail; None when the scenario came to its end before it."""
        self._put_back()
        label = getattr(self, f"_{mode}")(number)
        if not label:
            return None
        self._go_on(mode)
        copies = self._sink.copies()
        begun = any("attempt" in one or "content" in one for one in self.labels[:number])
        found = crash_facts.verdict(self._expected, copies, must_send=self._sent(), may_be_uncertain=begun)
        return Point(self.scenario.name, mode, number, label, found, crash_facts.uncertain())

    def _sent(self):
        before = set(self._sent_before)
        return [one for one in must_have_arrived() if one not in before]

    def _put_back(self):
        self._snapshot.restore()
        self._sent_before = must_have_arrived()

    def _go_on(self, mode=""):
        if self.scenario.again is not None:
            leases_run_out()
            self.scenario.again()
        first, *later = ticks(self.scenario)
        if mode == "exit":
            run_due(now=first)
        # A worker that lives says itself what became of its work: the long lease of a hand-over is for the dead.
        leases_run_out(**({"within": A_TICK_OR_TWO} if mode in {"error", "fault"} else {}))
        for moment in later:
            run_due(now=moment)

    def _exit(self, number):
        return self._in_child(number, lambda _label: os._exit(_ENDED), lambda pid: os.waitpid(pid, 0)[1])

    def _stopped(self, number):
        def stop(_label):
            os.kill(os.getpid(), signal.SIGSTOP)

        def wait(pid):
            _, status = os.waitpid(pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                return 0
            self._another()
            os.kill(pid, signal.SIGCONT)
            os.waitpid(pid, 0)
            return status

        return self._in_child(number, stop, wait)

    def _in_child(self, number, deed, wait):
        connection.close()
        if (pid := os.fork()) == 0:
            with suppress(BaseException), watched_writes(self._trap):
                self._trap.arm(number, deed)
                self.scenario.deed()
            os._exit(0)
        return self.labels[number - 1] if wait(pid) else ""

    def _error(self, number):
        return self._in_process(number, _raiser(lost))

    def _outage(self, number):
        return self._in_process(number, _raiser(lost), again=True)

    def _fault(self, number):
        return self._in_process(number, _raiser(fault))

    def _freeze(self, number):
        return self._in_process(number, lambda _label: self._another())

    def _in_process(self, number, deed, *, again=False):
        with watched_writes(self._trap):
            self._trap.arm(number, deed, again=again)
            # What comes out of it is the worker's last word: its process would go on with other work.
            with suppress(Exception):
                self.scenario.deed()
            self._trap.disarm()
        return self._trap.sprung_at

    def _another(self):
        """Another worker goes on while the first stands still and its lease runs out."""
        other = threading.Thread(target=self._be_another)
        other.start()
        other.join()

    def _be_another(self):
        with closing(connection):
            be_impatient()
            leases_run_out()
            # Where the first holds a lock in the database, the other gets no further for now.
            with suppress(Exception):
                self.scenario.other()


def _raiser(error_of):
    def deed(label):
        raise error_of(label)

    return deed


class Totals:
    """Counts points, and keeps what was wrong."""

    def __init__(self):
        self.points = Counter()
        self.double = self.lost = self.stuck = self.uncertain = 0
        self.wrong = []
        self.began = time.monotonic()

    def add(self, point: Point):
        self.points[point.scenario, point.mode] += 1
        self.uncertain += point.uncertain
        self.double += bool(point.verdict.double)
        self.lost += bool(point.verdict.lost)
        self.stuck += bool(point.verdict.stuck)
        if not point.verdict.is_good:
            self.wrong.append(point)

    def in_words(self):
        return (
            f"{self.points.total()} points in {time.monotonic() - self.began:.0f} s: "
            f"{self.double} double, {self.lost} lost, {self.stuck} stuck"
        )

    def as_json(self):
        return {
            "points": self.points.total(),
            "double": self.double,
            "lost": self.lost,
            "stuck": self.stuck,
            "uncertain": self.uncertain,
            "by_scenario": dict(sorted(Counter(_summed(self.points, 0)).items())),
            "by_mode": dict(sorted(Counter(_summed(self.points, 1)).items())),
            "wrong": [
                f"{one.scenario}, {one.mode} at {one.number} ({one.label}): {one.verdict._asdict()}"
                for one in self.wrong
            ],
        }


def _summed(points, place):
    summed = Counter()
    for key, count in points.items():
        summed[key[place]] += count
    return summed
