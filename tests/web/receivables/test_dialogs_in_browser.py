"""The dialogs, the switch and the filters by hand: with script, by keyboard, and with script off."""

import pytest

from dunright.models import Customer, Hold
from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS

pytestmark = pytest.mark.browser


@pytest.fixture
def halloran(northwind):
    return Customer.objects.get(organisation=northwind, name="Halloran Bearings")


@pytest.fixture
def base(northwind):
    return f"/o/{northwind.pk}/receivables/"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_dialogs_are_fit(visit, northwind, halloran, base, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme).go(base)
    page = opened.page
    page.get_by_role("button", name="Menu of Halloran Bearings").click()
    page.get_by_role("link", name="They answered").click()
    dialog = page.get_by_role("dialog", name="Halloran Bearings answered")
    dialog.get_by_text("They will pay on a date").click()
    opened.picture(f"dialog-answered-{width}-{theme}")
    assert (opened.violations(), opened.overflow(), opened.complaints) == ([], [], [])


def test_a_promise_by_dialog(visit, northwind, halloran, base):
    opened = visit(make.owner(northwind)).go(f"{base}?state=overdue")
    page = opened.page
    page.get_by_role("button", name="Menu of Halloran Bearings").click()
    page.get_by_role("link", name="They answered").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("They will pay on a date").click()
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("Give the day on which they will pay.").wait_for()
    dialog.get_by_label("They will pay by").fill("2026-12-03")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("are promised for 3 December 2026").wait_for()
    assert page.url.endswith("?state=overdue")
    promised = Hold.objects.filter(organisation=northwind, kind="promise", ended_at=None)
    assert promised.count() == 4
    # The refused form was answered with 422, which browsers write to the console.
    assert [said for said in opened.complaints if "422" not in said] == []


def test_stop_by_keyboard_alone(visit, northwind, halloran, base):
    page = visit(make.owner(northwind)).go(f"{base}?q=halloran").page
    page.get_by_role("button", name="Menu of Halloran Bearings").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Stop chasing Halloran Bearings")
    dialog.get_by_role("radio", name="This time").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    dialog.get_by_role("button", name="Stop chasing").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Halloran Bearings is on hold until somebody resumes.").wait_for()
    hold = Hold.objects.get(organisation=northwind, customer=halloran, kind="customer", ended_at=None)
    assert hold.date is None


def test_the_switch_swaps_its_row_and_keeps_the_focus(visit, northwind, halloran, base):
    opened = visit(make.owner(northwind)).go(base)
    switch = opened.page.get_by_role("switch", name="Chase Halloran Bearings")
    switch.click()
    opened.page.get_by_role("switch", name="Chase Halloran Bearings", checked=False).wait_for()
    opened.page.get_by_text("Halloran Bearings is not chased any more.").wait_for()
    assert opened.page.evaluate("document.activeElement.id") == f"chasing-{halloran.pk}"
    halloran.refresh_from_db()
    assert (halloran.is_chasing, opened.complaints) == (False, [])


def test_everything_works_with_script_off(visit, northwind, halloran, base):
    page = visit(make.owner(northwind), script=False).go(base).page
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Held back").click()
    assert "state=held" in page.url
    page.get_by_label("Schedule").select_option("none")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Lissadoon Quarries").click()
    page.get_by_role("link", name="Stop chasing").click()
    page.get_by_text("Never", exact=True).click()
    page.get_by_role("button", name="Stop chasing").click()
    assert (
        page.get_by_role("switch", name="Chase Lissadoon Quarries").get_attribute("aria-checked") == "false"
    )
