"""The inbox in Chromium: fit to read for everybody, and no way out for what a mail holds."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.support import chromium

PATHS = (
    "/",
    "/?search=nowhere",
    "/messages/1",
    *(f"/messages/1?view={view}" for view in ("text", "headers", "source")),
)
HOSTILE = "<p>Hello</p><script>top.document.title = 'owned'</script><img src=https://evil.example/x onerror=alert(1)>"


@pytest.fixture
def in_browser():
    """Run `in_browser(function)` with a browser; in a thread of its own, as Playwright allows one a thread."""

    def run(function):
        def in_thread():
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
                return function(browser)

        with ThreadPoolExecutor(1) as threads:
            return threads.submit(in_thread).result(timeout=120)

    return run


@pytest.mark.browser
def test_pages_are_accessible_and_fit_their_window(catcher, send, in_browser):
    send(
        subject="A long subject " * 20,
        html="<p>Hello</p>",
        files=[("a" * 90 + ".pdf", "application/pdf", b"%PDF")],
    )

    def look(browser):
        found = []
        for theme in ("light", "dark"):
            for width in (1440, 390, 320):
                # Axe needs to run its own script, which the pages' policy rightly refuses.
                context = browser.new_context(
                    viewport={"width": width, "height": 844}, color_scheme=theme, bypass_csp=True
                )
                page = context.new_page()
                for path in PATHS:
                    page.goto(catcher.http_url + path)
                    rules = [rule["id"] for rule in Axe().run(page).response["violations"]]
                    beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                    if rules or beyond > 0:
                        found.append((theme, width, path, rules, beyond))
        return found

    assert in_browser(look) == []


@pytest.mark.browser
def test_mail_cannot_run_script_or_reach_outside(catcher, send, in_browser):
    send(html=HOSTILE)

    def look(browser):
        page = browser.new_page()
        asked, dialogs = [], []
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        page.goto(f"{catcher.http_url}/messages/1")
        shown = page.frame_locator("iframe").locator("p").inner_text()
        return shown, page.title(), dialogs, [url for url in asked if not url.startswith(catcher.http_url)]

    assert in_browser(look) == ("Hello", "Invoice INV-1 · Mail catcher", [], [])


@pytest.mark.browser
def test_all_messages_are_deleted_after_asking_without_script(catcher, send, in_browser):
    send()

    def delete(browser):
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(catcher.http_url)
        page.get_by_text("Delete all", exact=True).click()
        page.get_by_role("button", name="Delete", exact=True).click()
        return page.get_by_text("No mail yet.").is_visible()

    assert in_browser(delete) is True
    assert catcher.messages() == []
