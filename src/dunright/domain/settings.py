"""An organisation's settings: what each may be, and how each is written as text (commands.md).

Immutable; a change makes a new value, which the caller keeps as a new version.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import available_timezones

import babel

from dunright.domain.facts import Grouping, Policy

_LONGEST_TEXT = 5000
_LONGEST_LINE = 200
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SettingError(ValueError):
    """A setting that does not exist, or a value it cannot take; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class OrganisationSettings:
    """Defaults are those of chasing-rules.md."""

    name: str
    timezone: str
    currency: str
    country: str = ""
    region: str = ""
    chase_days: tuple[str, ...] = ("tue",)
    chase_time: time = time(11, 0)
    holidays: bool = True
    minimum_gap_days: int = 3
    tolerance: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    grouping: Grouping = "all_overdue"
    escalation_notice_days: int = 7
    approval: Literal["first_batch", "always", "never"] = "first_batch"
    approve_escalated: bool = True
    old_invoices: Literal["gently", "nearest", "leave_alone"] = "gently"
    new_persons: Literal["primary", "everyone"] = "primary"
    run_cap: str = ""
    """Empty: off; a number of messages, or an amount in base currency such as `5000.00 EUR`."""
    first_run_after_days: int = 2
    spread_minutes: int = 30
    thank_you: bool = True
    statement_day: int | None = None
    language: str = "en"
    bank_details: str = ""

    def policy(self, *, has_escalated_sender: bool) -> Policy:
        """What of them decides (`domain.chasing`)."""
        return Policy(
            minimum_gap_days=self.minimum_gap_days,
            tolerance=self.tolerance,
            minimum=self.minimum,
            grouping=self.grouping,
            escalation_notice_days=self.escalation_notice_days,
            has_escalated_sender=has_escalated_sender,
        )


def from_texts(values: Mapping[str, str]) -> OrganisationSettings:
    """Settings from their texts, as `to_texts` wrote them; missing ones take their defaults.

    Raises SettingError for an unknown key or a value that the setting cannot take.
    """
    parsed = {key: _parse(key, text) for key, text in values.items()}
    for required in ("name", "timezone", "currency"):
        if required not in parsed:
            raise SettingError(f"{required} is missing; every organisation needs one.")
    return OrganisationSettings(**parsed)


def to_texts(settings: OrganisationSettings) -> dict[str, str]:
    """Every setting as text."""
    return {field.name: _write(getattr(settings, field.name)) for field in fields(settings)}


def changed(settings: OrganisationSettings, values: Mapping[str, str]) -> OrganisationSettings:
    """The settings with some of them set from text; nothing changes when one is wrong (SettingError)."""
    return replace(settings, **{key: _parse(key, text) for key, text in values.items()})


def _write(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def _parse(key: str, text: str) -> Any:
    parser = _PARSERS.get(key)
    if parser is None:
        raise SettingError(f"{key} is no setting; there are {', '.join(sorted(_PARSERS))}.")
    if len(text) > _LONGEST_TEXT or "\x00" in text:
        raise SettingError(f"{key} is too long or holds characters that cannot be stored.")
    return parser(key, text.strip())


def _line(key: str, text: str) -> str:
    if not text or len(text) > _LONGEST_LINE or not text.isprintable():
        raise SettingError(f"{key} takes one line of 1 to 200 characters.")
    return text


def _optional_line(key: str, text: str) -> str:
    return _line(key, text) if text else ""


def _paragraph(_: str, text: str) -> str:
    return text


def _country(key: str, text: str) -> str:
    code = text.upper()
    if code and code not in babel.Locale("en").territories:
        raise SettingError(f"{key} takes a two-letter country code such as IE, not {text!r}.")
    return code if len(code) in {0, 2} else _refuse(key, text, "a two-letter country code such as IE")


def _region(key: str, text: str) -> str:
    if text and text.upper() not in _regions():
        raise SettingError(f"{key} takes the code of a state or province such as BY, not {text!r}.")
    return text


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    # The calendars of the world take a tenth of a start, and most settings name no region.
    from holidays import list_supported_countries  # noqa: PLC0415 - see above

    return frozenset(region.upper() for regions in list_supported_countries().values() for region in regions)


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    # Looked up in the file system: too slow for every reading of the settings.
    return frozenset(available_timezones())


def _timezone(key: str, text: str) -> str:
    return text if text in _timezones() else _refuse(key, text, "a time zone such as Europe/Dublin")


def _currency(key: str, text: str) -> str:
    code = text.upper()
    known = code in babel.Locale("en").currencies
    return code if known else _refuse(key, text, "a currency code such as EUR")


def _chase_days(key: str, text: str) -> tuple[str, ...]:
    given = {day.strip().lower() for day in text.split(",") if day.strip()}
    if not given or not given <= set(WEEKDAYS):
        _refuse(key, text, "weekdays such as mon,tue,fri")
    return tuple(day for day in WEEKDAYS if day in given)


def _time(key: str, text: str) -> time:
    try:
        moment = time.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo or moment.second or moment.microsecond or len(text) != len("11:00"):
        _refuse(key, text, "a time such as 11:00")
    assert moment is not None
    return moment


def _switch(key: str, text: str) -> bool:
    if text.lower() not in {"on", "off"}:
        _refuse(key, text, "on or off")
    return text.lower() == "on"


def _number(least: int, most: int) -> Callable[[str, str], int]:
    def parse(key: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            _refuse(key, text, f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _amount(key: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 10**12 or amount != round(amount, 4):
        _refuse(key, text, "an amount such as 25.00, at least 0")
    return amount


def _choice(*choices: str) -> Callable[[str, str], str]:
    def parse(key: str, text: str) -> str:
        return text if text in choices else _refuse(key, text, ", ".join(choices))

    return parse


def _run_cap(key: str, text: str) -> str:
    if text.lower() in {"", "none", "off"}:
        return ""
    if text.isascii() and text.isdigit() and 0 < int(text) < 10**6:
        return text
    amount, _, currency = text.partition(" ")
    if not currency:
        _refuse(key, text, "off, a number of messages such as 100, or an amount such as 5000.00 EUR")
    return f"{_amount(key, amount)} {_currency(key, currency)}"


def _statement_day(key: str, text: str) -> int | None:
    return None if text.lower() in {"", "none"} else _number(1, 31)(key, text)


def _refuse(key: str, text: str, takes: str) -> str:
    raise SettingError(f"{key} takes {takes}, not {text[:60]!r}.")


_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "name": _line,
    "timezone": _timezone,
    "currency": _currency,
    "country": _country,
    "region": _region,
    "chase_days": _chase_days,
    "chase_time": _time,
    "holidays": _switch,
    "minimum_gap_days": _number(0, 365),
    "tolerance": _amount,
    "minimum": _amount,
    "grouping": _choice("all_overdue", "due_steps"),
    "escalation_notice_days": _number(0, 365),
    "approval": _choice("first_batch", "always", "never"),
    "approve_escalated": _switch,
    "old_invoices": _choice("gently", "nearest", "leave_alone"),
    "new_persons": _choice("primary", "everyone"),
    "run_cap": _run_cap,
    "first_run_after_days": _number(0, 60),
    "spread_minutes": _number(0, 600),
    "thank_you": _switch,
    "statement_day": _statement_day,
    "language": _optional_line,
    "bank_details": _paragraph,
}


def trial_end(text: str) -> date | None:
    """Read `trial_ends` of `organisation set`: a date, or none. Raises SettingError."""
    if text.strip().lower() in {"", "none"}:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingError(
            f"trial_ends takes a date such as 2026-12-31 or none, not {text[:60]!r}."
        ) from error
