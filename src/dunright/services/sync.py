"""Bring the mirror in step with the books: request a run, perform it, and say so when it fails.

One run per organisation at a time (a unique constraint on open runs). What a run reads is told in `sync_pass`.
"""

from contextlib import closing
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from dunright.models import Connection, Organisation, SyncRun, User
from dunright.remote.errors import RateLimited, RemoteError
from dunright.services import budgets, connections, outlook, reconcile, work
from dunright.services.sync_pass import MOST_PROBLEMS, Pass, Stop

log = structlog.get_logger("dunright.sync")

OPEN_STATES = ("queued", "running")
TRIES = 4
RETRY_PAUSE = timedelta(minutes=2)
OUR_FAULT = (
    "Dunright stumbled over something in these books that it did not expect. Nothing is lost, and it is tried "
    "again; should it stay so, the log of this installation says what it was."
)
NO_OUTLOOK = (
    "The books are in step, but what comes next with each customer could not be worked out; the next sync tries "
    "again, and the log of this installation says what it was."
)


class NotConnected(Exception):
    """There are no books to read; the message says what to do."""


def request(organisation: Organisation, *, by: User | None, now: datetime, full: bool = False) -> SyncRun:
    """Ask for a sync; pressed twice it is one sync. Raises NotConnected.

    Asked for by nobody (the hourly one), it is a reconcile when that is due.
    """
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None or connection.state != "connected":
        raise NotConnected(
            f"{organisation.name} is not connected to its books; connect it first, then this will work."
        )
    kind = _kind(connection, by=by, now=now, full=full)
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(
                organisation=organisation, kind=kind, requested_at=now, requested_by=by, due_at=now
            )
    except IntegrityError:
        run = SyncRun.objects.get(organisation=organisation, state__in=OPEN_STATES)
        waiting = SyncRun.objects.filter(organisation=organisation, pk=run.pk, state="queued")
        # Somebody wants it now: a run that waits for a retry need not wait any longer.
        waiting.filter(due_at__gt=now).update(due_at=now)
        if kind == "full":
            waiting.filter(started_at=None).exclude(kind="first").update(kind=kind)
        run.refresh_from_db()
    work.wake(run)
    return run


def _kind(connection: Connection, *, by: User | None, now: datetime, full: bool) -> str:
    if connection.complete_sync_at is None:
        return "first"
    if full:
        return "full"
    if by is None and reconcile.is_due(connection.organisation, now=now):
        return "reconcile"
    return "incremental"


def perform(pk: int, *, now: datetime, stop: Stop = lambda: False) -> SyncRun | None:
    """Do the run, or as much of it as `stop` allows. None when another worker has it.

    Whatever goes wrong ends in a row that says so and, where trying again can help, a time for it.
    """
    run = work.claim(SyncRun, pk, now=now)
    if run is None:
        return None
    connection = Connection.objects.select_related("organisation", "log_in").get(
        organisation_id=run.organisation_id
    )
    budget = budgets.SharedBudget(connection.organisation)
    before = run.calls
    try:
        if run.started_at is None:
            work.keep(run, started_at=now, attempts=1)
        with closing(connections.open_connector(connection, budget)) as connector:
            Pass(run, connection, connector, now=now, stop=stop, calls=lambda: before + budget.calls).go()
    except work.LostLease:
        log.warning("sync taken over", run=run.pk)
        return None
    except RemoteError as error:
        _failed(run, connection, error, now=now, calls=before + budget.calls)
    except Exception:
        # A fault of ours in one row must not leave the run to its lease, to be run into again and again for ever.
        log.exception("sync failed", run=run.pk)
        _stumbled(run, now=now, calls=before + budget.calls)
    if run.state == "done":
        _look_ahead(run, connection.organisation, now=now)
    return run


def _look_ahead(run: SyncRun, organisation: Organisation, *, now: datetime) -> None:
    try:
        outlook.refresh(organisation, now=now)
    except Exception:  # the books are in step all the same
        log.exception("outlook failed", run=run.pk)
        run.problems = [NO_OUTLOOK, *run.problems][:MOST_PROBLEMS]
        SyncRun.objects.filter(organisation=organisation, pk=run.pk).update(problems=run.problems)


def _failed(run: SyncRun, connection: Connection, error: RemoteError, *, now: datetime, calls: int) -> None:
    """Say what went wrong; end the connection, or try again later from the page after the last stored one."""
    log.warning("sync failed", run=run.pk, error=type(error).__name__)
    said = _said(run, error.sentence) | {"calls": calls}
    if isinstance(error, RateLimited):
        budgets.block(connection.organisation, error)
    if error.permanent or (run.attempts >= TRIES and error.retry_after is None):
        work.settle(run, "failed", finished_at=now, **said)
        if error.ends_connection:
            connections.mark_disconnected(connection, error, now=now)
        return
    pause = timedelta(seconds=error.retry_after) if error.retry_after else RETRY_PAUSE * run.attempts
    work.settle(run, "queued", due_at=now + pause, **said)


def _stumbled(run: SyncRun, *, now: datetime, calls: int) -> None:
    """A fault of our own: visible at once, tried again with longer and longer pauses, then with the next sync."""
    said = _said(run, OUR_FAULT) | {"calls": calls}
    try:
        if run.attempts >= TRIES:
            work.settle(run, "failed", finished_at=now, **said)
        else:
            work.settle(run, "queued", due_at=now + RETRY_PAUSE * 2**run.attempts, **said)
    except work.LostLease:
        log.warning("sync taken over", run=run.pk)


def _said(run: SyncRun, sentence: str) -> dict[str, object]:
    """What stopped the run comes first: pages show the first problem."""
    others = [one for one in run.problems if one != sentence]
    return {"last_error": sentence, "problems": [sentence, *others][:MOST_PROBLEMS]}
