"""The page of proofs and the meter of calls in Chromium: accessible, without overflow, a silent console."""

from datetime import UTC, datetime, timedelta

import pytest

from dunright.models import CallBudget, Proof
from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS
from tests.web.health.planted import TOTALS, difference, proof, troubles
from tests.web.messages import HOSTILE, sticking_out, unfit

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path, in a company where everything is the matter."""
    troubles(organisation, 7)
    invoice = make.invoice(make.customer(organisation, HOSTILE), "INV-" + "9" * 60)
    found = [difference(invoice, outcome=outcome) for outcome in ("left", "mended", "explained")]
    proof(organisation, agrees=False, totals=TOTALS, differences=found, more=4)
    CallBudget.objects.create(
        organisation=organisation,
        daily_limit=5000,
        used_today=1200,
        others_today=900,
        remaining_seen=2900,
        at_once=2,
        day_ends_at=datetime(2026, 11, 25, tzinfo=UTC),
    )
    return {
        "health": f"/o/{organisation.pk}/health/",
        "meter": f"/o/{organisation.pk}/connection/",
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    assert unfit(opened, pages(northwind), name=f"{width}-{theme}") == {}


def test_empty_pages_are_fit(visit, northwind):
    opened = visit(make.owner(northwind))
    assert unfit(opened, {"health-empty": f"/o/{northwind.pk}/health/"}, name="1440-light") == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}


def test_the_verdict_comes_by_itself(visit, northwind):
    opened = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/health/")
    page = opened.page
    page.get_by_role("button", name="Check now").focus()
    page.keyboard.press("Enter")
    page.get_by_text("A check is under way.").wait_for()
    Proof.objects.filter(organisation=northwind).update(
        state="done", agrees=True, finished_at=make.NOW + timedelta(seconds=1), totals=TOTALS[:1]
    )
    page.get_by_text("Yes, it agrees").wait_for()
    assert page.get_by_role("button", name="Check now").count() == 1
    assert (opened.violations(), opened.complaints) == ([], [])
