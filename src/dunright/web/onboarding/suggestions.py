"""What a browser offers while a country, time zone or currency is typed."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_territory_currencies

LOCALE = Locale("en")
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Groups and placeholders that have a code all the same."""


@lru_cache
def countries() -> tuple[tuple[str, str], ...]:
    """(ISO 3166 alpha-2, English name), by name."""
    found = [(code, name) for code, name in LOCALE.territories.items() if _is_country(code)]
    return tuple(sorted(found, key=lambda one: one[1]))


@lru_cache
def timezones() -> tuple[str, ...]:
    """IANA names of places; no abbreviations."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    )


@lru_cache
def currencies() -> tuple[tuple[str, str], ...]:
    """(ISO 4217, English name) of every currency that is in use somewhere, by code."""
    used = {code for country, _ in countries() for code in get_territory_currencies(country)}
    return tuple((code, LOCALE.currencies.get(code, code)) for code in sorted(used))


def _is_country(code: str) -> bool:
    return len(code) == len("IE") and code.isalpha() and code not in NO_COUNTRIES
