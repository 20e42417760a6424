"""Calls of an accounting system's day: whose they are, how long they last, and when a first sync is done.

Plain arithmetic on what is known (zoho-books-api.md sections 4 and 12.3); every forecast says "about".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

DAY: Final = timedelta(days=1)
PER_PAGE: Final = 200
"""Rows that a call to a list brings."""
TYPICAL: Final[Mapping[str, int]] = {"persons": 2, "invoices": 12, "payments": 10}
"""Records for each customer (section 12.3): the size of a list that nobody has read yet."""
NO_PACE: Final = 100
"""Calls a minute where Dunright does not pace itself: what Zoho allows."""
TOO_FEW: Final = timedelta(minutes=30)
"""A day that has just begun tells no pace."""


class Day(NamedTuple):
    """One day of calls, as it stands."""

    limit: int
    """What the system allows everybody together."""
    share: int
    """What Dunright may use of them."""
    used: int
    """By Dunright."""
    others: int = 0
    """By others, as far as it shows."""
    remaining: int | None = None
    """What the system last said was left for everybody; None: it has not said."""
    ends_at: datetime | None = None
    """When the count starts again; None: unknown."""

    @property
    def left(self) -> int:
        """What Dunright may still call today: the rest of its share, or less where others have used up the day."""
        ours = max(self.share - self.used, 0)
        return ours if self.remaining is None else min(ours, self.remaining)

    @property
    def free(self) -> int:
        """What is left for everybody, and not of Dunright's share."""
        everybody = self.limit - self.used - self.others if self.remaining is None else self.remaining
        return max(everybody - self.left, 0)


def lasts_until(day: Day, *, now: datetime) -> datetime | None:
    """When the share is used up at the pace of the day so far; None: it lasts until the day ends, or nobody knows."""
    if day.ends_at is None or day.ends_at <= now:
        return None
    if not day.left:
        return now
    so_far = now - (day.ends_at - DAY)
    if day.used <= 0 or so_far < TOO_FEW:
        return None
    until = now + day.left * so_far / day.used
    return until if until < day.ends_at else None


def calls_to_go(stages: Sequence[str], *, read: int, customers: int, invoices: int = 0) -> int | None:
    """About how many calls a first sync still needs; None while nobody can tell.

    `stages`: the lists that are not done, the one at work first, of which `read` records are read already.
    `customers`, `invoices`: how many are known, 0 for none. Lists whose size nobody knows count as a typical company's
    with so many customers or invoices; one that is longer than that already has one more call.
    """
    size = max(customers, -(-invoices // TYPICAL["invoices"]))
    if not stages:
        return 0
    if not size:
        return None
    calls = 0
    for place, stage in enumerate(stages):
        rows = size * TYPICAL.get(stage, 1 if stage == "customers" else 0)
        calls += max(-(-(rows - (0 if place else read)) // PER_PAGE), 1)
    return calls


def done_at(calls: int, day: Day, *, per_minute: int, now: datetime) -> datetime:
    """When so many calls are made, by the pace of a minute and by what each day allows; `per_minute` 0: unpaced."""
    pace = timedelta(minutes=1) / (per_minute or NO_PACE)
    if calls <= day.left or day.share < 1:
        return now + calls * pace
    calls -= day.left
    whole_days, rest = divmod(calls, day.share)
    if not rest:
        whole_days, rest = whole_days - 1, day.share
    return (day.ends_at or now + DAY) + whole_days * DAY + rest * pace
