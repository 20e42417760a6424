"""How many calls it takes to read the books (zoho-books-api.md section 12.3). Plain arithmetic."""

from collections.abc import Mapping
from typing import Final

PER_PAGE: Final = 200
"""Rows that a call to a list of Zoho Books brings."""
QUIET: Final = 4
"""Calls of an incremental sync when nothing has changed: one for each list that tells changes."""
BY_CHANGE: Final = ("customers", "invoices", "payments", "credit_notes")
"""The lists that are asked first when each of them changed last: a call more, unless the list is empty."""


def pages(rows: int, *, per_page: int = PER_PAGE) -> int:
    """Calls that read a list of so many rows."""
    return -(-rows // per_page)


def lists(rows: Mapping[str, int], *, per_page: int = PER_PAGE) -> int:
    """Calls that read every list once, as the table of section 12.3 counts them; `rows`: list -> its rows."""
    return sum(pages(count, per_page=per_page) for count in rows.values())


def first_sync(rows: Mapping[str, int], *, open_invoices: int, per_page: int = PER_PAGE) -> int:
    """Calls of a first sync without records read singly, some overdue invoice among the open ones.

    Beside the lists: the open invoices, which come first; one call to each list that tells changes, and one that finds
    out whether persons come in one list. An empty list costs the one call that shows it.
    """
    told = sum(1 for name in BY_CHANGE if rows.get(name))
    empty = sum(1 for count in rows.values() if not count)
    has_persons = 1 if "persons" in rows else 0
    of_open = max(pages(open_invoices, per_page=per_page), 1)
    return lists(rows, per_page=per_page) + of_open + told + empty + has_persons
