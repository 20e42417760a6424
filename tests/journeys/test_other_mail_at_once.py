"""Several workers at once, and killed ones, over thank-yous and statements: none twice, none lost."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from dunright.models import Customer, Invoice, Organisation, OtherMailRun, OutboxMessage, ThankYou
from dunright.services import organisations
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at
from tests.journeys.senders import Senders
from tests.support.processes import processes

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(scope="module")
def senders():
    with processes() as starter:
        yield Senders(starter)


@pytest.fixture
def both(company, sandbox):
    """On Tuesday Halloran is thanked for one invoice and gets a statement of another."""
    Organisation.objects.filter(pk=company.pk).update(batch_approved_at=at(MONDAY, 8))
    organisations.change_settings(
        company, {"statement_day": "24", "chase_days": "fri"}, by=None, now=at(MONDAY, 8)
    )
    customer = Customer.objects.get(organisation=company).external_id
    sandbox.create_invoice(customer, "250.00", date="2026-11-20", due_date="2026-12-20", number="INV-000232")
    sandbox.pay(company.invoice_id)
    sandbox.move_to(at(MONDAY, 15))
    run_due(now=at(MONDAY, 15))
    sandbox.move_to(at(TUESDAY))
    return company


def messages(company):
    rows = OutboxMessage.objects.filter(organisation=company).order_by("kind")
    return list(rows.values_list("kind", "state"))


def test_four_workers_at_once_send_each_once(both, senders, sandbox, catcher):
    begin = time.monotonic() + 0.5
    for sender in [senders.start(sandbox, catcher, now=at(TUESDAY), begin=begin) for _ in range(4)]:
        assert sender.done()["problems"] == []
    # What one had in its hands another could not send: the next call finds nothing left, or the rest.
    run_due(now=at(TUESDAY, 11, 1))
    assert messages(both) == [("statement", "sent"), ("thank_you", "sent")]
    assert list(catcher.copies().values()) == [1, 1]
    assert OtherMailRun.objects.filter(organisation=both).count() == 2


def test_killed_while_it_plans_another_plans_it_once(both, senders, sandbox, catcher):
    sender = senders.start(sandbox, catcher, now=at(TUESDAY), point="planned, not committed")
    sender.stands_still()
    sender.kill()
    assert messages(both) == []
    assert ThankYou.objects.filter(organisation=both).count() == 0

    assert dict(run_due(now=at(TUESDAY, 11, 1)).messages) == {"sent": 1}, "the lease of one still runs"
    OtherMailRun.objects.filter(organisation=both).update(lease_until=Now() - timedelta(seconds=1))
    assert dict(run_due(now=at(TUESDAY, 11, 2)).messages) == {"sent": 1}
    assert messages(both) == [("statement", "sent"), ("thank_you", "sent")]
    assert list(catcher.copies().values()) == [1, 1]
    paid = Invoice.objects.get(organisation=both, status="paid")
    assert ThankYou.objects.get(organisation=both).invoice == paid
