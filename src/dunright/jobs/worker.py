"""The consumer of nudges: threads in the process that serves pages, or a process of its own."""

from datetime import UTC, datetime
from typing import Any

from huey import crontab
from huey.consumer import Consumer

from dunright.jobs.handlers import fill_handlers, tick
from dunright.queue import queue, serve_nudges

THREADS = 3
SHUTDOWN_SECONDS = 9
"""SIGTERM is done within ten."""


def start_consumer() -> Consumer:
    """Start threads that work on nudges, and the minute tick. Stop it with `.stop(graceful=True)`."""
    instance = queue()
    serve_nudges()
    consumer = Consumer(
        instance,
        workers=THREADS,
        worker_type="thread",
        # The default of 10 s made an idle worker 5 s late (jobs.md).
        max_delay=0.5,
        initial_delay=0.05,
        shutdown_timeout=SHUTDOWN_SECONDS,
        graceful_signal="TERM",
        check_worker_health=True,
    )
    fill_handlers(stopping=consumer.stop_flag.is_set)
    _register_tick(instance)
    return consumer


def _register_tick(instance: Any) -> None:
    @instance.periodic_task(crontab(minute="*"), name="tick", expires=50)  # type: ignore[untyped-decorator, unused-ignore]
    def every_minute() -> None:
        tick(now=datetime.now(UTC))
