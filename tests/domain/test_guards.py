"""What stops an invoice: the guards of chasing-rules.md section 3, one by one and in their order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dunright.domain.chasing import decide
from dunright.domain.facts import Until
from dunright.domain.reasons import LEVELS
from tests.domain.chasing_examples import customer, day, invoice, organisation, sent

TODAY = day(1)
TOMORROW = TODAY + timedelta(days=1)


def first(decision):
    return decision.decisions[0].reason, decision.decisions[0].until


def test_without_a_reason_it_sends():
    assert first(decide(organisation(), customer(), today=TODAY)) == (None, None)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"paused": Until()}, ("paused", None)),
        ({"paused": Until(TOMORROW)}, ("paused", TOMORROW)),
        ({"paused": Until(TODAY)}, (None, None)),
        ({"disconnected": True}, ("disconnected", None)),
        ({"stale_data": True}, ("stale_data", None)),
        ({"stale_data": True, "disconnected": True, "paused": Until()}, ("paused", None)),
        ({"stale_data": True, "disconnected": True}, ("disconnected", None)),
    ],
)
def test_guards_of_the_organisation(states, expected):
    assert first(decide(organisation(**states), customer(), today=TODAY)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"chasing": False}, ("customer_not_chasing", None)),
        ({"excluded": True}, ("customer_not_chasing", None)),
        ({"hold": Until()}, ("customer_on_hold", None)),
        ({"hold": Until(TOMORROW)}, ("customer_on_hold", TOMORROW)),
        ({"hold": Until(TODAY)}, (None, None)),
        ({"hold": Until(), "chasing": False}, ("customer_not_chasing", None)),
    ],
)
def test_guards_of_the_customer(changes, expected):
    assert first(decide(organisation(), customer(**changes), today=TODAY)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"schedule": None}, ("no_schedule", None)),
        ({"status": "draft"}, ("not_open", None)),
        ({"status": "void"}, ("not_open", None)),
        ({"status": "written_off"}, ("not_open", None)),
        ({"status": "paid"}, ("not_open", None)),
        ({"balance": Decimal(0)}, ("not_open", None)),
        ({"balance": Decimal("-0.01")}, ("not_open", None)),
        ({"due": None}, ("no_due_date", None)),
        ({"chasing": False}, ("invoice_not_chasing", None)),
        ({"disputed": True}, ("disputed", None)),
        ({"promised": TODAY}, ("promised", TOMORROW)),
        ({"promised": TODAY - timedelta(days=1)}, (None, None)),
        ({"promised": date.max}, ("promised", None)),
        ({"paused": Until(TOMORROW)}, ("paused_until", TOMORROW)),
        ({"paused": Until(TODAY)}, (None, None)),
        ({"paused": Until()}, ("paused_until", None)),
        ({"payment_pending": True}, ("payment_pending", None)),
        ({"uncertain": True}, ("uncertain", None)),
    ],
)
def test_guards_of_the_invoice(changes, expected):
    assert first(decide(organisation(), customer(invoice(**changes)), today=TODAY)) == expected


@pytest.mark.parametrize(
    ("balance", "rate", "tolerance", "expected"),
    [
        ("10.00", "1", "10.00", None),
        ("9.99", "1", "10.00", "below_tolerance"),
        ("10.00", "0.9999999", "10.00", "below_tolerance"),
        ("5.00", "2", "10.00", None),
        ("123456789012345.0001", "1.00000000000000000001", "123456789012345.000101234", None),
    ],
)
def test_the_tolerance_is_compared_in_base_currency_without_rounding(balance, rate, tolerance, expected):
    facts = customer(invoice(balance=Decimal(balance), rate=Decimal(rate)))
    assert first(decide(organisation(tolerance=Decimal(tolerance)), facts, today=TODAY))[0] == expected


def test_the_first_guard_in_order_names_the_reason():
    wrong = {
        "schedule": None,
        "status": "void",
        "due": None,
        "chasing": False,
        "disputed": True,
        "promised": TOMORROW,
        "paused": Until(),
        "payment_pending": True,
    }
    order = []
    for count in range(len(wrong) + 1):
        # With each of the first guards let through, the next in order speaks.
        still_wrong = dict(list(wrong.items())[count:])
        facts = invoice(balance=Decimal("0.01"), uncertain=True, **still_wrong)
        order.append(first(decide(organisation(tolerance=Decimal(1)), customer(facts), today=TODAY))[0])
    assert order == [
        "no_schedule",
        "not_open",
        "no_due_date",
        "invoice_not_chasing",
        "disputed",
        "promised",
        "paused_until",
        "payment_pending",
        "below_tolerance",
    ]


def test_levels_stand_in_the_order_of_the_table():
    assert list(dict.fromkeys(LEVELS.values())) == ["organisation", "customer", "invoice", "step", "message"]


def test_dispute_promise_and_pause_act_on_one_invoice():
    held = [invoice("A", disputed=True), invoice("B", promised=TODAY), invoice("C", paused=Until())]
    decision = decide(organisation(), customer(*held, invoice("D")), today=TODAY)
    assert [d.reason for d in decision.decisions] == ["disputed", "promised", "paused_until", None]
    assert decision.message is not None
    assert [line.invoice.id for line in decision.message.lines] == ["D"]


def test_a_used_up_schedule_is_finished():
    facts = invoice(consumed=(sent("s4", 30, day(30), times=3),), last_listed_on=day(58))
    assert first(decide(organisation(), customer(facts), today=day(99))) == ("sequence_finished", None)
