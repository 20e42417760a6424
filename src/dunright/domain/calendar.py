"""Working days, chase days and the moments of chase runs (chasing-rules.md sections 1 and 8).

Dates are the organisation's. Moments are worked out from local wall time when they are needed, so daylight
saving never shifts or doubles a run. Nothing here reads a clock: `after` and `now` are given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dunright.domain.settings import WEEKDAYS, OrganisationSettings

_A_DAY: Final = timedelta(days=1)
_A_MINUTE: Final = timedelta(minutes=1)
_SATURDAY: Final = 5
_END_OF_BUSINESS: Final = time(18, 0)
_LONGEST_SEARCH: Final = 400
"""Days. Any chase day comes within a week, and no country rests for a year."""


class Run(NamedTuple):
    """A chase run: the local date it belongs to, and its moment (with the offset of the time zone)."""

    date: date
    at: datetime


@dataclass(frozen=True, slots=True)
class ChaseCalendar:
    """The settings of an organisation that say when a run takes place."""

    timezone: str
    """IANA name, known to exist."""
    chase_days: tuple[str, ...]
    """Of `mon` to `sun`."""
    chase_time: time
    country: str = ""
    region: str = ""
    holidays: bool = True

    def is_holiday(self, day: date) -> bool:
        """A public holiday of the country and region; never where holidays are off or not known."""
        return self.holidays and day in _holidays(self.country, self.region, day.year)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday that is no holiday."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def working_day_from(self, day: date) -> date:
        """The day itself when it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += _A_DAY
        return day

    def is_run_day(self, day: date) -> bool:
        """A chase day that is no holiday, or the working day to which a holiday moved one."""
        if WEEKDAYS[day.weekday()] in self.chase_days and not self.is_holiday(day):
            return True
        if not self.holidays or not self.is_working_day(day):
            return False
        earlier = day - _A_DAY
        while not self.is_working_day(earlier):
            if self.is_holiday(earlier) and WEEKDAYS[earlier.weekday()] in self.chase_days:
                return True
            earlier -= _A_DAY
        return False

    def moment(self, day: date, clock: time) -> datetime:
        """The moment of a local wall time, with its offset."""
        return moment(datetime.combine(day, clock), self.timezone)

    def local_date(self, now: datetime) -> date:
        """The date in the organisation's time zone at a moment."""
        return now.astimezone(ZoneInfo(self.timezone)).date()


def calendar_of(settings: OrganisationSettings) -> ChaseCalendar:
    """The part of an organisation's settings that says when a run takes place."""
    return ChaseCalendar(
        timezone=settings.timezone,
        chase_days=settings.chase_days,
        chase_time=settings.chase_time,
        country=settings.country,
        region=settings.region,
        holidays=settings.holidays,
    )


def moment(wall: datetime, timezone: str) -> datetime:
    """The moment of a naive wall time in a time zone (chasing-rules.md 8).

    A time that does not exist becomes the next existing minute; of two equal hours the first counts.
    """
    zone = ZoneInfo(timezone)
    while True:
        local = wall.replace(tzinfo=zone, fold=0)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
            return local
        wall = wall.replace(second=0, microsecond=0) + _A_MINUTE


def run_on(calendar: ChaseCalendar, day: date) -> Run | None:
    """The run of a day, if there is one. A day that the time zone skips has none."""
    if not calendar.is_run_day(day):
        return None
    at = calendar.moment(day, calendar.chase_time)
    return Run(day, at) if at.date() == day else None


def runs_between(calendar: ChaseCalendar, first: date, last: date) -> Iterator[Run]:
    """Every run from one day to another, both included; at most one a local day."""
    for offset in range((last - first).days + 1):
        run = run_on(calendar, first + offset * _A_DAY)
        if run is not None:
            yield run


def next_run(
    calendar: ChaseCalendar,
    *,
    after: datetime,
    last_run_on: date | None = None,
    first_day: date | None = None,
) -> Run | None:
    """The first run later than a moment; None where no day is a chase day.

    An hour that is already over counts from the next day. `last_run_on`: the local date of the latest run, also
    one by hand: there is at most one a local day, and never one dated before it. `first_day`: see `first_day`.
    """
    start = calendar.local_date(after)
    if last_run_on is not None:
        start = max(start, last_run_on + _A_DAY)
    if first_day is not None:
        start = max(start, first_day)
    runs = runs_between(calendar, start, start + _LONGEST_SEARCH * _A_DAY)
    return next((run for run in runs if run.at > after), None)


def first_day(connected_on: date, days: int) -> date:
    """The first day on which a run may take place by itself: so many days after connecting."""
    return connected_on + days * _A_DAY


def make_up(calendar: ChaseCalendar, *, missed_on: date, now: datetime) -> Run:
    """When a run that was missed, because nothing was running, is made up.

    At once if it is still the same local day, else at the chase time of the next working day.
    """
    if calendar.local_date(now) == missed_on:
        return Run(missed_on, now.astimezone(ZoneInfo(calendar.timezone)))
    return _next_chase_time(calendar, now, earliest=missed_on + _A_DAY)


def leaves_at(calendar: ChaseCalendar, *, approved_at: datetime) -> datetime:
    """When a message that was approved after its run leaves (chasing-rules.md 5).

    At once until 18:00 on a working day, else at the chase time of the next working day.
    """
    local = approved_at.astimezone(ZoneInfo(calendar.timezone))
    if calendar.is_working_day(local.date()) and local.time() < _END_OF_BUSINESS:
        return local
    return _next_chase_time(calendar, approved_at, earliest=local.date() + _A_DAY).at


def knows_holidays(country: str) -> bool:
    """Whether the public holidays of a country (ISO 3166 alpha-2) are known."""
    return country in _regions_by_country()


def _next_chase_time(calendar: ChaseCalendar, now: datetime, *, earliest: date) -> Run:
    day = calendar.working_day_from(max(earliest, calendar.local_date(now)))
    while (at := calendar.moment(day, calendar.chase_time)) <= now:
        day = calendar.working_day_from(day + _A_DAY)
    return Run(day, at)


@lru_cache(maxsize=1)
def _regions_by_country() -> dict[str, dict[str, str]]:
    """Countries with known holidays; for each, its regions by their code in capitals."""
    # Here and below: the calendars of the world take a tenth of a start, and a start asks about no day.
    from holidays import list_supported_countries  # noqa: PLC0415 - see above

    return {
        country: {region.upper(): region for region in regions}
        for country, regions in list_supported_countries().items()
    }


@lru_cache(maxsize=4096)
def _holidays(country: str, region: str, year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - see above

    regions = _regions_by_country().get(country)
    if regions is None:
        return frozenset()
    # A region left over from another country must not stop a run: the country's own holidays count.
    return frozenset(country_holidays(country, subdiv=regions.get(region.upper()), years=year))
