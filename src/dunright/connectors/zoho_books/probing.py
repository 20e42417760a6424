"""What the `last_modified_time` filter does: reports disagree, so it is tried before it is used (section 3.1)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from dunright.remote.errors import BadData

SECOND = timedelta(seconds=1)


def filter_works(moments: Sequence[datetime], ask: Callable[[datetime], Sequence[datetime]]) -> bool | None:
    """Ask for what changed since a time between two known changes; None when no two are far enough apart.

    `moments`: when some rows of the list changed. `ask`: returns when the rows changed that the filter gives. Only
    newer rows: it means "since". None at all: it means equality. Older ones: it is ignored. A call that is refused
    counts as ignored. Only the first can be used.
    """
    newest_first = sorted(set(moments), reverse=True)
    between = next(
        (older + SECOND for newer, older in pairwise(newest_first) if newer - older > SECOND), None
    )
    if between is None:
        return None
    try:
        found = ask(between)
    except BadData:
        return False
    return bool(found) and min(found) >= between
