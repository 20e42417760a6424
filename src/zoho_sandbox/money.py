"""Amounts are whole cents inside the sandbox and JSON numbers without trailing zeros outside."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")


def number(cents: int) -> int | float:
    """Return the amount as Zoho writes it: `598`, `149.97`."""
    whole, rest = divmod(cents, 100)
    return whole if rest == 0 else cents / 100


def cents(amount: object) -> int:
    """Read an amount from a person or a program; ValueError with a clear sentence when it is none."""
    try:
        value = Decimal(str(amount).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > Decimal("1e12"):
        message = f"“{amount}” is not an amount of money. Write it like 1250.50."
        raise ValueError(message)
    return int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def base(amount: int, rate: float) -> int:
    """Cents of the base currency for cents of a foreign one, at the document's exchange rate."""
    return amount if rate == 1 else round(amount * rate)


def text(amount: int, symbol: str) -> str:
    """An amount for people: `€1,890.50`."""
    return f"{'-' if amount < 0 else ''}{symbol}{abs(amount) / 100:,.2f}"
