"""What the frame shows when something is the matter: demo, lost connection, a running sync, errors."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from dunright.models import SyncRun
from tests.web.browser import NARROWEST, WIDTHS

NOW = datetime(2026, 11, 24, 9, 38, tzinfo=UTC)
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("specimen")]


def fit(opened):
    return (opened.violations(), opened.overflow(), opened.complaints)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark"), (NARROWEST, "light")])
def test_demo_and_lost_connection(visit, member, company, books, width, theme):
    company.is_demo = True
    company.save()
    books(state="disconnected", sentence="Zoho Books no longer accepts this connection.")
    opened = visit(member(), width=width, theme=theme).go(f"/o/{company.pk}/receivables/")
    expect(opened.page.get_by_text("Demo.")).to_be_visible()
    expect(opened.page.get_by_role("link", name="Reconnect to Zoho Books")).to_be_visible()
    opened.picture(f"state-lost-{width}")
    assert fit(opened) == ([], [], [])


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sync_is_asked_for_and_told_until_it_ends(visit, member, company, books, width):
    connection = books(complete_sync_at=NOW)
    opened = visit(member(), width=width).go(f"/o/{company.pk}/receivables/")
    page = opened.page
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("progressbar", name="Sync starts")).to_be_visible()
    opened.picture(f"state-sync-{width}")
    assert fit(opened) == ([], [], [])
    SyncRun.objects.filter(organisation=company).update(stage="invoices", counts={"invoices": {"read": 12}})
    expect(page.get_by_role("progressbar", name="Reading invoices, 12 so far")).to_be_visible()
    connection.complete_sync_at = datetime.now(UTC)
    connection.save()
    SyncRun.objects.filter(organisation=company).update(state="done", is_complete=True)
    expect(page.get_by_role("button", name="Sync now")).to_be_visible()
    expect(page.locator("#sync-said")).to_have_text("The sync has ended.")
    expect(page.locator("#sync")).to_contain_text("Synced just now")
    assert opened.complaints == []


@pytest.mark.parametrize("width", [*WIDTHS, NARROWEST])
@pytest.mark.parametrize(("address", "status"), [("/missing/", 404), ("/broken/", 500)])
def test_error_pages(visit, member, address, status, width):
    opened = visit(member(), width=width).go(address)
    opened.picture(f"state-{status}-{width}")
    assert (opened.violations(), opened.overflow()) == ([], [])


def test_a_refused_fragment_says_so(visit, member, company, books):
    books()
    opened = visit(member()).go(f"/o/{company.pk}/receivables/")
    opened.page.context.clear_cookies()
    opened.page.route("**/sync/now/", lambda route: route.fulfill(status=500, body="no"))
    opened.page.get_by_role("button", name="Sync now").click()
    toast = opened.page.get_by_text("That did not work, and nothing was changed. Try again in a minute.")
    expect(toast).to_be_visible()
