"""Several senders at once over the same due work, some of them killed: no message twice, none lost."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from dunright.models import ChaseRun, ConsumedStep, Customer, OutboxMessage, SyncRun, TimelineEntry, ToDo
from dunright.services import organisations, outbox, sync
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

CUSTOMERS = 8
SLOW = {"content": 0.1}
"""The mail server's pace: no sender is done before the others have begun."""


@pytest.fixture(scope="module")
def senders():
    with processes() as starter:
        yield Senders(starter)


@pytest.fixture
def many(company, sandbox, catcher):
    """The company with eight customers, each with an invoice that fell due three days before."""
    for number in range(2, CUSTOMERS + 1):
        contact = sandbox.create_contact(
            f"Customer {number}",
            persons=[{"first_name": "Una", "last_name": "Roche", "email": f"una{number}@customer.example"}],
        )
        sandbox.create_invoice(contact, "250.00", date="2026-10-20", due_date=str(MONDAY - timedelta(days=3)))
    sync.perform(sync.request(company, by=None, now=at(MONDAY, 8), full=True).pk, now=at(MONDAY, 8))
    catcher.set_faults(delay_seconds=SLOW)
    return company


@pytest.fixture
def due(many):
    """Eight messages, approved and due at 11:05; a copy each by Message-ID is what must arrive."""
    run_due(now=at(MONDAY))
    messages = list(OutboxMessage.objects.select_related("organisation", "customer", "run"))
    assert outbox.approve(messages, by=None, now=at(MONDAY, 11, 5)) == CUSTOMERS
    return {message.message_id: 1 for message in messages}


def started(senders, number, sandbox, catcher, *, now):
    """So many senders that begin in the same moment."""
    begin = time.monotonic() + 0.5
    return [senders.start(sandbox, catcher, now=now, begin=begin) for _ in range(number)]


def states(company):
    return Counter(OutboxMessage.objects.filter(organisation=company).values_list("state", flat=True))


def assert_each_sent_once(company, catcher, expected):
    assert states(company) == {"sent": CUSTOMERS}
    assert catcher.copies() == expected
    steps = ConsumedStep.objects.filter(organisation=company)
    assert Counter(steps.values_list("step", "times_sent")) == {("just-passed", 1): CUSTOMERS}
    told = TimelineEntry.objects.filter(organisation=company, kind="message_sent")
    assert told.count() == CUSTOMERS


@pytest.mark.parametrize("number", [2, 4])
def test_each_due_message_is_sent_by_one_of_the_senders(many, due, senders, sandbox, catcher, number):
    done = [one.done() for one in started(senders, number, sandbox, catcher, now=at(MONDAY, 11, 6))]

    assert sum((Counter(one["messages"]) for one in done), Counter()) == {"sent": CUSTOMERS}
    assert len([one for one in done if one["messages"]]) > 1, "there was no race"
    assert_each_sent_once(many, catcher, due)


@pytest.mark.parametrize("number", [2, 4])
def test_whole_day_is_done_once_by_all_together(many, senders, sandbox, catcher, number):
    organisations.change_settings(many, {"approval": "never"}, by=None, now=at(MONDAY, 8, 30))
    syncs = SyncRun.objects.filter(organisation=many).count()
    done = [one.done() for one in started(senders, number, sandbox, catcher, now=at(MONDAY))]
    # A run that waits for another's sync is taken up a little later.
    run_due(now=at(MONDAY, 11, 1))

    assert sum(len(one["problems"]) for one in done) == 0
    run = ChaseRun.objects.get(organisation=many)
    assert (run.state, run.message_count, run.decided_count) == ("done", CUSTOMERS, CUSTOMERS)
    assert SyncRun.objects.filter(organisation=many).count() == syncs + 1
    messages = OutboxMessage.objects.filter(organisation=many)
    assert_each_sent_once(many, catcher, {one.message_id: 1 for one in messages})
    assert TimelineEntry.objects.filter(organisation=many, kind="message_planned").count() == CUSTOMERS
    assert Customer.objects.filter(organisation=many, last_message_date=MONDAY).count() == CUSTOMERS


@pytest.mark.parametrize("number", [2, 4])
def test_killed_among_others_loses_nothing(many, due, senders, sandbox, catcher, number):
    """All but one are killed wherever they are, one after another, as mails arrive."""
    running = started(senders, number, sandbox, catcher, now=at(MONDAY, 11, 6))
    for count, sender in enumerate(running[1:], start=2):
        wait_for(f"{count} mails have arrived", lambda count=count: len(catcher.copies()) >= count)
        sender.kill()
    running[0].done()
    lease_runs_out(many)
    run_due(now=at(MONDAY, 11, 8))
    run_due(now=at(MONDAY, 11, 9))

    left = states(many)
    assert set(left) <= {"sent", "uncertain"}
    assert left.total() == CUSTOMERS
    assert left["uncertain"] < number, "one at most of each that was killed"
    assert ToDo.objects.filter(organisation=many, kind="uncertain").count() == left["uncertain"]
    copies = catcher.copies()
    assert set(copies.values()) == {1}, "no message twice"
    sent = OutboxMessage.objects.filter(organisation=many, state="sent")
    assert set(sent.values_list("message_id", flat=True)) <= set(copies), "none lost"
    assert set(copies) <= set(due)
