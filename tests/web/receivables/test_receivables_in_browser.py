"""The pages of receivables in Chromium: accessible, without overflow, without a word in the console."""

import pytest

from dunright.models import Customer, Invoice
from tests.support import factories as make
from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path of every page of this part, with its dialogs as pages."""
    base = f"/o/{organisation.pk}"
    halloran = Customer.objects.get(organisation=organisation, name="Halloran Bearings")
    hostile = Customer.objects.get(organisation=organisation, name__startswith="<script>")
    promised = Invoice.objects.get(organisation=organisation, number="INV-3293")
    return {
        "receivables": f"{base}/receivables/",
        "receivables-invoices": f"{base}/receivables/invoices/",
        "customer": f"{base}/customers/{halloran.pk}/",
        "customer-hostile": f"{base}/customers/{hostile.pk}/",
        "customer-paid": f"{base}/customers/{halloran.pk}/paid/",
        "customer-stop": f"{base}/customers/{halloran.pk}/stop/",
        "customer-answered": f"{base}/customers/{halloran.pk}/answered/",
        "customer-contact": f"{base}/customers/{halloran.pk}/contact/",
        "invoice": f"{base}/invoices/{promised.pk}/",
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    found = {}
    for name, path in pages(northwind).items():
        opened.go(path).picture(f"{name}-{width}-{theme}")
        found[name] = (opened.violations(), opened.overflow(), list(opened.complaints))
    assert {name: one for name, one in found.items() if any(one)} == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    opened = visit(make.owner(northwind), width=NARROWEST)
    found = {name: opened.go(path).overflow() for name, path in pages(northwind).items()}
    assert {name: one for name, one in found.items() if one} == {}
