"""Working days, chase days and the moments of runs: chasing-rules.md sections 1, 5 and 8."""

from datetime import UTC, date, datetime, time

import pytest

from dunright.domain.calendar import (
    ChaseCalendar,
    Run,
    calendar_of,
    first_day,
    knows_holidays,
    leaves_at,
    make_up,
    moment,
    next_run,
    run_on,
    runs_between,
)
from dunright.domain.settings import OrganisationSettings

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def calendar(*days, clock=time(11, 0), timezone="Europe/Amsterdam", country="NL", region="", holidays=True):
    return ChaseCalendar(timezone, days or ("tue",), clock, country, region, holidays)


def days_of(runs):
    return [run.date for run in runs]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def local(text):
    return datetime.fromisoformat(text)


def test_a_run_takes_place_on_its_weekday_at_its_hour():
    runs = list(runs_between(calendar(), date(2026, 3, 1), date(2026, 3, 17)))
    assert [run.at.isoformat() for run in runs] == [
        "2026-03-03T11:00:00+01:00",
        "2026-03-10T11:00:00+01:00",
        "2026-03-17T11:00:00+01:00",
    ]


@pytest.mark.parametrize(
    ("days", "first", "last", "expected"),
    [
        (("mon",), date(2026, 4, 6), date(2026, 4, 13), [date(2026, 4, 7), date(2026, 4, 13)]),
        (("mon", "tue"), date(2026, 4, 6), date(2026, 4, 7), [date(2026, 4, 7)]),
        (("fri",), date(2026, 4, 3), date(2026, 4, 10), [date(2026, 4, 7), date(2026, 4, 10)]),
        (("fri", "mon"), date(2026, 4, 1), date(2026, 4, 8), [date(2026, 4, 7)]),
        (("sat",), date(2026, 12, 26), date(2026, 12, 31), [date(2026, 12, 28)]),
        (("sun",), date(2026, 3, 1), date(2026, 3, 1), [date(2026, 3, 1)]),
    ],
)
def test_a_chase_day_that_is_a_holiday_moves_to_the_next_working_day(days, first, last, expected):
    """In 2026 Good Friday is 3 April and Easter Monday 6 April; 26 December is a Saturday."""
    assert days_of(runs_between(calendar(*days), first, last)) == expected


def test_with_holidays_off_a_chase_day_stays_where_it_is():
    off = calendar("mon", holidays=False)
    assert days_of(runs_between(off, date(2026, 4, 6), date(2026, 4, 7))) == [date(2026, 4, 6)]


def test_holidays_of_a_region_count():
    bavaria = calendar("tue", country="DE", region="by", timezone="Europe/Berlin")
    hamburg = calendar("tue", country="DE", region="HH", timezone="Europe/Berlin")
    epiphany = date(2026, 1, 6)
    assert (bavaria.is_working_day(epiphany), hamburg.is_working_day(epiphany)) == (False, True)


@pytest.mark.parametrize(("country", "region"), [("NL", "BY"), ("", ""), ("XX", "")])
def test_a_region_or_country_without_known_holidays_stops_nothing(country, region):
    odd = calendar("tue", country=country, region=region)
    assert run_on(odd, date(2026, 3, 3)) is not None


def test_knows_holidays():
    assert (knows_holidays("NL"), knows_holidays("XX")) == (True, False)


def test_without_a_chase_day_there_is_no_run():
    never = ChaseCalendar("UTC", (), time(9, 0), holidays=False)
    assert next_run(never, after=utc(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("wall", "timezone", "expected"),
    [
        ("2026-03-28T02:30", "Europe/Amsterdam", "2026-03-28T02:30:00+01:00"),
        ("2026-03-29T02:00", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T02:59", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T03:00", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30", "Europe/Amsterdam", "2026-10-25T02:30:00+02:00"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),
        ("2011-12-30T11:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_time_that_does_not_exist_is_the_next_minute_and_of_two_equal_hours_the_first_counts(
    wall, timezone, expected
):
    assert moment(local(wall), timezone).isoformat() == expected


def test_a_day_that_the_time_zone_skips_has_no_run():
    apia = calendar(*WEEKDAYS, timezone="Pacific/Apia", holidays=False)
    assert days_of(runs_between(apia, date(2011, 12, 29), date(2012, 1, 2))) == [
        date(2011, 12, 29),
        date(2012, 1, 2),
    ]


def test_daylight_saving_never_doubles_a_run():
    night = calendar("sun", "mon", clock=time(2, 30), holidays=False)
    runs = list(runs_between(night, date(2026, 10, 25), date(2026, 10, 26)))
    assert [run.at.isoformat() for run in runs] == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]


@pytest.mark.parametrize(
    ("after", "options", "expected"),
    [
        (utc(2026, 3, 3, 9, 59), {}, date(2026, 3, 3)),
        (utc(2026, 3, 3, 10, 0), {}, date(2026, 3, 10)),
        (utc(2026, 3, 3, 9, 0), {"last_run_on": date(2026, 3, 3)}, date(2026, 3, 10)),
        (utc(2026, 3, 3, 9, 0), {"last_run_on": date(2026, 3, 20)}, date(2026, 3, 24)),
        (utc(2026, 3, 2, 9, 0), {"first_day": first_day(date(2026, 3, 2), 2)}, date(2026, 3, 10)),
        (utc(2026, 3, 1, 9, 0), {"first_day": first_day(date(2026, 3, 1), 2)}, date(2026, 3, 3)),
    ],
)
def test_next_run(after, options, expected):
    run = next_run(calendar(), after=after, **options)
    assert run is not None
    assert run == Run(expected, moment(datetime.combine(expected, time(11, 0)), "Europe/Amsterdam"))


def test_a_chase_time_set_to_an_hour_already_over_counts_from_the_next_day():
    moved = calendar(*WEEKDAYS, clock=time(8, 0))
    run = next_run(moved, after=local("2026-03-03T09:00+01:00"))
    assert run is not None
    assert run.date == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-04-03T16:20+02:00", "2026-04-03T16:20:00+02:00"),
        ("2026-04-04T09:00+02:00", "2026-04-07T11:00:00+02:00"),
        ("2026-04-07T10:59+02:00", "2026-04-07T11:00:00+02:00"),
        ("2026-04-07T11:00+02:00", "2026-04-08T11:00:00+02:00"),
    ],
)
def test_a_missed_run_is_made_up_the_same_day_or_at_the_chase_time_of_the_next_working_day(now, expected):
    assert make_up(calendar("fri"), missed_on=date(2026, 4, 3), now=local(now)).at.isoformat() == expected


@pytest.mark.parametrize(
    ("approved", "expected"),
    [
        ("2026-04-02T17:59+02:00", "2026-04-02T17:59:00+02:00"),
        ("2026-04-02T18:00+02:00", "2026-04-07T11:00:00+02:00"),
        ("2026-04-02T07:00+02:00", "2026-04-02T07:00:00+02:00"),
        ("2026-04-05T10:00+02:00", "2026-04-07T11:00:00+02:00"),
    ],
)
def test_a_message_approved_after_its_run_leaves_until_18_or_on_the_next_working_day(approved, expected):
    assert leaves_at(calendar(), approved_at=local(approved)).isoformat() == expected


def test_the_settings_of_an_organisation_give_its_calendar():
    settings = OrganisationSettings("Acme", "Europe/Dublin", "EUR", country="IE", chase_days=("wed",))
    assert calendar_of(settings) == ChaseCalendar(
        "Europe/Dublin", ("wed",), time(11, 0), "IE", "", holidays=True
    )


def test_the_local_date_is_the_one_of_the_time_zone():
    assert calendar(timezone="Pacific/Auckland").local_date(utc(2026, 3, 1, 12, 0)) == date(2026, 3, 2)
