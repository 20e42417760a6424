"""Look at every page of the demo company as a browser, two validators and Lighthouse see it (docs/architecture.md).

    .venv/bin/python ci/pages/check.py FOLDER

FOLDER keeps the tools from npm, outside the project; it is filled from package-lock.json when it is not there. Needs
Node.js 20, Java, a Chromium and the development requirements. The demo and its pages live in a temporary folder.
"""

import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import node_tools
from demo import free_port, running_demo
from looks import Looks, chromium_path, look
from node_tools import Tools
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright
from scriptless import read_and_filter
from walk import Saved, Walk, missing, walk

MOST_SHOWN = 25
"""Complaints of one kind: the rest would push the first off the screen."""
PHONE_PAGES = ("/accounts/login/", "/o/N/receivables/", "/o/N/customers/N/", "/o/N/upcoming/")
"""Looked at by Lighthouse, which takes its time."""


class Report:
    """Sentences with ok or FAILED before them, and the totals."""

    def __init__(self) -> None:
        self.results: list[bool] = []
        self.begun = time.monotonic()

    def tell(self, sentence: str, complaints: Sequence[str]) -> None:
        """Say how a check went; what it complains about stands below it."""
        self.results.append(not complaints)
        seconds = time.monotonic() - self.begun
        print(f"{'FAILED' if complaints else 'ok    '} {sentence}  ({seconds:.0f} s)", flush=True)
        for one in complaints[:MOST_SHOWN]:
            print(f"       {one}")
        if len(complaints) > MOST_SHOWN:
            print(f"       and {len(complaints) - MOST_SHOWN} more")

    def total(self) -> int:
        """Print the totals; how the program ends."""
        failed = self.results.count(False)
        print(f"{len(self.results) - failed} passed, {failed} failed")
        return min(failed, 1)


def main() -> int:
    """Run every check; return how the program ends."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its one argument
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if absent := node_tools.missing():
        sys.stderr.write("\n".join(absent) + "\n")
        return 1
    # Ended from outside, the demo ends as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dunright-pages-") as name, ThreadPoolExecutor(1) as beside:
        folder = Path(name)
        # Downloaded while the demo plays its past.
        installing = beside.submit(Tools, Path(sys.argv[1]).resolve())
        with running_demo(folder) as running, sync_playwright() as playwright:
            tools = installing.result()
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
            )
            member, visitor = browser.new_context(), browser.new_context()
            contexts, axe = {False: member, True: visitor}, tools.axe
            found, made = Looks(), Walk(folder / "pages")
            # Before it is used up.
            made.keep(visitor.request, running.link, visitor=True)
            look(found, contexts, made.pages, axe)
            walk(made, member, visitor, running)
            pages = made.pages
            report.tell(f"{len(pages)} pages saved, every kind that must be there", missing(pages))
            # Validators use one core, the browser the other.
            html, vnu = (beside.submit(run, folder / "pages") for run in (tools.html_validate, tools.vnu))
            look(found, contexts, firsts(pages)[1:], axe)
            tell_looks(report, found)
            tell_validators(report, pages, html, vnu)
            tell_scriptless(report, browser, member, running.address, pages)
            session = member.cookies(running.address)
            browser.close()
            measure(report, tools, playwright, pages, session, folder / "profile")
    return report.total()


def firsts(pages: Sequence[Saved]) -> list[Saved]:
    """One page of each kind; a filtered list looks as the whole one does."""
    return [one for one in pages if one.first and "?" not in one.kind]


def tell_looks(report: Report, found: Looks) -> None:
    """What the browser said."""
    report.tell(
        f"axe: {found.audits} audits of {found.pages} pages, light and dark, wide and narrow", found.axe
    )
    report.tell(f"overflow at 320: {found.pages} pages", found.overflow)
    report.tell(f"console: {found.pages} pages without a message", found.console)


def tell_validators(
    report: Report, pages: Sequence[Saved], html: Future[list[str]], vnu: Future[list[str]]
) -> None:
    """What the validators said, with the kind of page in place of the file."""
    kinds = {one.file.name: one.kind for one in pages}
    for name, messages in (("html-validate", html), ("vnu", vnu)):
        told = node_tools.counted(messages.result(), kinds)
        report.tell(f"{name}: {len(pages)} pages", told)


def tell_scriptless(
    report: Report, browser: Browser, member: BrowserContext, address: str, pages: Sequence[Saved]
) -> None:
    """Reading and filtering with script off."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(member.cookies(address))  # type: ignore[arg-type]  # what cookies() gives, add_cookies() takes
    receivables = next(one.url for one in pages if one.kind == "/o/N/receivables/")
    for step, is_good in read_and_filter(context.new_page(), receivables):
        report.tell(f"without script: {step}", [] if is_good else ["it did not"])
    context.close()


def measure(
    report: Report,
    tools: Tools,
    playwright: Playwright,
    pages: Sequence[Saved],
    session: Sequence[Any],
    profile: Path,
) -> None:
    """Lighthouse, in a browser that has the session once the visitor's pages are done.

    A cookie among Lighthouse's own headers would not reach the frame that a letter is shown in.
    """
    port = free_port()
    arguments = ["--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}"]
    browser = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium_path(), args=arguments
    )
    chosen = [next(one for one in pages if one.kind == kind) for kind in PHONE_PAGES]
    for saved in sorted(chosen, key=lambda one: not one.visitor):
        if not saved.visitor:
            browser.add_cookies(session)
        tell_scores(report, saved.kind, tools.lighthouse(saved.url, port))
    browser.close()


def tell_scores(report: Report, kind: str, scores: dict[str, int]) -> None:
    """Lighthouse's scores against the least that is wanted."""
    low = [
        f"{name} {scores[name]}, at least {least}"
        for name, least in node_tools.LEAST.items()
        if scores[name] < least
    ]
    report.tell(f"Lighthouse on a phone: {kind} {' / '.join(str(score) for score in scores.values())}", low)


if __name__ == "__main__":
    sys.exit(main())
