"""A person in control, in a browser: word and approve before the run, not this time, stop everything, settle."""

from datetime import timedelta

import pytest
import time_machine

from dunright.models import ConsumedStep, OutboxMessage, User
from dunright.services import organisations, sync
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.journeys.test_control import another

pytestmark = [
    pytest.mark.browser,
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]
MORNING = at(MONDAY, 9)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clock():
    """Where the product believes to be in time; the browser keeps its own clock."""
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def due(clock, sandbox, moment):
    """Let the time come, in the books too, and do what a worker does then."""
    sandbox.move_to(moment)
    clock.move_to(moment)
    return dict(run_due(now=moment).messages)


def states(company):
    rows = OutboxMessage.objects.filter(organisation=company).order_by("pk")
    return list(rows.values_list("customer__name", "state"))


def word_and_approve(page):
    page.get_by_role("link", name="Halloran Bearings").first.click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Subject").fill("A word about {{ invoice.number }}")
    page.get_by_role("button", name="Keep wording").click()
    page.get_by_text("has your wording").wait_for()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("It leaves with the run of today").wait_for()


def test_whole_way_of_control(visit, company, clock, sandbox, catcher):
    another(sandbox)
    sync.perform(sync.request(company, by=None, now=MORNING).pk, now=MORNING)
    organisations.change_settings(company, {"spread_minutes": "30"}, by=None, now=MORNING)
    here = visit(User.objects.get())
    page, home = here.page, f"/o/{company.pk}"

    # Before the run: one is worded and approved, the other not this time.
    here.go(f"{home}/upcoming/")
    word_and_approve(page)
    here.go(f"{home}/upcoming/")
    page.get_by_role("link", name="Byrne Castings").first.click()
    page.get_by_role("link", name="Not this time").click()
    page.get_by_role("dialog").get_by_role("button", name="Not this time").click()
    page.get_by_text("Byrne Castings is on hold until").wait_for()

    assert due(clock, sandbox, at(MONDAY)) == {}
    assert due(clock, sandbox, at(MONDAY, 11, 31)) == {"sent": 1}
    (mail,) = catcher.messages()
    assert (mail["recipients"], mail["subject"]) == (["orla@halloran.example"], "A word about INV-000231")

    # The next day the other is on its way by itself, until everything is stopped.
    assert due(clock, sandbox, at(TUESDAY)) == {}
    assert states(company)[1:] == [("Byrne Castings", "planned")]
    here.go(f"{home}/upcoming/")
    page.get_by_role("link", name="Stop everything now").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop everything now").click()
    page.get_by_text("Everything is stopped. 1 message").wait_for()
    assert due(clock, sandbox, at(TUESDAY, 11, 31)) == {}

    # Resumed, it is read again; then the connection breaks while it is handed over, and a person settles it.
    page.get_by_role("link", name="Resume chasing").click()
    page.get_by_text("those included that had not left when everything was stopped").wait_for()
    page.get_by_role("button", name="Resume chasing").click()
    page.get_by_text("Chasing is resumed.").wait_for()
    assert due(clock, sandbox, at(TUESDAY, 12)) == {}
    here.go(f"{home}/upcoming/")
    page.get_by_role("button", name="Approve").first.click()
    page.get_by_text("1 message approved.").wait_for()
    catcher.set_faults(cut="content_after_keeping")
    assert due(clock, sandbox, at(TUESDAY, 12, 5)) == {"uncertain": 1}
    here.go(f"{home}/sent/")
    page.get_by_role("link", name="Byrne Castings").first.click()
    page.get_by_text("Nobody knows whether it arrived").wait_for()
    message = OutboxMessage.objects.get(organisation=company, state="uncertain")
    assert message.message_id in page.get_by_role("main").inner_text()
    assert ConsumedStep.objects.filter(organisation=company, invoice__number="INV-000232").count() == 0
    page.get_by_role("link", name="It was sent").click()
    page.get_by_role("dialog").get_by_role("button", name="It was sent").click()
    page.get_by_text("Noted as sent.").wait_for()
    assert states(company) == [("Halloran Bearings", "sent"), ("Byrne Castings", "sent")]
    assert ConsumedStep.objects.filter(organisation=company, invoice__number="INV-000232").count() == 1
    assert (len(catcher.messages()), here.complaints) == (2, [])
