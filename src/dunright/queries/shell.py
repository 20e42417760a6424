"""What the frame of every page shows: who is where, what waits, how old the books are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dunright.models import (
    Connection,
    Membership,
    MessageState,
    Organisation,
    OutboxMessage,
    SyncRun,
    ToDo,
    User,
)

OPEN_SYNC = ("queued", "running")


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where the books stand; every moment in UTC."""

    is_running: bool
    stage: str
    """The resource being read, empty before the first."""
    counts: Mapping[str, Mapping[str, int]]
    """resource -> {read, changed} of the open run."""
    fresh_at: datetime | None
    """Start of the last complete sync; None: never."""
    problem: str
    """Why the latest run failed or was not complete, a sentence; empty: it went well."""


@dataclass(frozen=True, slots=True)
class Frame:
    waiting: int
    """Messages that wait for approval."""
    to_dos: int
    sync: SyncState
    connection: Connection | None


def frame(organisation: Organisation) -> Frame:
    """Read the frame of one organisation's pages in three statements, four where its books are not read yet."""
    connection = books_of(organisation)
    return Frame(
        waiting=OutboxMessage.objects.filter(organisation=organisation, state=MessageState.PENDING).count(),
        to_dos=ToDo.objects.filter(organisation=organisation, closed_at=None).count(),
        sync=_sync(organisation, connection),
        connection=connection,
    )


def books(organisation: Organisation) -> tuple[SyncState, Connection | None]:
    """Where the books stand, alone: for the fragment that asks every second while a sync runs."""
    connection = books_of(organisation)
    return _sync(organisation, connection), connection


def books_of(organisation: Organisation) -> Connection | None:
    """The books as they stood when the page's request came in (`membership` reads them along), else as they stand.

    For pages only: what decides about sending reads the row itself, each time.
    """
    if Organisation.connection.is_cached(organisation):
        return getattr(organisation, "connection", None)
    return Connection.objects.filter(organisation=organisation).first()


def _sync(organisation: Organisation, connection: Connection | None) -> SyncState:
    run = SyncRun.objects.filter(organisation=organisation).order_by("-pk").first()
    # A run that failed and waits for its next try is no running one: people are told what stopped it.
    is_running = run is not None and run.state in OPEN_SYNC and not (run.state == "queued" and run.last_error)
    problem = ""
    if run is not None and not is_running and not run.is_complete:
        problem = run.problems[0] if run.problems else run.last_error
    return SyncState(
        is_running=is_running,
        stage=run.stage if run is not None and is_running else "",
        counts=run.counts if run is not None and is_running else {},
        fresh_at=connection.complete_sync_at if connection else None,
        problem=problem,
    )


def membership(organisation_id: int, user: User) -> Membership | None:
    """The user's place in an organisation, with the organisation, its settings and books; None for strangers."""
    return (
        Membership.objects.select_related("organisation__settings_version", "organisation__connection")
        .filter(organisation_id=organisation_id, user=user)
        .first()
    )


def memberships(user: User) -> Sequence[Membership]:
    """Everywhere the user belongs, by name of the organisation."""
    found = Membership.objects.select_related("organisation").filter(user=user)
    return list(found.order_by("organisation__name", "organisation_id"))
