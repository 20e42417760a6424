"""Calls to one set of books: paced per minute and per day over all workers (design.md section 6).

A worker takes calls in small batches by compare-and-swap on one row, so that pacing costs no statement per call. What
the source says about calls left counts for everybody's calls, also those of the user's other integrations.

The day's share goes to what matters most: the look before a message may use all of it, syncs leave what today's looks
need, and details that can wait leave today's syncs theirs as well. When the source complains, every worker on every
host slows down at once (zoho-books-api.md section 4).
"""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db.models import F, Q
from django.db.models.functions import Greatest

from dunright.domain.settings import SettingError
from dunright.models import CallBudget, Customer, MessageState, Organisation, OutboxMessage, Role, User
from dunright.remote.errors import Crowded, DailyLimit, RateLimited
from dunright.remote.protocols import Allowance
from dunright.services import timeline
from dunright.services.permissions import require

BATCH = 5
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CAREFUL_PACE = 60
"""Calls a minute once the source has complained; Zoho itself allows 100."""
SLOWEST_PACE = 20
"""Each further complaint takes a quarter off the pace, down to this; each new day gives it back step by step."""
FEWER_AT_ONCE = 4
"""Readers at the same time once the source has called them too many: Zoho's smallest plan answers five calls at once,
and other programs call too. Each further complaint halves it, until the day ends."""
PLACE = timedelta(seconds=120)
"""How long a reader may be silent before another gets its place."""
PLACE_PAUSE = 1.0
PATIENCE = 30
"""Pauses that a reader waits for a place."""
SHORT = 5.0
"""Seconds of a pause that is waited for in place."""
NOTE_EVERY = 5
"""Answers between two writes of what the source says is left."""
KEPT_PER_HOUR = 12
"""Calls kept back for each hour of the day that is left: hourly syncs, and the last look before messages."""
MOST_LOOKS = 100
"""From so many messages on, one pass over all open invoices takes the place of a look for each."""
SHARES = range(5, 101)
"""Percents of the day's calls that may be Dunright's."""
TO_LEAVE = (MessageState.PLANNED, MessageState.APPROVED, MessageState.HELD, MessageState.RETRYING)


class Use(StrEnum):
    """What calls are for, the most important first."""

    LOOK = "look"
    """Before a message leaves, and while somebody waits: may use all of the share."""
    SYNC = "sync"
    """Leaves the looks of today their calls."""
    DETAIL = "detail"
    """Can wait: leaves today's syncs their calls, too."""


class Held(RateLimited):
    """Dunright itself holds a call back: the source was not asked, and has not complained anew."""


class ShareUsed(DailyLimit):
    """Dunright's part of the day is used up; the source was not asked."""


def utc_now() -> datetime:
    """The clock of the budget: calls are paced by the moment they are made in."""
    return datetime.now(UTC)


def wait(seconds: float) -> None:
    """Let the time of a pause pass."""
    time.sleep(seconds)


class SharedBudget:
    """The `Budget` of one organisation's connection. `calls`: how many it let through."""

    def __init__(
        self,
        organisation: Organisation,
        *,
        use: Use = Use.SYNC,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._organisation = organisation
        self._use = use
        self._pause = pause or wait
        self._token = secrets.token_hex(8)
        self._in_hand = 0
        self._answers = 0
        self._has_place = False
        self.calls = 0

    def take(self, calls: int = 1) -> None:
        """Wait until the calls may be made. Raises RateLimited or DailyLimit when that is far off."""
        waits = 0
        while self._in_hand < calls:
            if not self._fetch(max(BATCH, calls)):
                waits += 1
                if waits > PATIENCE:
                    raise Held(
                        "Zoho Books answers only so many calls at once, and others of Dunright's are under way; "
                        "it is tried again shortly.",
                        retry_after=float(PATIENCE),
                    )
                self._pause(PLACE_PAUSE)
        self._in_hand -= calls
        self.calls += calls

    def note(self, allowance: Allowance) -> None:
        """Remember what the source says is left, and whose calls the others were."""
        if allowance.remaining is None:
            return
        self._answers += 1
        if self._answers % NOTE_EVERY != 1:
            return
        rows = CallBudget.objects.filter(organisation=self._organisation)
        said: dict[str, object] = {"remaining_seen": allowance.remaining}
        if allowance.limit:
            said["daily_limit"] = allowance.limit
            # What is gone and was not ours; calls that were taken and not made yet are not gone.
            gone = allowance.limit - allowance.remaining + self._in_hand
            # Once nothing is left, further calls of ours show in no number.
            least = 0 if allowance.remaining else F("others_today")
            said["others_today"] = Greatest(gone - F("used_today"), least, 0)
        if allowance.resets_in is not None:
            ends = utc_now() + timedelta(seconds=allowance.resets_in)
            said["day_ends_at"] = ends
            # The first answers of a new day: the old day's count must end first (`_begin_day`), or it would go on.
            rows = rows.filter(Q(day_ends_at=None) | Q(day_ends_at__gt=ends - HOUR))
        rows.update(**said)

    def refuse(self, error: RateLimited) -> None:
        """The source said that it is too much: leave it alone for a while, and ask more carefully from then on.

        A refusal while it is left alone already is no new complaint: it was under way.
        """
        now = utc_now()
        calm = Q(blocked_until=None) | Q(blocked_until__lte=now)
        rows = CallBudget.objects.filter(calm, organisation=self._organisation)
        row = rows.first()
        careful: dict[str, object] = {}
        if row is not None and isinstance(error, Crowded):
            careful["at_once"] = max(row.at_once // 2, 1) if row.at_once else FEWER_AT_ONCE
        elif row is not None and not isinstance(error, DailyLimit):
            slower = max(row.minute_limit * 3 // 4, SLOWEST_PACE)
            careful["minute_limit"] = slower if row.minute_limit else CAREFUL_PACE
        # With a new generation, so that no batch which is being taken writes the old pace back.
        if careful and rows.update(generation=F("generation") + 1, **careful, **_blocked(error, now)):
            return
        block(self._organisation, error)

    def give_back(self) -> None:
        """Return what was taken and not used, and the place among the readers; called once reading is over."""
        if self._in_hand:
            unused, self._in_hand = self._in_hand, 0
            CallBudget.objects.filter(organisation=self._organisation).update(
                generation=F("generation") + 1,
                used_today=Greatest(F("used_today") - unused, 0),
                used_this_minute=Greatest(F("used_this_minute") - unused, 0),
            )
        while self._has_place:
            row = CallBudget.objects.get(organisation=self._organisation)
            row.readers.pop(self._token, None)
            self._has_place = not _swap(row, readers=row.readers)

    def _fetch(self, wanted: int) -> bool:
        """Take a batch from the row, or wait for the next minute, or raise; False: there is no place to call from."""
        row, _ = CallBudget.objects.get_or_create(organisation=self._organisation)
        now = utc_now()
        if row.blocked_until and row.blocked_until > now:
            self._wait_out(row, now)
            return True
        _begin_day(row, now)
        if row.minute_starts_at is None or not -MINUTE < now - row.minute_starts_at < MINUTE:
            # Over, or begun by a clock that has been set back since.
            row.used_this_minute, row.minute_starts_at = 0, now
        left = _left_today(row) - self._kept_back(row, now)
        if left < 1:
            raise _day_is_over(row, now)
        room = row.minute_limit - row.used_this_minute if row.minute_limit else wanted
        if room < 1:
            self._pause(max((row.minute_starts_at + MINUTE - now).total_seconds(), 0.05))
            return True
        if not self._takes_place(row, now):
            return False
        batch = min(wanted, room, left)
        # Whoever comes second finds another generation and looks again.
        if _swap(
            row,
            used_today=row.used_today + batch,
            remaining_seen=row.remaining_seen,
            others_today=row.others_today,
            day_ends_at=row.day_ends_at,
            minute_limit=row.minute_limit,
            used_this_minute=row.used_this_minute + batch,
            minute_starts_at=row.minute_starts_at,
            at_once=row.at_once,
            readers=row.readers,
        ):
            self._in_hand += batch
            self._has_place = bool(row.at_once)
        return True

    def _wait_out(self, row: CallBudget, now: datetime) -> None:
        """Wait for a short pause to pass. Raises Held for a long one."""
        assert row.blocked_until is not None
        seconds = (row.blocked_until - now).total_seconds()
        if seconds > SHORT:
            raise Held(row.block_reason, retry_after=seconds)
        self._pause(seconds)

    def _kept_back(self, row: CallBudget, now: datetime) -> int:
        """Calls that are kept from this use for those that matter more."""
        if self._use == Use.LOOK:
            return 0
        looks = _looks_to_come(row, now)
        return looks + _kept_for_syncs(row, now) if self._use == Use.DETAIL else looks

    def _takes_place(self, row: CallBudget, now: datetime) -> bool:
        """Take (or keep) a place among the readers, where their number is limited."""
        if not row.at_once:
            row.readers = {}
            return True
        taken = {one: until for one, until in row.readers.items() if datetime.fromisoformat(until) > now}
        if self._token not in taken and len(taken) >= row.at_once:
            return False
        row.readers = {**taken, self._token: (now + PLACE).isoformat()}
        return True


def block(organisation: Organisation, error: RateLimited) -> None:
    """The source said that it is too much: nobody calls until then. What Dunright itself holds back blocks nobody."""
    if isinstance(error, Held | ShareUsed):
        return
    fields = _blocked(error, utc_now())
    later = Q(blocked_until=None) | Q(blocked_until__lt=fields["blocked_until"])
    CallBudget.objects.filter(later, organisation=organisation).update(**fields)


def spare_calls(organisation: Organisation) -> int:
    """How many calls may go into what can wait, so that today's syncs and last looks still have theirs."""
    row = CallBudget.objects.filter(organisation=organisation).first() or CallBudget(
        organisation=organisation
    )
    now = utc_now()
    if row.day_ends_at is not None:
        _begin_day(row, now)
    return max(_left_today(row) - _looks_to_come(row, now) - _kept_for_syncs(row, now), 0)


def set_share(organisation: Organisation, text: str, *, by: User | None, now: datetime) -> int:
    """Set how much of the day's calls is Dunright's, in percent; the number. Raises SettingError, NotAllowed."""
    require(organisation, by, Role.MANAGER)
    given = text.strip().removesuffix("%").strip()
    percent = int(given) if given.isascii() and given.isdigit() and len(given) <= len("100") else 0
    if percent not in SHARES:
        raise SettingError(
            f"call_share takes a whole number of percent from {SHARES[0]} to {SHARES[-1]}, not {text[:60]!r}."
        )
    CallBudget.objects.update_or_create(organisation=organisation, defaults={"share_percent": percent})
    sentence = f"Dunright may use {percent} % of the day's calls to the books"
    timeline.record(organisation, "settings", sentence, at=now, by=by, data={"call_share": str(percent)})
    return percent


def _blocked(error: RateLimited, now: datetime) -> dict[str, object]:
    return {
        "blocked_until": now + timedelta(seconds=error.retry_after),
        "block_reason": error.sentence[:300],
    }


def _swap(row: CallBudget, **fields: object) -> bool:
    """Write the row unless somebody else has since it was read."""
    mine = CallBudget.objects.filter(organisation=row.organisation_id, pk=row.pk, generation=row.generation)
    return bool(mine.update(generation=row.generation + 1, **fields))


def _begin_day(row: CallBudget, now: datetime) -> None:
    """Count anew when the source's day has ended; a day whose end nobody has told yet ends in 24 hours."""
    if row.day_ends_at is not None and row.day_ends_at > now:
        return
    if row.day_ends_at is not None:
        row.used_today, row.others_today, row.remaining_seen = 0, 0, None
        row.at_once, row.readers = 0, {}
        if 0 < row.minute_limit < CAREFUL_PACE:
            row.minute_limit = min(row.minute_limit * 4 // 3, CAREFUL_PACE)
    row.day_ends_at = now + DAY


def _left_today(row: CallBudget) -> int:
    ours = row.daily_limit * row.share_percent // 100 - row.used_today
    return ours if row.remaining_seen is None else min(ours, row.remaining_seen)


def _looks_to_come(row: CallBudget, now: datetime) -> int:
    """Messages that leave before the day ends, a call each; at most half of the share is kept for them."""
    half = row.daily_limit * row.share_percent // 200
    if _left_today(row) > half + row.daily_limit // 10:
        # Far from the end of the share it makes no difference, and need not be asked.
        return 0
    ends = row.day_ends_at or now + DAY
    messages = OutboxMessage.objects.filter(
        organisation=row.organisation_id, state__in=TO_LEAVE, due_at__lt=ends
    )
    coming = Customer.objects.filter(
        organisation=row.organisation_id, next_verdict="send", next_date__lte=ends.date()
    )
    return min(messages.count() + coming.count(), MOST_LOOKS, half)


def _kept_for_syncs(row: CallBudget, now: datetime) -> int:
    hours = (row.day_ends_at - now) / HOUR if row.day_ends_at else 24
    return int(min(hours, 24) * KEPT_PER_HOUR)


def _day_is_over(row: CallBudget, now: datetime) -> ShareUsed:
    assert row.day_ends_at is not None, "a day has begun"
    share = row.daily_limit * row.share_percent // 100
    kept = ", but for the looks before messages" if _left_today(row) > 0 else ""
    if row.remaining_seen is not None and row.remaining_seen < share - row.used_today:
        sentence = (
            f"Zoho allows {row.daily_limit:,} calls a day, and other programs have used {row.others_today:,} of them "
            f"beside Dunright's {row.used_today:,}: today's calls are used up{kept}."
        )
    else:
        sentence = (
            f"Zoho allows {row.daily_limit:,} calls a day and Dunright uses at most {row.share_percent} % of them: "
            f"today's share is used up{kept}."
        )
    seconds = (row.day_ends_at - now).total_seconds()
    return ShareUsed(f"{sentence} It goes on by itself when Zoho's day ends.", retry_after=max(seconds, 60.0))
