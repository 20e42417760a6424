"""Calls to one set of books: paced per minute and per day over all workers (design.md section 6).

A worker takes calls in small batches by compare-and-swap on one row, so that pacing costs no statement per call. What
the source says about calls left counts for everybody's calls, also those of the user's other integrations.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dunright.models import CallBudget, Organisation
from dunright.remote.errors import DailyLimit, RateLimited
from dunright.remote.protocols import Allowance

BATCH = 5
MINUTE = timedelta(minutes=1)
CAREFUL_PACE = 60
"""Calls a minute once the source has complained; Zoho itself allows 100."""
NOTE_EVERY = 5
"""Answers between two writes of what the source says is left."""
KEPT_PER_HOUR = 12
"""Calls kept back for each hour of the day that is left: hourly syncs, and the last look before messages."""
UNKNOWN_DAY = 3600.0
"""Seconds to wait for a new day where the source does not say when it begins."""


class SharedBudget:
    """The `Budget` of one organisation's connection. `calls`: how many it let through."""

    def __init__(self, organisation: Organisation, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._organisation = organisation
        self._pause = pause
        self._in_hand = 0
        self._answers = 0
        self.calls = 0

    def take(self, calls: int = 1) -> None:
        """Wait until the calls may be made. Raises RateLimited or DailyLimit when that is far off."""
        while self._in_hand < calls:
            self._fetch(max(BATCH, calls))
        self._in_hand -= calls
        self.calls += calls

    def note(self, allowance: Allowance) -> None:
        """Remember what the source says is left."""
        if allowance.remaining is None:
            return
        self._answers += 1
        if self._answers % NOTE_EVERY != 1:
            return
        said: dict[str, object] = {"remaining_seen": allowance.remaining}
        if allowance.limit:
            said["daily_limit"] = allowance.limit
        if allowance.resets_in is not None:
            said["day_ends_at"] = datetime.now(UTC) + timedelta(seconds=allowance.resets_in)
        CallBudget.objects.filter(organisation=self._organisation).update(**said)

    def _fetch(self, wanted: int) -> None:
        """Take a batch from the row, or wait for the next minute, or raise."""
        row, _ = CallBudget.objects.get_or_create(organisation=self._organisation)
        now = datetime.now(UTC)
        if row.blocked_until and row.blocked_until > now:
            raise RateLimited(row.block_reason, retry_after=(row.blocked_until - now).total_seconds())
        if row.day_ends_at and row.day_ends_at <= now:
            row.used_today, row.remaining_seen, row.day_ends_at = 0, None, None
        if row.minute_starts_at is None or now - row.minute_starts_at >= MINUTE:
            row.used_this_minute, row.minute_starts_at = 0, now
        left = _left_today(row)
        if left < 1:
            raise _day_is_over(row, now)
        room = row.minute_limit - row.used_this_minute if row.minute_limit else wanted
        if room < 1:
            self._pause(max((row.minute_starts_at + MINUTE - now).total_seconds(), 0.05))
            return
        batch = min(wanted, room, left)
        # Whoever comes second finds another generation and looks again.
        if CallBudget.objects.filter(
            organisation=self._organisation, pk=row.pk, generation=row.generation
        ).update(
            generation=row.generation + 1,
            used_today=row.used_today + batch,
            remaining_seen=row.remaining_seen,
            day_ends_at=row.day_ends_at,
            used_this_minute=row.used_this_minute + batch,
            minute_starts_at=row.minute_starts_at,
        ):
            self._in_hand += batch


def block(organisation: Organisation, error: RateLimited) -> None:
    """The source said it is too much: leave it alone for a while, and go at a careful pace from then on."""
    until = datetime.now(UTC) + timedelta(seconds=error.retry_after)
    CallBudget.objects.filter(organisation=organisation).update(
        blocked_until=until, block_reason=error.sentence[:300], minute_limit=CAREFUL_PACE
    )


def spare_calls(organisation: Organisation) -> int:
    """How many calls may go into what can wait, so that today's syncs and last looks still have theirs."""
    row = CallBudget.objects.filter(organisation=organisation).first() or CallBudget()
    now = datetime.now(UTC)
    if row.day_ends_at and row.day_ends_at <= now:
        row.used_today, row.remaining_seen, row.day_ends_at = 0, None, None
    hours = (row.day_ends_at - now) / timedelta(hours=1) if row.day_ends_at else 24
    return max(_left_today(row) - int(min(hours, 24) * KEPT_PER_HOUR), 0)


def _left_today(row: CallBudget) -> int:
    ours = row.daily_limit * row.share_percent // 100 - row.used_today
    return ours if row.remaining_seen is None else min(ours, row.remaining_seen)


def _day_is_over(row: CallBudget, now: datetime) -> DailyLimit:
    seconds = (row.day_ends_at - now).total_seconds() if row.day_ends_at else UNKNOWN_DAY
    return DailyLimit(
        f"Zoho allows {row.daily_limit:,} calls a day and Dunright uses at most {row.share_percent} % of them: "
        "today's share is used up. It goes on by itself when Zoho's day ends.",
        retry_after=max(seconds, 60.0),
    )
