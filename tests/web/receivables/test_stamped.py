"""Menus of rows, drawn once a page and filled in for each row."""

import pytest
from django.template import engines
from django.test import RequestFactory

from dunright.models import Customer
from tests.support import factories as make

MENU = "receivables/_customer_menu.html"
ROWS = """{% load ui %}{% for row in rows %}\
{% stamped menu row.excluded url=row.url pk=row.pk name=row.name books_url=row.books %}
{% endfor %}"""
PLAIN = """{% for row in rows %}\
{% with variant=row.excluded url=row.url pk=row.pk name=row.name books_url=row.books %}{% include menu %}{% endwith %}
{% endfor %}"""
HOSTILE = '"><script>\ue000pk\ue001</script> & Söhne'


def drawn(markup, rows, *, may_act=True):
    values = {"rows": rows, "menu": MENU, "may_act": may_act, "books_name": "Zoho Books"}
    return engines["django"].from_string(markup).render(values, RequestFactory().get("/"))


def row(pk, name="Halloran", *, excluded=False, books="https://books.example/1"):
    return {"pk": pk, "name": name, "url": f"/o/1/customers/{pk}/", "excluded": excluded, "books": books}


@pytest.mark.parametrize("may_act", [True, False])
def test_each_row_is_what_the_part_would_draw_for_it(db, may_act):
    rows = [
        row(1),
        row(2, HOSTILE),
        row(3, "Excluded", excluded=True),
        row(4, "", books=""),
        row(5, "Excluded too", excluded=True, books=""),
    ]
    assert drawn(ROWS, rows, may_act=may_act) == drawn(PLAIN, rows, may_act=may_act)


def test_what_is_filled_in_is_text(db):
    page = drawn(ROWS, [row(7, HOSTILE)])
    assert ("<script>" in page, "Menu of &quot;&gt;&lt;script&gt;" in page) == (False, True)


def test_every_row_of_the_lists_has_its_own_menu(signed_in, northwind):
    page = signed_in.get(f"/o/{northwind.pk}/receivables/").content.decode()
    owing = Customer.objects.filter(organisation=northwind, totals__isnull=False).distinct()
    assert page.count("They answered…") == owing.count()
    for customer in owing:
        assert f'href="/o/{northwind.pk}/customers/{customer.pk}/answered/" hx-get' in page
    page = signed_in.get(f"/o/{northwind.pk}/receivables/invoices/").content.decode()
    for invoice in northwind.invoice_set.filter(organisation=northwind, status="open", balance__gt=0):
        assert f'id="menu-{invoice.pk}" popover' in page
        assert f'write/?invoice={invoice.pk}"' in page
    assert "\ue000" not in page


def test_a_viewer_sees_no_deeds(client, northwind):
    client.force_login(make.member(northwind, "viewer"))
    page = client.get(f"/o/{northwind.pk}/receivables/").content.decode()
    assert ("They answered…" in page, "Open</a>" in page) == (False, True)
