"""A reminder by hand on its way: sent once, looked at again before it leaves, and never beside another."""

from datetime import timedelta

import pytest

from dunright.domain.by_hand import ATTACH
from dunright.models import AddressFlag, ConsumedStep, Customer, OutboxMessage, TimelineEntry
from dunright.queries.explain import explain_invoice
from dunright.services import by_hand, organisations
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]
MORNING = at(MONDAY, 9)


def written(company, *, now=MORNING, attach=False, **words):
    customer = Customer.objects.select_related("organisation").get(organisation=company)
    desk = by_hand.desk(customer, now=now)
    choice = by_hand.open_choice(desk, [])._replace(attach=attach)
    text, _ = desk.text(choice)
    words = {"subject": "A word about {{ invoice.number }}", "body": text.body, **words}
    return by_hand.send(customer, choice, key="0123456789abcdef", by=None, now=now, **words)


def test_it_leaves_once_also_while_chasing_is_paused_and_then_the_run_keeps_still(company, catcher):
    organisations.pause(company, by=None, now=MORNING)
    message = written(company, attach=True)
    assert dict(run_due(now=MORNING).messages) == {"sent": 1}
    assert dict(run_due(now=MORNING + timedelta(minutes=5)).messages) == {}
    (mail,) = catcher.messages()
    message.refresh_from_db()
    assert (mail["subject"], message.state, message.kind, message.flags) == (
        "A word about INV-000231",
        "sent",
        "by_hand",
        [ATTACH],
    )
    assert 'filename="INV-000231.pdf"' in catcher.raw(mail["id"]).decode()
    assert list(ConsumedStep.objects.filter(organisation=company).values_list("step", "times_sent")) == [
        ("just-passed", 1)
    ]
    assert (
        TimelineEntry.objects.get(organisation=company, kind="message_sent").sentence
        == "Reminder by hand, sent"
    )
    organisations.resume(company, by=None, now=at(MONDAY, 10))
    assert dict(run_due(now=at(MONDAY)).messages) == {}
    invoice = message.lines.select_related("invoice__customer").get().invoice
    seen = explain_invoice(company, invoice, today=MONDAY + timedelta(days=1), now=at(MONDAY, 12))
    assert (seen.verdict, seen.reason) == ("wait", "nothing_due")


def test_paid_meanwhile_it_is_cancelled(company, sandbox, catcher):
    message = written(company)
    sandbox.pay(company.invoice_id)
    run_due(now=MORNING)
    message.refresh_from_db()
    assert (message.state, message.reason, catcher.messages()) == ("cancelled", "not_open", [])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda company: Customer.objects.filter(organisation=company).update(is_excluded=True),
            "the customer is on the exclusion list",
        ),
        (
            lambda company: AddressFlag.objects.create(
                organisation=company, address_key="orla@halloran.example", reason="550", flagged_at=MORNING
            ),
            "no_recipient",
        ),
    ],
    ids=["excluded", "dead address"],
)
def test_whom_may_not_be_written_to_gets_nothing(company, catcher, spoil, reason):
    message = written(company)
    spoil(company)
    run_due(now=MORNING)
    message.refresh_from_db()
    assert (message.state, message.reason, catcher.messages()) == ("cancelled", reason, [])


def test_a_reminder_of_a_run_that_left_meanwhile_is_enough(company, catcher):
    message = written(company)
    customer = message.customer
    other = OutboxMessage.objects.create(
        organisation=company,
        customer=customer,
        run_date=MONDAY,
        kind="overdue",
        state="claimed",
        due_at=MORNING,
        planned_at=MORNING,
        message_id="<other@northwind.example>",
    )
    line = message.lines.get()
    line.pk, line.message = None, other
    line.save()
    run_due(now=MORNING)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("held", "another reminder to this customer is leaving")
    OutboxMessage.objects.filter(pk=other.pk).update(state="sent", settled_at=MORNING + timedelta(seconds=1))
    run_due(now=MORNING + timedelta(minutes=3))
    message.refresh_from_db()
    assert (message.state, message.reason, catcher.messages()) == (
        "cancelled",
        "another reminder about these invoices left meanwhile",
        [],
    )


def test_at_the_end_of_its_day_it_lapses(company, catcher):
    message = written(company)
    run_due(now=at(MONDAY + timedelta(days=1), 8))
    message.refresh_from_db()
    assert (message.state, catcher.messages()) == ("lapsed", [])


def test_while_it_is_leaving_a_run_plans_nothing(company, catcher):
    message = written(company)
    OutboxMessage.objects.filter(pk=message.pk).update(state="claimed", token="mine")
    assert dict(run_due(now=at(MONDAY)).messages) == {}
    assert OutboxMessage.objects.filter(organisation=company).count() == 1
    invoice = message.lines.select_related("invoice__customer").get().invoice
    assert (invoice.reason, catcher.messages()) == ("uncertain", [])
