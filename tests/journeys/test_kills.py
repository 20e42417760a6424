"""SIGKILL at every boundary of a message's way: never twice, never lost, and the uncertain is shown.

A real sender process, a real mail server; the boundaries are those of chasing-rules.md section 6.
"""

from datetime import timedelta

import pytest

from dunright.models import ConsumedStep, Invoice, OutboxMessage, TimelineEntry, ToDo
from dunright.services import outbox, sending
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.journeys.senders import Senders, lease_runs_out, wait_for
from tests.support.processes import processes

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]

CLAIMED_ONLY = ("after the claim", "with the books read again", "at 354, before the attempt")
FROM_THE_ATTEMPT_ON = {
    "after the attempt, before the first byte": 0,
    "half of the content out": 0,
    "at 250, before the result": 1,
    "the result written, not committed": 1,
}
"""Point -> copies that the mail server has taken when the sender is killed there."""


@pytest.fixture(scope="module")
def senders():
    with processes() as starter:
        yield Senders(starter)


@pytest.fixture
def approved(company):
    """The company's one message, approved and due at 11:05."""
    run_due(now=at(MONDAY))
    message = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    outbox.approve([message], by=None, now=at(MONDAY, 11, 5))
    return message


@pytest.fixture
def kill_at(senders, approved, sandbox, catcher):
    """Kill a sender at a point; gives the message as it was left."""

    def kill(point):
        sender = senders.start(sandbox, catcher, now=at(MONDAY, 11, 6), point=point)
        sender.stands_still()
        sender.kill()
        approved.refresh_from_db()
        return approved

    return kill


def states(minute):
    """What a run of everything that is due brings about."""
    done = run_due(now=at(MONDAY, 11, minute))
    return dict(done.messages)


def to_dos(company):
    return list(ToDo.objects.filter(organisation=company, closed_at=None).values_list("kind", "message"))


def happened(company, kind):
    return TimelineEntry.objects.filter(organisation=company, kind=kind).count()


def times_sent(company):
    steps = ConsumedStep.objects.filter(organisation=company).order_by("days")
    return list(steps.values_list("step", "times_sent"))


def assert_sent_once(company, catcher, message):
    message.refresh_from_db()
    assert (message.state, catcher.copies()) == ("sent", {message.message_id: 1})
    assert (times_sent(company), to_dos(company)) == ([("just-passed", 1)], [])
    assert happened(company, "message_sent") == 1


def test_killed_before_the_claim_another_sends_it_at_once(company, catcher, kill_at):
    message = kill_at("before the claim")
    assert (message.state, message.handed_over_at, catcher.copies()) == ("approved", None, {})

    assert states(7) == {"sent": 1}
    assert states(8) == {}
    assert_sent_once(company, catcher, message)


@pytest.mark.parametrize("point", CLAIMED_ONLY)
def test_killed_before_the_attempt_another_sends_it_once(company, catcher, kill_at, point):
    message = kill_at(point)
    assert (message.state, message.handed_over_at, catcher.copies()) == ("claimed", None, {})

    assert states(7) == {}, "its lease still runs"
    lease_runs_out(company)
    assert states(8) == {"sent": 1}
    assert states(9) == {}
    assert_sent_once(company, catcher, message)


def assert_uncertain_for_good(company, sandbox, catcher, message):
    """It is shown, asks for a person once, is not sent again, and its invoice gets no further step."""
    arrived = catcher.copies()
    assert states(7) == {}, "its lease still runs"
    lease_runs_out(company)
    with sending.Post() as post:
        taken = sending.send(message.pk, now=at(MONDAY, 11, 8), post=post)
    assert taken is None, "a nudge may come before anybody has seen that its worker is gone"
    assert [states(minute) for minute in (8, 9, 10)] == [{}, {}, {}]
    message.refresh_from_db()
    assert (message.state, message.settled_at) == ("uncertain", None)
    assert (to_dos(company), happened(company, "message_uncertain")) == ([("uncertain", message.pk)], 1)

    # The next step, seven days after the due date, is due by now.
    next_week = MONDAY + timedelta(days=7)
    sandbox.move_to(at(next_week, 10))
    done = run_due(now=at(next_week))
    assert (done.runs, dict(done.messages)) == (1, {})
    invoice = Invoice.objects.get(organisation=company)
    assert (invoice.verdict, invoice.reason) == ("wait", "uncertain")
    assert list(OutboxMessage.objects.filter(organisation=company)) == [message]
    assert (catcher.copies(), times_sent(company)) == (arrived, [])


@pytest.mark.parametrize(("point", "copies"), FROM_THE_ATTEMPT_ON.items())
def test_killed_from_the_attempt_on_it_is_uncertain_for_good(
    company, sandbox, catcher, kill_at, point, copies
):
    message = kill_at(point)
    assert (message.state, message.handed_over_at is None) == ("claimed", False)
    assert list(catcher.copies().values()) == [1] * copies
    assert_uncertain_for_good(company, sandbox, catcher, message)


def test_killed_while_the_server_thinks_it_is_uncertain_for_good(
    company, sandbox, catcher, senders, approved
):
    catcher.set_faults(delay_seconds={"content": 60})
    sender = senders.start(sandbox, catcher, now=at(MONDAY, 11, 6))
    wait_for("the server has the message", catcher.copies)
    sender.kill()
    catcher.set_faults()
    assert catcher.copies() == {approved.message_id: 1}
    assert_uncertain_for_good(company, sandbox, catcher, approved)


def test_killed_after_the_result_it_is_sent(company, catcher, kill_at):
    message = kill_at("after the result")
    lease_runs_out(company)
    assert [states(minute) for minute in (7, 8)] == [{}, {}]
    assert_sent_once(company, catcher, message)
