"""Custom fields as the books send them, by the keys that texts use for them.

Zoho Books sends a mapping of `cf_…` names or a list of fields with label and value (zoho-books-api.md section 6.1); the
mirror keeps either as plain JSON values, under `custom_fields` in a row's `extra`.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from dunright.domain.wording.placeholders import CUSTOM_NAME

_PREFIX: Final = "cf_"
_BARE: Final = "_unformatted"
"""Beside each value stands the same one for programs."""
_LONGEST_NAME: Final = 60
_ORDER: Final = ("order_number", "purchase_order_number", "purchase_order", "po_number", "po")
_ALSO_CALLED: Final = "salesorder_number"


def custom_fields(extra: Mapping[str, Any]) -> dict[str, str]:
    """Key as texts spell it (`region` for `cf_region` or “Region”) -> value, without empty values and odd names."""
    found: dict[str, str] = {}
    for name, value in _pairs(extra.get("custom_fields")):
        key, text = field_key(name), _text(value)
        if key and text:
            found.setdefault(key, text)
    return found


def field_key(name: str) -> str:
    """A field's name as texts spell it; empty when it has no letter to begin with."""
    key = re.sub(r"[^a-z0-9]+", "_", name.strip().lower().removeprefix(_PREFIX)).strip("_")[:_LONGEST_NAME]
    return key if CUSTOM_NAME.fullmatch(key) else ""


def order_number(extra: Mapping[str, Any], *, reference: str) -> str:
    """The customer's order number: of the sales order, a custom field of such a name, else the invoice's reference.

    Zoho Books calls the reference of an invoice its order number.
    """
    if sales_order := _text(extra.get(_ALSO_CALLED)):
        return sales_order
    fields = custom_fields(extra)
    return next((fields[key] for key in _ORDER if key in fields), reference)


def _pairs(stored: object) -> Iterator[tuple[str, object]]:
    if isinstance(stored, Mapping):
        for name, value in stored.items():
            if isinstance(name, str) and not name.endswith(_BARE):
                yield name, value
    elif isinstance(stored, list):
        for field in stored:
            if isinstance(field, Mapping):
                name = field.get("api_name") or field.get("label")
                if isinstance(name, str):
                    yield name, field.get("value_formatted") or field.get("value")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float | Decimal):
        return str(value).strip()
    if isinstance(value, list):
        return ", ".join(text for text in map(_text, value) if text)
    return ""
