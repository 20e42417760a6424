"""Events of a scenario that cannot be read, and ids that are given twice."""

import copy

import pytest

from dunright.domain.scenario import read_scenario
from dunright.domain.scenario_events import EVENT_KEYS
from tests.domain.scenario_examples import (
    TWO_INVOICES,
    customer,
    event,
    invoice,
    refusal,
    scenario,
    schedule,
)

AMOUNT = 'must be a string with a decimal point such as "1000.00", not '


@pytest.mark.parametrize(
    ("kind", "end"), [("refund", "not 'refund'"), ([1], "not a list"), (None, "not null")]
)
def test_an_unknown_type_of_event_names_all_types(kind, end):
    words = refusal(scenario(event("2026-03-05T10:00", kind)))
    assert words == f"events[0]: type: must be one of {', '.join(EVENT_KEYS)}, {end}"


AT = "2026-03-05T10:00"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (event(AT, "hold", customer="K"), "until: is missing"),
        (event(AT, "hold", customer="X", until=None), "customer: there is no customer 'X'"),
        (event(AT, "pause", invoice="I1", until=None), "until: must be a date such as 2026-03-02, not null"),
        (event(AT, "dispute", invoice="I1", why="x"), "why: is not known here; known are at, invoice, type"),
        (event(AT, "chasing", value=True), "customer: give either customer or invoice"),
        (
            event(AT, "chasing", customer="K", invoice="I1", value=True),
            "customer: give either customer or invoice",
        ),
        (event(AT, "chasing", invoice="I1", value=None), "value: must be true or false, not null"),
        (event(AT, "schedule", customer="K", schedule="X"), "schedule: there is no schedule 'X'"),
        (event(AT, "schedule", customer="K"), "schedule: is missing"),
        (event(AT, "archive", schedule="none"), "schedule: there is no schedule 'none'"),
        (event(AT, "credit", customer="K", currency="EUR", amount=5), f"amount: {AMOUNT}the number 5"),
        (
            event(AT, "sent_by_hand", customer="K", invoices=["I1"], step="s9"),
            "step: there is no step 's9' in any schedule",
        ),
        (
            event(AT, "sent_by_hand", customer="K", invoices=["I9"], step=None),
            "invoices: there is no invoice 'I9'",
        ),
        (
            event(AT, "sent_by_hand", customer="K", invoices=[["I1"]], step=None),
            "invoices: there is no invoice a list",
        ),
        (
            event(AT, "sent_by_hand", customer="K", invoices=["I1", "I1"], step=None),
            "invoices: 'I1' is listed twice",
        ),
        (
            event(AT, "sent_by_hand", customer="L", invoices=["I1"], step=None),
            "invoices: 'I1' is an invoice of another customer",
        ),
        (
            event(AT, "steps", schedule="Standard", steps=[], repeat={"every_days": 5}),
            "repeat: needs an overdue step (days of 1 or more) to repeat",
        ),
        (event(AT, "invoice", invoice=invoice("I1")), "another invoice has the id 'I1'"),
        (event(AT, "invoice", invoice="I1"), "must be an object, not 'I1'"),
        (event(AT, "organisation", organisation={"colour": 1}), "colour: is not known here"),
        (
            event(AT, "organisation", organisation={"chase_time": "9"}),
            "chase_time: must be a time such as 09:00, not '9'",
        ),
        (event(AT, "organisation", organisation=None), "must be an object, not null"),
        (event(AT, "contacts", customer="K", contacts=[{"email": "x"}]), "level: is missing"),
        (event(AT, "organisation_pause"), "until: is missing"),
    ],
)
def test_each_event_has_its_keys(made, expected):
    customers = [customer("K", "k@k.example"), customer("L", "l@k.example")]
    words = refusal(scenario(made, customers=customers))
    assert words.startswith("events[0]")
    assert expected in words


def test_errors_inside_an_event_name_the_whole_place():
    wrong = event(AT, "invoice", invoice=invoice("E", total=5))
    assert refusal(scenario(wrong)) == f"events[0].invoice: total: {AMOUNT}the number 5"
    steps = event(AT, "steps", schedule="Standard", steps=[{"id": "a", "days": 1}, {"id": "b", "days": 1}])
    assert refusal(scenario(steps)) == "events[0].steps[1]: days: another step has the days 1"


def test_an_invoice_is_known_from_its_event_on():
    comes = event("2026-03-05T10:00", "invoice", invoice=invoice("E"))
    early, late = (event(at, "dispute", invoice="E") for at in ("2026-03-04T10:00", "2026-03-06T10:00"))
    assert refusal(scenario(comes, early)) == "events[1]: invoice: 'E' comes only by a later event"
    assert len(read_scenario(scenario(late, comes)).events) == 2


def test_a_step_that_comes_by_an_event_may_be_sent_by_hand():
    steps = event("2026-03-06T10:00", "steps", schedule="Standard", steps=[{"id": "new", "days": 1}])
    by_hand = event("2026-03-05T10:00", "sent_by_hand", customer="K", invoices=["I1"], step="new")
    assert len(read_scenario(scenario(by_hand, steps)).events) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"customers": [customer("K"), customer("K")]}, "customers[1]: id: another customer has the id 'K'"),
        ({"invoices": [invoice("A"), invoice("A")]}, "invoices[1]: id: another invoice has the id 'A'"),
        (
            {"schedules": [schedule(1), schedule(2)]},
            "schedules[1]: name: another schedule has the name 'Standard'",
        ),
        (
            {"schedules": [schedule(1), schedule(2, name="B", default=True)]},
            "schedules[1]: default: another schedule is the default already",
        ),
    ],
)
def test_ids_and_the_default_are_unique(changes, expected):
    assert refusal(scenario(**changes)) == expected


def test_holidays_of_an_unknown_country_are_refused_also_when_an_event_switches_them_on():
    nowhere = {"country": "XX"}
    assert read_scenario(scenario(organisation=nowhere)).organisation.calendar.country == "XX"
    on = event(AT, "organisation", organisation={"holidays": True})
    expected = "country: the holidays of XX are not known; set holidays to false"
    assert refusal(scenario(organisation=nowhere | {"holidays": True})) == f"organisation: {expected}"
    assert refusal(scenario(on, organisation=nowhere)) == f"events[0].organisation: {expected}"


def test_settings_in_force_are_those_of_all_earlier_changes():
    first = event("2026-03-01T10:00", "organisation", organisation={"minimum_gap_days": 9})
    second = event("2026-03-02T10:00", "organisation", organisation={"tolerance": "5"})
    events = read_scenario(scenario(second, first)).events
    policies = [one.values["organisation"].policy for one in events]
    assert [(policy.minimum_gap_days, str(policy.tolerance)) for policy in policies] == [(9, "0"), (9, "5")]


def test_huge_keys_and_values_are_shown_short_and_on_one_line():
    raw = copy.deepcopy(TWO_INVOICES)
    raw["x\n" * 500] = 1
    words = refusal(raw)
    assert "\n" not in words
    assert len(words) < 250
