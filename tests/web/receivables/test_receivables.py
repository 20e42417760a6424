"""Receivables as plain HTML: what it shows, how many statements it takes, who may see it."""

from datetime import date, timedelta

import pytest

from dunright.models import Customer
from tests.support import factories as make
from tests.web.receivables.northwind import HOSTILE

STATEMENTS = {
    "receivables/": 27,
    "receivables/?q=910": 30,
    "receivables/invoices/": 27,
    "receivables/invoices/?q=910": 28,
}
"""Whatever the number of rows: membership and frame, figures, counts, and the rows' own."""


def grow(organisation, count):
    """Customers of every kind, `count` of each."""
    for place in range(count):
        waiting = make.customer(organisation, f"Waiting {place}")
        make.person(waiting, f"w{place}@waiting.example")
        make.invoice(waiting, due=date(2026, 12, 6))
        coming = make.customer(organisation, f"Coming {place}")
        make.person(coming, f"c{place}@coming.example")
        make.message(coming, [make.invoice(coming), make.invoice(coming)])
        held = make.customer(organisation, f"Held {place}")
        make.hold(held, "customer", day=date(2026, 12, 1))
        make.invoice(held)
        disputed = make.invoice(make.customer(organisation, f"Disputed {place}"))
        make.hold(disputed, "dispute")
    make.facts_follow(organisation)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", STATEMENTS)
def test_statements_do_not_grow_with_the_rows(client, db, django_assert_num_queries, path, count):
    organisation = make.organisation()
    grow(organisation, count)
    client.force_login(make.owner(organisation))
    with django_assert_num_queries(STATEMENTS[path]):
        response = client.get(f"/o/{organisation.pk}/{path}")
    assert response.content.count(b"<tr") >= 4 * count


def test_figures_and_footer_agree(signed_in, northwind):
    response = signed_in.get(f"/o/{northwind.pk}/receivables/")
    figures, others = response.context["figures"], response.context["others"]
    in_the_head = [(one.currency, one.outstanding, one.overdue) for one in (figures, *others)]
    assert in_the_head == response.context["sums"]
    bands = sum(band.amount for band in figures.bands)
    assert bands == figures.outstanding


def test_hostile_names_are_shown_as_text(signed_in, northwind):
    for path in ("receivables/", "receivables/invoices/"):
        page = signed_in.get(f"/o/{northwind.pk}/{path}").content.decode()
        assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)
    page = signed_in.get(f"/o/{northwind.pk}/receivables/", {"q": HOSTILE}).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"state": "nonsense", "sort": "password", "page": "-1", "reason": "x", "schedule": "y"},
        {"page": "99999999999999999999"},
        {"page": "٣"},
        {"q": "\x00"},
        {"q": "%_\\'\"" * 100},
        {"reason": "promised", "state": "leaves"},
    ],
)
def test_odd_addresses_are_answered(signed_in, northwind, query):
    for path in ("receivables/", "receivables/invoices/"):
        assert signed_in.get(f"/o/{northwind.pk}/{path}", query).status_code == 200


def test_the_order_in_force_is_announced(signed_in, northwind):
    page = signed_in.get(f"/o/{northwind.pk}/receivables/", {"sort": "name"}).content.decode()
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"><a class="sort" id="sort-name"' in page


def test_links_lead_to_the_books_without_asking_the_network(signed_in, northwind):
    customer = Customer.objects.get(organisation=northwind, name="Halloran Bearings")
    books = northwind.connection.external_id
    page = signed_in.get(f"/o/{northwind.pk}/receivables/").content.decode()
    assert f"https://books.zoho.eu/app/{books}#/contacts/{customer.external_id}" in page


def test_a_company_without_debts_is_told_so(client, db):
    organisation = make.organisation()
    client.force_login(make.owner(organisation))
    page = client.get(f"/o/{organisation.pk}/receivables/").content.decode()
    assert "Nobody owes you money" in page
    page = client.get(f"/o/{organisation.pk}/receivables/", {"state": "overdue"}).content.decode()
    assert "Nothing matches" in page


def test_a_viewer_sees_no_switches_and_no_actions(client, northwind):
    client.force_login(make.member(northwind, "viewer"))
    page = client.get(f"/o/{northwind.pk}/receivables/").content.decode()
    assert ('role="switch"' in page, "Stop chasing" in page) == (False, False)


def test_the_week_is_named_when_nothing_leaves_today(client, db):
    organisation = make.organisation()
    customer = make.customer(organisation)
    make.person(customer)
    make.invoice(customer, due=date(2026, 11, 30))
    make.facts_follow(organisation, now=make.NOW + timedelta(hours=4))
    client.force_login(make.owner(organisation))
    response = client.get(f"/o/{organisation.pk}/receivables/")
    labels = [label for _, label, _, _ in response.context["states"]]
    assert labels == ["All", "Overdue", "Leaves 1 December", "Held back", "Not chasing"]
