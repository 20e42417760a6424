"""The worker: threads that do what nudges name, in the process that serves pages or in one of its own."""

import time
from datetime import UTC, datetime
from typing import Any

import structlog
from huey import crontab
from huey.consumer import Consumer

from dunright.jobs.handlers import fill_handlers, tick
from dunright.queue import queue, serve_nudges
from dunright.services import sending

log = structlog.get_logger("dunright.jobs")

THREADS = 3
SHUTDOWN_SECONDS = 8.0
"""How long work may take to its end. SIGTERM is done within ten: the rest is for saying what was left, and the exit."""


class _Threads(Consumer):  # type: ignore[misc, unused-ignore]
    def _set_signal_handlers(self) -> None:
        """Leave the signals to the program: huey's handlers would take some that nobody then reads."""


class Worker:
    """Works on nudges and ticks every minute, beginning with its start. Not to be started twice."""

    def __init__(self) -> None:
        instance = queue()
        serve_nudges()
        self._consumer = _Threads(
            instance,
            workers=THREADS,
            worker_type="thread",
            # The default of 10 s made an idle worker 5 s late (jobs.md).
            max_delay=0.5,
            initial_delay=0.05,
        )
        self._asked_at: float | None = None
        fill_handlers(stopping=self._consumer.stop_flag.is_set)
        _register_tick(instance)

    def start(self) -> None:
        """Start the threads."""
        self._consumer.start()

    def renew_threads(self) -> None:
        """Replace threads that died. Call it now and then."""
        self._consumer.check_worker_health()

    def ask_to_stop(self) -> None:
        """Take up nothing more; what is at work comes to its end or to its next break. For signal handlers too."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        self._consumer.stop_flag.set()

    def finish(self) -> None:
        """Wait for the work at hand, at most SHUTDOWN_SECONDS from the asking on; then end with nothing half done.

        A message whose answer the mail server still owes is left uncertain; every other row is taken up again
        by another worker when its lease runs out.
        """
        self.ask_to_stop()
        assert self._asked_at is not None
        left = self._asked_at + SHUTDOWN_SECONDS - time.monotonic()
        self._consumer.shutdown_timeout = max(left, 0)
        self._consumer.stop(graceful=True)
        if lost := sending.let_go(now=datetime.now(UTC)):
            log.warning("stopped while messages were being handed over; they are uncertain", messages=lost)


def _register_tick(instance: Any) -> None:
    @instance.periodic_task(crontab(minute="*"), name="tick", expires=50)  # type: ignore[untyped-decorator, unused-ignore]
    def every_minute() -> None:
        tick(now=datetime.now(UTC))
