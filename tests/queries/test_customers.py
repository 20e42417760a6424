"""Customers as Receivables lists them."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.queries.customers import SORTS, listing, row_of
from dunright.queries.filters import STATES, Filters
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def listed(organisation, **filters):
    return listing(organisation, Filters(**filters), base="EUR", today=make.TODAY, now=make.NOW)


def names(found):
    return [row.customer.name for row in found.rows]


@pytest.fixture
def company():
    """One customer of each kind."""
    organisation = make.organisation()
    make.currency(organisation, "EUR", is_base=True)
    make.currency(organisation, "GBP", "1.20")
    coming = make.customer(organisation, "Coming", email="c@coming.example")
    make.person(coming, "c@coming.example")
    make.message(coming, [make.invoice(coming, "C-1", due=date(2026, 11, 13), balance="300.00")])
    sends = make.customer(organisation, "Sends")
    make.person(sends, "s@sends.example", first_name="Sally", last_name="Forth")
    make.invoice(sends, "S-1", due=date(2026, 11, 20), balance="200.00")
    later = make.customer(organisation, "Later")
    make.person(later, "l@later.example")
    make.invoice(later, "L-1", due=date(2026, 12, 6), balance="900.00")
    held = make.customer(organisation, "Held")
    make.invoice(held, "H-1", due=date(2026, 9, 1), balance="100.00")
    make.hold(held, "customer", day=date(2026, 12, 1))
    off = make.customer(organisation, "Off", is_chasing=False)
    make.invoice(off, "O-1", due=date(2026, 10, 1), balance="250.00", currency="GBP", rate=Decimal("1.2"))
    weekly = make.customer(organisation, "Weekly one", schedule_name="Weekly")
    make.person(weekly, "w@weekly.example")
    make.invoice(weekly, "W-1", due=date(2026, 12, 20), balance="50.00")
    make.customer(organisation, "Paid up", email="paid@up.example")
    make.facts_follow(organisation)
    return organisation


def test_those_who_owe_are_listed_most_overdue_first_in_base_currency(company):
    # 250 pounds are 300 euro; equal amounts follow what is owed at all, then the name.
    assert names(listed(company)) == ["Coming", "Off", "Sends", "Held", "Later", "Weekly one"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("overdue", ["Coming", "Off", "Sends", "Held"]),
        ("leaves", ["Coming", "Sends"]),
        ("held", ["Held"]),
        ("not_chasing", ["Off"]),
    ],
)
def test_states(company, state, expected):
    found = listed(company, state=state)
    assert (names(found), found.count) == (expected, len(expected))
    assert found.counts == {"all": 6, "overdue": 4, "leaves": 2, "held": 1, "not_chasing": 1}


def test_sums_are_those_of_the_rows_on_all_pages(company):
    assert listed(company).sums == {
        "EUR": (Decimal(1550), Decimal(600)),
        "GBP": (Decimal(250), Decimal(250)),
    }
    assert listed(company, state="held").sums == {"EUR": (Decimal(100), Decimal(100))}


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("name", "Coming"),
        ("-name", "Weekly one"),
        ("-outstanding", "Later"),
        ("outstanding", "Weekly one"),
        ("overdue", "Later"),
        ("next", "Coming"),
    ],
)
def test_sorting(company, sort, first):
    assert names(listed(company, sort=sort))[0] == first


@pytest.mark.parametrize("key", SORTS)
def test_every_column_sorts_both_ways_with_the_same_rows(company, key):
    assert sorted(names(listed(company, sort=key))) == sorted(names(listed(company, sort=f"-{key}")))


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("sally forth", ["Sends"]),
        ("c@coming", ["Coming"]),
        ("h-1", ["Held"]),
        ("paid up", ["Paid up"]),
        ("%", []),
        ("' or 1=1 --", []),
    ],
)
def test_search_finds_names_people_addresses_and_numbers(company, search, expected):
    assert names(listed(company, search=search)) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("Weekly", ["Weekly one"]), ("none", []), ("Standard", ["Coming", "Off", "Sends", "Held", "Later"])],
)
def test_schedule_in_force(company, schedule, expected):
    assert names(listed(company, schedule=schedule)) == expected


def test_reasons_are_counted_and_narrow(company):
    found = listed(company, reason="customer_on_hold")
    assert (names(found), found.reasons) == (["Held"], {"customer_not_chasing": 1, "customer_on_hold": 1})


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reason", ["customer_on_hold", "customer_not_chasing", "nothing_due", "unknown"])
def test_a_reason_within_a_state_is_counted_as_it_is_listed(company, state, reason):
    found = listed(company, reason=reason, state=state)
    assert found.count == len(names(found))


def test_what_comes_next(company):
    told = {row.customer.name: row for row in listed(company).rows}
    coming, sends, later, held = (told[name] for name in ("Coming", "Sends", "Later", "Held"))
    assert (coming.next.message.state, coming.next.step, coming.amounts) == (
        "planned",
        "Follow-up",
        {"EUR": Decimal(300)},
    )
    assert (sends.next.step, sends.next.day, sends.amounts) == (
        "Just passed",
        make.TODAY,
        {"EUR": Decimal("200.0000")},
    )
    # Seven days before 6 December is 29 November; the run after it is on Tuesday.
    assert (later.next.step, later.next.day, later.amounts) == (
        "Coming due",
        date(2026, 12, 1),
        {"EUR": Decimal(900)},
    )
    assert (held.next.reason, held.next.day, held.next.hold.kind) == (
        "customer_on_hold",
        date(2026, 12, 1),
        "customer",
    )


def test_pages_of_fifty_and_the_last_one_for_any_later(company):
    for place in range(50):
        make.invoice(make.customer(company, f"Many {place:02}"), balance="1.00", due=date(2026, 12, 31))
    make.facts_follow(company)
    found = listed(company, page=99, sort="name")
    assert (found.page, found.count, len(found.rows)) == (2, 56, 6)


def test_leaves_on_is_the_next_run_when_nothing_is_on_its_way():
    organisation = make.organisation()
    customer = make.customer(organisation)
    make.person(customer)
    make.invoice(customer, due=date(2026, 11, 20))
    make.facts_follow(organisation)
    assert listed(organisation).leaves_on == make.TODAY


def test_another_companys_customers_stay_out(company):
    other = make.organisation("Other")
    stranger = make.customer(other, "Stranger")
    make.invoice(stranger)
    make.facts_follow(other)
    assert names(listed(other)) == ["Stranger"]
    assert row_of(company, stranger.pk, base="EUR", now=make.NOW) == (None, "Standard")
