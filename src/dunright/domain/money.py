"""Amounts of money: exact arithmetic, and how many decimals a currency is written with."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

EXACT: Final = Context(prec=400)
"""Wide enough that a balance times a rate, and sums of such products, are never rounded (chasing-rules.md 3)."""

_NO_DECIMALS: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THREE_DECIMALS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_FOUR_DECIMALS: Final = frozenset({"CLF", "UYW"})
_UNUSUAL_DECIMALS: Final = (
    dict.fromkeys(_NO_DECIMALS, 0) | dict.fromkeys(_THREE_DECIMALS, 3) | dict.fromkeys(_FOUR_DECIMALS, 4)
)
"""ISO 4217, list one. CLDR differs for a few currencies (0 for RSD), which would hide part of a balance."""


def decimals_of(currency: str) -> int:
    """How many decimals ISO 4217 gives a currency; 2 for one it does not know."""
    return _UNUSUAL_DECIMALS.get(currency, 2)


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount as commands write it (commands.md): `1000.00`, `-0.50`, `1000` for JPY."""
    rounded = amount.quantize(
        Decimal(1).scaleb(-decimals_of(currency)), rounding=ROUND_HALF_UP, context=EXACT
    )
    return format(rounded or abs(rounded), "f")


def in_base_currency(balance: Decimal, rate: Decimal) -> Decimal:
    """A balance in base currency; `rate` is base currency for one unit. Exact, never rounded."""
    return EXACT.multiply(balance, rate)
