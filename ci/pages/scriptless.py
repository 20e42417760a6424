"""Receivables without script: read, filter, search, sort, open."""

from playwright.sync_api import Page


def read_and_filter(page: Page, receivables: str) -> list[tuple[str, bool]]:
    """Go through Receivables in a window where script is off; each step with whether it did what it should."""
    page.goto(receivables)
    everybody = names(page)
    steps = [("all customers are listed", len(everybody) > 1)]
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Overdue").click()
    late = names(page)
    filtered = "state=overdue" in page.url and 0 < len(late) <= len(everybody) and set(late) <= set(everybody)
    steps.append(("the filter Overdue narrows the list", filtered))
    page.goto(receivables)
    page.select_option("#filter-schedule", "none")
    page.get_by_role("button", name="Show", exact=True).click()
    nobody = not names(page) and page.get_by_text("Nothing matches").is_visible()
    steps.append(
        ("a choice is sent by its own button", "schedule=none" in page.url and (nobody or bool(names(page))))
    )
    page.goto(receivables)
    page.get_by_role("searchbox").fill(everybody[-1])
    page.get_by_role("searchbox").press("Enter")
    steps.append(("the search finds the customer", everybody[-1] in names(page)))
    page.goto(receivables)
    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    steps.append(("a column head sorts", names(page) != everybody and set(names(page)) == set(everybody)))
    page.get_by_role("link", name=everybody[0], exact=True).click()
    steps.append(("a customer opens", page.locator("h1").inner_text() == everybody[0]))
    return steps


def names(page: Page) -> list[str]:
    """The customers of the list, in its order."""
    return page.locator("tbody .cell-title").all_inner_texts()
