"""Start a run by hand, stop everything now, and how reminders leave, in words."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from dunright.models import ChaseRun, Organisation, OutboxMessage, Role
from dunright.services import coming, organisations
from tests.support import factories as make
from tests.web.messages import messages

RUN_STATEMENTS = 36
FIRST = (
    "Reminders leave by themselves; the first ones after connecting, or after a pause of more than 30 days, "
    "wait for approval."
)
SUNDAY = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def owing(organisation, name="Halloran Bearings"):
    customer = make.customer(organisation, name)
    make.person(customer, f"p{make.number()}@customer.example")
    make.invoice(customer)
    return customer


def address(organisation, what):
    return f"/o/{organisation.pk}/upcoming/{what}"


def test_it_is_shown_before_it_starts(signed_in, northwind):
    owing(northwind)
    page = signed_in.get(address(northwind, "run/")).content.decode()
    for words in (
        "Wait for approval",
        "Halloran Bearings",
        "Follow-up, 1 invoice, to Orla Halloran",
        "€2,865.40",
        "it takes the place of today’s run at 11:00",
        "Start the run",
    ):
        assert words in page
    assert ChaseRun.objects.filter(organisation=northwind).count() == 0


def test_started_it_is_due_at_once_and_only_once(signed_in, northwind):
    owing(northwind)
    answer = signed_in.post(address(northwind, "run/"), follow=True)
    run = ChaseRun.objects.get(organisation=northwind)
    assert (run.kind, run.local_date, run.requested_by) == ("by_hand", make.TODAY, make.owner(northwind))
    assert "The run has started." in answer.content.decode()
    answer = signed_in.post(address(northwind, "run/"), follow=True)
    assert "Today&#x27;s run is under way; wait until it is done." in answer.content.decode()
    assert ChaseRun.objects.filter(organisation=northwind).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_customers(signed_in, northwind, django_assert_num_queries, count):
    for place in range(count):
        owing(northwind, f"C{place}")
    with django_assert_num_queries(RUN_STATEMENTS):
        answer = signed_in.get(address(northwind, "run/"))
    assert len(answer.context["look"].messages) == count


def test_nothing_to_send_starts_nothing(signed_in, northwind):
    page = signed_in.get(address(northwind, "run/")).content.decode()
    assert ("Nothing would be sent" in page, 'type="submit" disabled' in page) == (True, True)


def test_on_a_sunday_it_says_when(signed_in, northwind):
    with time_machine.travel(SUNDAY, tick=False):
        signed_in.force_login(make.owner(northwind))
        page = signed_in.get(address(northwind, "run/")).content.decode()
        answer = signed_in.post(address(northwind, "run/"), follow=True).content.decode()
    said = "Sunday 29 November is no working day; a run can be started on Monday 30 November."
    assert (said in page, said in answer, "Start the run" in page) == (True, True, False)
    assert ChaseRun.objects.filter(organisation=northwind).count() == 0


def test_who_had_a_message_today_takes_no_part(signed_in, northwind):
    make.message(owing(northwind, "First"), [], state="sent")
    owing(northwind, "Second")
    page = signed_in.get(address(northwind, "run/")).content.decode()
    assert "1 customer with a message of today’s run takes no part" in page
    assert (">First<" in page, ">Second<" in page) == (False, True)


def test_stopping_everything_asks_first_and_holds_what_is_on_its_way(signed_in, northwind):
    messages(northwind, "planned", "approved", "sent")
    asked = signed_in.get(address(northwind, "stop/")).content.decode()
    assert "The 2 messages on the way wait for approval again" in asked
    northwind.refresh_from_db()
    assert northwind.stopped_at is None
    answer = signed_in.post(
        address(northwind, "stop/"), {"why": "wrong prices"}, follow=True
    ).content.decode()
    northwind.refresh_from_db()
    assert (northwind.is_paused, northwind.pause_reason) == (True, "wrong prices")
    assert "Everything is stopped. 2 messages that had not left wait for approval." in answer
    assert "Everything is stopped: what had not left waits for approval" in answer
    assert "Stop everything now" not in answer
    rows = OutboxMessage.objects.filter(organisation=northwind).order_by("pk")
    assert list(rows.values_list("state", flat=True)) == ["pending", "pending", "sent"]


def test_while_everything_is_stopped_nothing_is_approved(signed_in, northwind):
    (one,) = messages(northwind, "planned")
    organisations.stop_everything(northwind, by=None, now=make.NOW)
    answer = signed_in.post(address(northwind, "approve/"), {"message": one.pk}, follow=True)
    assert "Everything is stopped; resume chasing first, then approve." in answer.content.decode()
    one.refresh_from_db()
    assert one.state == "pending"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"approval": "always"}, "Every reminder waits until somebody approves it."),
        (
            {"approval": "never", "approve_escalated": False, "run_cap": "100"},
            "Reminders leave by themselves. Beyond 100 messages a run, further ones wait.",
        ),
        ({}, f"{FIRST} Those of escalated steps always wait."),
    ],
)
def test_upcoming_says_how_reminders_leave(client, db, settings, said):
    company = make.organisation(**settings)
    client.force_login(make.owner(company))
    page = client.get(f"/o/{company.pk}/upcoming/").content.decode()
    assert f">{said} What nobody approves gives way at the next run to what is due then.</p>" in page


def test_a_message_says_why_it_waits(signed_in, northwind):
    customer = owing(northwind)
    reason = coming.MORE_INVOICES
    make.message(customer, list(customer.invoices.all()), state="pending", reason=reason)
    assert f"Waits for approval: {reason}" in signed_in.get(address(northwind, "")).content.decode()


@pytest.mark.parametrize("what", ["run/", "stop/"])
def test_a_viewer_is_not_even_asked(client, northwind, what):
    client.force_login(make.member(northwind, Role.VIEWER))
    path = address(northwind, what)
    assert (client.get(path).status_code, client.post(path).status_code) == (403, 403)


def test_the_first_resume_is_asked_about(signed_in, northwind):
    Organisation.objects.filter(pk=northwind.pk).update(is_paused=True, first_resumed_at=None)
    answer = signed_in.post(address(northwind, "resume/"))
    assert answer.url == f"/o/{northwind.pk}/resume/"
    northwind.refresh_from_db()
    assert northwind.is_paused is True


def test_a_day_of_the_list_is_that_of_its_run(signed_in, northwind):
    customer = make.customer(northwind)
    make.person(customer)
    make.invoice(customer, due=date(2026, 11, 27))
    make.facts_follow(northwind)
    days = signed_in.get(address(northwind, "")).context["days"]
    assert [(one.date, len(one.rows)) for one in days][:2] == [(make.TODAY, 1), (date(2026, 12, 1), 1)]
