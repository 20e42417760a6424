"""Scenarios that cannot be read: `place: key: what is wrong`."""

import pytest

from dunright.domain.scenario import read_scenario
from tests.domain.scenario_examples import TWO_INVOICES, a_copy, refusal

GONE = object()
"""In place of a value: the key is left out."""


def changed(*path_and_value):
    """The example with one value changed or left out."""
    *path, key, value = path_and_value
    raw = a_copy()
    inner = raw
    for part in path:
        inner = inner[part]
    if value is GONE:
        del inner[key]
    else:
        inner[key] = value
    return raw


def test_the_example_can_be_read():
    assert read_scenario(TWO_INVOICES).name == "two invoices"


def test_reading_changes_nothing():
    raw = a_copy()
    read_scenario(raw)
    assert raw == TWO_INVOICES


@pytest.mark.parametrize("raw", [None, [], "x", 1, True])
def test_what_is_no_object(raw):
    assert refusal(raw) == 'scenario: object: a scenario is a JSON object such as {"name": …}'


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "scenario"),
        (("organisation",), "organisation"),
        (("schedules", 0), "schedules[0]"),
        (("schedules", 0, "steps", 1), "schedules[0].steps[1]"),
        (("schedules", 0, "repeat"), "schedules[0].repeat"),
        (("customers", 0), "customers[0]"),
        (("customers", 0, "contacts", 1), "customers[0].contacts[1]"),
        (("invoices", 0), "invoices[0]"),
        (("events", 0), "events[0]"),
    ],
)
def test_an_unknown_key_is_refused_everywhere(path, place):
    assert refusal(changed(*path, "colour", "red")).startswith(
        f"{place}: colour: is not known here; known are "
    )


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "scenario: name"),
        (("from",), "scenario: from"),
        (("to",), "scenario: to"),
        (("organisation",), "scenario: organisation"),
        (("schedules",), "scenario: schedules"),
        (("customers",), "scenario: customers"),
        (("invoices",), "scenario: invoices"),
        *(((("organisation", key)), f"organisation: {key}") for key in TWO_INVOICES["organisation"]),
        (("schedules", 0, "name"), "schedules[0]: name"),
        (("schedules", 0, "steps"), "schedules[0]: steps"),
        (("schedules", 0, "steps", 0, "id"), "schedules[0].steps[0]: id"),
        (("schedules", 0, "steps", 0, "days"), "schedules[0].steps[0]: days"),
        (("schedules", 0, "repeat", "every_days"), "schedules[0].repeat: every_days"),
        (("customers", 0, "id"), "customers[0]: id"),
        (("customers", 0, "chasing"), "customers[0]: chasing"),
        (("customers", 0, "contacts"), "customers[0]: contacts"),
        (("customers", 0, "contacts", 0, "email"), "customers[0].contacts[0]: email"),
        (("customers", 0, "contacts", 0, "level"), "customers[0].contacts[0]: level"),
        *(
            ((("invoices", 0, key)), f"invoices[0]: {key}")
            for key in ("id", "customer", "number", "issued", "due", "total", "currency", "rate", "status")
        ),
        (("events", 0, "at"), "events[0]: at"),
        (("events", 0, "type"), "events[0]: type"),
        (("events", 0, "invoice"), "events[0]: invoice"),
        (("events", 0, "amount"), "events[0]: amount"),
    ],
)
def test_a_missing_required_key_is_refused(path, place):
    assert refusal(changed(*path, GONE)) == f"{place}: is missing"


@pytest.mark.parametrize(
    "path",
    [
        ("events",),
        ("schedules", 0, "default"),
        ("schedules", 0, "repeat"),
        ("schedules", 0, "repeat", "limit"),
        ("schedules", 0, "steps", 2, "sender"),
        ("schedules", 0, "steps", 2, "recipients"),
        ("customers", 0, "schedule"),
        ("invoices", 0, "seen"),
        ("invoices", 0, "schedule"),
    ],
)
def test_an_optional_key_may_be_missing(path):
    assert read_scenario(changed(*path, GONE)).name == "two invoices"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("invoices", 0, "due"), None),
        (("customers", 0, "contacts", 0, "email"), None),
        (("customers", 0, "chasing"), "off"),
        (("schedules", 0, "repeat", "limit"), None),
        (("schedules", 0, "repeat"), None),
        (("schedules", 0, "steps"), [{"id": "s", "days": 1}]),
        (("invoices", 0, "total"), "-5"),
        (("events",), []),
        (("name",), ""),
    ],
)
def test_what_may_be(path, value):
    assert read_scenario(changed(*path, value)).first.isoformat() == "2026-02-25"


AMOUNT = 'must be a string with a decimal point such as "1000.00", not '


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("invoices", 0, "total"), 1000.0, f"invoices[0]: total: {AMOUNT}the number 1000.0"),
        (("invoices", 0, "total"), 1000, f"invoices[0]: total: {AMOUNT}the number 1000"),
        (("invoices", 0, "total"), 10**80, f"invoices[0]: total: {AMOUNT}the number huge"),
        (("invoices", 0, "total"), float("inf"), f"invoices[0]: total: {AMOUNT}the number inf"),
        (("invoices", 0, "total"), "NaN", f"invoices[0]: total: {AMOUNT}'NaN'"),
        (("invoices", 0, "total"), "Infinity", f"invoices[0]: total: {AMOUNT}'Infinity'"),
        (("invoices", 0, "total"), "1e999", f"invoices[0]: total: {AMOUNT}'1e999'"),
        (("invoices", 0, "total"), "1,000.00", f"invoices[0]: total: {AMOUNT}'1,000.00'"),
        (("invoices", 0, "total"), "", f"invoices[0]: total: {AMOUNT}''"),
        (("invoices", 0, "total"), "١.0", f"invoices[0]: total: {AMOUNT}'\\u0661.0'"),
        (("invoices", 0, "total"), "1.0\n", f"invoices[0]: total: {AMOUNT}'1.0\\n'"),
        (("invoices", 0, "total"), None, f"invoices[0]: total: {AMOUNT}null"),
        (("invoices", 0, "total"), "9" * 99, f"invoices[0]: total: {AMOUNT}'{'9' * 58}…"),
        (("organisation", "tolerance"), "-1", "organisation: tolerance: must not be negative, but is '-1'"),
        (("events", 0, "amount"), "-1.00", "events[0]: amount: must not be negative, but is '-1.00'"),
        (("invoices", 0, "rate"), "0", "invoices[0]: rate: must be above 0"),
        (
            ("invoices", 0, "rate"),
            "-1",
            "invoices[0]: rate: must be a string with a decimal point such as \"1.25\", not '-1'",
        ),
        (
            ("invoices", 0, "due"),
            "2026-02-30",
            "invoices[0]: due: must be a date such as 2026-03-02, not '2026-02-30'",
        ),
        (
            ("invoices", 0, "due"),
            "20260302",
            "invoices[0]: due: must be a date such as 2026-03-02, not '20260302'",
        ),
        (("invoices", 0, "issued"), None, "invoices[0]: issued: must be a date such as 2026-03-02, not null"),
        (
            ("invoices", 0, "status"),
            "overdue",
            "invoices[0]: status: must be one of open, draft, void, written_off, paid, not 'overdue'",
        ),
        (
            ("invoices", 0, "status"),
            ["open"],
            "invoices[0]: status: must be one of open, draft, void, written_off, paid, not a list",
        ),
        (
            ("invoices", 0, "currency"),
            "euro",
            "invoices[0]: currency: must be a currency code such as EUR, not 'euro'",
        ),
        (("invoices", 0, "customer"), "X", "invoices[0]: customer: there is no customer 'X'"),
        (("invoices", 0, "schedule"), "X", "invoices[0]: schedule: there is no schedule 'X'"),
        (("invoices", 0, "id"), 7, "invoices[0]: id: must be a text, not the number 7"),
        (("invoices", 0, "id"), " ", "invoices[0]: id: must not be empty"),
        (
            ("invoices", 0, "number"),
            "\ud800",
            "invoices[0]: number: holds half a character (a lone surrogate)",
        ),
        (("invoices",), {}, "scenario: invoices: must be a list, not an object"),
        (("invoices", 0), "I1", "scenario: invoices[0]: must be an object, not 'I1'"),
        (("customers", 0, "chasing"), "yes", "customers[0]: chasing: must be true or false, not 'yes'"),
        (("customers", 0, "chasing"), 1, "customers[0]: chasing: must be true or false, not the number 1"),
        (("customers", 0, "schedule"), "None", "customers[0]: schedule: there is no schedule 'None'"),
        (
            ("customers", 0, "contacts", 0, "level"),
            "boss",
            "customers[0].contacts[0]: level: must be one of normal, escalated, both, off, not 'boss'",
        ),
        (("customers", 0, "contacts", 0), None, "customers[0]: contacts[0]: must be an object, not null"),
        (("schedules", 0, "name"), "none", "schedules[0]: name: none is reserved for what is not chased"),
        (("schedules", 0, "default"), "yes", "schedules[0]: default: must be true or false, not 'yes'"),
        (
            ("schedules", 0, "steps", 1, "days"),
            -3,
            "schedules[0].steps[1]: days: another step has the days -3",
        ),
        (("schedules", 0, "steps", 1, "id"), "s1", "schedules[0].steps[1]: id: another step has the id 's1'"),
        (
            ("schedules", 0, "steps", 1, "days"),
            10**9,
            "schedules[0].steps[1]: days: must be from -36500 to 36500",
        ),
        (
            ("schedules", 0, "steps", 1, "days"),
            1.0,
            "schedules[0].steps[1]: days: must be a whole number, not the number 1.0",
        ),
        (
            ("schedules", 0, "steps", 1, "days"),
            True,
            "schedules[0].steps[1]: days: must be a whole number, not true",
        ),
        (
            ("schedules", 0, "steps", 1, "sender"),
            None,
            "schedules[0].steps[1]: sender: must be one of normal, escalated, not null",
        ),
        (
            ("schedules", 0, "repeat", "every_days"),
            0,
            "schedules[0].repeat: every_days: must be from 1 to 36500",
        ),
        (("schedules", 0, "repeat", "limit"), -1, "schedules[0].repeat: limit: must be from 0 to 36500"),
        (
            ("schedules", 0, "steps"),
            [{"id": "s", "days": 0}],
            "schedules[0]: repeat: needs an overdue step (days of 1 or more) to repeat",
        ),
        (("organisation",), None, "scenario: organisation: must be an object, not null"),
        (
            ("organisation", "timezone"),
            "Amsterdam",
            "organisation: timezone: must be a time zone such as Europe/Amsterdam, not 'Amsterdam'",
        ),
        (
            ("organisation", "timezone"),
            "../../etc/passwd",
            "organisation: timezone: must be a time zone such as Europe/Amsterdam, not '../../etc/passwd'",
        ),
        (
            ("organisation", "country"),
            "nl",
            "organisation: country: must be a two-letter country code such as NL, not 'nl'",
        ),
        (
            ("organisation", "currency"),
            None,
            "organisation: currency: must be a currency code such as EUR, not null",
        ),
        (
            ("organisation", "chase_days"),
            ["mon", "MON"],
            "organisation: chase_days: must hold days of mon, tue, wed, thu, fri, sat, sun, not 'MON'",
        ),
        (("organisation", "chase_days"), "mon", "organisation: chase_days: must be a list, not 'mon'"),
        (
            ("organisation", "chase_time"),
            "25:00",
            "organisation: chase_time: must be a time such as 09:00, not '25:00'",
        ),
        (
            ("organisation", "chase_time"),
            "9:00",
            "organisation: chase_time: must be a time such as 09:00, not '9:00'",
        ),
        (("organisation", "holidays"), "on", "organisation: holidays: must be true or false, not 'on'"),
        (
            ("organisation", "minimum_gap_days"),
            "3",
            "organisation: minimum_gap_days: must be a whole number, not '3'",
        ),
        (("organisation", "minimum_gap_days"), -1, "organisation: minimum_gap_days: must be from 0 to 36500"),
        (
            ("organisation", "grouping"),
            "all",
            "organisation: grouping: must be one of all_overdue, due_steps, not 'all'",
        ),
        (("from",), "2026-13-01", "scenario: from: must be a date such as 2026-03-02, not '2026-13-01'"),
        (("from",), "0001-01-01", "scenario: from: must be from 1900-01-01 to 2200-12-31, not 0001-01-01"),
        (("to",), "9999-12-31", "scenario: to: must be from 1900-01-01 to 2200-12-31, not 9999-12-31"),
        (("to",), "2026-02-24", "scenario: to: must not be before from (2026-02-25), but is 2026-02-24"),
        (("events",), "none", "scenario: events: must be a list, not 'none'"),
        (("events", 0), 3, "scenario: events[0]: must be an object, not the number 3"),
        (
            ("events", 0, "at"),
            "2026-03-05",
            "events[0]: at: must be a local time such as 2026-03-05T10:00, not '2026-03-05'",
        ),
        (
            ("events", 0, "at"),
            "2026-03-05T10:00+01:00",
            "events[0]: at: must be a local time such as 2026-03-05T10:00, not '2026-03-05T10:00+01:00'",
        ),
        (
            ("events", 0, "at"),
            "2026-03-05T24:01",
            "events[0]: at: must be a local time such as 2026-03-05T10:00, not '2026-03-05T24:01'",
        ),
        (("events", 0, "invoice"), "I9", "events[0]: invoice: there is no invoice 'I9'"),
        (("events", 0, "invoice"), {"id": "I1"}, "events[0]: invoice: must be a text, not an object"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(path, value, expected):
    assert refusal(changed(*path, value)) == expected
