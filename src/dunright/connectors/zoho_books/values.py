"""Single values of Zoho's answers: amounts, days, moments, text. Each raises `ValueError` with words for a sentence."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

LARGEST_WHOLE = 10**12
LARGEST_AMOUNT = Decimal(LARGEST_WHOLE)
"""No invoice of a small or mid-sized company is near a million millions of anything."""
ZERO, ONE = Decimal(0), Decimal(1)
CENT_OF_A_CENT = Decimal("0.0001")
"""More decimals than any currency has; rates leave noise such as 149.97000000000003."""
RATE_STEP = Decimal("1E-10")
FIRST_YEAR, LAST_YEAR = 1970, 2150
LARGEST_EXTRA = 64 * 1024
LONGEST_SHOWN = 40
CURRENCY_LETTERS = 3


def amount(value: Any, name: str) -> Decimal:
    """Read an amount, rounded to ten-thousandths; what is absent or `""` is 0."""
    # The two common kinds first: this runs several times for each of some hundred thousand rows.
    if type(value) is int and -LARGEST_WHOLE < value < LARGEST_WHOLE:
        return _of_int(value)
    if type(value) is Decimal and -LARGEST_AMOUNT < value < LARGEST_AMOUNT:
        return value.quantize(CENT_OF_A_CENT)
    return ZERO if value is None or value == "" else _bounded(_decimal(value, name), name)


def needed_amount(value: Any, name: str) -> Decimal:
    """Read an amount that a record makes no sense without."""
    if value is None or value == "":
        raise ValueError(f"it has no {name}")
    return amount(value, name)


def rate(value: Any) -> Decimal:
    """Read an exchange rate; 1 when there is none that can be used."""
    if value == 1:
        return ONE
    try:
        number = _decimal(value, "exchange rate")
    except ValueError:
        return ONE
    if not RATE_STEP < number < LARGEST_AMOUNT:
        return ONE
    return number.quantize(RATE_STEP)


def whole(value: Any, default: int | None = 0) -> int | None:
    """Read a whole number that is not negative and small enough for a column; `default` for everything else."""
    if type(value) is int:
        return value if 0 <= value < 2**31 else default
    try:
        number = _decimal(value, "")
    except ValueError:
        return default
    return int(number) if 0 <= number < 2**31 and number == int(number) else default


@lru_cache(maxsize=8192)
def day(text: str | None, name: str) -> date | None:
    """Read `yyyy-mm-dd`; None when empty."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"its {name} “{shown(text)}” is no date") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"its {name} {found} cannot be right")
    return found


def day_or_none(text: str | None) -> date | None:
    """Read a day that is only told along: None when it is empty or absurd."""
    try:
        return day(text, "")
    except ValueError:
        return None


def moment(text: str | None) -> datetime | None:
    """Read `2026-06-09T13:15:33-0400`; None when it is empty, absurd or tells no offset."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return found.astimezone(UTC)


@lru_cache(maxsize=4096)
def line(text: str | None) -> str:
    """Return a name or number as one line: blanks and line breaks collapsed, none at the ends."""
    # Kept, since an invoice repeats what its customer's other invoices say.
    return " ".join(text.split()) if text else ""


def currency(text: str | None) -> str:
    """Return an ISO 4217 code in capitals."""
    code = (text or "").strip().upper()
    if len(code) != CURRENCY_LETTERS or not code.isascii() or not code.isalpha():
        raise ValueError(f"its currency “{shown(code)}” is no currency code")
    return code


def currency_or_empty(text: str | None) -> str:
    """Return an ISO 4217 code in capitals, or an empty string."""
    try:
        return currency(text)
    except ValueError:
        return ""


def needed_id(text: str, name: str) -> str:
    """Return an id that a record makes no sense without."""
    if not text:
        raise ValueError(f"it has no {name}")
    return text


def plain(raw: msgspec.Raw) -> Any:
    """Decode what is only kept along; None when it is empty, unreadable or larger than is worth keeping."""
    sent = bytes(raw)
    if sent in {b"null", b"[]", b"{}", b'""'} or len(sent) > LARGEST_EXTRA:
        return None
    try:
        return msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError):
        return None


def _decimal(value: Any, name: str) -> Decimal:
    if type(value) is Decimal:
        return value
    if type(value) is int:
        return _of_int(value)
    if type(value) is str:
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise ValueError(f"its {name} “{shown(value)}” is no number")


@lru_cache(maxsize=4096)
def _of_int(value: int) -> Decimal:
    return Decimal(value)


def _bounded(number: Decimal, name: str) -> Decimal:
    # Compared, not computed with: arithmetic on 1E+999999999 raises.
    if not -LARGEST_AMOUNT < number < LARGEST_AMOUNT:
        raise ValueError(f"its {name} “{shown(number)}” cannot be right")
    return number.quantize(CENT_OF_A_CENT)


def shown(value: object) -> str:
    """Return the beginning of a value, fit for a sentence."""
    text = str(value)[:LONGEST_SHOWN]
    return "".join(letter for letter in text if letter.isprintable())
