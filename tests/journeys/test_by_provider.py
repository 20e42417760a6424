"""A reminder that leaves by a mail provider's API: real HTTP, the attempt committed before the call (jobs.md)."""

import pytest

from dunright.mail import providers
from dunright.models import ConsumedStep, OutboxMessage, ToDo
from dunright.services import outbox
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.mail.provider_stand_in import CUT, TAKEN, account, started

pytestmark = [
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def postmark(company, settings, monkeypatch):
    """Postmark's stand-in instead of a mail server, and a reminder that was approved."""
    server, stand_in = started()
    local = account("postmark", server.server_address[1]).provider
    monkeypatch.setattr(providers, "PROVIDERS", {**providers.PROVIDERS, "postmark": local})
    settings.EMAIL_URL = "anymail+postmark://hunter2@"
    run_due(now=at(MONDAY))
    waiting = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    outbox.approve([waiting], by=None, now=at(MONDAY, 11, 1))
    yield stand_in
    server.shutdown()
    server.server_close()


def outcome(company, *, minute=2):
    done = dict(run_due(now=at(MONDAY, 11, minute)).messages)
    return done, OutboxMessage.objects.get(organisation=company)


def test_accepted(company, postmark):
    postmark.answer = TAKEN["postmark"]
    done, message = outcome(company)
    assert (done, message.provider_message_id, message.handed_over_at is not None) == (
        {"sent": 1},
        "pm-7",
        True,
    )
    assert postmark.json()["To"] == "Orla Halloran <orla@halloran.example>"
    assert {"Name": "Message-ID", "Value": message.message_id} in postmark.json()["Headers"]
    assert ConsumedStep.objects.filter(organisation=company).count() == 1
    assert (outcome(company, minute=30)[0], len(postmark.requests)) == ({}, 1)


def test_no_answer_is_uncertain_and_never_sent_again(company, postmark):
    postmark.answer = CUT
    done, message = outcome(company)
    assert (done, message.handed_over_at is not None) == ({"uncertain": 1}, True)
    postmark.answer = TAKEN["postmark"]
    assert (outcome(company, minute=50)[0], len(postmark.requests)) == ({}, 1)


def test_refused_for_now_is_tried_again_under_the_same_message_id(company, postmark):
    postmark.answer = (429, {"ErrorCode": 429, "Message": "Rate limit exceeded"})
    done, message = outcome(company)
    assert (done, message.handed_over_at) == ({"retrying": 1}, None)
    postmark.answer = TAKEN["postmark"]
    assert outcome(company, minute=10)[0] == {"sent": 1}
    first, second = (postmark.json(number)["Headers"] for number in (0, 1))
    assert first == second


def test_wrong_key_holds_the_reminder_and_asks_a_person(company, postmark):
    postmark.answer = (401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."})
    assert outcome(company)[0] == {"held": 1}
    to_do = ToDo.objects.get(organisation=company, kind="mail_server")
    assert to_do.sentence == (
        "The mail server does not let Dunright in: Postmark answered HTTP 401: Bad or missing Server API token."
    )


def test_refused_for_good(company, postmark):
    said = (
        "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: "
        "orla@halloran.example. Inactive recipients are ones that have generated a hard bounce or a spam complaint."
    )
    postmark.answer = (422, {"ErrorCode": 406, "Message": said})
    done, message = outcome(company)
    assert (done, message.reason) == (
        {"refused": 1},
        "Postmark does not deliver to this address: it is inactive there after a bounce or a complaint.",
    )
    assert company.addressflag_set.get(organisation=company).address_key == "orla@halloran.example"
