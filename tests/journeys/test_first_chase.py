"""The whole way once: connect, sync, decide, approve, send, get paid, and say why nothing more is sent."""

from datetime import timedelta

import pytest

from dunright.models import (
    Connection,
    ConsumedStep,
    Customer,
    Invoice,
    MessageState,
    OutboxMessage,
    TimelineEntry,
    ToDo,
)
from dunright.queries.explain import explain_invoice
from dunright.services import chasing, organisations, outbox, sending, sync, timeline
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` and the workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]


def the_message(company):
    return OutboxMessage.objects.select_related("organisation", "customer", "run").get(organisation=company)


def test_invoice_is_chased_paid_and_left_alone(company, sandbox, catcher):
    done = run_due(now=at(MONDAY))
    assert (done.runs, dict(done.messages), done.problems) == (1, {}, [])
    waiting = the_message(company)
    assert (waiting.state, waiting.step, waiting.to[0]["address"]) == (
        MessageState.PENDING,
        "just-passed",
        "orla@halloran.example",
    )
    assert catcher.messages() == []

    assert outbox.approve([waiting], by=None, now=at(MONDAY, 11, 5)) == 1
    assert dict(run_due(now=at(MONDAY, 11, 5)).messages) == {"sent": 1}

    (mail,) = catcher.messages()
    raw = catcher.raw(mail["id"]).decode()
    assert "INV-000231" in mail["subject"]
    assert "Auto-Submitted: auto-generated" in raw
    sent = the_message(company)
    assert (sent.state, sent.message_id in raw, sent.content is not None) == ("sent", True, True)
    assert "€1,000.00" in sent.text
    steps = ConsumedStep.objects.filter(organisation=company).order_by("days")
    assert list(steps.values_list("step", "times_sent")) == [("just-passed", 1)]
    assert Customer.objects.get(organisation=company).last_message_date == MONDAY

    # Started again and again, nothing leaves twice.
    assert dict(run_due(now=at(MONDAY, 12)).messages) == {}

    sandbox.move_to(at(MONDAY, 15))
    sandbox.pay(company.invoice_id)
    sandbox.move_to(at(MONDAY + timedelta(days=8), 10))
    done = run_due(now=at(MONDAY + timedelta(days=8)))
    assert (done.runs, dict(done.messages)) == (1, {})
    assert len(catcher.messages()) == 1
    invoice = Invoice.objects.select_related("customer").get(organisation=company)
    assert (invoice.status, invoice.balance) == ("paid", 0)
    company.refresh_from_db()
    seen = explain_invoice(
        company, invoice, today=MONDAY + timedelta(days=8), now=at(MONDAY + timedelta(days=8))
    )
    assert (seen.verdict, seen.reason) == ("wait", "not_open")
    kinds = set(TimelineEntry.objects.filter(organisation=company).values_list("kind", flat=True))
    assert {"connected", "message_planned", "approved", "message_sent", "payment_seen"} <= kinds
    timeline.seal(company, now=at(MONDAY + timedelta(days=8)))
    assert timeline.first_broken_seal(company) is None


def test_payment_between_plan_and_hand_over_cancels_the_message(company, sandbox, catcher):
    run_due(now=at(MONDAY))
    outbox.approve([the_message(company)], by=None, now=at(MONDAY, 11, 5))
    sandbox.pay(company.invoice_id)

    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"cancelled": 1}

    cancelled = the_message(company)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "not_open")
    assert catcher.messages() == []
    assert ConsumedStep.objects.filter(organisation=company).count() == 0


def test_deleted_invoice_is_not_chased(company, sandbox, catcher):
    run_due(now=at(MONDAY))
    outbox.approve([the_message(company)], by=None, now=at(MONDAY, 11, 5))
    sandbox.happen("invoices/delete", invoice=company.invoice_id)

    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"cancelled": 1}
    assert catcher.messages() == []
    assert Invoice.objects.get(organisation=company).gone_at is not None


def test_unreadable_books_hold_the_message_and_its_day_lets_it_lapse(company, sandbox, catcher):
    run_due(now=at(MONDAY))
    outbox.approve([the_message(company)], by=None, now=at(MONDAY, 11, 5))
    sandbox.revoke_all()

    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"held": 1}
    assert dict(run_due(now=at(MONDAY + timedelta(days=1), 1)).messages) == {"lapsed": 1}
    # Nothing but the mail that tells the owner why.
    (told,) = catcher.messages()
    assert (told["recipients"], told["subject"]) == (
        ["ada@northwind.example"],
        "Zoho Books must be connected again – Northwind Parts Ltd",
    )


def test_refused_address_is_flagged_and_asks_a_person(company, sandbox, catcher):
    run_due(now=at(MONDAY))
    catcher.set_faults(refuse={"orla@halloran.example": "550 5.1.1 No such user"})
    outbox.approve([the_message(company)], by=None, now=at(MONDAY, 11, 5))

    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"refused": 1}
    assert ToDo.objects.get(organisation=company, closed_at=None).kind == "refused"

    sandbox.move_to(at(MONDAY + timedelta(days=1), 10))
    run_due(now=at(MONDAY + timedelta(days=1)))
    invoice = Invoice.objects.get(organisation=company)
    assert (invoice.verdict, invoice.reason) == ("wait", "no_recipient")


def test_no_answer_after_the_content_is_uncertain_and_never_resent(company, sandbox, catcher):
    run_due(now=at(MONDAY))
    catcher.set_faults(cut="content_after_keeping")
    outbox.approve([the_message(company)], by=None, now=at(MONDAY, 11, 5))

    assert dict(run_due(now=at(MONDAY, 11, 6)).messages) == {"uncertain": 1}
    catcher.set_faults()
    sandbox.move_to(at(MONDAY + timedelta(days=1), 10))
    assert dict(run_due(now=at(MONDAY + timedelta(days=1))).messages) == {}
    assert len(catcher.messages()) == 1
    invoice = Invoice.objects.get(organisation=company)
    assert (invoice.verdict, invoice.reason) == ("wait", "uncertain")

    assert (
        outbox.settle([the_message(company)], as_sent=True, by=None, now=at(MONDAY + timedelta(days=1), 12))
        == 1
    )
    assert ConsumedStep.objects.get(organisation=company).step == "just-passed"


def test_two_workers_get_one_message(company, catcher):
    run_due(now=at(MONDAY))
    message = the_message(company)
    outbox.approve([message], by=None, now=at(MONDAY, 11, 5))
    with sending.Post() as post:
        assert sending.send(message.pk, now=at(MONDAY, 11, 5), post=post).state == "sent"
        assert sending.send(message.pk, now=at(MONDAY, 11, 5), post=post) is None
    assert len(catcher.messages()) == 1


def test_run_is_made_once_a_day(company):
    run = chasing.schedule_run(company, now=at(MONDAY))
    assert (run.local_date, run.kind) == (MONDAY, "scheduled")
    assert chasing.schedule_run(company, now=at(MONDAY, 12)) is None


def test_missed_run_is_done_by_the_run_of_the_day(company):
    tuesday = MONDAY + timedelta(days=1)
    assert chasing.schedule_run(company, now=at(tuesday, 8)) is None
    run = chasing.schedule_run(company, now=at(tuesday))
    assert (run.local_date, run.kind, run.due_at) == (tuesday, "scheduled", at(tuesday))


def test_missed_run_is_made_up_on_the_next_working_day(company):
    organisations.change_settings(company, {"chase_days": "mon"}, by=None, now=at(MONDAY, 8, 30))
    tuesday = MONDAY + timedelta(days=1)
    run = chasing.schedule_run(company, now=at(tuesday, 12))
    assert (run.local_date, run.kind, run.due_at) == (
        tuesday + timedelta(days=1),
        "made_up",
        at(tuesday + timedelta(days=1)),
    )
    assert chasing.schedule_run(company, now=at(tuesday, 13)) is None


def test_sync_says_what_comes_next_and_remembers_what_the_books_can_do(company, sandbox):
    customer = Customer.objects.get(organisation=company)
    assert (customer.next_verdict, customer.next_step, customer.next_date) == ("send", "Just passed", MONDAY)
    assert Connection.objects.get(organisation=company).probes == {
        "bulk_persons": True,
        "customers_sorted_by_change": True,
        "invoices_sorted_by_change": True,
    }

    sandbox.pay(company.invoice_id)
    sandbox.move_to(at(MONDAY, 9))
    sync.perform(sync.request(company, by=None, now=at(MONDAY, 9)).pk, now=at(MONDAY, 9))
    customer.refresh_from_db()
    assert customer.next_verdict == ""
