"""Who is held back on Upcoming: by reason, counted as Receivables counts, with the first names and a link."""

from datetime import date

import pytest

from dunright.models import HoldKind
from dunright.queries.upcoming import held_back
from tests.support import factories as make

STATEMENTS = 2


def held(organisation, name, kind=HoldKind.CUSTOMER, **fields):
    customer = make.customer(organisation, name)
    make.person(customer, f"p{make.number()}@customer.example")
    invoice = make.invoice(customer)
    make.hold(customer if kind == HoldKind.CUSTOMER else invoice, kind, **fields)
    return customer


@pytest.fixture
def books(northwind):
    """Three on hold, one promised, one that is not due yet, one that leaves, one that owes nothing."""
    for name in ("Cormac", "Aoife", "Brid"):
        held(northwind, name)
    held(northwind, "Portlaw Textiles", HoldKind.PROMISE, day=date(2026, 11, 27))
    early = make.customer(northwind, "Early")
    make.person(early, "e@customer.example")
    make.invoice(early, due=date(2027, 1, 9))
    leaves = make.customer(northwind, "Leaves")
    make.person(leaves, "l@customer.example")
    make.invoice(leaves)
    make.customer(northwind, "Owes nothing")
    held(make.organisation("Other Ltd"), "Theirs")
    make.facts_follow(northwind)
    return northwind


def test_groups_by_reason_the_largest_first_and_those_too_early_last(books, django_assert_num_queries):
    with django_assert_num_queries(STATEMENTS):
        found = held_back(books, few=2)
    assert [(one.reason, one.size, [c.name for c in one.customers], one.is_only_early) for one in found] == [
        ("customer_on_hold", 3, ["Aoife", "Brid"], False),
        ("promised", 1, ["Portlaw Textiles"], False),
        ("nothing_due", 1, ["Early"], True),
    ]
    assert found[1].customers[0].next_until == date(2026, 11, 28)


def test_the_page_says_who_and_links_to_the_list_that_has_as_many(signed_in, books):
    answer = signed_in.get(f"/o/{books.pk}/upcoming/")
    page = answer.content.decode()
    assert (answer.context["held_count"], answer.context["early_count"]) == (4, 1)
    assert ("Portlaw Textiles" in page, "until 28 November" in page) == (True, True)
    for group in (*answer.context["held"], *answer.context["early"]):
        path = f"/o/{books.pk}/receivables/?reason={group.reason}"
        assert f'href="{path}"' in page
        assert signed_in.get(path).context["page"].paginator.count == group.size


def test_nobody_is_held_back(signed_in, northwind):
    page = signed_in.get(f"/o/{northwind.pk}/upcoming/").content.decode()
    assert ("Held back" in page, "Too early" in page) == (False, False)
