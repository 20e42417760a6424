"""Pages put together: from a quick source several are stored at once, from a slow one each as it comes."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from dunright.connectors.base import Page
from dunright.remote.errors import RemoteError

AT_MOST = 5
"""Pages at once: what the memory holds, and what a killed worker reads again."""
SOON = 1.0
"""Seconds for which a page may wait for others: then people see its progress, and nothing is left to lose."""


def together(pages: Iterator[Page[Any]], *, stop: Callable[[], bool]) -> Iterator[Page[Any]]:
    """Yield the pages, several as one where they come quickly. `stop`: no more is read, what was read is yielded.

    One that fails ends the reading as it does alone, but after those before it.
    """
    held: list[Page[Any]] = []
    since = 0.0
    try:
        for page in pages:
            since = since if held else time.monotonic()
            held.append(page)
            if page.is_last or len(held) == AT_MOST or time.monotonic() - since >= SOON or stop():
                yield _one(held)
                held = []
    except RemoteError:
        if held:
            yield _one(held)
        raise
    if held:
        yield _one(held)


def _one(pages: list[Page[Any]]) -> Page[Any]:
    """The pages as one with the number of the last. An id may stand in it more than once."""
    last = pages[-1]
    return last._replace(
        records=tuple(record for page in pages for record in page.records),
        problems=tuple(problem for page in pages for problem in page.problems),
        watermark=next((page.watermark for page in pages if page.watermark is not None), None),
    )
