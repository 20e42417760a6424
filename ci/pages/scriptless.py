"""Receivables without script: read, filter, search, sort, open."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page


def read_and_filter(page: Page, receivables: str) -> list[tuple[str, bool]]:
    """Go through Receivables in a window where script is off; each step with whether it did what it should."""

    def after(deed: Callable[[], Any]) -> list[str]:
        with page.expect_navigation():
            deed()
        return names(page)

    page.goto(receivables)
    everybody = names(page)
    steps = [("all customers are listed", len(everybody) > 1)]
    late = after(page.get_by_role("navigation", name="Filter").get_by_role("link", name="Overdue").click)
    is_narrower = 0 < len(late) <= len(everybody) and set(late) <= set(everybody)
    steps.append(("the filter Overdue narrows the list", "state=overdue" in page.url and is_narrower))
    page.goto(receivables)
    page.select_option("#filter-schedule", "none")
    unscheduled = after(page.get_by_role("button", name="Show", exact=True).click)
    is_told = bool(unscheduled) or page.get_by_text("Nothing matches").is_visible()
    steps.append(("a choice is sent by its own button", "schedule=none" in page.url and is_told))
    page.goto(receivables)
    page.get_by_role("searchbox").fill(everybody[-1])
    found = after(lambda: page.get_by_role("searchbox").press("Enter"))
    steps.append(("the search finds the customer", everybody[-1] in found))
    page.goto(receivables)
    in_order = after(page.get_by_role("columnheader", name="Customer").get_by_role("link").click)
    steps.append(("a column head sorts", in_order != everybody and set(in_order) == set(everybody)))
    after(page.get_by_role("link", name=in_order[0], exact=True).click)
    steps.append(("a customer opens", page.locator("h1").inner_text() == in_order[0]))
    return steps


def names(page: Page) -> list[str]:
    """The customers of the list, in its order."""
    return page.locator("tbody th .cell-title").all_inner_texts()
