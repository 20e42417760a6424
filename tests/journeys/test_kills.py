"""SIGKILL while a message is on its way: never twice, never lost, and the uncertain is shown."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from dunright.models import OutboxMessage, ToDo
from dunright.services import outbox
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]

SENDER = """
import sys
from dataclasses import replace
from datetime import datetime
from django.conf import settings
settings.CONFIGURATION = replace(
    settings.CONFIGURATION, zoho_sandbox_url="{url}", zoho_client_id="{id}", zoho_client_secret="{secret}"
)
settings.EMAIL_URL = "{mail}"
from dunright.services.due import run_due
print(dict(run_due(now=datetime.fromisoformat("{now}")).messages))
"""


@pytest.fixture
def start_sender(spawned, company, sandbox, catcher):
    """Start a process that hands over what is due at 11:06, once the company's message is approved."""
    run_due(now=at(MONDAY))
    message = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    outbox.approve([message], by=None, now=at(MONDAY, 11, 5))

    def start():
        return spawned.start_code(
            SENDER.format(
                url=sandbox.url,
                id=sandbox.client_id,
                secret=sandbox.client_secret,
                mail=catcher.smtp_url,
                now=at(MONDAY, 11, 6).isoformat(),
            )
        )

    return start


def wait_until(company, seconds=30, **state):
    """Wait for the message to be in a state."""
    deadline = time.monotonic() + seconds
    while not OutboxMessage.objects.filter(organisation=company, **state).exists():
        assert time.monotonic() < deadline, "the sender did not come that far"
        time.sleep(0.02)


def lease_runs_out(company):
    OutboxMessage.objects.filter(organisation=company).update(lease_until=Now() - timedelta(seconds=1))


def test_killed_before_the_attempt_it_is_sent_once_by_another(company, sandbox, catcher, start_sender):
    sandbox.fault("/invoices", kind="slow", seconds=20)
    sender = start_sender()
    wait_until(company, state="claimed")
    sender.kill()
    sender.wait()
    sandbox.clear_faults()

    assert dict(run_due(now=at(MONDAY, 11, 7)).messages) == {}, "its lease still runs"
    lease_runs_out(company)
    assert dict(run_due(now=at(MONDAY, 11, 8)).messages) == {"sent": 1}
    assert list(catcher.copies().values()) == [1]


def test_killed_after_the_content_it_is_uncertain_and_stays_so(company, catcher, start_sender):
    catcher.set_faults(delay_seconds={"content": 30})
    sender = start_sender()
    wait_until(company, state="claimed", handed_over_at__isnull=False)
    time.sleep(0.5)
    sender.kill()
    sender.wait()
    catcher.set_faults()

    lease_runs_out(company)
    assert dict(run_due(now=at(MONDAY, 11, 8)).messages) == {}
    message = OutboxMessage.objects.get(organisation=company)
    assert message.state == "uncertain"
    assert ToDo.objects.get(organisation=company, closed_at=None).kind == "uncertain"
    assert sum(catcher.copies().values()) <= 1


def test_four_senders_at_once_send_one_message(company, catcher, start_sender):
    senders = [start_sender() for _ in range(4)]
    for sender in senders:
        _, errors = sender.communicate(timeout=90)
        assert sender.returncode == 0, errors
    assert OutboxMessage.objects.get(organisation=company).state == "sent"
    assert list(catcher.copies().values()) == [1]
