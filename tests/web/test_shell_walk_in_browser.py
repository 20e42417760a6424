"""The shell under the hand: menu, drawer, dialog, search and colours, by pointer and by keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("specimen")]


@pytest.fixture
def address(company):
    return f"/o/{company.pk}/receivables/"


def test_the_row_menu_opens_by_keyboard_and_leads_to_a_dialog(visit, member, address):
    opened = visit(member()).go(address)
    page = opened.page
    button = page.get_by_role("button", name="Menu of Halloran Bearings")
    button.focus()
    page.keyboard.press("Enter")
    item = page.get_by_role("button", name="Stop chasing…").locator("visible=true")
    expect(item).to_be_visible()
    opened.picture("walk-menu")
    assert (opened.violations(), opened.overflow()) == ([], [])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Stop chasing Halloran Bearings")
    expect(dialog).to_be_visible()
    expect(item).to_be_hidden()
    opened.picture("walk-dialog")
    assert opened.violations() == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert opened.complaints == []


def test_a_dialog_closes_by_a_click_beside_it_and_by_its_buttons(visit, member, address):
    page = visit(member()).go(address).page
    dialog = page.get_by_role("dialog")
    for close in (
        lambda: page.mouse.click(5, 5),
        lambda: dialog.get_by_role("button", name="Cancel").click(),
    ):
        page.get_by_role("button", name="Menu of Inver Precision").click()
        page.get_by_role("button", name="Stop chasing…").locator("visible=true").click()
        expect(dialog).to_be_visible()
        close()
        expect(dialog).to_be_hidden()


def test_the_menu_is_a_drawer_on_a_phone(visit, member, address):
    opened = visit(member(), width=390).go(address)
    page = opened.page
    entry = page.get_by_role("link", name="Upcoming", exact=True)
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(entry).to_be_visible()
    opened.picture("walk-drawer")
    assert (opened.violations(), opened.overflow()) == ([], [])
    page.get_by_role("link", name="Schedules").click()
    expect(page).to_have_url(opened.base + address.replace("receivables", "schedules"))


@pytest.mark.parametrize("width", [1440, 390])
def test_the_shortcut_goes_to_the_search_box(visit, member, address, width):
    page = visit(member(), width=width).go(address).page
    page.keyboard.press("Control+k")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    box.fill("INV-3293")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?q=INV-3293")


def test_chosen_colours_stay(visit, member, address):
    opened = visit(member()).go(address)
    page = opened.page
    page.get_by_role("button", name="Aoife Brennan").click()
    opened.picture("walk-person")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(10, 13, 18)"


def test_the_redirect_address_can_be_copied(visit, member, company):
    opened = visit(member()).go(f"/o/{company.pk}/customers/")
    opened.page.get_by_role("button", name="Copy").click()
    expect(opened.page.get_by_role("button", name="Copied")).to_be_visible()


def test_a_message_can_be_closed(visit, member, address):
    page = visit(member()).go(address).page
    toast = page.get_by_text("Halloran Bearings is on hold until 1 December.")
    expect(toast).to_be_visible()
    page.get_by_role("button", name="Close this message").click()
    expect(toast).to_have_count(0)


def test_menus_and_sorting_work_without_script(visit, member, address):
    page = visit(member(), script=False, width=390).go(address).page
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("link", name="Upcoming", exact=True)).to_be_visible()
    page.get_by_role("link", name="Receivables").click()
    page.get_by_role("link", name="Customer", exact=True).click()
    expect(page.get_by_role("columnheader", name="Customer", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
