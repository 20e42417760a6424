"""Rows as jobs: claim one, keep it, settle it, find what is due (jobs.md).

Only leases use the database's clock; whether a row is due is asked with the caller's `now`.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from dunright.models import ChaseRun, Hint, Notice, OtherMailRun, OutboxMessage, Proof, SourceWrite, SyncRun
from dunright.models.job import Job
from dunright.queue import nudge

JobT = TypeVar("JobT", bound=Job)

LEASE = timedelta(seconds=120)
"""How long a worker may be silent before another takes its row."""
NUDGE_AGAIN = timedelta(seconds=50)

LABELS: Mapping[type[Job], str] = {
    SyncRun: "sync",
    ChaseRun: "chase",
    OtherMailRun: "other_mail",
    OutboxMessage: "send",
    Notice: "notice",
    Proof: "verify",
    SourceWrite: "write_back",
    Hint: "hint",
}


class LostLease(Exception):
    """Another worker has the row now: stop, and write nothing more."""


def claim(model: type[JobT], pk: int, *, now: datetime, lease: timedelta = LEASE) -> JobT | None:
    """Take a due row, or one whose worker went silent; None when somebody else has it. One winner."""
    token = secrets.token_hex(16)
    free = Q(state__in=model.FREE, due_at__lte=now)
    abandoned = Q(state=model.RUNNING, lease_until__lt=Now()) & model.RESUME
    won = model._default_manager.filter(free | abandoned, pk=pk).update(
        state=model.RUNNING, token=token, lease_until=Now() + lease, attempts=F("attempts") + 1
    )
    if not won:
        return None
    return model._default_manager.filter(pk=pk, token=token).first()


def keep(job: Job, *, lease: timedelta = LEASE, **progress: Any) -> None:
    """Write progress and renew the lease in one statement. Raises LostLease when the row is no longer ours."""
    _write(job, {**progress, "lease_until": Now() + lease})
    for name, value in progress.items():
        setattr(job, name, value)


def settle(job: Job, state: str, **fields: Any) -> None:
    """Leave the row in a state, free of any lease. Raises LostLease when it is no longer ours."""
    _write(job, {**fields, "state": state, "lease_until": None, "token": ""})
    # The token stays with the worker: should the transaction around this fail, the row is still its own to settle.
    for name, value in {**fields, "state": state, "lease_until": None}.items():
        setattr(job, name, value)


def _write(job: Job, fields: Mapping[str, Any]) -> None:
    mine = type(job)._default_manager.filter(pk=job.pk, token=job.token, state=job.RUNNING)
    if not job.token or not mine.update(**fields):
        raise LostLease(f"{LABELS[type(job)]} {job.pk} was taken over")


def wake(job: Job) -> None:
    """Nudge the workers about a row once the transaction that wrote it is committed."""
    transaction.on_commit(partial(nudge, LABELS[type(job)], job.pk), robust=True)


def due(model: type[JobT], *, now: datetime) -> list[int]:
    """Primary keys of rows that a worker may take now, the longest due first."""
    free = Q(state__in=model.FREE, due_at__lte=now)
    abandoned = Q(state=model.RUNNING, lease_until__lt=Now()) & model.RESUME
    rows = model._default_manager.filter(free | abandoned).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True))


def wake_due(models: Iterable[type[Job]], *, now: datetime) -> int:
    """Nudge the workers about every due row that was not nudged lately; the number nudged."""
    count = 0
    for model in models:
        quiet = Q(nudge_at=None) | Q(nudge_at__lt=Now() - NUDGE_AGAIN)
        for pk in due(model, now=now):
            if model._default_manager.filter(quiet, pk=pk).update(nudge_at=Now()):
                nudge(LABELS[model], pk)
                count += 1
    return count
