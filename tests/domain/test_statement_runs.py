"""On which days statements leave, and to whom."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.calendar import ChaseCalendar
from dunright.domain.facts import PersonFacts, Until
from dunright.domain.statement_runs import (
    MonthDue,
    decide_statement,
    month_due,
    statement_date,
)
from dunright.domain.wording.defaults import STATEMENT
from tests.domain.chasing_examples import AP, FD, customer, invoice

ZONE = ZoneInfo("Europe/Dublin")
IRELAND = ChaseCalendar("Europe/Dublin", ("tue",), time(11, 0), "IE")
LONG_AGO = datetime(2026, 1, 1, tzinfo=ZONE)


def at(day, hour=11, minute=0):
    return datetime.combine(day, time(hour, minute), ZONE)


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        ((2026, 11), 24, date(2026, 11, 24)),
        ((2026, 11), 31, date(2026, 11, 30)),
        ((2027, 2), 31, date(2027, 3, 1)),  # 28 February is a Sunday
        ((2027, 3), 31, date(2027, 3, 31)),  # and March has its 31st again
        ((2028, 2), 30, date(2028, 2, 29)),
        ((2026, 12), 25, date(2026, 12, 28)),  # Christmas, then a weekend that holds St Stephen's Day
        ((2026, 5), 31, date(2026, 6, 2)),  # a Sunday before a bank holiday
    ],
)
def test_statement_date(month, day, expected):
    assert statement_date(IRELAND, *month, day) == expected


NOVEMBER = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(NOVEMBER - timedelta(days=1), 23, 59), None),
        (at(NOVEMBER, 0, 0), MonthDue("2026-11", NOVEMBER)),
        (at(NOVEMBER, 11, 1), MonthDue("2026-11", NOVEMBER)),
        (at(NOVEMBER, 23, 59), MonthDue("2026-11", NOVEMBER)),
        # Missed: made up before the chase time of the next working day.
        (at(date(2026, 11, 13), 10, 59), MonthDue("2026-11", date(2026, 11, 13))),
        (at(date(2026, 11, 13), 11, 0), None),
        (at(date(2026, 11, 14), 9), None),
        (at(date(2026, 12, 9), 9), MonthDue("2026-11", date(2026, 12, 9))),
        (at(date(2026, 12, 10), 9), MonthDue("2026-12", date(2026, 12, 10))),
    ],
)
def test_month_due_when_october_was_done(now, expected):
    assert month_due(IRELAND, 10, now=now, since=LONG_AGO, last_month="2026-10") == expected


def test_month_is_due_once():
    assert month_due(IRELAND, 10, now=at(NOVEMBER), since=LONG_AGO, last_month="2026-11") is None


def test_day_set_after_its_chase_time_counts_from_the_next_month():
    since = at(NOVEMBER, 11)
    assert month_due(IRELAND, 10, now=at(NOVEMBER, 12), since=since) is None
    assert month_due(IRELAND, 10, now=at(NOVEMBER, 9), since=at(NOVEMBER, 8)) == MonthDue("2026-11", NOVEMBER)


def test_another_day_in_a_month_that_had_its_statements_waits_for_the_next():
    later = date(2026, 11, 20)
    assert month_due(IRELAND, 20, now=at(later), since=at(NOVEMBER, 15), last_month="2026-11") is None


DAYS_OF_MONTH = st.integers(1, 31)
MOMENTS = st.lists(
    st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - Hypothesis wants its bounds without a zone
        datetime(2028, 12, 31),  # noqa: DTZ001
        timezones=st.just(ZONE),
    ),
    max_size=60,
).map(sorted)


@given(MOMENTS, st.lists(DAYS_OF_MONTH, min_size=1, max_size=4), st.booleans())
def test_never_two_statements_for_a_month_however_often_it_is_asked(moments, days, holidays):
    calendar = ChaseCalendar("Europe/Dublin", ("tue",), time(11, 0), "IE", holidays=holidays)
    made = []
    for place, now in enumerate(moments):
        last = made[-1].month if made else ""
        # The setting changes between the moments, too.
        found = month_due(calendar, days[place % len(days)], now=now, since=LONG_AGO, last_month=last)
        if found is not None:
            made.append(found)
            assert calendar.is_working_day(found.date)
            assert found.date == calendar.local_date(now)
    assert [one.month for one in made] == sorted({one.month for one in made})


@given(DAYS_OF_MONTH)
def test_asked_every_morning_each_month_has_its_own_day_without_drift(day):
    made, now = {}, at(date(2026, 2, 1), 8)
    while now < at(date(2028, 2, 1), 8):
        if found := month_due(IRELAND, day, now=now, since=LONG_AGO, last_month=max(made, default="2026-01")):
            made[found.month] = found.date
        now += timedelta(days=1)
    months = [f"{year}-{month:02}" for year in (2026, 2027) for month in range(1, 13)][1:]
    assert {month: made.get(month) for month in months[:-1]} == {
        month: statement_date(IRELAND, int(month[:4]), int(month[5:]), day) for month in months[:-1]
    }


TODAY = date(2026, 11, 10)


def decided(**changes):
    given = {"has_schedule": True, "today": TODAY, "is_reminded": False}
    subject = changes.pop("subject", None) or customer()
    return decide_statement(subject, **{**given, **changes})


def test_statement_lists_everything_outstanding_in_order():
    later = invoice("I2", due=date(2026, 12, 1), balance=Decimal("0.01"), disputed=True)
    undated = invoice("I3", due=None, chasing=False)
    closed = [
        invoice("I4", status="paid", balance=Decimal(0)),
        invoice("I5", status="draft"),
        invoice("I6", status="void"),
    ]
    unapplied = {"EUR": Decimal(5), "USD": Decimal(0), "CHF": Decimal(7)}
    found = decided(subject=customer(undated, later, *closed, invoice("I1"), credits=unapplied))
    message = found.message
    assert [line.invoice for line in message.lines] == [invoice("I1"), later, undated]
    assert (found.reason, message.to, message.sender, message.form) == ("", (AP,), "normal", "multi")
    assert (message.step.template, message.step.attachments) == (STATEMENT, ("statement",))
    assert message.totals == {"EUR": Decimal("2000.01")}
    # Of every currency, since the statement shows them all.
    assert message.credits == {"EUR": Decimal(5), "CHF": Decimal(7)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subject": customer(invoice(balance=Decimal(0), status="paid"))}, "nothing is outstanding"),
        ({"subject": customer(chasing=False)}, "customer_not_chasing"),
        ({"subject": customer(excluded=True)}, "customer_not_chasing"),
        ({"has_schedule": False}, "no_schedule"),
        ({"subject": customer(persons=(FD,))}, "no_recipient"),
        ({"subject": customer(persons=(PersonFacts("x", "nowhere", "normal"),))}, "no_recipient"),
        ({"subject": customer(hold=Until())}, ""),
        ({"subject": customer(last_message_on=TODAY)}, ""),
    ],
)
def test_who_gets_no_statement(changes, reason):
    found = decided(**changes)
    assert (found.reason, found.message is None, found.waits) == (reason, bool(reason), False)


def test_customer_who_gets_a_reminder_today_waits_for_its_statement():
    found = decided(is_reminded=True)
    assert (found.reason, found.waits, found.message) == ("its customer gets a reminder today", True, None)
