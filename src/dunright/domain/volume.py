"""How much a run may let leave by itself, and how much is far more than usual (chasing-rules.md section 6.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

LOOKED_AT: Final = 8
"""Runs that say what is usual."""
FEWEST_RUNS: Final = 3
"""With fewer, nobody knows yet what is usual."""
TIMES: Final = 3
LEAST: Final = 20
"""Messages; fewer are never unusual."""


@dataclass(frozen=True, slots=True)
class Cap:
    """The cap of a run: a number of messages, or an amount in a currency; further messages wait for approval."""

    messages: int | None = None
    amount: Decimal | None = None
    currency: str = ""

    def __str__(self) -> str:
        if self.messages is not None:
            return "1 message" if self.messages == 1 else f"{self.messages} messages"
        return "" if self.amount is None else f"{self.amount:,.2f} {self.currency}"


def read_cap(setting: str) -> Cap | None:
    """The setting `run_cap` as `domain.settings` keeps it: empty, `100`, or `5000.00 EUR`."""
    number, _, currency = setting.partition(" ")
    if not number:
        return None
    return Cap(amount=Decimal(number), currency=currency) if currency else Cap(messages=int(number))


def usual(counts: Sequence[int]) -> Decimal | None:
    """How many messages a run plans as a rule: the median of the latest runs; None while there are too few.

    `counts`: of the latest runs, the latest first; no more than `LOOKED_AT` are looked at.
    """
    looked_at = counts[:LOOKED_AT]
    return Decimal(str(median(looked_at))) if len(looked_at) >= FEWEST_RUNS else None


def unusual_from(counts: Sequence[int]) -> int | None:
    """From how many messages on a run is far out of the usual: more than three times as many, and at least 20."""
    as_a_rule = usual(counts)
    return None if as_a_rule is None else max(LEAST, int(as_a_rule * TIMES) + 1)
