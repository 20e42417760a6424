"""What the connection page tells: since when and by whom, what was read and is kept, what calls are left."""

from dataclasses import dataclass
from datetime import datetime

from dunright.models import (
    CallBudget,
    Connection,
    CreditNote,
    Customer,
    Invoice,
    Organisation,
    Payment,
    TimelineEntry,
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the source's day."""

    used: int
    share: int
    """What Dunright may use of the day's allowance."""
    limit: int
    left: int | None
    """What the source last said was left for everybody; None: it has not said."""


@dataclass(frozen=True, slots=True)
class Story:
    """The connection of one organisation and how it came about."""

    connection: Connection
    by: str
    """Who connected it last, or ended it; empty: the system, or a command."""
    counts: tuple[tuple[str, int], ...]
    """What was read and is kept here: (`customer`, 25)."""
    calls: Calls | None


def story(organisation: Organisation, *, now: datetime) -> Story | None:
    """The connection of an organisation; None before the first."""
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None:
        return None
    entries = TimelineEntry.objects.filter(organisation=organisation, kind=connection.state)
    last = entries.select_related("by").order_by("-at", "-pk").first()
    kept = (
        ("customer", Customer),
        ("invoice", Invoice),
        ("payment", Payment),
        ("credit note", CreditNote),
    )
    return Story(
        connection=connection,
        by=str(last.by) if last and last.by else "",
        counts=tuple(
            (one, model.objects.filter(organisation=organisation, gone_at=None).count())
            for one, model in kept
        ),
        calls=_calls(organisation, now=now),
    )


def _calls(organisation: Organisation, *, now: datetime) -> Calls | None:
    row = CallBudget.objects.filter(organisation=organisation).first()
    if row is None:
        return None
    is_over = row.day_ends_at is not None and row.day_ends_at <= now
    return Calls(
        used=0 if is_over else row.used_today,
        share=row.daily_limit * row.share_percent // 100,
        limit=row.daily_limit,
        left=None if is_over else row.remaining_seen,
    )
