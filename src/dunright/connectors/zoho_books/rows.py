"""Decoding lists: a whole page at once when every row fits its struct, row by row when one does not.

An odd row never costs its page: what can be repaired is (numbers where text was due, long text, NUL
characters, which no database takes), and what cannot is reported with its id.
"""

import re
import typing
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from dunright.connectors.base import Problem
from dunright.connectors.zoho_books.client import Envelope
from dunright.connectors.zoho_books.wire import PageContext

RowT = TypeVar("RowT", bound=msgspec.Struct)

UNSTORABLE = re.compile(
    # Not after an odd number of backslashes: then the backslash is text, and so is what follows.
    rb"(?<!\\)((?:\\\\)*)"
    rb"(?:\\u0000"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
"""NUL, and one half of a surrogate pair without the other."""
ODD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)
"""What a decoder may raise; the last one from `Decimal`, for exponents beyond all reason."""
WORSE_BY_HALF = frozenset({"email", "contact_person_email", "invoice_url"})


class Rows(Envelope, Generic[RowT]):
    """The rows of a page that could be decoded, and what happened to the others."""

    rows: list[RowT] = []
    has_more: bool | None = None
    """None when the answer does not say."""
    sorted_by: str = ""
    problems: tuple[Problem, ...] = ()
    sent: int = 0
    """Rows in the answer, good or not."""


@lru_cache(maxsize=64)
def page_decoder(row: type[RowT], key: str, id_field: str) -> Callable[[bytes], Rows[RowT]]:
    """Return a function from the bytes of a list answer with its rows under `key` to `Rows`."""
    fast = _decoder(_page_type(row, key))
    slow = _decoder(_page_type(msgspec.Raw, key))

    def decode(body: bytes) -> Rows[RowT]:
        if b"\\u0000" not in body:
            try:
                return _rows(fast.decode(body), lambda rows: (rows, ()))
            except ODD:
                pass
        return _rows(slow.decode(storable(body)), lambda raws: _one_by_one(raws, row, id_field))

    return decode


def storable(body: bytes) -> bytes:
    """Return JSON without the characters that no database takes."""
    return UNSTORABLE.sub(rb"\1", body)


def decode_row(raw: bytes, row: type[RowT], id_field: str) -> RowT:
    """Decode one row, repairing what can be. Raises `ValueError` when it is no object or its id cannot be one."""
    cleaned = storable(raw)
    try:
        decoded: RowT = _decoder(row).decode(cleaned)
    except ODD:
        return _repaired(cleaned, row, id_field)
    return decoded


class _Page(Envelope):
    rows: Any = []
    page_context: PageContext | None = None


def _page_type(row: Any, key: str) -> Any:
    return msgspec.defstruct("Page", [("rows", list[row] | None, [])], bases=(_Page,), rename={"rows": key})


def _rows(page: Any, take: Callable[[list[Any]], tuple[list[Any], tuple[Problem, ...]]]) -> Rows[Any]:
    sent = page.rows or []
    rows, problems = take(sent)
    context = page.page_context or PageContext()
    return Rows(
        page.code, page.message, rows, context.has_more_page, context.sort_column or "", problems, len(sent)
    )


def _one_by_one(
    raws: list[msgspec.Raw], row: type[RowT], id_field: str
) -> tuple[list[RowT], tuple[Problem, ...]]:
    rows, problems = [], []
    for place, raw in enumerate(raws, start=1):
        try:
            rows.append(decode_row(bytes(raw), row, id_field))
        except (ValueError, RecursionError) as error:
            reason = str(error) if type(error) is ValueError else "it is not readable JSON"
            problems.append(
                Problem(
                    "", f"Row {place} of a page of {id_field.removesuffix('_id')}s was left out: {reason}."
                )
            )
    return rows, tuple(problems)


def _repaired(raw: bytes, row: type[RowT], id_field: str) -> RowT:
    try:
        values = _VALUES.decode(raw)
    except msgspec.ValidationError:
        raise ValueError("it is no object") from None
    except ODD:
        raise ValueError("it is not readable JSON") from None
    good: dict[str, Any] = {}
    for field in msgspec.structs.fields(row):
        if (value := values.get(field.encode_name)) is None:
            continue
        try:
            good[field.name] = _decoder(field.type).decode(value)
        except ODD:
            if (repaired := _text(value, field)) is not None:
                good[field.name] = repaired
    made = row(**good)
    if not getattr(made, id_field, ""):
        raise ValueError("it has no usable id")
    return made


def _text(raw: msgspec.Raw, field: msgspec.structs.FieldInfo) -> str | None:
    """Return what can be saved of a text field; None to leave it at its default."""
    longest = _longest(field.type)
    if longest is None:
        return None
    try:
        value = _PLAIN.decode(raw)
    except ODD:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value)
    if len(text) <= longest:
        return text
    # An id is never cut: it would become another record's.
    return None if field.name.endswith("_id") or field.name in WORSE_BY_HALF else text[:longest]


def _longest(kind: Any) -> int | None:
    """Return the longest text that a field's type takes; None when it is no text."""
    for part in (kind, *typing.get_args(kind)):
        for meta in getattr(part, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and isinstance(meta.max_length, int):
                return meta.max_length
    return None


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind, float_hook=Decimal)


_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PLAIN = msgspec.json.Decoder(float_hook=Decimal)
