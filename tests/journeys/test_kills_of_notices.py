"""Mails to a company's own people under SIGKILL and in a race: each person once, the uncertain not again."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from dunright.models import Membership, Notice, Role, User
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.journeys.senders import Senders, wait_for
from tests.support.processes import processes

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def senders():
    with processes() as starter:
        yield Senders(starter)


@pytest.fixture
def batch(company):
    """A batch that waits, and so a mail to each of those who may approve it, due at 11:05."""
    person = User.objects.create_user("mia@northwind.example", None, name="Mia")
    Membership.objects.create(organisation=company, user=person, role=Role.CHASER)
    run_due(now=at(MONDAY))
    return list(Notice.objects.filter(organisation=company).order_by("pk"))


def states(company):
    return list(Notice.objects.filter(organisation=company).order_by("pk").values_list("state", flat=True))


def lease_runs_out(company):
    Notice.objects.filter(organisation=company, state="claimed").update(
        lease_until=Now() - timedelta(seconds=1)
    )


def test_four_at_once_tell_each_person_once(company, sandbox, catcher, senders, batch):
    begin = time.monotonic() + 1
    racing = [senders.start(sandbox, catcher, now=at(MONDAY, 11, 6), begin=begin) for _ in range(4)]
    for one in racing:
        one.done()
    assert states(company) == ["sent", "sent"]
    assert catcher.copies() == {one.message_id: 1 for one in batch}


@pytest.mark.parametrize("point", ["at 354, before the attempt"])
def test_killed_before_the_attempt_another_tells_once(company, sandbox, catcher, senders, batch, point):
    sender = senders.start(sandbox, catcher, now=at(MONDAY, 11, 6), point=point)
    sender.stands_still()
    sender.kill()
    assert (states(company), catcher.copies()) == (["claimed", "queued"], {})
    lease_runs_out(company)
    run_due(now=at(MONDAY, 11, 8))
    assert states(company) == ["sent", "sent"]
    assert catcher.copies() == {one.message_id: 1 for one in batch}


def test_killed_while_the_server_thinks_it_is_uncertain_for_good(company, sandbox, catcher, senders, batch):
    catcher.set_faults(delay_seconds={"content": 60})
    sender = senders.start(sandbox, catcher, now=at(MONDAY, 11, 6))
    wait_for("the server has the mail", catcher.copies)
    sender.kill()
    catcher.set_faults()
    lease_runs_out(company)
    for minute in (8, 9, 10):
        run_due(now=at(MONDAY, 11, minute))
    assert states(company) == ["uncertain", "sent"]
    assert catcher.copies() == {one.message_id: 1 for one in batch}
