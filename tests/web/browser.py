"""Chromium for tests: one browser a run, a fresh context a test, and what makes a page unfit to ship.

Fixtures: `chromium`, and `visit` (a signed-in page at a width and in a theme).
Pictures land in a temporary folder: set TEST_PICTURES to a folder of your own to look at them.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page, sync_playwright

WIDTHS = (1440, 390)
THEMES = ("light", "dark")
NARROWEST = 320
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def executable():
    """Return where Chromium is; the run fails with a sentence where there is none (`./test` leaves these tests out)."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail(
            "There is no Chromium: install the package chromium, or run with -m 'not browser'.", pytrace=False
        )
    return found


def pictures_folder():
    chosen = os.environ.get("TEST_PICTURES")
    folder = Path(chosen) if chosen else Path(tempfile.gettempdir()) / "dunright-pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Visit:
    """A page in the browser and what went wrong on it."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path):
        self.page.goto(self.base + path)
        return self

    def violations(self):
        """What axe finds: `rule: selector`, one a line."""
        found = Axe().run(self.page, options=AXE).response["violations"]
        return [f"{rule['id']}: {node['target'][0]}" for rule in found for node in rule["nodes"]]

    def overflow(self):
        """Selectors of what sticks out to the right of the window."""
        return self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                return [...document.body.querySelectorAll("*")]
                    .filter((one) => one.getBoundingClientRect().right > width + 1)
                    .map((one) => `${one.tagName}.${one.className.baseVal ?? one.className}`);
            }"""
        )

    def picture(self, name):
        path = pictures_folder() / f"{name}.png"
        self.page.screenshot(path=str(path), full_page=True)
        return path


@pytest.fixture(scope="session")
def chromium():
    # Playwright's loop runs in this thread, beside the ORM calls of fixtures; they never overlap.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(chromium, live_server):
    """Open a window: `visit(user=…, width=…, theme=…, script=…)` gives a Visit; all are closed after the test."""
    with ExitStack() as stack:

        def opened(user=None, *, width=1440, theme="light", script=True):
            context = chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script
            )
            stack.callback(context.close)
            if user is not None:
                client = Client()
                client.force_login(user)
                cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
                context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
            page = context.new_page()
            visit = Visit(page, live_server.url)
            page.on(
                "console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None
            )
            page.on("pageerror", lambda error: visit.complaints.append(str(error)))
            return visit

        yield opened
