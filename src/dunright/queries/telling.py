"""What became of what the books are to be told, and whether they call."""

from dataclasses import dataclass

from dunright.models import Organisation, SourceHook, SourceWrite, WriteState

SHOWN = 5
"""Failed ones that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class Story:
    """As the connection page tells it."""

    waiting: int
    why: str
    """Why the longest one waits; empty: its turn has not come."""
    failed: tuple[SourceWrite, ...]
    failed_count: int
    last: SourceWrite | None
    """What was written last."""


def story(organisation: Organisation) -> Story:
    """How the telling of an organisation stands."""
    rows = SourceWrite.objects.filter(organisation=organisation).select_related("invoice", "customer")
    waiting = rows.filter(state__in=(WriteState.QUEUED, WriteState.RUNNING))
    failed = rows.filter(state=WriteState.FAILED)
    oldest = waiting.exclude(reason="").order_by("planned_at").first()
    return Story(
        waiting=waiting.count(),
        why=oldest.reason if oldest else "",
        failed=tuple(failed.order_by("-settled_at", "-pk")[:SHOWN]),
        failed_count=failed.count(),
        last=rows.filter(state=WriteState.DONE).order_by("-settled_at", "-pk").first(),
    )


def hook_of(organisation: Organisation) -> SourceHook | None:
    """The address that the books of an organisation call; None: there is none."""
    return SourceHook.objects.filter(organisation=organisation).first()
