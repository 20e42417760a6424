"""The way in and the connection in Chromium: fit in every state, by keyboard, with script off, to Zoho and back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dunright.models import Connection, Role
from dunright.services import accounts
from tests.support import factories
from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def home(company):
    return f"/o/{company.pk}"


def look(opened, name, width, theme):
    """What makes the page in the window unfit; a picture of it is kept."""
    opened.picture(f"{name}-{width}-{theme}")
    # The browser itself writes down that a page came with a status of 400 or more.
    complaints = [said for said in opened.complaints if "the server responded with a status" not in said]
    return [*opened.violations(), *opened.overflow(), *complaints]


def stages(opened, company, zoho, settings):
    """Lead the window from the first page to the last; yields the name of each state."""
    page, home = opened.page, f"/o/{company.pk}"
    secret = accounts.new_link(purpose=accounts.SIGN_IN, now=timezone.now(), user=factories.owner(company))
    opened.go(f"/welcome/{secret}/")
    yield "welcome"
    opened.go("/welcome/used/")
    yield "welcome-used"
    opened.go("/start/")
    yield "company"
    with_client = settings.CONFIGURATION
    settings.CONFIGURATION = replace(with_client, zoho_client_id="", zoho_sandbox_url="")
    opened.go(f"{home}/connect/")
    yield "connect-without-client"
    settings.CONFIGURATION = with_client
    opened.go(f"{home}/connect/")
    yield "connect"
    page.get_by_role("button", name="Connect with Zoho Books").click()
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("heading", name="You did not give access").wait_for()
    yield "refused"
    zoho.user_of("Liffey Tools Ltd", email="ada@books.example")
    _, user = zoho.user_of("Shannon Pumps Ltd", email="ada@books.example", currency="GBP")
    page.get_by_role("button", name="Try again").click()
    page.locator(f"input[name=user][value='{user}']").check()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Which books are those of Northwind Parts Ltd?").wait_for()
    yield "choose"
    page.get_by_role("radio", name="Shannon Pumps Ltd").check()
    page.get_by_role("button", name="Connect these books").click()
    page.get_by_role("heading", name="Receivables").first.wait_for()
    factories.invoice(factories.customer(company))
    fresh = timezone.now() - timedelta(minutes=4)
    Connection.objects.filter(organisation=company).update(complete_sync_at=fresh)
    opened.go(f"{home}/connection/")
    yield "connection"
    opened.go(f"{home}/connection/disconnect/")
    yield "disconnect"
    opened.go(f"{home}/connection/")
    page.get_by_role("link", name="Disconnect…").click()
    page.get_by_role("dialog", name="Disconnect Shannon Pumps Ltd").wait_for()
    yield "disconnect-dialog"
    page.get_by_role("dialog").get_by_role("button", name="Disconnect Shannon Pumps Ltd").click()
    page.get_by_role("heading", name="Disconnected since today").wait_for()
    yield "disconnected"
    page.get_by_role("button", name="Reconnect to Zoho Books").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="These are other books").wait_for()
    yield "other-books"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_is_fit(visit, company, owner, zoho, settings, width, theme):
    opened = visit(owner, width=width, theme=theme)
    found = {name: look(opened, name, width, theme) for name in stages(opened, company, zoho, settings)}
    assert {name: one for name, one in found.items() if one} == {}
    assert len(found) == 12


def test_nothing_sticks_out_on_the_narrowest_phone(visit, company, owner, zoho, settings):
    opened = visit(owner, width=NARROWEST)
    found = {name: opened.overflow() for name in stages(opened, company, zoho, settings)}
    assert {name: one for name, one in found.items() if one} == {}


def test_long_names_stay_inside(visit, company, owner, home, sandbox):
    factories.connection(company, location="sandbox", books_name="Ollscoilchomhlacht" * 11)
    opened = visit(owner, width=NARROWEST)
    assert [opened.go(f"{home}/connection/{page}").overflow() for page in ("", "disconnect/")] == [[], []]


def test_viewers_page_is_fit(visit, company, home):
    viewer = factories.member(company, Role.VIEWER)
    opened = visit(viewer).go(f"{home}/connection/")
    assert (look(opened, "connection-viewer", 1440, "light"), opened.complaints) == ([], [])


def test_connect_and_disconnect_by_keyboard(visit, company, owner, home, sandbox):
    page = visit(owner).go(f"{home}/connect/").page
    page.get_by_role("button", name="Change region").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="India zoho.in")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Connect with Zoho Books")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Receivables").first.wait_for()

    page.get_by_role("link", name="Connection", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Disconnect…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Disconnect Northwind Parts Ltd")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Disconnect…").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Disconnect Northwind Parts Ltd").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Disconnected since today")).to_be_visible()


def test_all_of_it_works_with_script_off(visit, company, owner, home, sandbox):
    page = visit(owner, script=False).go(f"{home}/connect/").page
    page.get_by_role("button", name="Connect with Zoho Books").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Receivables").first.wait_for()
    page.get_by_role("link", name="Connection", exact=True).click()
    page.get_by_role("link", name="Disconnect…").click()
    page.get_by_role("button", name="Disconnect Northwind Parts Ltd").click()
    page.get_by_role("button", name="Reconnect to Zoho Books").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Receivables").first.wait_for()
    assert Connection.objects.get(organisation=company).state == "connected"


def test_the_redirect_address_is_copied(visit, company, owner, home, sandbox):
    opened = visit(owner)
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened.go(f"{home}/connect/").page
    page.get_by_role("button", name="Copy the redirect address").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{opened.base}/connect/zoho_books/callback/"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_menu_of_regions_is_fit_and_chooses(visit, company, owner, home, settings, width):
    settings.CONFIGURATION = replace(
        settings.CONFIGURATION, zoho_sandbox_url="", zoho_client_id="1000.A", zoho_client_secret="b"
    )
    opened = visit(owner, width=width).go(f"{home}/connect/")
    page = opened.page
    page.get_by_role("button", name="Change region").click()
    assert look(opened, "connect-regions", width, "light") == []
    page.get_by_role("link", name="India zoho.in").click()
    expect(page.get_by_text("Accounts kept in India, zoho.in")).to_be_visible()
    expect(page.locator("input[name=location]")).to_have_value("in")
