"""Open invoices as Receivables lists them."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.queries import invoices
from dunright.queries.filters import STATES, Filters
from dunright.queries.invoices import SORTS, listing
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def listed(organisation, **filters):
    return listing(organisation, Filters(**filters), next_run=make.TODAY, today=make.TODAY, now=make.NOW)


def numbers(found):
    return [row.invoice.number for row in found.rows]


@pytest.fixture
def company():
    organisation = make.organisation()
    make.currency(organisation, "EUR", is_base=True)
    make.currency(organisation, "GBP", "1.20")
    customer = make.customer(organisation)
    make.person(customer)
    make.invoice(customer, "A-1", due=date(2026, 10, 2), balance="400.00", reference="PO 77")
    disputed = make.invoice(customer, "A-2", due=date(2026, 10, 9), balance="300.00")
    promised = make.invoice(customer, "A-3", due=date(2026, 10, 12), balance="200.00")
    broken = make.invoice(customer, "A-4", due=date(2026, 10, 13), balance="100.00")
    make.hold(disputed, "dispute")
    make.hold(promised, "promise", day=make.TODAY)
    make.hold(broken, "promise", day=date(2026, 11, 23))
    make.invoice(customer, "A-5", due=date(2026, 12, 9), balance="600.00")
    make.invoice(customer, "A-6", due=date(2026, 8, 1), balance="0", status="paid")
    other = make.customer(organisation, "Fennick", is_chasing=False)
    make.invoice(other, "B-1", due=date(2026, 11, 1), balance="450.00", currency="GBP", rate=Decimal("1.2"))
    make.invoice(other, "B-2", due=None, balance="10.00", is_chasing=False)
    make.facts_follow(organisation)
    return organisation


def test_open_invoices_are_listed_by_due_date(company):
    assert numbers(listed(company)) == ["A-1", "A-2", "A-3", "A-4", "B-1", "A-5", "B-2"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("overdue", ["A-1", "A-2", "A-3", "A-4", "B-1"]),
        ("held", ["A-2", "A-3"]),
        ("not_chasing", ["B-1", "B-2"]),
        ("leaves", []),
    ],
)
def test_states(company, state, expected):
    found = listed(company, state=state)
    assert (numbers(found), found.count) == (expected, len(expected))
    assert found.counts == {"all": 7, "overdue": 5, "leaves": 0, "held": 2, "not_chasing": 2}


def test_reasons_are_counted(company):
    found = listed(company, reason="disputed")
    assert (numbers(found), found.reasons) == (["A-2"], {"disputed": 1, "promised": 1, "no_due_date": 1})


def test_sums_per_currency(company):
    assert listed(company).sums == {
        "EUR": (Decimal(1610), Decimal(1000)),
        "GBP": (Decimal(450), Decimal(450)),
    }


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("number", "A-1"),
        ("-number", "B-2"),
        ("customer", "B-1"),
        ("-balance", "A-5"),
        ("balance", "B-2"),
        ("-due", "A-5"),
    ],
)
def test_sorting(company, sort, first):
    assert numbers(listed(company, sort=sort))[0] == first


@pytest.mark.parametrize("key", SORTS)
def test_every_column_sorts_both_ways_with_the_same_rows(company, key):
    assert sorted(numbers(listed(company, sort=key))) == sorted(numbers(listed(company, sort=f"-{key}")))


@pytest.mark.parametrize(
    ("search", "expected"), [("a-3", ["A-3"]), ("po 77", ["A-1"]), ("fennick", ["B-1", "B-2"]), ("%", [])]
)
def test_search(company, search, expected):
    assert numbers(listed(company, search=search)) == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("search", ["a-", "fennick", "nowhere"])
def test_a_search_that_finds_many_tells_what_one_of_few_tells(company, monkeypatch, search, state):
    few = listed(company, search=search, state=state)
    monkeypatch.setattr(invoices, "FEW", 0)
    many = listed(company, search=search, state=state)
    assert numbers(many) == numbers(few)
    assert (many.count, many.counts, many.reasons, many.sums) == (
        few.count,
        few.counts,
        few.reasons,
        few.sums,
    )
    assert few.count == len(numbers(few))


def test_an_invoice_follows_its_own_schedule_before_its_customers(company):
    row = listed(company, search="A-1").rows[0].invoice
    type(row).objects.filter(organisation=company, pk=row.pk).update(schedule_name="Weekly")
    assert numbers(listed(company, schedule="Weekly")) == ["A-1"]
    assert "A-1" not in numbers(listed(company, schedule="Standard"))


def test_what_comes_next(company):
    told = {row.invoice.number: row.next for row in listed(company).rows}
    assert (told["A-1"].step, told["A-1"].day) == ("Firm", make.TODAY)
    assert (told["A-2"].reason, told["A-3"].reason, told["B-1"].reason) == (
        "disputed",
        "promised",
        "customer_not_chasing",
    )
    # Seven days before 9 December; the run after it is on 8 December.
    assert (told["A-5"].step, told["A-5"].day) == ("Coming due", date(2026, 12, 8))
