"""Runs started by a person: seen before, on working days, every guard standing (chasing-rules.md section 1)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dunright.models import ChaseRun, Connection, HoldKind, Organisation, OutboxMessage, Role, TimelineEntry
from dunright.services import chasing, coming, outbox, reviews, run_by_hand, work
from dunright.services.permissions import NotAllowed
from dunright.services.run_by_hand import CannotStart
from tests.services.deciding import decided, messages_of, owing
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for rows by key.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]
THURSDAY = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


@pytest.fixture
def northwind(db):
    return make.organisation(approval="never")


def done(run, *, now=NOW):
    Connection.objects.filter(organisation=run.organisation).update(complete_sync_at=now)
    assert chasing.perform(run.pk, now=now) is not None
    run.refresh_from_db()
    return run


def seen(organisation, *, now=NOW):
    return [one.customer.name for one in run_by_hand.look(organisation, now=now).messages]


def names(organisation):
    return sorted(messages_of(organisation))


def test_it_sends_what_was_seen_and_the_days_own_run_gives_way(northwind):
    owing(northwind)
    held = owing(northwind, "Held")
    make.hold(held, HoldKind.CUSTOMER)
    shown = run_by_hand.look(northwind, now=NOW)
    assert ([one.customer.name for one in shown.messages], shown.day, shown.left_out) == (
        ["Halloran Bearings"],
        TODAY,
        0,
    )
    assert shown.instead_of.at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert ChaseRun.objects.filter(organisation=northwind).count() == 0

    owner = make.owner(northwind)
    run = done(run_by_hand.start(northwind, by=owner, now=NOW))
    assert (run.kind, run.requested_by, run.message_count, run.part) == ("by_hand", owner, 1, 0)
    assert names(northwind) == ["Halloran Bearings"]
    entry = TimelineEntry.objects.get(organisation=northwind, kind="run_by_hand")
    assert (entry.sentence, entry.by) == ("Run started by hand", owner)
    assert chasing.schedule_run(northwind, now=NOW + timedelta(hours=3)) is None


def test_on_a_day_that_had_a_run_only_those_it_planned_nothing_for_take_part(northwind):
    first, second = owing(northwind, "First"), owing(northwind, "Second")
    make.hold(second, HoldKind.CUSTOMER)
    own = decided(northwind)
    (message,) = messages_of(northwind).values()
    outbox.cancel([message], by=None, now=NOW)
    second.holds.update(ended_at=NOW)

    shown = run_by_hand.look(northwind, now=NOW)
    assert ([one.customer.name for one in shown.messages], shown.left_out, shown.instead_of) == (
        ["Second"],
        1,
        None,
    )
    again = done(run_by_hand.start(northwind, by=None, now=NOW))
    assert (again.part, again.local_date, again.pk == own.pk, again.message_count) == (1, TODAY, False, 1)
    rows = OutboxMessage.objects.filter(organisation=northwind).values_list("customer__name", "state", "run")
    assert sorted(rows) == [(first.name, "cancelled", own.pk), (second.name, "planned", again.pk)]
    third = done(run_by_hand.start(northwind, by=None, now=NOW))
    assert (third.part, third.message_count, seen(northwind)) == (2, 0, [])


def test_who_has_one_approved_to_leave_on_a_later_day_takes_no_part(northwind):
    for name, state in (("Approved", "approved"), ("Cancelled", "cancelled")):
        customer = owing(northwind, name)
        make.message(customer, [customer.invoices.get()], state=state, run_date=TODAY + timedelta(days=1))
    shown = run_by_hand.look(northwind, now=NOW)
    assert ([one.customer.name for one in shown.messages], shown.left_out) == (["Cancelled"], 1)
    done(run_by_hand.start(northwind, by=None, now=NOW))
    rows = OutboxMessage.objects.filter(organisation=northwind, run_date=TODAY)
    assert list(rows.values_list("customer__name", flat=True)) == ["Cancelled"]


def test_the_next_run_of_its_own_comes_as_ever(northwind):
    owing(northwind)
    decided(northwind)
    done(run_by_hand.start(northwind, by=None, now=NOW))
    next_week = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
    assert chasing.schedule_run(northwind, now=next_week - timedelta(minutes=1)) is None
    own = chasing.schedule_run(northwind, now=next_week)
    assert (own.local_date, own.kind, own.part) == (date(2026, 12, 1), "scheduled", 0)


def test_also_in_the_first_two_days_and_then_its_batch_is_read_first():
    northwind = make.organisation()
    Organisation.objects.filter(pk=northwind.pk).update(batch_approved_at=None)
    Connection.objects.filter(organisation=northwind).update(connected_at=NOW - timedelta(hours=1))
    northwind.refresh_from_db()
    owing(northwind)
    shown = run_by_hand.look(northwind, now=NOW)
    # Nothing of its own would run today, so that nothing gives way.
    assert ([one.review.waits for one in shown.messages], shown.instead_of) == ([reviews.FIRST_BATCH], None)
    done(run_by_hand.start(northwind, by=None, now=NOW))
    assert [one.state for one in messages_of(northwind).values()] == ["pending"]


def test_a_run_put_off_to_a_later_day_is_the_one_that_is_started(northwind):
    customer = owing(northwind)
    friday = ChaseRun.objects.create(
        organisation=northwind,
        local_date=date(2026, 11, 27),
        due_at=datetime(2026, 11, 27, 11, 0, tzinfo=UTC),
        kind="made_up",
    )
    Connection.objects.filter(organisation=northwind).update(complete_sync_at=THURSDAY)
    run = run_by_hand.start(northwind, by=None, now=THURSDAY)
    assert (run.pk, run.local_date, run.kind, run.due_at) == (
        friday.pk,
        date(2026, 11, 26),
        "by_hand",
        THURSDAY,
    )
    assert coming.decisions(northwind, date(2026, 11, 26), [customer.pk]) == {}


def open_run(organisation, **fields):
    ChaseRun.objects.create(
        **{"organisation": organisation, "local_date": TODAY, "due_at": NOW, "state": "running", **fields}
    )


def paused(organisation):
    Organisation.objects.filter(pk=organisation.pk).update(is_paused=True)


def disconnected(organisation):
    Connection.objects.filter(organisation=organisation).update(state="disconnected")


def later(organisation):
    open_run(organisation, local_date=TODAY + timedelta(days=2), state="done")


@pytest.mark.parametrize(
    ("spoil", "now", "sentence"),
    [
        (paused, NOW, "Chasing is paused; resume it first, then start a run."),
        (disconnected, NOW, "The books are not connected; connect them first, then start a run."),
        (
            lambda _: None,
            SUNDAY,
            "Sunday 29 November is no working day; a run can be started on Monday 30 November.",
        ),
        (open_run, NOW, "Today's run is under way; wait until it is done."),
        (
            later,
            NOW,
            "There was a run of Thursday 26 November, a later day than today; see whether the clock is right.",
        ),
    ],
    ids=["paused", "disconnected", "Sunday", "under way", "clock"],
)
def test_when_it_cannot_be_started(northwind, spoil, now, sentence):
    spoil(northwind)
    northwind.refresh_from_db()
    before = ChaseRun.objects.filter(organisation=northwind).count()
    for ask in (
        lambda: run_by_hand.look(northwind, now=now),
        lambda: run_by_hand.start(northwind, by=None, now=now),
    ):
        with pytest.raises(CannotStart) as raised:
            ask()
        assert str(raised.value) == sentence
    assert ChaseRun.objects.filter(organisation=northwind).count() == before


def test_a_holiday_is_no_working_day(northwind):
    christmas = datetime(2026, 12, 25, 9, 0, tzinfo=UTC)
    assert run_by_hand.refusal(northwind, now=christmas) == (
        "Friday 25 December is no working day; a run can be started on Monday 28 December."
    )


def test_two_people_start_one_run(northwind, monkeypatch):
    run_by_hand.start(northwind, by=None, now=NOW)
    monkeypatch.setattr(run_by_hand, "refusal", lambda *_, **__: "")
    monkeypatch.setattr(run_by_hand, "_last", lambda _: None)
    with pytest.raises(CannotStart, match="was started in this moment"):
        run_by_hand.start(northwind, by=None, now=NOW)
    assert ChaseRun.objects.filter(organisation=northwind).count() == 1


def test_one_that_nobody_took_up_is_made_up_where_the_day_had_a_run(northwind):
    owing(northwind)
    run = run_by_hand.start(northwind, by=None, now=NOW)
    assert chasing.perform(run.pk, now=NOW + timedelta(days=1)) is None
    run.refresh_from_db()
    assert (run.state, run.kind, run.local_date) == ("queued", "made_up", date(2026, 11, 25))

    other = make.organisation(approval="never")
    run = run_by_hand.start(other, by=None, now=THURSDAY)
    assert chasing.perform(run.pk, now=THURSDAY + timedelta(days=1)) is None
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("done", "missed")


def test_the_look_shows_what_waits_and_what_becomes_a_task(northwind):
    northwind = make.organisation(approval="never", run_cap="1")
    for name in ("A", "B"):
        owing(northwind, name)
    shown = run_by_hand.look(northwind, now=NOW)
    assert [(one.customer.name, one.review.waits) for one in shown.messages] == [
        ("A", ""),
        ("B", "this run is over its cap of 1 message"),
    ]
    assert shown.tasks == 0


def test_an_address_is_written_to_once(northwind):
    for name in ("A", "B"):
        customer = owing(northwind, name)
        customer.persons.update(email="shared@customer.example")
    assert seen(northwind) == ["A"]


def test_the_look_takes_as_many_statements_for_three_as_for_one(northwind, django_assert_num_queries):
    owing(northwind, "One")
    run_by_hand.look(northwind, now=NOW)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        run_by_hand.look(northwind, now=NOW)
    owing(northwind, "Two")
    owing(northwind, "Three")
    with django_assert_num_queries(len(one)):
        assert len(seen(northwind)) == 3


def test_a_viewer_starts_none(northwind):
    with pytest.raises(NotAllowed):
        run_by_hand.start(northwind, by=make.member(northwind, Role.VIEWER), now=NOW)
    assert work.due(ChaseRun, now=NOW) == []
