"""What Zoho Books sends when something changed (zoho-books-api.md section 10). Nothing in it is believed.

It only tells where to look: how Books signs, in which order it sends and whether it sends at all is not documented.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from dunright.connectors.base import Linked
from dunright.connectors.zoho_books.client import USABLE_ID

SIGNATURE = "X-Zoho-Webhook-Signature"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50
OLDEST = 600_000
"""Milliseconds: a call that was signed longer ago is not taken."""

_KINDS: Mapping[str, tuple[Linked, str]] = {
    "invoice": ("invoice", "invoice_id"),
    "contact": ("customer", "contact_id"),
}
_DATED = re.compile(r"t=(\d{10,16}),\s*v=([0-9A-Fa-f]{64})")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d")


class Told(NamedTuple):
    """What a call points at."""

    what: Linked | None = None
    """None: something changed, and the call does not say what in words that are understood."""
    external_id: str = ""
    modified_at: datetime | None = None


def told(body: bytes, *, content_type: str = "") -> Told:
    """Read a call with whatever body: the record it names, or `Told()`."""
    try:
        given = msgspec.json.decode(_json_of(body, content_type))
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        return Told()
    if not isinstance(given, dict):
        return Told()
    for kind, (what, id_field) in _KINDS.items():
        record = given.get(kind, given)
        found = _record(record, what, id_field) if isinstance(record, dict) else None
        if found is not None:
            return found
    return Told()


def signature_holds(
    signature: str, key: str, *, query: str, body: bytes, content_type: str = "", now: datetime
) -> bool:
    """Whether a signature fits, in either way that Zoho documents for the sister products of Books."""
    if dated := _DATED.fullmatch(signature.strip()):
        moment, given = dated.groups()
        if abs(now.timestamp() * 1000 - int(moment)) > OLDEST:
            return False
        return hmac.compare_digest(_hex(key, moment.encode() + b"." + body), given.lower())
    form = _fields(body) if _is_form(content_type) else []
    text = "".join(name + value for name, value in sorted([*parse_qsl(query, keep_blank_values=True), *form]))
    expected = _hex(key, text.encode() + (b"" if form else body))
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())


def _json_of(body: bytes, content_type: str) -> bytes:
    if not _is_form(content_type):
        return body
    return dict(_fields(body)).get("JSONString", "").encode()


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == FORM


def _fields(body: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []


def _record(record: dict[str, Any], what: Linked, id_field: str) -> Told | None:
    external_id = record.get(id_field)
    if not isinstance(external_id, str | int) or isinstance(external_id, bool):
        return None
    text = str(external_id)
    if not USABLE_ID.fullmatch(text):
        return None
    return Told(what, text, _moment(record.get("last_modified_time")))


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _hex(key: str, text: bytes) -> str:
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
