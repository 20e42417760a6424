"""One failure that passes, in the middle of a piece of work: who was at work says so itself, and loses nothing."""

import pytest
from django.db import OperationalError, connection, transaction

from dunright.models import ChaseRun, Notice, OutboxMessage, TimelineEntry
from dunright.services import decisions, notices, outbox, outcomes, planning, sending, timeline, work
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.support import factories
from tests.support.factories import NOW

pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def northwind(db):
    return factories.organisation()


@pytest.fixture
def message(northwind):
    def made(**fields):
        customer = factories.customer(northwind)
        factories.person(customer, "orla@halloran.example")
        return factories.message(customer, [factories.invoice(customer)], **fields)

    return made


def fails_at(monkeypatch, owner, name, *calls):
    """Let these calls of a function fail, counted from 1."""
    step, made = getattr(owner, name), []

    def failing(*arguments, **named):
        made.append(name)
        if len(made) in calls:
            raise OperationalError("server closed the connection")
        return step(*arguments, **named)

    monkeypatch.setattr(owner, name, failing)


def test_row_settled_in_a_transaction_that_fails_is_still_its_workers(message):
    mine = message(state="claimed", token="mine", handed_over_at=NOW)

    def settle_and_fail():
        with transaction.atomic():
            work.settle(mine, "sent")
            raise OperationalError

    with pytest.raises(OperationalError):
        settle_and_fail()
    work.settle(mine, "uncertain")
    mine.refresh_from_db()
    assert (mine.state, mine.token, mine.lease_until) == ("uncertain", "", None)


def test_two_threads_that_have_had_the_same_message_do_not_trip_over_each_other(message):
    slow = message(state="claimed", token="slow", handed_over_at=NOW)
    quick = OutboxMessage.objects.get(pk=slow.pk)
    quick.token = "quick"
    OutboxMessage.objects.filter(pk=slow.pk).update(token="quick")
    with sending.in_transmission(quick):
        with sending.in_transmission(slow):
            pass
        assert sending.let_go(now=NOW) == 1
    slow.refresh_from_db()
    assert slow.state == "uncertain"


def test_approval_and_its_entry_stand_or_fall_together(message, monkeypatch):
    waiting = message(state="pending")
    fails_at(monkeypatch, timeline, "record", 1)
    with pytest.raises(OperationalError):
        outbox.approve([waiting], by=None, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == "pending"
    assert outbox.approve([waiting], by=None, now=NOW) == 1
    assert TimelineEntry.objects.filter(message=waiting, kind="approved").count() == 1


@pytest.mark.parametrize(("calls", "state", "entries"), [((1,), "sent", 1), ((1, 2), "uncertain", 0)])
def test_answer_of_the_server_is_written_down_at_a_second_try(
    company, catcher, monkeypatch, calls, state, entries
):
    run_due(now=at(MONDAY))
    message = OutboxMessage.objects.get()
    outbox.approve([message], by=None, now=at(MONDAY, 11, 5))
    fails_at(monkeypatch, outbox, "consume", *calls)

    run_due(now=at(MONDAY, 11, 6))
    message.refresh_from_db()
    assert (message.state, catcher.copies()) == (state, {message.message_id: 1})
    assert TimelineEntry.objects.filter(message=message, kind="message_sent").count() == entries


def test_customer_whose_decision_failed_in_passing_has_another_turn_in_the_run(company, monkeypatch):
    fails_at(monkeypatch, decisions, "record", 1)
    run_due(now=at(MONDAY))
    run = ChaseRun.objects.get()
    assert (run.state, run.problems, run.message_count, run.decided_count) == ("done", [], 1, 1)
    assert OutboxMessage.objects.count() == 1


def test_customer_whose_commit_came_through_unheard_is_counted_once(company, monkeypatch):
    commit, planned = connection._commit, []
    plan = planning.plan

    def unheard():
        commit()
        if planned:
            planned.clear()
            raise OperationalError("server closed the connection")

    def noted(*arguments, **named):
        planned.append(plan(*arguments, **named))
        return planned[-1]

    with monkeypatch.context() as failing:
        failing.setattr(connection, "_commit", unheard)
        failing.setattr(planning, "plan", noted)
        run_due(now=at(MONDAY))
    run = ChaseRun.objects.get()
    assert (run.state, run.problems, run.message_count, run.decided_count) == ("done", [], 1, 1)


def test_run_that_is_taken_up_again_counts_every_customer_once(company, monkeypatch):
    """The worker ends after the message is planned, before the slice is."""
    keep = work.keep

    def ends(job, **progress):
        if "problems" in progress and isinstance(job, ChaseRun):
            raise SystemExit
        keep(job, **progress)

    with monkeypatch.context() as ending:
        ending.setattr(work, "keep", ends)
        with pytest.raises(SystemExit):
            run_due(now=at(MONDAY))
    run = ChaseRun.objects.get()
    ChaseRun.objects.update(state="queued", lease_until=None)
    run_due(now=at(MONDAY, 11, 3))
    run.refresh_from_db()
    assert (run.state, run.message_count, run.decided_count) == ("done", 1, 1)


@pytest.mark.parametrize(("place", "state"), [("compose", "queued"), ("reply", "uncertain")])
def test_fault_of_ours_in_one_notice_settles_it_at_once(company, catcher, monkeypatch, place, state):
    run_due(now=at(MONDAY))
    notice = Notice.objects.get()

    def breaks(*_, **__):
        raise ZeroDivisionError

    if place == "compose":
        monkeypatch.setattr(notices, "compose", breaks)
    else:
        monkeypatch.setattr("dunright.mail.send.SmtpConnection._final_reply", breaks)
    done = run_due(now=at(MONDAY, 11, 6))
    notice.refresh_from_db()
    assert (notice.state, done.problems) == (state, [])
    assert catcher.copies() == {}


def test_who_lost_the_row_to_a_person_writes_nothing_more(message):
    mine = message(state="claimed", token="mine")
    OutboxMessage.objects.filter(pk=mine.pk).update(state="cancelled", token="")
    with pytest.raises(work.LostLease):
        outcomes.hold(mine, "later", now=NOW)
