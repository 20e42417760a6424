"""Why an invoice is chased or not, in words."""

from decimal import Decimal

import pytest

from dunright.domain.chasing import explain
from dunright.domain.facts import Until
from dunright.domain.reasons import LEVELS
from dunright.domain.schedules import Step
from tests.domain.chasing_examples import customer, day, invoice, organisation, schedule

TODAY = day(1)


def seen(explanation):
    return {guard.code: (guard.input, guard.stops) for guard in explanation.guards}


def test_a_reminder_that_goes():
    explanation = explain(organisation(), customer(), "I1", today=TODAY)
    assert (explanation.verdict, explanation.reason, explanation.until, explanation.step) == (
        "send",
        None,
        None,
        "s2",
    )
    assert explanation.sentence == "A reminder is sent: step s2 (1 day after the due date) is due."
    assert explanation.would_send_if is None
    assert [guard.code for guard in explanation.guards] == list(LEVELS)
    assert [guard.level for guard in explanation.guards] == list(LEVELS.values())
    assert [guard.code for guard in explanation.guards if guard.stops] == []


def test_an_invoice_with_a_promise_names_the_day_and_what_would_make_it_send():
    explanation = explain(organisation(), customer(invoice(promised=day(7))), "I1", today=TODAY)
    assert explanation.sentence == (
        "Waits until 10 March 2026: a payment is promised (promised for 2026-03-09)."
    )
    assert explanation.would_send_if == (
        "It would be sent if the promised day passes without the payment, on 10 March 2026 at the earliest."
    )


def test_everything_that_stops_is_named_and_the_first_is_the_reason():
    facts = customer(invoice(disputed=True, paused=Until()), last_message_on=day(0), hold=Until())
    explanation = explain(organisation(paused=Until(day(30))), facts, "I1", today=TODAY)
    assert (explanation.reason, explanation.until) == ("paused", day(30))
    assert [guard.code for guard in explanation.guards if guard.stops] == [
        "paused",
        "customer_on_hold",
        "disputed",
        "paused_until",
        "minimum_gap",
    ]
    assert explanation.would_send_if == (
        "It would be sent if chasing is resumed, on 1 April 2026 at the earliest, and the hold on the customer "
        "ends, and the dispute ends, and the pause on the invoice ends, and the minimum gap since the last "
        "message has passed."
    )


@pytest.mark.parametrize(
    ("code", "facts", "settings", "expected"),
    [
        ("not_open", invoice(balance=Decimal("0.00")), {}, ("open, balance 0.00 EUR", True)),
        ("no_due_date", invoice(due=None), {}, ("none", True)),
        ("no_schedule", invoice(schedule=None), {}, ("archived, missing or none", True)),
        ("nothing_due", invoice(due=day(9)), {}, ("next step on 2026-03-08", True)),
        ("nothing_due", invoice(due=None), {}, ("not asked: it takes a schedule and a due date", False)),
        ("sequence_finished", invoice(schedule=schedule()), {}, ("no step can become due any more", True)),
        (
            "below_tolerance",
            invoice(rate=Decimal("0.5")),
            {"tolerance": Decimal(600)},
            ("500.000 in base currency, tolerance 600", True),
        ),
        (
            "below_minimum",
            invoice(),
            {"minimum": Decimal(2000)},
            ("1000.00 in base currency, minimum 2000", True),
        ),
        ("no_recipient", invoice(), {}, ("ap@k.example", False)),
        ("address_spent", invoice(), {}, ("free today: ap@k.example", False)),
        ("waits_for_overdue", invoice(due=day(4)), {}, ("no overdue message goes", False)),
        (
            "below_minimum",
            invoice(due=day(9)),
            {},
            ("not asked: no message with this invoice was tried", False),
        ),
    ],
)
def test_each_guard_says_what_it_saw(code, facts, settings, expected):
    explanation = explain(organisation(**settings), customer(facts), "I1", today=TODAY)
    assert seen(explanation)[code] == expected


def test_credits_and_missing_values_are_shown():
    facts = customer(invoice("I1"), credits={"EUR": Decimal("10.00")})
    explanation = explain(organisation(), facts, "I1", today=TODAY, missing=lambda _: ["bank_details"])
    assert explanation.reason == "missing_value"
    assert seen(explanation)["credit_covers"] == ("credits 10.00 EUR, open 1000.00 EUR", False)
    assert seen(explanation)["missing_value"] == ("without a value: bank_details", True)


def test_nobody_to_write_to():
    explanation = explain(organisation(), customer(persons=()), "I1", today=TODAY)
    assert explanation.sentence == (
        "Waits: nobody at this customer has a usable e-mail address at the level this step needs "
        "(no usable address at the normal level)."
    )
    assert seen(explanation)["address_spent"] == ("free today: none", False)


def test_a_task():
    called = invoice(schedule=schedule(Step("call", 0, channel="task")))
    explanation = explain(organisation(), customer(called, last_message_on=day(0)), "I1", today=day(0))
    assert explanation.sentence == "A task is made: step call (on the due date) is due."
    assert seen(explanation)["minimum_gap"] == ("does not stop a task", False)


def test_an_unknown_invoice_is_an_error():
    with pytest.raises(KeyError):
        explain(organisation(), customer(), "other", today=TODAY)
