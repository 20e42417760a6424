"""Which invoices are thanked for, on which day."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.calendar import ChaseCalendar
from dunright.domain.facts import Until
from dunright.domain.other_mail import FIRST_BATCH, held_by, is_given_up, next_try
from dunright.domain.thanks import PaidInvoice, Thanks, decide_thanks, thank_you_day
from dunright.domain.wording.defaults import THANK_YOU
from tests.domain.chasing_examples import AP, FD, customer, organisation

IRELAND = ChaseCalendar("Europe/Dublin", ("tue",), time(11, 0), "IE")
FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)
PAID = PaidInvoice(
    id="I1",
    number="INV-1",
    currency="EUR",
    total=Decimal("1000.00"),
    status="paid",
    first_open=date(2026, 10, 1),
    paid_seen=FRIDAY,
    by_payment=True,
    due=date(2026, 11, 13),
)


def decided(*paid, subject=None, today=MONDAY, has_schedule=True, is_planned=False):
    return decide_thanks(
        subject or customer(),
        paid or (PAID,),
        has_schedule=has_schedule,
        calendar=IRELAND,
        today=today,
        is_planned=is_planned,
    )


@pytest.mark.parametrize(
    ("seen", "day"),
    [
        (date(2026, 11, 19), FRIDAY),
        (FRIDAY, MONDAY),
        (date(2026, 11, 21), MONDAY),
        (date(2026, 12, 24), date(2026, 12, 28)),
    ],
)
def test_thank_you_day(seen, day):
    assert thank_you_day(IRELAND, seen) == day


def test_invoices_of_a_customer_are_thanked_for_in_one_message():
    second = replace(PAID, id="I2", number="INV-2", due=date(2026, 11, 1), paid_seen=date(2026, 11, 18))
    found = decided(PAID, second)
    assert (found.thankful, found.reason, found.unthanked) == ((second, PAID), "", {})
    message = found.message
    assert (message.step.template, message.form, message.to, message.sender) == (
        THANK_YOU,
        "multi",
        (AP,),
        "normal",
    )
    assert [(line.invoice.number, line.invoice.balance, line.step) for line in message.lines] == [
        ("INV-2", Decimal("1000.00"), None),
        ("INV-1", Decimal("1000.00"), None),
    ]
    assert message.totals == {"EUR": Decimal("2000.00")}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"thanked": True}, "thanked"),
        ({"status": "open"}, "not_paid"),
        ({"status": "void"}, "not_paid"),
        ({"status": "written_off"}, "not_paid"),
        ({"first_open": None}, "never_open"),
        ({"paid_seen": None}, "never_open"),
        ({"by_payment": False}, "not_by_payment"),
        ({"paid_seen": MONDAY}, "not_yet"),
        ({"paid_seen": date(2026, 11, 15)}, "too_late"),
    ],
)
def test_what_is_not_thanked_for(changes, why):
    assert decided(replace(PAID, **changes)) == Thanks(None, (), "", {"I1": why})


def test_payment_that_the_books_have_not_told_about_is_left_to_the_last_check():
    assert decided(replace(PAID, by_payment=None)).thankful == (replace(PAID, by_payment=None),)


def test_days_are_not_asked_again_once_it_is_planned():
    old = replace(PAID, paid_seen=date(2026, 11, 12))
    assert decided(old, is_planned=True).thankful == (old,)
    assert decided(replace(old, status="open"), is_planned=True).unthanked == {"I1": "not_paid"}


@pytest.mark.parametrize(
    ("subject", "has_schedule", "reason"),
    [
        (customer(chasing=False), True, "customer_not_chasing"),
        (customer(excluded=True), True, "customer_not_chasing"),
        (customer(), False, "no_schedule"),
        (customer(persons=(FD,)), True, "no_recipient"),
        (customer(hold=Until()), True, ""),
    ],
)
def test_who_is_not_thanked(subject, has_schedule, reason):
    found = decided(subject=subject, has_schedule=has_schedule)
    assert (found.reason, found.message is None) == (reason, bool(reason))


DATES = st.dates(min_value=date(2026, 11, 1), max_value=date(2026, 12, 31))
INVOICES = st.lists(
    st.builds(
        PaidInvoice,
        id=st.integers(1, 8).map(str),
        number=st.text(max_size=3),
        currency=st.just("EUR"),
        total=st.just(Decimal(10)),
        status=st.sampled_from(["open", "paid", "void", "draft", "written_off"]),
        first_open=st.none() | DATES,
        paid_seen=st.none() | DATES,
        by_payment=st.none() | st.booleans(),
        due=st.none() | DATES,
    ),
    min_size=1,
    unique_by=lambda one: one.id,
)


@given(INVOICES, st.lists(DATES, max_size=30))
def test_no_invoice_is_thanked_for_twice_and_each_on_a_day_after_it_was_seen(invoices, days):
    """Asked on any days in order, with what was thanked for remembered."""
    thanked = {}
    for today in sorted(days):
        known = [replace(one, thanked=one.id in thanked) for one in invoices]
        found = decided(*known, today=today)
        for one in found.thankful:
            assert one.id not in thanked
            thanked[one.id] = today
            assert (one.status, one.first_open is not None, one.by_payment) in {
                ("paid", True, True),
                ("paid", True, None),
            }
            assert IRELAND.working_day_from(one.paid_seen + timedelta(days=1)) <= today
        assert {one.id for one in found.thankful} | found.unthanked.keys() == {one.id for one in invoices}


def test_what_holds_all_other_mail():
    calm, paused = organisation(), organisation(paused=Until(date(2026, 11, 24)), disconnected=True)
    assert held_by(calm, waits_for_batch=False, today=MONDAY) == ""
    assert held_by(calm, waits_for_batch=True, today=MONDAY) == FIRST_BATCH
    assert held_by(paused, waits_for_batch=True, today=MONDAY) == "paused"
    assert held_by(paused, waits_for_batch=True, today=date(2026, 11, 24)) == "disconnected"
    assert held_by(organisation(stale_data=True), waits_for_batch=False, today=MONDAY) == "stale_data"


def local(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), ZoneInfo("Europe/Dublin"))


def test_it_waits_for_seven_days():
    week_later = FRIDAY + timedelta(days=7)
    assert is_given_up(IRELAND, FRIDAY, now=local(week_later, 10, 59)) is False
    assert is_given_up(IRELAND, FRIDAY, now=local(week_later, 11)) is True


def test_what_is_held_is_tried_again_soon_but_not_at_night():
    pause = timedelta(minutes=15)
    assert next_try(IRELAND, now=local(FRIDAY, 11), pause=pause) == local(FRIDAY, 11, 15)
    assert next_try(IRELAND, now=local(FRIDAY, 17, 50), pause=pause) == local(MONDAY, 11)
    tuesday = MONDAY + timedelta(days=1)
    assert next_try(IRELAND, now=local(MONDAY, 23, 55), pause=pause) == local(tuesday, 11)
