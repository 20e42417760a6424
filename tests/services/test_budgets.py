"""Calls of a day and of a minute: whose they are, what they go into, and what happens when the source complains."""

from datetime import UTC, datetime, timedelta

import pytest

from dunright.domain.settings import SettingError
from dunright.models import CallBudget, Role, TimelineEntry
from dunright.remote.errors import Crowded, DailyLimit, RateLimited
from dunright.remote.protocols import Allowance
from dunright.services import budgets
from dunright.services.permissions import NotAllowed
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


@pytest.fixture
def books():
    """A company with a budget of 500 calls a day that ends at midnight, and its clock."""
    return Books(make.organisation())


class Books:
    """A budget and its clock. `pause` passes the time it is told."""

    def __init__(self, organisation):
        self.organisation = organisation
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.midnight = datetime(2026, 11, 25, tzinfo=UTC)
        self.pauses = []
        CallBudget.objects.create(organisation=organisation, day_ends_at=self.midnight)

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)

    def budget(self, use=budgets.Use.SYNC):
        return budgets.SharedBudget(self.organisation, use=use, pause=self.pause)

    def has(self, **fields):
        CallBudget.objects.filter(organisation=self.organisation).update(**fields)

    def row(self):
        return CallBudget.objects.get(organisation=self.organisation)

    def said(self, remaining, limit=1000):
        """What an answer of this moment tells."""
        return Allowance(limit, remaining, int((self.midnight - self.now).total_seconds()))


@pytest.fixture(autouse=True)
def _clock(request, monkeypatch):
    if "books" in request.fixturenames:
        books = request.getfixturevalue("books")
        monkeypatch.setattr(budgets, "utc_now", lambda: books.now)


def test_calls_that_were_not_made_are_given_back(books):
    budget = books.budget()
    for _ in range(7):
        budget.take()
    assert books.row().used_today == 10
    budget.give_back()
    budget.give_back()
    row = books.row()
    assert (budget.calls, row.used_today, row.used_this_minute) == (7, 7, 7)


def test_a_minute_has_so_many_calls_for_all_workers(books):
    workers = [books.budget(), books.budget()]
    for _ in range(31):
        for worker in workers:
            worker.take()
    assert books.pauses == [60.0]
    assert books.row().used_today == 70


def test_a_clock_that_was_set_back_stalls_nobody(books):
    books.budget().take()
    books.has(used_this_minute=60)
    books.now -= timedelta(hours=1)
    books.budget().take()
    assert books.pauses == []


def test_others_use_shows_in_what_is_left(books):
    budget = books.budget()
    budget.take()
    budget.note(books.said(remaining=799))
    row = books.row()
    assert (row.others_today, row.remaining_seen, row.daily_limit) == (200, 799, 1000)
    # Between two notes nothing is written; the sixth answer tells again, with five more of ours gone.
    for remaining in (798, 797, 796, 795, 794):
        budget.take()
        budget.note(books.said(remaining))
    assert (books.row().others_today, books.row().remaining_seen) == (200, 794)


def test_what_others_leave_is_less_than_the_share_and_is_told(books):
    books.has(used_today=300, remaining_seen=0, others_today=700)
    with pytest.raises(budgets.ShareUsed) as raised:
        books.budget().take()
    assert raised.value.sentence == (
        "Zoho allows 1,000 calls a day, and other programs have used 700 of them beside Dunright's 300: today's calls "
        "are used up. It goes on by itself when Zoho's day ends."
    )
    assert raised.value.retry_after == 12 * 3600


def test_the_share_is_used_up_and_counts_anew_with_the_new_day(books):
    books.has(used_today=499)
    budget = books.budget()
    budget.take()
    with pytest.raises(budgets.ShareUsed) as raised:
        budget.take()
    assert raised.value.sentence == (
        "Zoho allows 1,000 calls a day and Dunright uses at most 50 % of them: today's share is used up. "
        "It goes on by itself when Zoho's day ends."
    )
    books.now = books.midnight
    budget.take()
    assert books.row().used_today == 5


def test_the_first_answer_of_a_new_day_does_not_keep_the_old_days_count(books):
    books.has(used_today=490)
    books.now = books.midnight - timedelta(seconds=1)
    budget = books.budget()
    budget.take()
    # The source's clock is ahead: its new day has begun, with this one call.
    budget.note(Allowance(1000, 999, 24 * 3600))
    assert (books.row().day_ends_at, books.row().used_today) == (books.midnight, 495)
    books.now += timedelta(seconds=2)
    for _ in range(6):
        budget.take()
    assert books.row().used_today == 5


def test_a_source_that_tells_no_day_has_one_of_24_hours(books):
    books.has(day_ends_at=None, used_today=0)
    books.budget().take()
    assert books.row().day_ends_at == books.now + timedelta(days=1)
    books.has(used_today=500)
    books.now += timedelta(days=1)
    books.budget().take()
    assert books.row().used_today == 5


def expect_messages(books, number):
    for _ in range(number):
        customer = make.customer(books.organisation)
        make.message(customer, [make.invoice(customer)], due_at=books.now + timedelta(hours=1))


def test_the_last_calls_are_kept_for_the_looks_before_todays_messages(books):
    expect_messages(books, 3)
    books.has(used_today=497)
    with pytest.raises(budgets.ShareUsed) as raised:
        books.budget(budgets.Use.SYNC).take()
    assert "today's share is used up, but for the looks before messages." in raised.value.sentence
    assert books.row().blocked_until is None
    look = books.budget(budgets.Use.LOOK)
    for _ in range(3):
        look.take()
    with pytest.raises(budgets.ShareUsed):
        look.take()


def test_details_leave_todays_syncs_their_calls_and_syncs_do_not_wait_for_details(books):
    # Twelve hours are left: 144 calls for the syncs in them.
    books.has(used_today=356)
    with pytest.raises(budgets.ShareUsed):
        books.budget(budgets.Use.DETAIL).take()
    books.budget(budgets.Use.SYNC).take()
    books.has(used_today=351)
    books.budget(budgets.Use.DETAIL).take()


def test_what_dunright_holds_back_itself_blocks_nobody(books):
    budgets.block(books.organisation, budgets.ShareUsed("Used up.", retry_after=3600))
    budgets.block(books.organisation, budgets.Held("Held.", retry_after=60))
    assert books.row().blocked_until is None


@pytest.mark.parametrize(("before", "after"), [(0, 60), (60, 45), (45, 33), (25, 20), (20, 20)])
def test_a_minute_that_was_too_much_is_waited_out_and_then_goes_slower(books, before, after):
    books.has(minute_limit=before)
    budget = books.budget()
    budget.take()
    budget.refuse(RateLimited("Zoho Books was called too often.", retry_after=60.0))
    row = books.row()
    assert (row.minute_limit, row.blocked_until) == (after, books.now + timedelta(seconds=60))
    # What was under way meanwhile is no complaint of its own.
    books.budget().refuse(RateLimited("Zoho Books was called too often.", retry_after=60.0))
    assert books.row().minute_limit == after
    with pytest.raises(budgets.Held) as raised:
        books.budget(budgets.Use.LOOK).take()
    assert (raised.value.sentence, raised.value.retry_after) == ("Zoho Books was called too often.", 60.0)
    books.now += timedelta(seconds=61)
    books.budget().take()


def test_each_new_day_gives_some_of_the_pace_back(books):
    books.has(minute_limit=33, at_once=2)
    paces = []
    for _ in range(4):
        books.now += timedelta(days=1)
        books.has(day_ends_at=books.now)
        books.budget().take()
        paces.append((books.row().minute_limit, books.row().at_once))
    assert paces == [(44, 0), (58, 0), (60, 0), (60, 0)]


def test_the_end_of_the_days_calls_slows_nothing_down(books):
    books.budget().refuse(DailyLimit("Used up.", retry_after=3600.0))
    row = books.row()
    assert (row.minute_limit, row.at_once) == (60, 0)
    assert row.blocked_until == books.now + timedelta(hours=1)


def test_too_many_at_once_are_fewer_after_a_short_pause(books):
    first, second = books.budget(), books.budget()
    first.take()
    places = []
    for _ in range(4):
        first.refuse(Crowded("Too many at once.", retry_after=3.0))
        places.append(books.row().at_once)
        books.now += timedelta(seconds=4)
    assert places == [4, 2, 1, 1]
    for _ in range(5):
        first.take()
    assert len(books.row().readers) == 1
    with pytest.raises(budgets.Held) as raised:
        second.take()
    assert (raised.value.retry_after, books.pauses) == (30.0, [1.0] * 30)
    first.give_back()
    assert (books.row().readers, books.row().used_today) == ({}, 6)
    second.take()
    assert len(books.row().readers) == 1


def test_a_short_pause_is_waited_for_in_place(books):
    books.budget().refuse(Crowded("Too many at once.", retry_after=3.0))
    books.budget().take()
    assert books.pauses == [3.0]


def test_the_place_of_a_reader_that_fell_silent_is_free_again(books):
    books.has(at_once=1)
    books.budget().take()
    books.now += budgets.PLACE + timedelta(seconds=1)
    books.budget().take()
    assert len(books.row().readers) == 1


@pytest.mark.parametrize("text", ["40", " 40 % ", "40%"])
def test_the_share_is_the_users_to_set(books, text):
    assert budgets.set_share(books.organisation, text, by=None, now=books.now) == 40
    assert books.row().share_percent == 40
    told = TimelineEntry.objects.filter(organisation=books.organisation).latest("pk")
    assert (told.kind, told.sentence, told.data) == (
        "settings",
        "Dunright may use 40 % of the day's calls to the books",
        {"call_share": "40"},
    )


@pytest.mark.parametrize("text", ["", "4", "101", "-5", "50.5", "٥٠", "half", "9" * 5000, "\x00"])
def test_a_share_that_is_none_changes_nothing(books, text):
    with pytest.raises(SettingError, match="call_share takes a whole number of percent from 5 to 100, not"):
        budgets.set_share(books.organisation, text, by=None, now=books.now)
    assert books.row().share_percent == 50


def test_only_managers_set_the_share(books):
    with pytest.raises(NotAllowed):
        budgets.set_share(
            books.organisation, "40", by=make.member(books.organisation, Role.CHASER), now=books.now
        )
    assert books.row().share_percent == 50
