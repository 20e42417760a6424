"""A person in control: decided before a run, by hand, everything stopped (sections 1 and 5)."""

from datetime import timedelta

import pytest

from dunright.models import ChaseRun, Customer, OutboxMessage
from dunright.services import coming, organisations, outbox, run_by_hand
from dunright.services.due import run_due
from dunright.services.run_by_hand import CannotStart
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]
MORNING = at(MONDAY, 9)
TUESDAY = MONDAY + timedelta(days=1)
SECOND = {"first_name": "Sean", "last_name": "Byrne", "email": "sean@byrne.example"}


def another(sandbox, *, now=MORNING, due=MONDAY - timedelta(days=3)):
    """A second customer with an invoice, entered at this moment; returns the invoice's id."""
    sandbox.move_to(now)
    contact = sandbox.create_contact("Byrne Castings", persons=[SECOND])
    return sandbox.create_invoice(
        contact, "500.00", date="2026-10-20", due_date=str(due), number="INV-000232"
    )


def halloran(company):
    return Customer.objects.select_related("organisation").get(organisation=company, name="Halloran Bearings")


def subjects(catcher):
    return [(one["recipients"], one["subject"]) for one in catcher.messages()]


def states(company):
    rows = OutboxMessage.objects.filter(organisation=company).order_by("pk")
    return list(rows.values_list("customer__name", "state"))


def approved(company, subject="A word about {{ invoice.number }}"):
    found = coming.foresee(halloran(company), MONDAY, now=MORNING)
    coming.word(found, subject=subject, body=found.text.body, seen=found.seen, by=None, now=MORNING)
    found = coming.foresee(halloran(company), MONDAY, now=MORNING)
    coming.approve(found, seen=found.seen, by=None, now=MORNING)


def test_what_was_approved_before_its_run_leaves_with_it_in_its_own_words(company, sandbox, catcher):
    another(sandbox)
    approved(company)
    # The first batch waits for a person, but for what a person has read.
    assert dict(run_due(now=at(MONDAY)).messages) == {"sent": 1}
    assert subjects(catcher) == [(["orla@halloran.example"], "A word about INV-000231")]
    assert states(company) == [("Halloran Bearings", "sent"), ("Byrne Castings", "pending")]
    assert dict(run_due(now=at(MONDAY, 11, 30)).messages) == {}


def test_paid_before_its_run_it_does_not_leave(company, sandbox, catcher):
    approved(company)
    sandbox.pay(company.invoice_id)
    run_due(now=at(MONDAY))
    assert (states(company), catcher.messages()) == ([], [])


def test_with_an_invoice_added_it_waits_for_review(company, sandbox, catcher):
    approved(company)
    contact = halloran(company).external_id
    sandbox.move_to(MORNING)
    due = str(MONDAY - timedelta(days=2))
    sandbox.create_invoice(contact, "70.00", date="2026-10-20", due_date=due, number="INV-000233")
    run_due(now=at(MONDAY))
    message = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    assert (message.state, message.reason) == ("pending", coming.MORE_INVOICES)
    outbox.approve([message], by=None, now=at(MONDAY, 11, 5))
    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"sent": 1}
    assert len(catcher.messages()) == 1


def test_a_run_by_hand_sends_what_was_shown_and_the_day_has_no_other(company, sandbox, catcher):
    organisations.change_settings(company, {"approval": "never"}, by=None, now=MORNING)
    (shown,) = run_by_hand.look(company, now=MORNING).messages
    run_by_hand.start(company, by=None, now=MORNING)
    assert dict(run_due(now=MORNING).messages) == {"sent": 1}
    (mail,) = catcher.messages()
    assert (mail["recipients"], shown.customer) == (["orla@halloran.example"], halloran(company))
    another(sandbox, now=at(MONDAY, 10))
    # At eleven there is no second run of the day; who had nothing takes part in one by hand.
    assert dict(run_due(now=at(MONDAY)).messages) == {}
    run_by_hand.start(company, by=None, now=at(MONDAY, 12))
    assert dict(run_due(now=at(MONDAY, 12)).messages) == {"sent": 1}
    assert subjects(catcher)[1][0] == ["sean@byrne.example"]
    runs = ChaseRun.objects.filter(organisation=company).order_by("part")
    assert list(runs.values_list("kind", "part", "message_count")) == [("by_hand", 0, 1), ("by_hand", 1, 1)]
    # The next day has its own run again, which has nothing to say.
    assert run_due(now=at(MONDAY + timedelta(days=1))).runs == 1
    assert len(catcher.messages()) == 2


def test_paid_after_the_look_it_is_not_sent(company, sandbox, catcher):
    assert len(run_by_hand.look(company, now=MORNING).messages) == 1
    sandbox.pay(company.invoice_id)
    run_by_hand.start(company, by=None, now=MORNING + timedelta(minutes=20))
    run_due(now=MORNING + timedelta(minutes=20))
    assert (states(company), catcher.messages()) == ([], [])


def test_on_a_sunday_none_is_started(company, catcher):
    with pytest.raises(CannotStart, match="is no working day"):
        run_by_hand.start(company, by=None, now=at(MONDAY - timedelta(days=1), 9))
    assert run_due(now=at(MONDAY - timedelta(days=1), 9)).runs == 0


def test_stopped_nothing_leaves_until_it_is_read_again(company, catcher):
    organisations.change_settings(
        company, {"approval": "never", "spread_minutes": "30"}, by=None, now=MORNING
    )
    run_by_hand.start(company, by=None, now=MORNING)
    run_due(now=MORNING)
    assert (states(company), catcher.messages()) == ([("Halloran Bearings", "planned")], [])
    assert organisations.stop_everything(company, by=None, now=MORNING) == 1
    later = MORNING + timedelta(minutes=40)
    assert dict(run_due(now=later).messages) == {}
    organisations.resume(company, by=None, now=later)
    assert dict(run_due(now=later).messages) == {}
    message = OutboxMessage.objects.select_related("organisation", "customer", "run").get(
        organisation=company
    )
    assert (message.state, catcher.messages()) == ("pending", [])
    outbox.approve([message], by=None, now=later)
    assert dict(run_due(now=later).messages) == {"sent": 1}
    assert len(catcher.messages()) == 1


def waiting(company):
    rows = OutboxMessage.objects.select_related("organisation", "customer", "run")
    return rows.get(organisation=company, state="pending")


def test_approved_after_six_it_leaves_at_the_next_chase_time_in_place_of_that_days_message(company, catcher):
    run_due(now=at(MONDAY))
    message = waiting(company)
    outbox.approve([message], by=None, now=at(MONDAY, 18))
    assert (message.due_at, message.run_date) == (at(TUESDAY), TUESDAY)
    assert dict(run_due(now=at(MONDAY, 18, 1)).messages) == {}
    done = run_due(now=at(TUESDAY))
    assert (done.runs, dict(done.messages), len(catcher.messages())) == (1, {"sent": 1}, 1)
    assert states(company) == [("Halloran Bearings", "sent")]


def test_approved_before_six_it_leaves_at_once(company, catcher):
    run_due(now=at(MONDAY))
    outbox.approve([waiting(company)], by=None, now=at(MONDAY, 17, 59))
    assert dict(run_due(now=at(MONDAY, 17, 59)).messages) == {"sent": 1}


def test_what_nobody_approves_gives_way_to_what_is_due_at_the_next_run(company, catcher):
    run_due(now=at(MONDAY))
    first = waiting(company)
    run_due(now=at(TUESDAY))
    first.refresh_from_db()
    second = waiting(company)
    assert (first.state, first.reason) == ("superseded", "not approved before the next run")
    assert (second.run_date, second.customer) == (TUESDAY, first.customer)
    # Approving what was superseded does no harm.
    assert outbox.approve([first], by=None, now=at(TUESDAY, 12)) == 0
    assert outbox.approve([second], by=None, now=at(TUESDAY, 12)) == 1
    run_due(now=at(TUESDAY, 12))
    assert len(catcher.messages()) == 1
