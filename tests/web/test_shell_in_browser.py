"""Every part of the design in Chromium: accessible, without overflow, without a word in the console."""

import pytest

from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("specimen")]
PAGES = ("receivables", "customers", "settings")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_specimen_pages(visit, member, company, name, width, theme):
    opened = visit(member(), width=width, theme=theme).go(f"/o/{company.pk}/{name}/")
    opened.picture(f"specimen-{name}-{width}-{theme}")
    assert (opened.violations(), opened.overflow(), opened.complaints) == ([], [], [])


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_on_the_narrowest_phone(visit, member, company, name):
    opened = visit(member(), width=NARROWEST).go(f"/o/{company.pk}/{name}/")
    assert opened.overflow() == []
