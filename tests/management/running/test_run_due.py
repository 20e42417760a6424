"""`dunright run-due` started many times at once does each thing once."""

import json
from collections import Counter

import pytest

from dunright.models import ChaseRun, ConsumedStep, OutboxMessage, SyncRun
from dunright.services import sync
from tests.management.running.programs import company_at_noon, run_of_today

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]

TIMES = 4


def test_started_many_times_at_once_it_does_each_thing_once(program, sandbox, catcher):
    company = company_at_noon(sandbox, customers=5)
    run = run_of_today(company)
    wanted = sync.request(company, by=company.owner, now=run.due_at)
    # No mail is so quick that one of them does everything.
    catcher.set_faults(delay_seconds={"content": 0.1})

    programs = [program("run-due", "--json") for _ in range(TIMES)]
    answers = [one.process.communicate(timeout=120) for one in programs]

    assert [one.process.returncode for one in programs] == [0] * TIMES, answers
    done = [json.loads(output) for output, _ in answers]
    assert [one["problems"] for one in done] == [[]] * TIMES
    assert sum(one["syncs"] for one in done) == 1
    assert sum(one["runs"] for one in done) == 1
    assert sum((Counter(one["messages"]) for one in done), Counter()) == {"sent": 5}
    wanted.refresh_from_db()
    assert (wanted.state, SyncRun.objects.filter(organisation=company).count()) == ("done", 2)
    assert ChaseRun.objects.get(organisation=company).message_count == 5
    messages = OutboxMessage.objects.filter(organisation=company)
    assert catcher.copies() == {message.message_id: 1 for message in messages}
    steps = ConsumedStep.objects.filter(organisation=company)
    assert list(steps.values_list("step", "times_sent")) == [("just-passed", 1)] * 5
