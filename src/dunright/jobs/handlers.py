"""What a nudge runs, and the minute tick that finds everything a nudge may have missed (jobs.md)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError, close_old_connections

from dunright.models import (
    ChaseRun,
    Hint,
    Notice,
    Organisation,
    OtherMailRun,
    OutboxMessage,
    Proof,
    SourceWrite,
    SyncRun,
)
from dunright.queue import HANDLERS
from dunright.services import (
    chasing,
    daily,
    hooks,
    notices,
    other_mail_runs,
    sending,
    sync,
    verify,
    work,
    write_back,
)

log = structlog.get_logger("dunright.jobs")

SLICE_SECONDS = 15.0


def fill_handlers(stopping: Callable[[], bool]) -> None:
    """Tell the queue what to run. `stopping`: true once the process was asked to stop."""

    def fenced(work_on: Callable[[int, Callable[[], bool]], object]) -> Callable[[int], None]:
        def run(pk: int) -> None:
            # A connection that a restarted server has closed must not fail the next task.
            close_old_connections()
            began = time.monotonic()
            try:
                work_on(pk, lambda: stopping() or time.monotonic() - began > SLICE_SECONDS)
            except Exception:  # the row is the job: its lease runs out and the tick finds it again
                log.exception("job failed", pk=pk)
            finally:
                close_old_connections()

        return run

    HANDLERS["sync"] = fenced(lambda pk, stop: sync.perform(pk, now=datetime.now(UTC), stop=stop))
    HANDLERS["chase"] = fenced(lambda pk, stop: chasing.perform(pk, now=datetime.now(UTC), stop=stop))
    HANDLERS["other_mail"] = fenced(
        lambda pk, stop: other_mail_runs.perform(pk, now=datetime.now(UTC), stop=stop)
    )
    HANDLERS["send"] = fenced(lambda pk, _: _send(pk))
    # Not resumed in slices: it begins again when it is stopped, so only the end of the process stops it.
    HANDLERS["verify"] = fenced(lambda pk, _: verify.perform(pk, now=datetime.now(UTC), stop=stopping))
    HANDLERS["notice"] = fenced(lambda pk, _: _tell(pk))
    HANDLERS["hint"] = fenced(lambda pk, _: hooks.perform(pk, now=datetime.now(UTC)))
    HANDLERS["write_back"] = fenced(lambda pk, _: write_back.perform(pk, now=datetime.now(UTC)))


def _send(pk: int) -> None:
    with sending.Post() as post:
        sending.send(pk, now=datetime.now(UTC), post=post)


def _tell(pk: int) -> None:
    with sending.Post() as post:
        notices.send(pk, now=datetime.now(UTC), connection=post.connection)


def tick(*, now: datetime) -> None:
    """Find every due row and nudge; make the rows whose time has come. Never does the work itself."""
    close_old_connections()
    sending.sweep(now=now)
    for organisation in Organisation.objects.order_by("pk"):
        try:
            daily.look_after(organisation, now=now)
        except Exception:  # one organisation's trouble must not stop the others
            log.exception("organisation not looked after", organisation=organisation.pk)
    try:
        daily.measure_tables()
    except DatabaseError:  # it is written to at the moment: the next tick measures
        log.info("tables not measured", exc_info=True)
    rows = (SyncRun, ChaseRun, OtherMailRun, OutboxMessage, Notice, Proof, Hint, SourceWrite)
    work.wake_due(rows, now=now)
