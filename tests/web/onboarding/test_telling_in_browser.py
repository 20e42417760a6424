"""The section “Tell Zoho Books” in Chromium: fit in every state, to Zoho for the permission and back, copied."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dunright.models import SourceHook, SourceWrite
from dunright.services import source_writes
from tests.support import factories
from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def stages(opened, company):
    """Lead the window through the states of the section; yields the name of each."""
    page, where = opened.page, f"/o/{company.pk}/connection/"
    opened.go(f"/o/{company.pk}/connect/")
    page.get_by_role("button", name="Connect with Zoho Books").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Receivables").first.wait_for()
    opened.go(where)
    yield "tell-nothing"
    page.get_by_role("checkbox", name="A comment when a reminder was sent").check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("Zoho has given the permission").wait_for()
    expect(page.get_by_role("checkbox", name="A comment when a reminder was sent")).to_be_checked()
    yield "tell-comments"
    invoice = factories.invoice(factories.customer(company, "Ollscoilchomhlacht" * 6), "INV-1")
    now = timezone.now()
    for state in ("failed", "queued", "done"):
        SourceWrite.objects.create(
            organisation=company,
            kind="comment",
            key=state,
            customer=invoice.customer,
            invoice=invoice if state == "failed" else None,
            state=state,
            due_at=now,
            planned_at=now,
            settled_at=now,
            reason="Zoho Books is out of order for the moment (HTTP 500)." if state != "done" else "",
        )
    opened.go(where)
    page.get_by_role("button", name="Make an address").click()
    page.get_by_role("textbox", name="Address for Zoho’s webhooks").wait_for()
    page.get_by_text("What to set up in Zoho Books").click()
    yield "tell-failed-and-address"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_is_fit(visit, company, owner, sandbox, width, theme):
    opened = visit(owner, width=width, theme=theme)
    found = {}
    for name in stages(opened, company):
        opened.picture(f"{name}-{width}-{theme}")
        found[name] = [*opened.violations(), *opened.overflow(), *opened.complaints]
    assert found == {"tell-nothing": [], "tell-comments": [], "tell-failed-and-address": []}
    assert source_writes.told(company) == {"comments"}


def test_nothing_sticks_out_on_the_narrowest_phone_and_the_address_is_copied(visit, company, owner, sandbox):
    opened = visit(owner, width=NARROWEST)
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert {name: opened.overflow() for name in stages(opened, company)} == {
        "tell-nothing": [],
        "tell-comments": [],
        "tell-failed-and-address": [],
    }
    opened.page.get_by_role("button", name="Copy the address for webhooks").click()
    opened.page.get_by_text("Copied").wait_for()
    hook = SourceHook.objects.get(organisation=company)
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{opened.base}/hooks/zoho_books/{hook.secret}/"
