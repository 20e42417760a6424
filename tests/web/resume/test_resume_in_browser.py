"""Resume in Chromium: accessible, without overflow, without a word in the console, by keyboard."""

from datetime import date, timedelta

import pytest

from dunright.models import Organisation
from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS
from tests.web.messages import HOSTILE, sticking_out, unfit

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path of the page, the first time with the longest of names."""
    Organisation.objects.filter(pk=organisation.pk).update(is_paused=True, first_resumed_at=None)
    for name, due in ((HOSTILE, date(2026, 11, 13)), ("Old", make.TODAY - timedelta(days=400))):
        customer = make.customer(organisation, name)
        make.person(customer, f"p{make.number()}@customer.example")
        make.invoice(customer, f"INV-{'0' * 30}{make.number()}", due=due, balance="1234567.89")
    return {"resume": f"/o/{organisation.pk}/resume/"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_fit(visit, northwind, width, theme):
    found = pages(northwind)
    opened = visit(make.owner(northwind), width=width, theme=theme)
    assert unfit(opened, found, name=f"{width}-{theme}") == {}
    opened.page.get_by_role("heading", name="One by one").click()
    opened.page.get_by_label("How INV-").first.wait_for()
    # The bar at the top covers part of what was scrolled to.
    opened.page.evaluate("scrollTo(0, 0)")
    assert (opened.violations(), opened.overflow()) == ([], [])


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}


def test_chosen_by_keyboard_without_script(visit, northwind):
    page = visit(make.owner(northwind), script=False).go(pages(northwind)["resume"]).page
    page.locator("#overdue-gently").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Show what follows").focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.locator("#overdue-nearest").is_checked()
    page.get_by_role("button", name="Resume chasing").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Chasing is resumed.").wait_for()
    assert Organisation.objects.get(pk=northwind.pk).is_paused is False
