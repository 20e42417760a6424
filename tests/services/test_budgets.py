"""Calls of a day: what may go into records that can wait."""

from datetime import UTC, datetime, timedelta

import pytest

from dunright.models import CallBudget
from dunright.services import budgets
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "hours_left", "spare"),
    [
        # Half of 5,000, less twelve for each hour.
        ({"daily_limit": 5000}, 10, 2500 - 120),
        ({"daily_limit": 5000, "used_today": 2400}, 10, 0),
        ({"daily_limit": 5000, "used_today": 2400}, 2, 100 - 24),
        # Others have used up the day.
        ({"daily_limit": 5000, "remaining_seen": 100}, 2, 100 - 24),
        # The day is over: all of the next one's, as far as is known.
        ({"daily_limit": 5000, "used_today": 2500, "remaining_seen": 0}, -1, 2500 - 288),
        ({"daily_limit": 1000}, None, 500 - 288),
    ],
)
def test_calls_for_what_can_wait_leave_the_day_its_syncs(fields, hours_left, spare):
    organisation = make.organisation()
    ends = datetime.now(UTC) + timedelta(hours=hours_left, seconds=1) if hours_left is not None else None
    CallBudget.objects.create(organisation=organisation, day_ends_at=ends, **fields)
    assert budgets.spare_calls(organisation) == spare


def test_books_that_were_never_called_have_a_plain_days_calls():
    assert budgets.spare_calls(make.organisation()) == 500 - 288
