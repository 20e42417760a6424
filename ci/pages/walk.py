"""Every page of the demo: found by following links from the menu, saved as the server wrote it."""

import re
from collections import Counter, deque
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

from demo import Demo
from playwright.sync_api import APIRequestContext, BrowserContext, Page

OF_EACH_KIND = 3
"""Pages saved of each kind of address: a paid invoice is drawn in another way than an open one."""
MUST_BE_THERE = (
    "/o/N/receivables/", "/o/N/receivables/invoices/", "/o/N/customers/N/", "/o/N/customers/N/answered/",
    "/o/N/customers/N/stop/", "/o/N/invoices/N/", "/o/N/upcoming/", "/o/N/sent/", "/o/N/sent/N/", "/o/N/connection/",
    "/accounts/email/", "/accounts/2fa/", "/accounts/login/", "/start/",
)  # fmt: skip
"""Were one of these not reached, the walk would have looked at too little."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A page on disk. `kind` is its address without keys and values; the first of a kind is `first`."""

    url: str
    kind: str
    status: int
    file: Path
    first: bool
    """Looked at in the browser, too."""
    visitor: bool = False
    """As somebody sees it who is not logged in."""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and (address := values.get("href")) and "download" not in values:
            self.found.append(address)


class Walk:
    """Follows links and keeps what it was shown in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: list[Saved] = []
        folder.mkdir()

    def keep(
        self, request: APIRequestContext, url: str, *, set_of_pages: str = "", visitor: bool = False
    ) -> Saved | None:
        """Save one page as it was served; None when it is something else than a page."""
        answer = request.get(url)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return None
        kind = set_of_pages + kind_of(answer.url)
        file = self.folder / f"{len(self.pages):03}.html"
        file.write_bytes(answer.body())
        first = all(one.kind != kind for one in self.pages)
        saved = Saved(answer.url, kind, answer.status, file, first, visitor)
        self.pages.append(saved)
        return saved

    def follow(
        self,
        request: APIRequestContext,
        start: str,
        *,
        below: str,
        set_of_pages: str = "",
        of_each: int = OF_EACH_KIND,
    ) -> None:
        """Save the page at `start` and what can be reached from it among the addresses that begin with `below`."""
        seen, waiting, kinds = {start}, deque([start]), Counter({kind_of(start): 1})
        while waiting:
            url = waiting.popleft()
            saved = self.keep(request, url, set_of_pages=set_of_pages)
            # Filters of filters lead to the same pages again and again.
            if saved is None or urlsplit(url).query:
                continue
            links = _Links()
            links.feed(saved.file.read_text(encoding="utf-8"))
            for link in links.found:
                target = urljoin(saved.url, link).partition("#")[0]
                if target in seen or not target.startswith(below):
                    continue
                seen.add(target)
                if kinds[kind_of(target)] < of_each:
                    kinds[kind_of(target)] += 1
                    waiting.append(target)


def kind_of(url: str) -> str:
    """`/o/N/sent/?state` for `/o/1/sent/?state=refused`."""
    parts = urlsplit(url)
    path = re.sub(r"/\d+(?=/|$)", "/N", re.sub(r"/[\w-]{30,}(?=/)", "/SECRET", parts.path))
    keys = sorted({key for key, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return path + ("?" + "&".join(keys) if keys else "")


def come_in(page: Page, link: str) -> None:
    """Use the one-time link as the demo's first visitor does."""
    page.goto(link)
    page.fill("input[name=password]", "a long walk in the rain")
    page.click("main button[type=submit]")
    page.wait_for_url("**/o/*/**")


def walk(made: Walk, member: BrowserContext, visitor: BrowserContext, demo: Demo) -> None:
    """Save the pages of the demo company, of an empty one, of a visitor, of the books and of the mails."""
    page = member.new_page()
    come_in(page, demo.link)
    made.follow(member.request, page.url, below=f"{demo.address}/")
    made.keep(member.request, f"{demo.address}/start/")
    made.keep(member.request, f"{demo.address}/nowhere/")
    for path in ("login/", "password/reset/", "password/reset/done/"):
        made.keep(visitor.request, f"{demo.address}/accounts/{path}", visitor=True)
    made.keep(visitor.request, demo.link, set_of_pages="used ", visitor=True)
    empty_company(made, member, page, demo)
    page.close()
    made.follow(visitor.request, f"{demo.books}/", below=f"{demo.books}/", set_of_pages="books ")
    made.follow(visitor.request, f"{demo.mails}/", below=f"{demo.mails}/", set_of_pages="mails ", of_each=2)


def empty_company(made: Walk, member: BrowserContext, page: Page, demo: Demo) -> None:
    """Make a company without books and look at its pages."""
    page.goto(f"{demo.address}/start/")
    page.fill("input[name=name]", "Quiet Harbour Ltd")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{demo.address}/o/*/connect/")
    company = page.url.removesuffix("connect/")
    made.follow(member.request, page.url, below=company, set_of_pages="empty ", of_each=1)


def missing(pages: list[Saved]) -> list[str]:
    """Kinds of pages that the walk should have found and did not."""
    found = {one.kind for one in pages}
    return [kind for kind in MUST_BE_THERE if kind not in found]
