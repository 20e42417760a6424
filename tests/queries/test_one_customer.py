"""One customer and one invoice, with everything their pages show."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dunright.models import AddressFlag, ConsumedStep
from dunright.queries import one_customer, one_invoice
from dunright.services import timeline
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return make.customer(make.organisation())


def read(customer):
    return one_customer.read(customer.organisation, customer, next_run=make.TODAY, base="EUR", now=make.NOW)


def test_people_come_primary_first_and_those_without_reminders_last(customer):
    make.person(customer, "off@x.example", "off", first_name="Off", last_name="", external_id="1")
    make.person(customer, "both@x.example", "both", first_name="Both", last_name="", external_id="2")
    make.person(
        customer, "first@x.example", "off", first_name="First", last_name="", external_id="3", is_primary=True
    )
    assert [str(one.person) for one in read(customer).persons] == ["First", "Both", "Off"]


def test_a_person_who_came_later_is_new_until_a_level_is_chosen(customer):
    make.person(customer, "a@x.example")
    make.person(customer, "b@x.example", "off", first_seen_at=make.NOW - timedelta(days=4))
    make.person(customer, "c@x.example", "off", first_seen_at=make.NOW - timedelta(days=4), level_chosen=True)
    make.person(customer, "d@x.example", "off", first_seen_at=make.NOW - timedelta(days=40))
    assert [one.is_new for one in read(customer).persons] == [False, True, False, False]


def test_a_refused_address_says_what_the_server_said(customer):
    make.person(customer, "Gone@X.example")
    AddressFlag.objects.create(
        organisation=customer.organisation,
        address_key="gone@x.example",
        reason="550 no such user",
        flagged_at=make.NOW,
    )
    (one,) = read(customer).persons
    assert (one.refused, one.is_reachable) == ("550 no such user", False)


def test_credit_is_notes_and_unused_payments(customer):
    make.credit_note(customer, "100.00")
    make.payment(customer, "50.00", date(2026, 11, 2), unused=Decimal(20))
    assert read(customer).credits == [("EUR", Decimal(120))]


def test_events_are_filtered_by_kind(customer):
    for kind in ("message_sent", "payment_seen", "note", "promise", "settings"):
        timeline.record(customer.organisation, kind, kind, at=make.NOW, customer=customer)
    asked = {
        kind: [one.kind for one in one_customer.events(customer.organisation, customer, kind=kind)]
        for kind in ("", "messages", "payments", "notes")
    }
    assert asked == {
        "": ["settings", "promise", "note", "payment_seen", "message_sent"],
        "messages": ["message_sent"],
        "payments": ["payment_seen"],
        "notes": ["promise", "note"],
    }


def test_another_companys_customer_is_not_found(customer):
    other = make.organisation("Other")
    assert (one_customer.find(other, customer.pk), one_invoice.find(other, 1)) == (None, None)


def test_the_steps_of_an_invoice_tell_what_happened(customer):
    make.person(customer)
    invoice = make.invoice(customer, "INV-1", due=date(2026, 10, 29), balance="40.00", total=Decimal(100))
    make.payment(customer, "50.00", date(2026, 11, 2), on={invoice: "50.00"})
    for step, days, times in (("just-passed", 1, 1), ("follow-up", 8, 1)):
        ConsumedStep.objects.create(
            organisation=customer.organisation,
            invoice=invoice,
            schedule_name="Standard",
            step=step,
            days=days,
            consumed_on=date(2026, 11, 10),
            times_sent=times,
        )
    sent = make.message(customer, [invoice], state="sent", run_date=date(2026, 11, 10))
    found = one_invoice.read(customer.organisation, invoice, next_run=make.TODAY, now=make.NOW)
    assert [(one.step.id, one.is_over, one.times_sent, one.planned) for one in found.steps] == [
        ("coming-due", True, 0, None),
        ("just-passed", True, 1, None),
        ("follow-up", True, 1, None),
        ("firm", False, 0, make.TODAY),
        ("last-step", False, 0, date(2026, 12, 1)),
    ]
    assert [(one.message, one.step, one.days_late, one.others) for one in found.sent] == [
        (sent, "Follow-up", 12, 0)
    ]
    assert ([one.amount for one in found.allocations], found.other_settled) == ([Decimal(50)], Decimal(10))
    assert (found.next.step, found.explained.step, found.schedule_version) == ("Firm", "firm", 1)


def test_an_invoice_without_a_due_date_or_schedule_has_a_page(customer):
    invoice = make.invoice(customer, "INV-1", due=None, schedule_name="none")
    found = one_invoice.read(customer.organisation, invoice, next_run=make.TODAY, now=make.NOW)
    assert (found.steps, found.schedule, found.explained.reason) == ([], None, "no_schedule")


@pytest.mark.parametrize("due", [date(1, 1, 1), date(9999, 12, 31)])
def test_absurd_due_dates_are_shown_like_others(customer, due):
    make.person(customer)
    invoice = make.invoice(
        customer, "INV-1", due=due, issue_date=date(2026, 1, 1), first_open_date=date(2026, 1, 1)
    )
    found = one_invoice.read(customer.organisation, invoice, next_run=make.TODAY, now=make.NOW)
    assert found.invoice.due_date == due
