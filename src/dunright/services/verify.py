"""Proofs that the mirror equals the books: asked for by a person, and made by night; the row is the job.

A full proof follows a sync that read everything, a light one each nightly reconcile (`look_after`).
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from dunright.domain import comparing
from dunright.models import Connection, Organisation, Proof, Role, SyncRun, User
from dunright.queries.local_time import local_date
from dunright.remote.errors import RateLimited, RemoteError
from dunright.services import budgets, connections, outlook, work
from dunright.services.mending import Mending
from dunright.services.permissions import require
from dunright.services.recount import Recount

log = structlog.get_logger("dunright.verify")

OPEN_STATES = ("queued", "running")
KEPT = 200
"""Differences that a proof keeps."""
TRIES = 3
RETRY_PAUSE = timedelta(minutes=2)
AFTER_SYNC = timedelta(minutes=1)
"""While a sync writes, its half-read page would be taken for a difference."""
OUR_FAULT = (
    "Dunright stumbled over something in these books that it did not expect, so they were not compared; the log of "
    "this installation says what it was."
)
FOLLOWS = {"first": "full", "full": "full", "reconcile": "light"}
"""Kind of sync -> kind of proof that follows it by itself."""
Stop = Callable[[], bool]


class CannotVerify(Exception):
    """There is nothing to compare; the message says why and what to do."""


class _Stopped(Exception):
    """The worker was asked to stop."""


def request(
    organisation: Organisation, *, by: User | None, now: datetime, kind: str = "full", wake: bool = True
) -> Proof:
    """Ask for a proof; pressed twice it is one. Raises CannotVerify, NotAllowed.

    `wake`: tell the workers; False when the caller performs it itself.
    """
    require(organisation, by, Role.CHASER)
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None or connection.state != "connected":
        raise CannotVerify(f"{organisation.name} is not connected to its books; connect it first.")
    if connection.complete_sync_at is None:
        raise CannotVerify(
            f"The books of {organisation.name} were not read to their end yet; they can be compared after that."
        )
    try:
        with transaction.atomic():
            proof = Proof.objects.create(
                organisation=organisation, kind=kind, requested_at=now, requested_by=by, due_at=now
            )
    except IntegrityError:
        proof = Proof.objects.get(organisation=organisation, state__in=OPEN_STATES)
        # Somebody wants it now, and whole: one that waits need not wait any longer.
        waiting = Proof.objects.filter(organisation=organisation, pk=proof.pk, state="queued")
        waiting.update(due_at=min(proof.due_at, now), kind="full" if kind == "full" else proof.kind)
        proof.refresh_from_db()
    if wake:
        work.wake(proof)
    return proof


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Ask for the proof that follows the last sync of all or much of the books, once."""
    last = (
        SyncRun.objects.filter(organisation=organisation, is_complete=True, kind__in=FOLLOWS)
        .order_by("-pk")
        .values_list("kind", "finished_at")
        .first()
    )
    if last is None or last[1] is None:
        return
    if Proof.objects.filter(organisation=organisation, requested_at__gte=last[1]).exists():
        return
    try:
        request(organisation, by=None, now=now, kind=FOLLOWS[last[0]])
    except CannotVerify:
        # Disconnected since: the sync after the next connecting brings its own.
        return


def perform(pk: int, *, now: datetime, stop: Stop = lambda: False) -> Proof | None:
    """Compare, mend what differs, compare again, and keep what came of it. None when another worker has it."""
    proof = work.claim(Proof, pk, now=now)
    if proof is None:
        return None
    connection = Connection.objects.select_related("organisation", "log_in").get(
        organisation_id=proof.organisation_id
    )
    organisation = connection.organisation
    if SyncRun.objects.filter(organisation=organisation, state="running").exists():
        work.settle(proof, "queued", due_at=now + AFTER_SYNC, attempts=0)
        return proof
    use = budgets.Use.SYNC if proof.requested_by_id or proof.kind == "full" else budgets.Use.DETAIL
    budget = budgets.SharedBudget(organisation, use=use)
    try:
        work.keep(proof, started_at=now)
        _compare(proof, connection, budget, now=now, stop=stop)
    except work.LostLease:
        log.warning("proof taken over", proof=proof.pk)
        return None
    except _Stopped:
        work.settle(proof, "queued", due_at=now, attempts=0)
    except RemoteError as error:
        _failed(proof, connection, error, calls=budget.calls, now=now)
    except Exception:
        log.exception("proof failed", proof=proof.pk)
        work.settle(proof, "failed", finished_at=now, last_error=OUR_FAULT, calls=budget.calls)
    return proof


def _compare(
    proof: Proof, connection: Connection, budget: budgets.SharedBudget, *, now: datetime, stop: Stop
) -> None:
    organisation = connection.organisation

    def beat() -> None:
        if stop():
            raise _Stopped
        work.keep(proof, calls=budget.calls)

    with closing(connections.open_connector(connection, budget)) as connector:
        recount = Recount(organisation, connector, beat=beat)
        recount.full() if proof.kind == "full" else recount.light()
        mending = Mending(recount, today=local_date(organisation, now), now=now)
        cut_short = ""
        try:
            mending.mend()
        except RateLimited as error:
            # What was found stands; what could not be read again stays left, and says so.
            budgets.block(organisation, error)
            cut_short = error.sentence
        if connector.probes != connection.probes:
            Connection.objects.filter(organisation=organisation).update(probes=dict(connector.probes))
    if mending.has_stored:
        outlook.refresh(organisation, now=now)
    found = recount.differences
    work.settle(
        proof,
        "done",
        finished_at=now,
        agrees=comparing.agrees(found),
        calls=budget.calls,
        totals=recount.totals(),
        counts=recount.counts(),
        differences=[comparing.as_json(one) for one in found[:KEPT]],
        more=max(len(found) - KEPT, 0),
        last_error=cut_short,
    )


def _failed(proof: Proof, connection: Connection, error: RemoteError, *, calls: int, now: datetime) -> None:
    """Say why nothing was proved; later, where trying again can help."""
    log.warning("proof failed", proof=proof.pk, error=type(error).__name__)
    if isinstance(error, RateLimited):
        budgets.block(connection.organisation, error)
    said = {"last_error": error.sentence, "calls": calls}
    if error.permanent or (proof.attempts >= TRIES and error.retry_after is None):
        work.settle(proof, "failed", finished_at=now, **said)
        if error.ends_connection:
            connections.mark_disconnected(connection, error, now=now)
        return
    pause = timedelta(seconds=error.retry_after) if error.retry_after else RETRY_PAUSE * proof.attempts
    work.settle(proof, "queued", due_at=now + pause, **said)
