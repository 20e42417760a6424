"""How invoices begin that are overdue when chasing is first resumed, by group and one by one (R5a)."""

from datetime import date, timedelta

import pytest

from dunright.models import Hold, Invoice, TimelineEntry
from dunright.services import entries, organisations
from dunright.services.entries import Entries, Foreseen
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
EDGE = TODAY - timedelta(days=180)
"""The last day that is not very old."""


@pytest.fixture
def northwind(db):
    """Never resumed: one invoice weeks overdue, one at the edge, one beyond, one not due; each of its own customer."""
    made = make.organisation(is_resumed=False)
    days = {
        "WEEKS": date(2026, 10, 27),
        "EDGE": EDGE,
        "BEYOND": EDGE - timedelta(days=1),
        "NEW": date(2027, 2, 1),
    }
    for number, due in days.items():
        customer = make.customer(made, number)
        make.person(customer, f"{number.lower()}@customer.example")
        make.invoice(customer, number, due=due)
    return made


def begun(organisation):
    held = set(
        Hold.objects.filter(organisation=organisation, ended_at=None).values_list(
            "invoice__number", flat=True
        )
    )
    rows = Invoice.objects.filter(organisation=organisation).values_list("number", "entry")
    return {number: "leave_alone" if number in held else entry for number, entry in rows}


def key(organisation, number):
    return Invoice.objects.get(organisation=organisation, number=number).pk


def test_the_very_old_are_proposed_to_be_left_alone(northwind):
    assert entries.proposed(northwind) == Entries("gently", "leave_alone")
    organisations.resume(northwind, by=None, now=NOW, entries=entries.proposed(northwind))
    assert begun(northwind) == {
        "WEEKS": "gently",
        "EDGE": "gently",
        "BEYOND": "leave_alone",
        "NEW": "nearest",
    }


def test_one_invoice_may_begin_otherwise_than_its_group(northwind):
    chosen = Entries(
        "nearest",
        "leave_alone",
        {key(northwind, "WEEKS"): "leave_alone", key(northwind, "BEYOND"): "gently"},
    )
    organisations.resume(northwind, by=None, now=NOW, entries=chosen)
    assert begun(northwind) == {
        "WEEKS": "leave_alone",
        "EDGE": "nearest",
        "BEYOND": "gently",
        "NEW": "nearest",
    }
    told = TimelineEntry.objects.get(organisation=northwind, kind="pause")
    assert (told.sentence, told.detail, told.customer.name) == ("WEEKS is paused", entries.WHY, "WEEKS")


def test_a_later_resume_begins_nothing_anew(northwind):
    organisations.resume(northwind, by=None, now=NOW, entries=Entries("nearest", "nearest"))
    organisations.pause(northwind, by=None, now=NOW)
    organisations.resume(northwind, by=None, now=NOW, entries=Entries("leave_alone", "leave_alone"))
    assert set(begun(northwind).values()) == {"nearest"}


def test_the_numbers_are_those_of_the_run(northwind):
    choices = [
        Entries("gently", "leave_alone"),
        Entries("nearest", "leave_alone"),
        Entries("gently", "gently"),
        Entries("leave_alone", "leave_alone"),
    ]
    assert entries.foresee(northwind, choices, now=NOW) == [
        Foreseen(2, [("Just passed", 2)], 0, 1),
        Foreseen(2, [("Firm", 2)], 0, 1),
        Foreseen(3, [("Just passed", 3)], 0, 0),
        Foreseen(0, [], 0, 3),
    ]
    assert begun(northwind) == dict.fromkeys(("WEEKS", "EDGE", "BEYOND", "NEW"), "nearest")


def test_a_pause_of_its_own_is_not_counted_as_left_alone(northwind):
    make.hold(Invoice.objects.get(organisation=northwind, number="BEYOND"), "pause")
    (found,) = entries.foresee(northwind, [entries.proposed(northwind)], now=NOW)
    assert found.left_alone == 0


def test_statements_do_not_grow_with_the_choices(northwind, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        entries.foresee(northwind, [entries.proposed(northwind)], now=NOW)
    make.invoice(make.customer(northwind, "Another"))
    with django_assert_num_queries(len(one)):
        entries.foresee(northwind, [entries.proposed(northwind)] * 3, now=NOW)
