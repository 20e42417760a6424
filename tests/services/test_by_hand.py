"""Reminders by hand: one row however often the button is pressed; whom may not be written to; what is warned of."""

from datetime import date

import pytest

from dunright.domain.by_hand import Choice, Warned
from dunright.models import (
    AddressFlag,
    ConsumedStep,
    Customer,
    Invoice,
    OutboxLine,
    OutboxMessage,
    Role,
    SpentAddress,
    TimelineEntry,
)
from dunright.services import by_hand, outbox
from dunright.services.by_hand import CannotWrite
from dunright.services.permissions import NotAllowed
from tests.support import factories as make

KEY = "0123456789abcdef"


@pytest.fixture
def northwind(db):
    return make.organisation()


@pytest.fixture
def halloran(northwind):
    """Owes one invoice eleven days late, and one not due yet; Orla gets normal reminders, Pat none."""
    customer = make.customer(northwind)
    make.person(customer)
    make.person(customer, "pat@halloran.example", "off", first_name="Pat", last_name="Devlin")
    make.invoice(customer, "INV-1")
    make.invoice(customer, "INV-2", due=date(2026, 12, 9))
    return customer


def send(customer, choice=None, *, key=KEY, by=None, **words):
    desk = by_hand.desk(customer, now=make.NOW)
    choice = choice or by_hand.open_choice(desk, [])
    text, _ = desk.text(choice)
    words = {"subject": text.subject, "body": text.body, **words}
    return by_hand.send(customer, choice, key=key, by=by, now=make.NOW, **words)


def ids(customer, *numbers):
    rows = Invoice.objects.filter(organisation=customer.organisation, number__in=numbers)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def people(customer, *first_names):
    rows = customer.persons.filter(organisation=customer.organisation, first_name__in=first_names)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _update(customer, **fields):
    Customer.objects.filter(organisation=customer.organisation, pk=customer.pk).update(**fields)


def _flag(customer):
    AddressFlag.objects.create(
        organisation=customer.organisation,
        address_key="orla@halloran.example",
        reason="550",
        flagged_at=make.NOW,
    )


def _invoices(customer):
    return Invoice.objects.filter(organisation=customer.organisation, customer=customer)


def test_it_begins_with_what_is_overdue_the_step_due_and_its_people(halloran):
    desk = by_hand.desk(halloran, now=make.NOW)
    assert by_hand.open_choice(desk, []) == Choice(
        ids(halloran, "INV-1"), "follow-up", people(halloran, "Orla"), attach=True
    )
    assert [desk.name_of(step) for step in desk.steps] == [
        "Coming due",
        "Just passed",
        "Follow-up",
        "Firm",
        "Last step",
    ]


def test_it_becomes_an_approved_message_of_its_own(halloran, northwind):
    owner = make.owner(northwind)
    message = send(halloran, by=owner)
    assert (message.state, message.kind, message.step, message.approved_by, message.due_at, message.form) == (
        "approved",
        "by_hand",
        "follow-up",
        owner,
        make.NOW,
        "single",
    )
    assert (message.schedule_version.schedule.name, message.template_version.template.name) == (
        "Standard",
        "Follow-up",
    )
    line = OutboxLine.objects.get(organisation=northwind, message=message)
    assert (line.invoice.number, line.step, [one["step"] for one in line.skipped]) == (
        "INV-1",
        "follow-up",
        ["just-passed"],
    )
    assert [one["address"] for one in message.to] == ["orla@halloran.example"]
    assert SpentAddress.objects.filter(organisation=northwind, message=message).count() == 1
    entry = TimelineEntry.objects.get(organisation=northwind, message=message)
    assert (entry.sentence, entry.by) == ("Reminder by hand, written", owner)


def test_once_sent_it_consumes_like_a_step_and_starts_the_gap(halloran, northwind):
    message = send(halloran)
    outbox.consume(message, on=make.TODAY)
    steps = ConsumedStep.objects.filter(organisation=northwind).order_by("days")
    assert list(steps.values_list("step", "times_sent")) == [("just-passed", 0), ("follow-up", 1)]
    assert Customer.objects.get(organisation=northwind).last_message_date == make.TODAY


def test_without_a_step_it_consumes_nothing_but_starts_the_gap(halloran, northwind):
    choice = Choice(ids(halloran, "INV-1", "INV-2"), "", people(halloran, "Pat"))
    message = send(halloran, choice)
    outbox.consume(message, on=make.TODAY)
    assert (message.form, message.step, [one["address"] for one in message.to]) == (
        "multi",
        "",
        ["pat@halloran.example"],
    )
    assert not ConsumedStep.objects.filter(organisation=northwind).exists()
    assert Customer.objects.get(organisation=northwind).last_message_date == make.TODAY


def test_pressed_twice_it_is_one_message(halloran, northwind):
    assert send(halloran) == send(halloran)
    assert OutboxMessage.objects.filter(organisation=northwind).count() == 1
    assert send(halloran, key="f" * 16) != send(halloran)


def test_a_reminder_on_its_way_gives_way(halloran):
    planned = make.message(
        halloran, [Invoice.objects.get(organisation=halloran.organisation, number="INV-1")]
    )
    SpentAddress.objects.create(
        organisation=planned.organisation,
        day=make.TODAY,
        address_key="orla@halloran.example",
        message=planned,
    )
    message = send(halloran)
    planned.refresh_from_db()
    # The address of the one is the other's now.
    spent = SpentAddress.objects.filter(organisation=planned.organisation)
    assert list(spent.values_list("message", flat=True)) == [message.pk]
    assert (planned.state, planned.reason) == ("superseded", "a reminder by hand took its place")


def test_while_a_reminder_is_leaving_nothing_is_written(halloran, northwind):
    listed = Invoice.objects.get(organisation=northwind, number="INV-1")
    make.message(halloran, [listed], state="claimed")
    with pytest.raises(CannotWrite, match="is leaving in this moment"):
        send(halloran)
    assert OutboxMessage.objects.filter(organisation=northwind).count() == 1


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda one: _update(one, is_excluded=True), "Halloran Bearings is on the exclusion list"),
        (_flag, "Choose somebody with a usable e-mail address"),
        (
            lambda one: one.persons.filter(organisation=one.organisation).update(may_be_emailed=False),
            "usable e-mail",
        ),
        (
            lambda one: _invoices(one).update(status="paid", balance=0),
            "None of these invoices is open any more",
        ),
    ],
    ids=["excluded", "dead", "barred by the books", "paid"],
)
def test_what_may_not_be_written(halloran, northwind, spoil, sentence):
    desk = by_hand.desk(halloran, now=make.NOW)
    choice = by_hand.open_choice(desk, [])
    spoil(halloran)
    halloran.refresh_from_db()
    with pytest.raises(CannotWrite, match=sentence):
        by_hand.send(halloran, choice, subject="S", body="<p>Pay</p>", key=KEY, by=None, now=make.NOW)
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"subject": " "}, "may not be empty"),
        ({"body": ""}, "may not be empty"),
        ({"body": "<p>{{ invoice.number }"}, "."),
        ({"key": "../../etc"}, "out of date"),
    ],
)
def test_words_that_cannot_leave(halloran, northwind, words, sentence):
    with pytest.raises(CannotWrite, match=sentence):
        send(halloran, **words)
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


def test_it_warns_of_what_would_have_stopped_the_schedule(halloran, northwind):
    one = Invoice.objects.get(organisation=northwind, number="INV-1")
    make.hold(one, "promise", day=date(2026, 11, 27))
    _update(halloran, is_chasing=False, last_message_date=date(2026, 11, 23))
    desk = by_hand.desk(halloran, now=make.NOW)
    assert desk.warnings(ids(halloran, "INV-1", "INV-2")) == [
        Warned("customer_not_chasing", None),
        Warned("minimum_gap", date(2026, 11, 26)),
        Warned("promised", date(2026, 11, 28), "INV-1"),
    ]
    assert send(halloran).state == "approved"


def test_another_companys_people_and_invoices_are_not_taken(halloran, northwind):
    other = make.customer(make.organisation("Other Ltd"))
    theirs = Choice(
        frozenset({str(make.invoice(other).pk)}), "", frozenset({str(make.person(other, "x@y.example").pk)})
    )
    with pytest.raises(CannotWrite, match="None of these invoices"):
        by_hand.send(halloran, theirs, subject="S", body="x", key=KEY, by=None, now=make.NOW)


def test_a_viewer_may_not_write(halloran, northwind):
    with pytest.raises(NotAllowed):
        send(halloran, by=make.member(northwind, Role.VIEWER))
