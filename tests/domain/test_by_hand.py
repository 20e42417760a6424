"""A reminder by hand: what it lists and consumes, to whom it may go, what it warns of (chasing-rules.md section 7)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.by_hand import (
    ATTACH,
    Choice,
    Warned,
    draft_by_hand,
    persons_suggested,
    step_suggested,
    steps_offered,
    warnings,
    writable_persons,
)
from dunright.domain.facts import PersonFacts, Policy, Until
from dunright.domain.schedules import Step
from tests.domain.chasing_examples import AP, FD, STANDARD, customer, day, invoice, schedule

POLICY = Policy()
TODAY = day(15)
OTHER = schedule(Step("s3", 10), Step("x", 20), name="Other")


def choice(*ids, step="s3", persons=("ap",), attach=False):
    return Choice(frozenset(ids or ("I1",)), step, frozenset(persons), attach)


def draft(of, wanted, *, dead=frozenset(), policy=POLICY, today=TODAY):
    return draft_by_hand(of, wanted, policy=policy, dead=dead, today=today)


def lines(found):
    return [
        (line.invoice.id, line.step.id if line.step else None, [step.id for step in line.skipped])
        for line in found.lines
    ]


def test_it_consumes_like_r4_each_invoice_in_its_own_schedule():
    of = customer(
        invoice("I1"),
        invoice("I2", schedule=OTHER),
        invoice("I3", schedule=schedule(Step("y", 1), name="Third")),
        invoice("I4", schedule=None),
    )
    assert lines(draft(of, choice("I1", "I2", "I3", "I4"))) == [
        ("I1", "s3", ["s2"]),
        ("I2", "s3", []),
        # A step unknown there consumes nothing.
        ("I3", None, []),
        ("I4", None, []),
    ]


def test_without_a_step_it_consumes_nothing_and_the_normal_sender_writes():
    found = draft(customer(), choice(step=""))
    assert (lines(found), found.step.id, found.schedule, found.sender) == (
        [("I1", None, [])],
        "",
        "",
        "normal",
    )


def test_held_and_not_chased_invoices_go_and_closed_ones_do_not():
    of = customer(
        invoice("I1", disputed=True, chasing=False, promised=day(20), paused=Until(None)),
        invoice("I2", status="paid", balance=Decimal(0)),
        invoice("I3", balance=Decimal(-5)),
        chasing=False,
        hold=Until(None),
        last_message_on=TODAY,
    )
    assert lines(draft(of, choice("I1", "I2", "I3", "unknown"))) == [("I1", "s3", ["s2"])]


@pytest.mark.parametrize(
    ("changes", "wanted", "dead", "expected"),
    [
        ({"excluded": True}, choice(), frozenset(), "excluded"),
        ({}, choice("unknown"), frozenset(), "not_open"),
        ({}, choice(persons=()), frozenset(), "no_recipient"),
        ({}, choice(), frozenset({"ap@k.example"}), "no_recipient"),
        ({"persons": (replace(AP, email="not one"),)}, choice(), frozenset(), "no_recipient"),
    ],
)
def test_what_never_goes(changes, wanted, dead, expected):
    assert draft(customer(**changes), wanted, dead=dead) == expected


def test_whoever_was_chosen_gets_it_whatever_the_level_and_nobody_in_copy():
    off = PersonFacts("off", " Off@K.example ", "off")
    again = PersonFacts("again", "OFF@k.example", "normal")
    of = customer(persons=(AP, FD, off, again))
    found = draft(of, choice(step="s4", persons=("off", "again", "fd")))
    assert ([person.email for person in found.to], found.cc) == (["fd@k.example", "Off@K.example"], ())
    assert [person.id for person in writable_persons(of, frozenset())] == ["ap", "fd", "off"]


def test_an_escalated_step_is_written_by_the_escalated_sender_where_there_is_one():
    found = [
        draft(customer(), choice(step="s4"), policy=Policy(has_escalated_sender=has)).sender
        for has in (True, False)
    ]
    assert found == ["escalated", "normal"]


def test_totals_stay_apart_by_currency_and_files_go_when_asked_for():
    of = customer(invoice("I1"), invoice("I2", currency="USD", balance=Decimal("7.50")))
    found = draft(of, choice("I1", "I2", attach=True))
    assert (found.totals, found.form, found.flags, found.step.attachments) == (
        {"EUR": Decimal("1000.00"), "USD": Decimal("7.50")},
        "multi",
        (ATTACH,),
        ("invoice_pdf",),
    )


@pytest.mark.parametrize(
    ("today", "expected"),
    [(day(-10), None), (day(2), "s2"), (day(15), "s3"), (day(40), "s3")],
)
def test_the_step_due_is_suggested(today, expected):
    # On day 40 R5 keeps the escalated step back until a message has listed the invoice.
    found = step_suggested(customer(), {"I1"}, policy=POLICY, today=today)
    assert (found.id if found else None) == expected


def test_where_nothing_is_due_the_last_step_reached_is_suggested():
    sent = invoice("I1", last_listed_on=day(14))
    done = tuple(replace(step) for step in STANDARD.steps[:3])
    of = customer(replace(sent, schedule=schedule(*done)))
    assert step_suggested(of, {"I1"}, policy=POLICY, today=day(16)).id == "s3"


def test_steps_are_offered_once_by_their_days_and_tasks_are_not():
    of = customer(
        invoice("I1"),
        invoice("I2", schedule=schedule(Step("call", 5, channel="task"), Step("s2", 3), name="Other")),
    )
    assert [step.id for step in steps_offered(of)] == ["s1", "s2", "s3", "s4"]


def test_the_people_of_the_steps_level_are_suggested():
    found = [
        persons_suggested(customer(), step, dead=dead)
        for step, dead in (
            (None, frozenset()),
            (STANDARD.steps[3], frozenset()),
            (STANDARD.steps[0], frozenset({"ap@k.example"})),
        )
    ]
    assert found == [frozenset({"ap"}), frozenset({"fd"}), frozenset()]


def test_it_warns_of_what_would_have_stopped_the_schedule():
    of = customer(
        invoice("I1", promised=date(2026, 3, 20)),
        invoice("I2", disputed=True),
        invoice("I3"),
        hold=Until(day(30)),
        last_message_on=day(14),
    )
    assert warnings(of, {"I1", "I3"}, policy=POLICY, today=TODAY) == [
        Warned("customer_on_hold", day(30)),
        Warned("minimum_gap", day(17)),
        Warned("promised", date(2026, 3, 21), "INV-I1"),
    ]
