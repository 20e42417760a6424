"""What the connection page tells: since when and by whom, what was read and is kept."""

from dataclasses import dataclass

from dunright.models import (
    Connection,
    CreditNote,
    Customer,
    Invoice,
    Organisation,
    Payment,
    TimelineEntry,
)


@dataclass(frozen=True, slots=True)
class Story:
    """The connection of one organisation and how it came about."""

    connection: Connection
    by: str
    """Who connected it last, or ended it; empty: the system, or a command."""
    counts: tuple[tuple[str, int], ...]
    """What was read and is kept here: (`customer`, 25)."""


def story(organisation: Organisation) -> Story | None:
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
    )
