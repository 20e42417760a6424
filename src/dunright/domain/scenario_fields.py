"""Reading one object of a scenario key by key; every refusal names the place, the key and what is wrong."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", re.ASCII)
_RATE: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,20})?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_LONGEST_SHOWN: Final = 60
LARGEST_NUMBER: Final = 36_500
"""A hundred years of days."""


class ScenarioError(ValueError):
    """A scenario that cannot be read: `place: key: what is wrong`."""

    def __init__(self, place: str, key: str, problem: str) -> None:
        super().__init__(f"{place}: {key}: {problem}")
        self.place = place
        self.key = key
        self.problem = problem


class Fields:
    """An object of the scenario whose keys have been checked; each method reads one key."""

    def __init__(
        self, place: str, raw: object, *, required: Collection[str], optional: Collection[str] = ()
    ) -> None:
        if not isinstance(raw, dict):
            outer, _, key = place.rpartition(".")
            raise ScenarioError(outer or "scenario", key, f"must be an object, not {shown(raw)}")
        known = {*required, *optional}
        for key in raw:
            if key not in known:
                raise ScenarioError(
                    place, shown_key(key), f"is not known here; known are {', '.join(sorted(known))}"
                )
        for key in required:
            if key not in raw:
                raise ScenarioError(place, key, "is missing")
        self.place = place
        self.raw: Mapping[str, Any] = raw

    def __contains__(self, key: str) -> bool:
        return key in self.raw

    def wrong(self, key: str, problem: str) -> ScenarioError:
        """The refusal of one key."""
        return ScenarioError(self.place, key, problem)

    def is_null(self, key: str) -> bool:
        """Whether the key is absent or null."""
        return self.raw.get(key) is None

    def or_null(self, key: str, read: Callable[[str], T]) -> T | None:
        """A key that may be null; an optional one may be absent."""
        return None if self.is_null(key) else read(key)

    def text(self, key: str) -> str:
        """Any text."""
        value = self.raw[key]
        if not isinstance(value, str):
            raise self.wrong(key, f"must be a text, not {shown(value)}")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.wrong(key, "holds half a character (a lone surrogate)") from None
        return value

    def name(self, key: str) -> str:
        """A text that is not empty: a name or an id."""
        value = self.text(key)
        if not value.strip():
            raise self.wrong(key, "must not be empty")
        return value

    def choice(self, key: str, choices: Collection[str]) -> str:
        """One of a few words."""
        value = self.raw[key]
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, f"must be one of {', '.join(choices)}, not {shown(value)}")
        return value

    def switch(self, key: str, *, words: bool = False) -> bool:
        """True or false; with `words`, "on" and "off" too."""
        value = self.raw[key]
        if isinstance(value, bool):
            return value
        if words and isinstance(value, str) and value in {"on", "off"}:
            return value == "on"
        raise self.wrong(key, f"must be true or false, not {shown(value)}")

    def number(self, key: str, *, least: int = 0) -> int:
        """A whole number."""
        value = self.raw[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be a whole number, not {shown(value)}")
        if not least <= value <= LARGEST_NUMBER:
            raise self.wrong(key, f"must be from {least} to {LARGEST_NUMBER}")
        return value

    def amount(self, key: str, *, may_be_negative: bool = False) -> Decimal:
        """An amount: a string with a decimal point, at most 15 digits before it and 10 after."""
        value = self._decimal(key, _AMOUNT, "1000.00")
        if value < 0 and not may_be_negative:
            raise self.wrong(key, f"must not be negative, but is {shown(self.raw[key])}")
        return value

    def rate(self, key: str) -> Decimal:
        """Base currency for one unit: a string, above zero."""
        value = self._decimal(key, _RATE, "1.25")
        if not value:
            raise self.wrong(key, "must be above 0")
        return value

    def _decimal(self, key: str, pattern: re.Pattern[str], example: str) -> Decimal:
        value = self.raw[key]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.wrong(
                key, f'must be a string with a decimal point such as "{example}", not {shown(value)}'
            )
        return Decimal(value)

    def currency(self, key: str) -> str:
        """A currency code: three capital letters."""
        value = self.raw[key]
        if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
            raise self.wrong(key, f"must be a currency code such as EUR, not {shown(value)}")
        return value

    def date(self, key: str) -> date:
        """A date `YYYY-MM-DD` (YAML may have read it as one already)."""
        value = self.raw[key]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise self.wrong(key, f"must be a date such as 2026-03-02, not {shown(value)}")

    def clock(self, key: str) -> time:
        """A time of day `HH:MM`."""
        value = self.raw[key]
        if isinstance(value, str) and _CLOCK.fullmatch(value):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass
        raise self.wrong(key, f"must be a time such as 09:00, not {shown(value)}")

    def moment(self, key: str) -> datetime:
        """A local wall time `YYYY-MM-DDTHH:MM`, without an offset."""
        value = self.raw[key]
        if isinstance(value, datetime) and value.tzinfo is None:
            return value
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
        raise self.wrong(key, f"must be a local time such as 2026-03-05T10:00, not {shown(value)}")

    def items(self, key: str) -> Iterator[tuple[str, object]]:
        """The items of a list, each with its place."""
        value = self.raw[key]
        if not isinstance(value, list):
            raise self.wrong(key, f"must be a list, not {shown(value)}")
        place = key if self.place == "scenario" else f"{self.place}.{key}"
        for number, item in enumerate(value):
            yield f"{place}[{number}]", item


def shown(value: object) -> str:
    """A value as the sentence about it shows it: short, and on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int | float):
        # Python refuses to spell integers of thousands of digits.
        words = f"{value}" if isinstance(value, float) or abs(value) < 10**_LONGEST_SHOWN else "huge"
        return f"the number {words}"
    words = ascii(value) if isinstance(value, str) else type(value).__name__
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"


def shown_key(key: object) -> str:
    """A key of an object as the sentence about it shows it."""
    return (
        key if isinstance(key, str) and key.isprintable() and 0 < len(key) <= _LONGEST_SHOWN else shown(key)
    )
