"""Amounts and dates as people read them. Nothing here reads a clock: `today` and `now` are handed in."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision
from django.utils import timezone

LOCALE = Locale("en")
NOTHING = "–"
MINUTE, HOUR, DAY = 60, 3600, 86400


def money(amount: Decimal | None, currency: str, *, decimals: bool = True) -> str:
    """`€13,863.40`, or `€13,863` without decimals; a missing amount is a dash."""
    if amount is None:
        return NOTHING
    before, after, places = _shape(currency, decimals=decimals)
    figures = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return f"{'−' if figures.is_signed() else ''}{before}{abs(figures):,f}{after}"


@lru_cache(maxsize=512)
def _shape(currency: str, *, decimals: bool) -> tuple[str, str, int]:
    """What stands before and after the figures, and the number of decimals: babel is asked once for a currency.

    It takes 50 microseconds for an amount, and a list of customers shows two hundred.
    """
    places = get_currency_precision(currency) if decimals else 0
    pattern = None if decimals else "¤#,##0"
    text = format_currency(Decimal(0), currency, pattern, locale=LOCALE, currency_digits=decimals)
    before, _, after = text.rpartition(f"{0:.{places}f}")
    if currency and currency in before:
        # No sign of its own: the code must not run into the figures.
        before = before.replace(currency, f"{currency}\u00a0", 1)
    return before, after, places


def count(number: int, one: str, many: str = "") -> str:
    """`1 invoice`, `5 invoices`, `1,204 invoices`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def day(value: date | None) -> str:
    """`29 Oct 2026`: in tables."""
    return _written(value, "d MMM y") if value else NOTHING


def day_in_words(value: date | None, today: date) -> str:
    """`today`, `tomorrow`, `yesterday`, `27 November`, `27 November 2025`: in sentences."""
    if value is None:
        return NOTHING
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((value - today).days)
    pattern = "d MMMM" if value.year == today.year else "d MMMM y"
    return near or _written(value, pattern)


@lru_cache(maxsize=2048)
def _written(value: date, pattern: str) -> str:
    """Lists show the same days again and again."""
    return format_date(value, pattern, locale=LOCALE)


def weekday(value: date | None) -> str:
    """`Tuesday 24 November`."""
    return _written(value, "EEEE d MMMM") if value else NOTHING


def moment(value: datetime | None, today: date) -> str:
    """`today 11:18`, `19 November, 15:42`, in the time zone in force (the organisation's, on its pages)."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    words = day_in_words(local.date(), today)
    separator = " " if words in {"today", "tomorrow", "yesterday"} else ", "
    return f"{words}{separator}{local:%H:%M}"


def clock(value: datetime | None) -> str:
    """`11:18`, in the time zone in force."""
    return f"{timezone.localtime(value):%H:%M}" if value else NOTHING


def ago(value: datetime | None, now: datetime) -> str:
    """`just now`, `4 minutes ago`, `2 hours ago`, `3 days ago`; a moment ahead counts as now."""
    if value is None:
        return "never"
    seconds = int((now - value).total_seconds())
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{count(seconds // MINUTE, 'minute')} ago"
    if seconds < 2 * DAY:
        return f"{count(seconds // HOUR, 'hour')} ago"
    return f"{count(seconds // DAY, 'day')} ago"


def late(due: date | None, today: date) -> str:
    """`53 days late`, `due today`, `in 15 days`, `no due date`."""
    if due is None:
        return "no due date"
    days = (today - due).days
    if days == 0:
        return "due today"
    return f"{count(days, 'day')} late" if days > 0 else f"in {count(-days, 'day')}"


def age_band(days_overdue: int) -> int:
    """The band of the aged-debtor bar: 0 not due, 1 up to 30 days late, 2 up to 60, 3 up to 90, 4 beyond."""
    return 0 if days_overdue <= 0 else min((days_overdue - 1) // 30 + 1, 4)


def initials(name: str) -> str:
    """`AB` for Aoife Brennan; an address gives its first letter."""
    words = [word for word in name.replace("@", " ").split() if word]
    chosen = words[:1] if "@" in name else [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"
