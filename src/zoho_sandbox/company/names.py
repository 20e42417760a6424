"""Names of companies and people, places and things, for generated customers, read from `words.toml`."""

import tomllib
from pathlib import Path
from typing import Any

_words: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))

FIRST_WORDS: list[str] = _words["first_words"]
TRADES: list[str] = _words["trades"]
ENDINGS: list[str] = _words["endings"]
FIRST_NAMES: list[str] = _words["first_names"]
LAST_NAMES: list[str] = _words["last_names"]
MAILBOXES: list[str] = _words["mailboxes"]
STREETS: list[str] = _words["streets"]
PARKS: list[str] = _words["parks"]
ODD_NAMES: list[str] = _words["odd_names"]
# Designation and department.
ROLES: list[list[str]] = _words["roles"]
# Town, county, routing key.
PLACES: list[list[str]] = _words["places"]
# Town, country, its code, postcode, street, telephone prefix.
ABROAD: list[list[str]] = _words["abroad"]
# Name and usual price in cents.
GOODS: list[tuple[str, int]] = [(name, price) for name, price in _words["goods"]]
