"""A whole run: order, addresses spent, and what messages leave behind: chasing-rules.md R8."""

from datetime import datetime

from dunright.domain.chasing import after_sending, decide, decide_run, order_customers
from dunright.domain.facts import PersonFacts
from tests.domain.chasing_examples import AP, customer, day, invoice, organisation, sent, skipped

TODAY = day(1)
SHARED = (PersonFacts("s", "Shared@k.example", "normal"),)


def test_customers_are_taken_by_the_longest_time_since_their_last_message_and_then_as_they_come():
    last = {"A": day(-3), "B": None, "C": day(-9), "D": None, "E": day(-3)}
    assert order_customers("ABCDE", last_message_on=last.__getitem__) == ["B", "D", "C", "A", "E"]


def test_moments_order_as_well_as_days():
    last = {"A": datetime(2026, 3, 1, 12, 0), "B": datetime(2026, 3, 1, 9, 0)}  # noqa: DTZ001 - local wall time
    assert order_customers("AB", last_message_on=last.__getitem__) == ["B", "A"]


def test_one_message_per_address_and_day_in_whichever_customer_record():
    first = customer(id="A", persons=SHARED, last_message_on=day(-5))
    second = customer(id="B", persons=(PersonFacts("x", " shared@K.example", "normal"),))
    run = list(decide_run(organisation(), [first, second], today=TODAY))
    assert [(facts.id, decision.decisions[0].reason) for facts, decision in run] == [
        ("B", None),
        ("A", "address_spent"),
    ]


def test_addresses_spent_before_the_run_count():
    run = list(decide_run(organisation(), [customer()], today=TODAY, spent=["ap@k.example"]))
    assert run[0][1].decisions[0].reason == "address_spent"


def test_after_sending_steps_are_consumed_and_the_gap_starts():
    facts = customer(invoice("A", due=day(-13)), invoice("N", due=day(-40), disputed=True))
    after = after_sending(facts, decide(organisation(), facts, today=TODAY), on=TODAY)
    assert after.last_message_on == TODAY
    assert after.invoices[0].consumed == (skipped("s2", 1, TODAY), sent("s3", 14, TODAY))
    assert after.invoices[0].last_listed_on == TODAY
    assert after.invoices[1] == facts.invoices[1]


def test_an_invoice_listed_without_a_step_consumes_nothing_and_was_listed_under_none():
    waiting = invoice("W", due=day(-3), consumed=(sent("s2", 1, day(-2)),), last_listed_on=day(-2))
    facts = customer(invoice("A"), waiting)
    after = after_sending(facts, decide(organisation(), facts, today=TODAY), on=TODAY)
    assert after.invoices[1] == waiting


def test_without_a_message_nothing_changes():
    facts = customer(persons=(), last_message_on=day(-9))
    assert after_sending(facts, decide(organisation(), facts, today=TODAY), on=TODAY) is facts


def test_a_decision_says_how_long_it_holds():
    quiet = decide(organisation(), customer(invoice("A"), invoice("B", promised=day(-2))), today=day(-5))
    assert quiet.unchanged_before == day(-3)
    assert decide(organisation(), customer(persons=(AP,)), today=TODAY).unchanged_before == TODAY
    assert decide(organisation(), customer(chasing=False), today=TODAY).unchanged_before is None
