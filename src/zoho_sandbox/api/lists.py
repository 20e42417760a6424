"""Lists: filters, sorting and pages (zoho-books-api.md section 3). Replies are made by joining stored bytes."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zoho_sandbox import money
from zoho_sandbox.api.call import Call, invalid
from zoho_sandbox.api.dirt import soiled
from zoho_sandbox.switches import ListName
from zoho_sandbox.wire import Response, encode

Row = tuple[Any, ...]
Piece = bytes | memoryview
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_PER_PAGE = 200
ORDERS = {"A", "D", "ASCENDING", "DESCENDING"}


def _stored(call: Call, rows: Sequence[Row]) -> list[bytes]:  # noqa: ARG001 others derive something from the call
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. `sorts` maps Zoho's sort columns to ours; `columns` are what `render` gets of each row.

    `pieces`, where a list has it, is its fast way: the rows one after the other, each begun by a comma.
    """

    table: str
    key: str
    report: str
    sorts: dict[str, str]
    sort: str
    order: str
    columns: str = "row"
    render: Callable[[Call, Sequence[Row]], list[bytes]] = _stored
    pieces: Callable[[Call, Sequence[Row]], list[Piece]] | None = None


@dataclass(slots=True)
class Where:
    """Conditions of a list, in SQL with their values."""

    terms: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, term: str, *values: Any) -> None:
        """Narrow the list."""
        self.terms.append(term)
        self.values.extend(values)


class Marks:
    """Where pages of a list end, so that the next page need not count from the start. Good until the next change."""

    def __init__(self, size: int = 4096) -> None:
        """Remember at most `size` ends of pages."""
        self._marks: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()
        self._size = size
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> tuple[Any, int] | None:
        """Sort value and id of the last row before a page."""
        with self._lock:
            return self._marks.get(key)

    def put(self, key: tuple[Any, ...], mark: tuple[Any, int]) -> None:
        """Remember the last row of a page."""
        with self._lock:
            self._marks[key] = mark
            if len(self._marks) > self._size:
                self._marks.popitem(last=False)


MARKS = Marks()


def page(
    call: Call,
    listing: Listing,
    where: Where,
    applied_filter: str = "Status.All",
    *,
    most: int = MOST_PER_PAGE,
) -> Response:
    """Answer one page of a list, of at most `most` rows."""
    number, per_page = max(1, call.number("page", 1)), min(page_size(call), most)
    sort, order = _sorting(call, listing)
    rows = _rows(call, listing, where, number=number, per_page=per_page, sort=sort, order=order)
    more = len(rows) > per_page
    context = {
        "page": number,
        "per_page": per_page,
        "has_more_page": more,
        "report_name": listing.report,
        "applied_filter": applied_filter,
        "custom_fields": [],
        "sort_column": sort,
        "sort_order": order,
    }
    shown = [row[2:] for row in rows[:per_page]]
    if listing.pieces and not call.switches.dirty_share:
        pieces = listing.pieces(call, shown)
        pieces[:1] = [memoryview(pieces[0])[1:]] if pieces else []
        return _enclosed(listing.key, pieces, context)
    rendered = listing.render(call, shown)
    return joined(listing.key, soiled(listing.key, rendered, call.switches), context)


def page_size(call: Call) -> int:
    """How many rows a page has: as many as were asked for, up to the cap."""
    default = call.switches.per_page_default
    wanted = call.number("per_page", default) or default
    if wanted > MOST_PER_PAGE:
        call.mistakes.append(("value", f"per_page={wanted}: at most {MOST_PER_PAGE}"))
    return min(wanted, call.switches.per_page_cap)


def joined(key: str, rows: list[bytes], context: dict[str, Any] | None) -> Response:
    """A list reply of rows that are JSON already."""
    return _enclosed(key, [b",".join(rows)], context)


def _enclosed(key: str, pieces: Sequence[Piece], context: dict[str, Any] | None) -> Response:
    tail = b"]}" if context is None else b'],"page_context":' + encode(context) + b"}"
    head = b'{"code":0,"message":"success","' + key.encode() + b'":['
    return Response(body=b"".join((head, *pieces, tail)))


def _sorting(call: Call, listing: Listing) -> tuple[str, str]:
    """The sort that applies, which `page_context` tells; an unknown column is passed over."""
    sort, order = call.get("sort_column"), call.get("sort_order").upper()
    if sort and sort not in listing.sorts:
        call.mistakes.append(("value", f"sort_column={sort}"))
    if order and order not in ORDERS:
        call.mistakes.append(("value", f"sort_order={order}"))
    if sort == "last_modified_time" and listing.key in call.switches.last_modified_sort_lists:
        if call.switches.last_modified_sort == "refused":
            raise invalid("sort_column")
        if call.switches.last_modified_sort == "ignored":
            sort = ""
    if sort not in listing.sorts:
        return listing.sort, listing.order
    return sort, order[0] if order in ORDERS else listing.order


def _rows(
    call: Call,
    listing: Listing,
    where: Where,
    *,
    number: int,
    per_page: int,
    sort: str,
    order: str,
) -> list[Row]:
    """Rows of one page and one more, with their sort value and id in front."""
    column, way, beyond = listing.sorts[sort], *(("ASC", ">") if order == "A" else ("DESC", "<"))
    terms, values = ["org = ?", *where.terms], [call.org.id, *where.values]
    signature = (
        call.version,
        listing.table,
        call.org.id,
        tuple(where.terms),
        tuple(where.values),
        sort,
        order,
        per_page,
    )
    mark = MARKS.get((*signature, number)) if number > 1 else None
    offset = 0 if mark else (number - 1) * per_page
    if mark:
        terms.append(f"({column}, id) {beyond} (?, ?)")
        values.extend(mark)
    found = call.db.execute(
        f"SELECT {column}, id, {listing.columns} FROM {listing.table} WHERE {' AND '.join(terms)} "  # noqa: S608 ours
        f"ORDER BY {column} {way}, id {way} LIMIT ? OFFSET ?",
        (*values, per_page + 1, offset),
    ).fetchall()
    if len(found) > per_page:
        MARKS.put((*signature, number + 1), found[per_page - 1][:2])
    return found


def texts(call: Call, where: Where, names: dict[str, str]) -> None:
    """Text filters: exact, and `_startswith`, `_contains`. `names` maps Zoho's names to our columns."""
    for name, column in names.items():
        if value := call.get(name):
            where.add(f"{column} = ?", value)
        if value := call.get(f"{name}_startswith"):
            where.add(f"{column} LIKE ? ESCAPE '\\'", _like(value) + "%")
        if value := call.get(f"{name}_contains"):
            where.add(f"{column} LIKE ? ESCAPE '\\'", f"%{_like(value)}%")


def _like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def days(call: Call, where: Where, names: dict[str, str]) -> None:
    """Date filters: exact, `_start` and `_end` inclusive, `_before` and `_after` exclusive."""
    for name, column in names.items():
        for suffix, sign in (("", "="), ("_start", ">="), ("_end", "<="), ("_before", "<"), ("_after", ">")):
            if value := call.get(name + suffix):
                if not DAY.fullmatch(value):
                    raise invalid(name + suffix)
                where.add(f"{column} {sign} ?", value)


def amounts(call: Call, where: Where, names: dict[str, str]) -> None:
    """Amount filters: exact and the four comparisons."""
    signs = {"": "=", "_less_than": "<", "_less_equals": "<=", "_greater_than": ">", "_greater_equals": ">="}
    for name, column in names.items():
        for suffix, sign in signs.items():
            if value := call.get(name + suffix):
                try:
                    cents = money.cents(value)
                except ValueError:
                    raise invalid(name + suffix) from None
                where.add(f"{column} {sign} ?", cents)


def modified_since(call: Call, where: Where, key: ListName) -> None:
    """`last_modified_time` as a filter of a list: inclusive, equality or nothing, by the switch (section 3.1)."""
    value = call.get("last_modified_time")
    if not value:
        return
    if not MOMENT.fullmatch(value):
        raise invalid("last_modified_time")
    try:
        at = int(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except ValueError:
        raise invalid("last_modified_time") from None
    filtering = call.switches.last_modified_filter
    if filtering != "ignored" and key in call.switches.last_modified_filter_lists:
        where.add(f"modified {'>=' if filtering == 'since' else '='} ?", at)


def identity(call: Call, where: Where, name: str, column: str) -> None:
    """Filter by the id of another record."""
    if value := call.get(name):
        if not value.isascii() or not value.isdigit() or len(value) > 18:  # noqa: PLR2004 a signed 64-bit number
            raise invalid(name)
        where.add(f"{column} = ?", int(value))
