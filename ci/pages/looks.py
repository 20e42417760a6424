"""What a browser says about pages: axe in both themes and widths, overflow, the console, and life without script."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, ViewportSize
from walk import Saved

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support import chromium
from tests.web.browser import AXE, NARROWEST, THEMES, WIDTHS, Visit

HEIGHT = 900
MOST_NAMED = 4
"""Of what sticks out: the rest lies within it, mostly."""


@dataclass
class Looks:
    """Complaints by kind, one sentence each; `counts` says how much was looked at."""

    axe: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    audits: int = 0
    pages: int = 0


def chromium_path() -> str:
    """The Chromium of this machine; ends the program with a sentence when there is none."""
    if found := chromium.find():
        return found
    raise SystemExit(chromium.MISSING)


def look(found: Looks, contexts: dict[bool, BrowserContext], pages: list[Saved], axe: str) -> None:
    """Open each page once and turn it through widths and themes.

    `contexts` are known by whether they are a visitor's; `axe` is the script of axe-core.
    """
    for saved in pages:
        page = contexts[saved.visitor].new_page()
        page.on("console", lambda said, saved=saved: _hear(found, saved, said))
        page.on("pageerror", lambda error, saved=saved: found.console.append(f"{saved.kind}: {error}"))
        page.set_viewport_size(_size(WIDTHS[0]))
        page.goto(saved.url)
        page.evaluate(axe)
        for width in WIDTHS:
            page.set_viewport_size(_size(width))
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                found.axe += [f"{saved.kind}: {one} ({theme}, {width})" for one in violations(page)]
                found.audits += 1
        page.set_viewport_size(_size(NARROWEST))
        if outside := Visit(page, "").overflow():
            found.overflow.append(f"{saved.kind}: {', '.join(outside[:MOST_NAMED])}")
        found.pages += 1
        page.close()


def violations(page: Page) -> list[str]:
    """`rule at selector` of what axe, which the page was given, finds."""
    found = page.evaluate("async (options) => (await axe.run(options)).violations", AXE)
    return [f"{rule['id']} at {node['target'][0]}" for rule in found for node in rule["nodes"]]


def _size(width: int) -> ViewportSize:
    return {"width": width, "height": HEIGHT}


def _hear(found: Looks, saved: Saved, said: ConsoleMessage) -> None:
    # Chromium's hints that nobody sees who does not ask for them.
    if said.type == "verbose":
        return
    # That the page itself is a refusal is no fault of it.
    if saved.status < 400 or said.location.get("url") != saved.url:  # noqa: PLR2004 - where refusals begin
        found.console.append(f"{saved.kind}: {said.type}: {said.text}")
