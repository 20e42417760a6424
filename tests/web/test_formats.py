from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dunright.web import formats

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "expected"),
    [
        ("13863.4", "EUR", True, "€13,863.40"),
        ("185850.70", "EUR", False, "€185,851"),
        ("1234.5", "USD", True, "$1,234.50"),
        ("1200", "JPY", True, "¥1,200"),
        ("1.2345", "KWD", True, "KWD\u00a01.234"),
        ("-12", "GBP", True, "−£12.00"),
        ("5", "XX1", True, "XX1\u00a05.00"),
        ("7", "E0R", True, "E0R\u00a07.00"),
        ("999.995", "EUR", True, "€1,000.00"),
        ("0.005", "EUR", True, "€0.00"),
        ("7.5", "", False, "8"),
        (None, "EUR", True, "–"),
    ],
)
def test_money(amount, currency, decimals, expected):
    value = None if amount is None else Decimal(amount)
    assert formats.money(value, currency, decimals=decimals) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 invoices"), (1, "1 invoice"), (1204, "1,204 invoices")]
)
def test_count(number, expected):
    assert formats.count(number, "invoice") == expected


def test_count_with_a_plural_of_its_own():
    assert formats.count(2, "company", "companies") == "2 companies"


@pytest.mark.parametrize(
    ("value", "short", "words"),
    [
        (date(2026, 9, 29), "29 Sep 2026", "29 September"),
        (date(2025, 11, 27), "27 Nov 2025", "27 November 2025"),
        (TODAY, "24 Nov 2026", "today"),
        (date(2026, 11, 25), "25 Nov 2026", "tomorrow"),
        (date(2026, 11, 23), "23 Nov 2026", "yesterday"),
        (date.max, "31 Dec 9999", "31 December 9999"),
        (None, "–", "–"),
    ],
)
def test_days(value, short, words):
    assert (formats.day(value), formats.day_in_words(value, TODAY)) == (short, words)


def test_weekday():
    assert formats.weekday(TODAY) == "Tuesday 24 November"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 24, 10, 18, tzinfo=UTC), "today 11:18"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "today 00:30"),
        (datetime(2026, 7, 19, 13, 42, tzinfo=UTC), "19 July, 15:42"),
        (None, "–"),
    ],
)
def test_moments_are_told_in_the_zone_in_force(value, expected):
    with timezone.override("Europe/Amsterdam"):
        assert formats.moment(value, TODAY) == expected


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(hours=48), "2 days ago"),
    ],
)
def test_ago(passed, expected):
    assert formats.ago(NOW - passed, NOW) == expected


def test_ago_of_nothing():
    assert formats.ago(None, NOW) == "never"


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 10, 2), "53 days late"),
        (date(2026, 11, 23), "1 day late"),
        (TODAY, "due today"),
        (date(2026, 12, 9), "in 15 days"),
        (None, "no due date"),
    ],
)
def test_late(due, expected):
    assert formats.late(due, TODAY) == expected


@pytest.mark.parametrize(
    ("days", "band"),
    [(-3, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (9999, 4)],
)
def test_age_bands(days, band):
    assert formats.age_band(days) == band


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Aoife Brennan", "AB"),
        ("Aoife de la Brennan", "AB"),
        ("stores", "S"),
        ("ap@halloran.example", "A"),
        ("", "?"),
    ],
)
def test_initials(name, expected):
    assert formats.initials(name) == expected
