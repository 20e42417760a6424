"""From due steps to one message, and what stops it: chasing-rules.md sections 3 and 4."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dunright.domain.chasing import Planned, after_sending, decide
from dunright.domain.facts import PersonFacts, Until
from dunright.domain.schedules import Step
from tests.domain.chasing_examples import (
    AP,
    FD,
    STANDARD,
    customer,
    day,
    invoice,
    organisation,
    schedule,
    sent,
)

S1, S2, S3, S4 = STANDARD.steps
TODAY = day(1)
OVERDUE, COMING = invoice("O"), invoice("C", due=day(4))
"""Today s2 of one and s1 of the other are due."""


def reasons(decision):
    return [(one.reason, one.until) for one in decision.decisions]


def listed(decision):
    assert decision.message is not None
    return [(line.invoice.id, line.step and line.step.id) for line in decision.message.lines]


def test_r8_the_overdue_message_goes_first_and_the_other_waits_for_it():
    decision = decide(organisation(), customer(COMING, OVERDUE), today=TODAY)
    assert listed(decision) == [("O", "s2")]
    assert reasons(decision) == [("waits_for_overdue", day(2)), (None, None)]


def test_r8_the_before_due_message_is_tried_when_the_overdue_one_does_not_go():
    small = replace(OVERDUE, balance=Decimal(1))
    decision = decide(organisation(minimum=Decimal(2)), customer(COMING, small), today=TODAY)
    assert listed(decision) == [("C", "s1")]
    assert decision.message.kind == "before_due"
    assert reasons(decision) == [(None, None), ("below_minimum", None)]


def test_r8_a_spent_escalated_address_leaves_the_before_due_message_to_the_normal_one():
    hard = invoice("O", schedule=schedule(S4), due=day(-29))
    decision = decide(organisation(), customer(COMING, hard), today=TODAY, spent={"fd@k.example"})
    assert listed(decision) == [("C", "s1")]
    assert reasons(decision) == [(None, None), ("address_spent", day(2))]


def test_below_minimum_speaks_before_waits_for_overdue():
    small = replace(COMING, balance=Decimal(1))
    decision = decide(organisation(minimum=Decimal(2)), customer(small, OVERDUE), today=TODAY)
    assert reasons(decision) == [("below_minimum", None), (None, None)]


@pytest.mark.parametrize(
    ("gap", "last", "expected"),
    [
        (3, day(-1), ("minimum_gap", day(2))),
        (3, day(-2), (None, None)),
        (0, day(1), (None, None)),
        (3, day(5), ("minimum_gap", day(8))),
        (3, None, (None, None)),
    ],
)
def test_the_minimum_gap_counts_from_the_last_chasing_message_to_the_customer(gap, last, expected):
    decision = decide(organisation(minimum_gap_days=gap), customer(last_message_on=last), today=TODAY)
    assert reasons(decision) == [expected]


def test_r9_the_leading_step_gives_sender_and_recipients_and_every_step_is_consumed():
    hard = invoice("H", due=day(-29), consumed=(sent("s3", 14, day(-15)),), last_listed_on=day(-15))
    decision = decide(organisation(), customer(OVERDUE, hard), today=TODAY)
    message = decision.message
    assert (message.step, message.schedule, message.leading_invoice) == (S4, "Standard", "H")
    assert (message.sender, message.to, message.form) == ("escalated", (FD,), "multi")
    assert listed(decision) == [("H", "s4"), ("O", "s2")]


@pytest.mark.parametrize(
    ("others", "leading"),
    [
        ([invoice("A", due=day(0)), invoice("B", due=day(-1))], "B"),
        ([invoice("A", number="9"), invoice("B", number="10")], "B"),
        ([invoice("B", number="1"), invoice("A", number="1")], "A"),
    ],
)
def test_r9_ties_go_to_the_oldest_due_date_then_the_number_as_text_then_the_id(others, leading):
    assert decide(organisation(), customer(*others), today=TODAY).message.leading_invoice == leading


def test_r9_the_leading_step_may_stand_in_another_schedule():
    own = schedule(Step("x", 2, sender="escalated"), name="Own")
    facts = customer(OVERDUE, invoice("X", due=day(-1), schedule=own))
    message = decide(organisation(), facts, today=TODAY).message
    assert (message.schedule, message.step.id, message.sender, message.to) == ("Own", "x", "escalated", (AP,))


NOTHING_DUE = invoice("N", due=day(-2), consumed=(sent("s2", 1, day(-1)),), last_listed_on=day(-1))
HELD = invoice("D", disputed=True)


def test_r10_all_overdue_lists_what_is_overdue_and_unguarded_but_consumes_only_due_steps():
    decision = decide(organisation(), customer(OVERDUE, HELD, NOTHING_DUE, COMING), today=TODAY)
    assert listed(decision) == [("N", None), ("O", "s2")]
    assert decision.message.form == "multi"
    assert reasons(decision)[2] == ("nothing_due", day(12))


def test_r10_all_overdue_leaves_out_an_invoice_due_today():
    decision = decide(organisation(), customer(OVERDUE, invoice("T", due=TODAY, seen=TODAY)), today=TODAY)
    assert listed(decision) == [("O", "s2")]


def test_r10_due_steps_lists_only_what_is_due():
    policy = organisation(grouping="due_steps")
    decision = decide(policy, customer(OVERDUE, HELD, NOTHING_DUE), today=TODAY)
    assert listed(decision) == [("O", "s2")]
    assert decision.message.form == "single"


def test_r10_a_before_due_message_lists_only_what_is_due():
    coming_later = invoice("L", due=day(9))
    decision = decide(organisation(), customer(COMING, coming_later, NOTHING_DUE), today=TODAY)
    assert listed(decision) == [("C", "s1")]


def test_r11_totals_are_kept_by_currency_and_credits_in_listed_currencies_are_shown():
    pounds = invoice("P", currency="GBP", balance=Decimal("70.10"), rate=Decimal("1.2"))
    owing = customer(
        OVERDUE, pounds, NOTHING_DUE, credits={"GBP": Decimal(5), "USD": Decimal(9), "EUR": Decimal(0)}
    )
    message = decide(organisation(), owing, today=TODAY).message
    assert message.totals == {"EUR": Decimal("2000.00"), "GBP": Decimal("70.10")}
    assert message.credits == {"GBP": Decimal(5)}


@pytest.mark.parametrize(("credit", "expected"), [("1999.99", None), ("2000.00", "credit_covers")])
def test_credit_covers_counts_all_open_invoices_of_the_currency_held_or_not(credit, expected):
    facts = customer(OVERDUE, replace(HELD, due=None), credits={"EUR": Decimal(credit)})
    assert reasons(decide(organisation(), facts, today=TODAY))[0] == (expected, None)


def test_credit_covers_takes_its_currency_out_of_the_message_and_others_go_on():
    pounds = invoice("P", currency="GBP", consumed=(sent("s2", 1, TODAY),), due=day(-3))
    facts = customer(OVERDUE, pounds, credits={"GBP": Decimal(1000)})
    decision = decide(organisation(), facts, today=TODAY)
    assert listed(decision) == [("O", "s2")]
    assert decision.message.totals == {"EUR": Decimal("1000.00")}


def test_credit_covers_ignores_closed_invoices():
    closed = [invoice("V", status="void"), invoice("N", balance=Decimal(-50))]
    facts = customer(OVERDUE, *closed, credits={"EUR": Decimal(1000)})
    assert reasons(decide(organisation(), facts, today=TODAY))[0] == ("credit_covers", None)


@pytest.mark.parametrize(("minimum", "expected"), [("1120.00", None), ("1120.01", "below_minimum")])
def test_below_minimum_adds_what_is_listed_in_base_currency(minimum, expected):
    pounds = invoice("P", currency="GBP", balance=Decimal(100), rate=Decimal("1.2"), due=day(-3))
    pounds = replace(pounds, consumed=(sent("s2", 1, day(-2)),))
    decision = decide(organisation(minimum=Decimal(minimum)), customer(OVERDUE, pounds), today=TODAY)
    assert reasons(decision)[0] == (expected, None)


def test_no_recipient_waits_and_consumes_nothing():
    facts = customer(persons=(FD, PersonFacts("x", "none", "normal")))
    decision = decide(organisation(), facts, today=TODAY)
    assert (decision.message, reasons(decision)) == (None, [("no_recipient", None)])


def test_no_escalated_recipient_is_flagged():
    hard = invoice(schedule=schedule(S4))
    message = decide(organisation(), customer(hard, persons=(AP,)), today=day(30)).message
    assert (message.to, message.flags) == ((AP,), ("no_escalated_recipient",))


def test_without_an_escalated_sender_the_normal_one_writes():
    hard = customer(invoice(schedule=schedule(S4)))
    message = decide(organisation(has_escalated_sender=False), hard, today=day(30)).message
    assert (message.sender, message.to) == ("normal", (FD,))


def test_missing_value_is_asked_about_the_draft_and_holds_the_message():
    asked = []

    def missing(draft):
        asked.append((draft.step.id, draft.form, draft.to))
        return ["bank_details"]

    decision = decide(organisation(), customer(), today=TODAY, missing=missing)
    assert (decision.message, reasons(decision)) == (None, [("missing_value", None)])
    assert asked == [("s2", "single", (AP,))]


def test_missing_value_speaks_before_address_spent():
    spent = {"ap@k.example"}
    decision = decide(organisation(), customer(), today=TODAY, spent=spent, missing=lambda _: ["x"])
    assert reasons(decision) == [("missing_value", None)]
    decision = decide(organisation(), customer(), today=TODAY, spent=spent, missing=lambda _: [])
    assert reasons(decision) == [("address_spent", day(2))]


def test_a_message_without_its_spent_address_goes_to_the_others():
    second = PersonFacts("b", "b@k.example", "both")
    decision = decide(organisation(), customer(persons=(AP, second)), today=TODAY, spent={"ap@k.example"})
    assert decision.message.to == (second,)
    assert decision.message.address_keys == {"b@k.example"}


TASK = Step("call", 20, channel="task")


def test_a_task_is_made_beside_a_message_and_lists_nothing_as_its_own():
    called = invoice("T", due=day(-19), schedule=schedule(TASK))
    decision = decide(organisation(), customer(OVERDUE, called), today=TODAY)
    assert [(task.invoice.id, task.step.id) for task in decision.tasks] == [("T", "call")]
    assert listed(decision) == [("T", None), ("O", "s2")]
    assert reasons(decision) == [(None, None), (None, None)]


def test_a_task_asks_neither_addresses_nor_the_gap():
    facts = customer(invoice(schedule=schedule(TASK)), persons=(), last_message_on=day(20))
    decision = decide(organisation(), facts, today=day(20))
    assert (len(decision.tasks), decision.message) == (1, None)


@pytest.mark.parametrize(
    ("changes", "settings", "expected"),
    [
        ({"credits": {"EUR": Decimal(1000)}}, {}, "credit_covers"),
        ({}, {"minimum": Decimal(1001)}, "below_minimum"),
        ({"hold": Until()}, {}, "customer_on_hold"),
    ],
)
def test_a_task_keeps_the_other_guards(changes, settings, expected):
    facts = customer(invoice(schedule=schedule(TASK)), **changes)
    decision = decide(organisation(**settings), facts, today=day(20))
    assert (decision.tasks, reasons(decision)) == ((), [(expected, None)])


def test_a_task_before_the_due_date_waits_for_an_overdue_message():
    early = invoice("E", due=day(4), schedule=schedule(Step("call", -3, channel="task")))
    decision = decide(organisation(), customer(early, OVERDUE), today=TODAY)
    assert (decision.tasks, reasons(decision)[0]) == ((), ("waits_for_overdue", day(2)))


def test_a_task_is_consumed_but_is_no_message_that_listed_the_invoice():
    facts = customer(invoice(schedule=schedule(TASK, Step("low", 5))))
    after = after_sending(facts, decide(organisation(), facts, today=day(20)), on=day(20))
    assert [(one.step, one.times_sent) for one in after.invoices[0].consumed] == [("low", 0), ("call", 1)]
    assert (after.invoices[0].last_listed_on, after.last_message_on) == (None, None)


class TestTheLastCheck:
    PLANNED = Planned("overdue", frozenset({"O"}))

    def test_a_planned_message_does_not_stop_itself(self):
        decision = decide(organisation(), customer(OVERDUE), today=TODAY, planned=self.PLANNED)
        assert listed(decision) == [("O", "s2")]

    def test_no_invoice_is_added(self):
        facts = customer(OVERDUE, NOTHING_DUE, invoice("Z", due=day(-20)))
        decision = decide(organisation(), facts, today=TODAY, planned=self.PLANNED)
        assert listed(decision) == [("O", "s2")]
        assert [one.invoice_id for one in decision.decisions] == ["O"]

    def test_an_invoice_paid_meanwhile_is_dropped_and_balances_are_read_again(self):
        both = Planned("overdue", frozenset({"O", "P"}))
        facts = customer(replace(OVERDUE, balance=Decimal(400)), invoice("P", balance=Decimal(0)))
        decision = decide(organisation(), facts, today=TODAY, planned=both)
        assert (listed(decision), decision.message.totals) == ([("O", "s2")], {"EUR": Decimal(400)})
        assert reasons(decision) == [(None, None), ("not_open", None)]

    def test_a_message_whose_only_invoice_is_held_is_cancelled_with_the_reason(self):
        facts = customer(replace(OVERDUE, promised=TODAY))
        decision = decide(organisation(), facts, today=TODAY, planned=self.PLANNED)
        assert (decision.message, reasons(decision)) == (None, [("promised", day(2))])

    def test_a_hold_on_the_customer_stops_it(self):
        decision = decide(organisation(), customer(OVERDUE, hold=Until()), today=TODAY, planned=self.PLANNED)
        assert (decision.message, reasons(decision)) == (None, [("customer_on_hold", None)])

    def test_credits_count_all_open_invoices_also_those_not_planned(self):
        facts = customer(OVERDUE, invoice("Z"), credits={"EUR": Decimal(1500)})
        assert decide(organisation(), facts, today=TODAY, planned=self.PLANNED).message is not None

    def test_a_before_due_message_does_not_wait_for_an_overdue_step_that_was_not_planned(self):
        planned = Planned("before_due", frozenset({"C"}))
        decision = decide(organisation(), customer(COMING, OVERDUE), today=TODAY, planned=planned)
        assert listed(decision) == [("C", "s1")]

    def test_a_step_of_another_kind_that_fell_due_meanwhile_is_no_part_of_it(self):
        planned = Planned("before_due", frozenset({"C"}))
        decision = decide(
            organisation(), customer(COMING), today=COMING.due + timedelta(days=1), planned=planned
        )
        assert (decision.message, reasons(decision)) == (None, [("nothing_due", None)])
