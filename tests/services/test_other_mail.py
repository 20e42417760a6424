"""Runs of thank-yous and statements as work: made once, gone on with, one customer's trouble kept to itself."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from dunright.models import OtherMailRun, OutboxMessage, Sender, Template, ThankYou
from dunright.services import organisations, other_mail, other_mail_runs, statements, thanks, work
from tests.support import factories as make
from tests.support.factories import TODAY

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Europe/Dublin"))
MONDAY = date(2026, 11, 23)


@pytest.fixture
def northwind():
    return make.organisation(statement_day=24)


def customers(organisation, count=3):
    """Each with an invoice that a payment settled yesterday, and an open one."""
    made = []
    for number in range(1, count + 1):
        one = make.customer(organisation, f"Customer {number}")
        make.person(one, f"una{number}@customer.example")
        paid = make.invoice(
            one, f"P-{number}", balance="0", total=Decimal(10), status="paid", paid_seen_date=MONDAY
        )
        make.payment(one, "10.00", MONDAY, on={paid: "10.00"})
        make.invoice(one, f"I-{number}", balance="20.00")
        made.append(one)
    return made


def planned(organisation):
    rows = OutboxMessage.objects.filter(organisation=organisation).order_by("kind", "customer")
    return [(one.kind, one.customer.name) for one in rows.select_related("customer")]


def both_of(*names):
    return [(kind, name) for kind in ("statement", "thank_you") for name in names]


def perform_all(organisation, **how):
    for run in OtherMailRun.objects.filter(organisation=organisation).order_by("pk"):
        other_mail_runs.perform(run.pk, now=MORNING, **how)


def test_runs_are_made_once_whoever_asks(northwind):
    customers(northwind, 1)
    for _ in range(3):
        other_mail_runs.look_after(northwind, now=MORNING)
    runs = OtherMailRun.objects.filter(organisation=northwind).order_by("kind")
    assert list(runs.values_list("kind", "period", "local_date", "state")) == [
        ("statement", "2026-11", TODAY, "queued"),
        ("thank_you", "2026-11-24", TODAY, "queued"),
    ]
    # Two that ask in one moment: the unique key lets one of them make it.
    assert other_mail.open_run(northwind, "statement", "2026-11", on=TODAY, now=MORNING) is None


def test_each_customer_gets_one_of_each_however_often_it_is_performed(northwind):
    customers(northwind)
    other_mail_runs.look_after(northwind, now=MORNING)
    perform_all(northwind)
    everyone = both_of("Customer 1", "Customer 2", "Customer 3")
    assert planned(northwind) == everyone
    assert OtherMailRun.objects.filter(organisation=northwind, state="done", message_count=3).count() == 2

    # As if the rows had been lost after the messages were written.
    OtherMailRun.objects.filter(organisation=northwind).update(state="queued", cursor=0)
    perform_all(northwind)
    assert planned(northwind) == everyone


def test_run_that_was_stopped_goes_on_where_it_was(northwind, monkeypatch):
    customers(northwind)
    monkeypatch.setattr(other_mail, "SLICE", 1)
    other_mail_runs.look_after(northwind, now=MORNING)
    perform_all(northwind, stop=lambda: True)
    assert planned(northwind) == both_of("Customer 1")
    assert OtherMailRun.objects.filter(organisation=northwind, state="queued").count() == 2
    perform_all(northwind)
    assert planned(northwind) == both_of("Customer 1", "Customer 2", "Customer 3")


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (MORNING, MORNING.replace(hour=11)),
        (MORNING.replace(hour=20), MORNING.replace(hour=20)),
        # A worker that comes to it after midnight does not write at night.
        (MORNING.replace(day=25, hour=0), MORNING.replace(day=25, hour=11)),
        (MORNING.replace(day=25, hour=12), MORNING.replace(day=26, hour=11)),
        (MORNING.replace(day=28, hour=0), MORNING.replace(day=30, hour=11)),
    ],
)
def test_when_its_messages_leave(now, leaves):
    company = make.organisation(statement_day=24, spread_minutes=0)
    customers(company, 1)
    run = other_mail.open_run(company, "statement", "2026-11", on=TODAY, now=MORNING)
    other_mail_runs.perform(run.pk, now=now)
    assert OutboxMessage.objects.get(organisation=company).due_at == leaves


def test_company_without_such_texts_uses_those_it_began_with(northwind):
    customers(northwind, 1)
    for one in Template.objects.filter(organisation=northwind).exclude(kind="reminder"):
        Template.objects.filter(pk=one.pk).update(name=f"Our {one.name}")
    other_mail_runs.look_after(northwind, now=MORNING)
    perform_all(northwind)
    subjects = OutboxMessage.objects.filter(organisation=northwind).order_by("kind")
    assert list(subjects.values_list("subject", flat=True)) == [
        "Statement of your account with Northwind Parts Ltd, 24 November 2026",
        "Thank you: invoice P-1 from Northwind Parts Ltd is paid",
    ]


def test_one_customer_in_trouble_does_not_stop_the_others(northwind):
    _, second, _ = customers(northwind)
    second.invoices.filter(number__startswith="P").update(number="")
    other_mail_runs.look_after(northwind, now=MORNING)
    perform_all(northwind)
    assert [name for kind, name in planned(northwind) if kind == "thank_you"] == ["Customer 1", "Customer 3"]
    run = OtherMailRun.objects.get(organisation=northwind, kind="thank_you")
    assert (run.state, run.message_count) == ("done", 2)
    assert run.problems == [
        "A thank-you could not be prepared (MissingValue: The letter lacks: Invoice number.)"
    ]


def test_worker_that_lost_the_run_leaves_nothing_behind(northwind, monkeypatch):
    customers(northwind, 1)
    other_mail_runs.look_after(northwind, now=MORNING)

    def lost(*_, **__):
        raise work.LostLease("taken over")

    monkeypatch.setattr(work, "keep", lost)
    for run in OtherMailRun.objects.filter(organisation=northwind):
        assert other_mail_runs.perform(run.pk, now=MORNING) is None
    assert planned(northwind) == []
    assert ThankYou.objects.filter(organisation=northwind).count() == 0


def test_nobody_to_write_from_is_said(northwind):
    customers(northwind, 1)
    Sender.objects.filter(organisation=northwind).update(is_active=False)
    other_mail_runs.look_after(northwind, now=MORNING)
    perform_all(northwind)
    assert planned(northwind) == []
    told = (
        OtherMailRun.objects.filter(organisation=northwind)
        .order_by("kind")
        .values_list("problems", flat=True)
    )
    assert [one for problems in told for one in problems] == [
        "A statement could not be prepared (NoSender: nobody is set up to write from)",
        "A thank-you could not be prepared (NoSender: nobody is set up to write from)",
    ]


def test_second_statement_of_a_month_cannot_be_written(northwind):
    (customer,) = customers(northwind, 1)
    make.message(customer, [], kind="statement", slot="statement-2026-11", run_date=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.message(
            customer, [], kind="statement", slot="statement-2026-11", run_date=TODAY + timedelta(days=1)
        )


def test_second_thank_you_for_an_invoice_cannot_be_written(northwind):
    (customer,) = customers(northwind, 1)
    invoice = customer.invoices.first()
    ThankYou.objects.create(organisation=northwind, invoice=invoice, decided_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThankYou.objects.create(organisation=northwind, invoice=invoice, decided_on=TODAY)


def test_statements_are_not_due_for_days_before_they_were_wanted(northwind):
    company = make.organisation("Late Ltd")
    customers(company, 1)
    noon = MORNING.replace(hour=12)
    organisations.change_settings(company, {"statement_day": "24"}, by=None, now=noon)
    assert statements.schedule_run(company, now=noon + timedelta(minutes=5)) is None
    # A change of something else does not make it as if they were wanted only now.
    organisations.change_settings(northwind, {"minimum_gap_days": "4"}, by=None, now=noon)
    assert statements.schedule_run(northwind, now=noon + timedelta(minutes=5)).period == "2026-11"


def test_nothing_is_scheduled_where_there_is_nothing_to_thank_for(northwind):
    one = make.customer(northwind)
    make.invoice(one, status="paid", balance="0", paid_seen_date=TODAY)
    make.invoice(one, status="paid", balance="0", paid_seen_date=date(2026, 10, 1))
    make.invoice(one, status="paid", balance="0")
    assert thanks.schedule_run(northwind, now=MORNING) is None
    sunday = datetime(2026, 11, 29, 8, 0, tzinfo=ZoneInfo("Europe/Dublin"))
    assert thanks.schedule_run(northwind, now=sunday) is None
