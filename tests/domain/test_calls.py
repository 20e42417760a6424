"""Calls of a day: what is left, how long it lasts, when a first sync is done."""

from datetime import UTC, datetime, timedelta

import pytest

from dunright.domain.calls import Day, calls_to_go, done_at, lasts_until

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def day(**changes):
    return Day(**{"limit": 1000, "share": 500, "used": 100, "ends_at": MIDNIGHT, **changes})


@pytest.mark.parametrize(
    ("changes", "left", "free"),
    [
        ({}, 400, 500),
        ({"others": 200}, 400, 300),
        ({"others": 200, "remaining": 700}, 400, 300),
        # Others have used up more than their part.
        ({"others": 850, "remaining": 50}, 50, 0),
        ({"used": 600}, 0, 400),
        ({"remaining": 0}, 0, 0),
    ],
)
def test_what_is_left_for_dunright_and_for_others(changes, left, free):
    assert (day(**changes).left, day(**changes).free) == (left, free)


@pytest.mark.parametrize(
    ("changes", "now", "until"),
    [
        # 250 in twelve hours: the other 250 last for twelve more, to the very end of the day.
        ({"used": 250}, NOON, None),
        ({"used": 100}, NOON, None),
        ({"used": 400}, NOON, NOON + timedelta(hours=3)),
        # Others leave only 100.
        ({"used": 200, "remaining": 100}, NOON, NOON + timedelta(hours=6)),
        ({"used": 500}, NOON, NOON),
        ({"used": 0}, NOON, None),
        # Ten minutes tell nothing.
        ({"used": 60}, MIDNIGHT - timedelta(hours=23, minutes=50), None),
        ({"used": 400, "ends_at": None}, NOON, None),
        ({"used": 400}, MIDNIGHT + timedelta(minutes=1), None),
    ],
)
def test_how_long_the_share_lasts(changes, now, until):
    assert lasts_until(day(**changes), now=now) == until


ALL = ("customers", "persons", "invoices", "payments", "credit_notes")


@pytest.mark.parametrize(
    ("stages", "known", "calls"),
    [
        # zoho-books-api.md section 12.3 for 1,000 customers: 5 + 10 + 60 + 50, and one for the credit notes.
        (ALL, {"read": 0, "customers": 1000}, 126),
        (ALL, {"read": 1000, "customers": 1000}, 122),
        (("invoices", "payments"), {"read": 2000, "customers": 1000}, 50 + 50),
        # Longer than a typical list already: one more call at least.
        (("invoices", "payments"), {"read": 20_000, "customers": 1000}, 1 + 50),
        # Only open invoices are known: 1,200 of them are those of a hundred customers.
        (("customers",), {"read": 0, "customers": 0, "invoices": 1200}, 1),
        ((), {"read": 0, "customers": 1000}, 0),
        (ALL, {"read": 0, "customers": 0}, None),
    ],
)
def test_how_many_calls_a_first_sync_still_needs(stages, known, calls):
    assert calls_to_go(stages, **known) == calls


@pytest.mark.parametrize(
    ("calls", "changes", "pace", "at"),
    [
        (120, {}, 60, NOON + timedelta(minutes=2)),
        (400, {}, 100, NOON + timedelta(minutes=4)),
        # 0: nothing paces but the source.
        (400, {}, 0, NOON + timedelta(minutes=4)),
        (460, {}, 60, MIDNIGHT + timedelta(minutes=1)),
        (400 + 500, {}, 50, MIDNIGHT + timedelta(minutes=10)),
        (400 + 500 + 60, {}, 60, MIDNIGHT + timedelta(days=1, minutes=1)),
        (60, {"used": 500, "ends_at": None}, 60, NOON + timedelta(days=1, minutes=1)),
        (60, {"share": 0}, 60, NOON + timedelta(minutes=1)),
    ],
)
def test_when_so_many_calls_are_made(calls, changes, pace, at):
    assert done_at(calls, day(**changes), per_minute=pace, now=NOON) == at
