"""What was approved is what leaves: a message that changed since waits again, and people are told (section 5)."""

import pytest

from dunright.models import ContactPerson, OutboxMessage
from dunright.services import organisations, outbox
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


def the_message(company):
    return OutboxMessage.objects.select_related("organisation", "customer", "run").get(organisation=company)


def test_other_people_than_it_was_worded_for_wait_for_review(company, catcher):
    organisations.change_settings(
        company, {"approval": "never", "spread_minutes": "30"}, by=None, now=at(MONDAY, 9)
    )
    run_due(now=at(MONDAY))
    planned = the_message(company)
    assert (planned.state, planned.approved_at) == ("planned", None)
    outbox.edit(planned, subject="Your invoice", body="<p>Dear Orla</p>", by=None, now=at(MONDAY, 11, 1))
    ContactPerson.objects.filter(organisation=company).update(email="sean@halloran.example")
    assert dict(run_due(now=at(MONDAY, 11, 31)).messages) == {"pending": 1}
    planned.refresh_from_db()
    assert (planned.state, planned.reason, catcher.messages()) == (
        "pending",
        "it changed after it was worded: another step or other people",
        [],
    )


def test_other_people_than_were_approved_wait_for_review_again(company, catcher):
    run_due(now=at(MONDAY))
    waiting = the_message(company)
    outbox.approve([waiting], by=None, now=at(MONDAY, 11, 1))
    ContactPerson.objects.filter(organisation=company).update(email="sean@halloran.example")
    assert dict(run_due(now=at(MONDAY, 11, 2)).messages) == {"pending": 1}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.approved_at, catcher.messages()) == ("pending", None, [])

    run_due(now=at(MONDAY, 11, 12))
    run_due(now=at(MONDAY, 11, 30))
    (told,) = catcher.messages()
    assert (told["recipients"], told["subject"]) == (
        ["ada@northwind.example"],
        "1 reminder waits for your approval – Northwind Parts Ltd",
    )
