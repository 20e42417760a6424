"""What the address of a list asks for; anything unknown is as if it were not there."""

from collections.abc import Sequence

from django.http import QueryDict

from dunright.queries.filters import LONGEST_SEARCH, STATES, Filters
from dunright.web.words import REASONS

_LONGEST_PAGE = 6
"""Digits."""


def filters_from(query: QueryDict, sorts: Sequence[str]) -> Filters:
    """Read the filters of a list whose columns `sorts` can be sorted by."""
    state, sort, page = query.get("state", ""), query.get("sort", ""), query.get("page", "")
    reason = query.get("reason", "")
    return Filters(
        state=state if state in STATES else "all",
        schedule=_text(query.get("schedule", ""))[:100],
        reason=reason if reason in REASONS else "",
        search=_text(query.get("q", "")),
        sort=sort if sort.removeprefix("-") in sorts else "",
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) <= _LONGEST_PAGE else 1,
    )


def _text(value: str) -> str:
    # A NUL cannot be part of a text in PostgreSQL.
    return value.replace("\x00", "").strip()[:LONGEST_SEARCH]
