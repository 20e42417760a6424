"""When customers pay: the measured behaviour of demo-company.md as a random process."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FRIDAY = 4


@dataclass(frozen=True, slots=True)
class PayerType:
    """A kind of payer: days after the due date are drawn around a centre that differs by customer."""

    name: str
    share: float
    centre: float
    centre_deviation: float
    spread: float


PAYER_TYPES = (
    PayerType("prompt", 0.42, -3, 2, 1.5),
    PayerType("slightly late", 0.30, 1, 2, 3),
    PayerType("late", 0.18, 9, 4, 7),
    PayerType("slow", 0.08, 24, 8, 12),
    PayerType("failing", 0.02, 10, 4, 10),
)
BY_NAME = {kind.name: kind for kind in PAYER_TYPES}

EXACT_SHARE = 1 / 3
VERY_LATE = 0.03
PAYING_DAYS = ((0, 24), (1, 22), (2, 17), (3, 15), (4, 22))
ONE_DAY_SHARE = 0.60
MONTH_SHIFT = {1: 1.5, 8: 1.0, 12: -1.0}
# A failing customer pays four days later with each invoice; without an end to it a busy one would be years late.
FAILING_GROWTH, FAILING_STEPS = 4, 12
# Measured as 1.5 on bare delays; payment runs, disputes and second parts, drawn apart here, hold the rest of it.
LATE_STRETCH = 1.25
# From this invoice on a third of a failing customer's invoices is never paid.
FAILING_FROM = 6


@dataclass(frozen=True, slots=True)
class Payer:
    """How one customer pays. `weekday` is 0 to 4, or None when they pay on any working day."""

    kind: PayerType
    centre: float
    exact: bool
    weekday: int | None


def draw_payer(rng: Random, kind: PayerType | None = None) -> Payer:
    """Draw a customer's behaviour, of a given kind or of any."""
    if kind is None:
        kind = rng.choices(PAYER_TYPES, [each.share for each in PAYER_TYPES])[0]
    weekday = None
    if rng.random() < ONE_DAY_SHARE:
        weekday = rng.choices([day for day, _ in PAYING_DAYS], [weight for _, weight in PAYING_DAYS])[0]
    exact = kind.name == "prompt" and rng.random() < EXACT_SHARE
    return Payer(kind, rng.gauss(kind.centre, kind.centre_deviation), exact, weekday)


def draw_delay(payer: Payer, rng: Random, *, index: int, memory: float, due: date) -> tuple[int, float]:
    """Draw days after the due date for a customer's invoice `index`; returns them and the memory for the next."""
    spread = payer.kind.spread
    noise = 0.3 * memory + rng.expovariate(1 / spread) * rng.choice((1, -1))
    extra = rng.expovariate(1 / 30) if rng.random() < VERY_LATE else 0.0
    if payer.exact:
        return round(extra), noise
    delay = payer.centre + noise
    if payer.kind.name == "failing":
        delay += FAILING_GROWTH * min(index, FAILING_STEPS)
    delay += extra
    if delay > 0:
        delay *= LATE_STRETCH
    return round(delay + MONTH_SHIFT.get(due.month, 0.0)), noise


def paying_day(payer: Payer, wanted: date, *, earliest: date) -> date:
    """Move a payment to a day on which this customer pays, never before `earliest`."""
    day = max(wanted, earliest)
    if payer.exact and day.weekday() <= FRIDAY:
        return day
    if payer.weekday is None:
        return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > FRIDAY else day
    ahead = (payer.weekday - day.weekday()) % 7
    # The nearest payment run, which may be the one a few days before.
    if ahead > 3 and day - timedelta(days=7 - ahead) >= earliest:
        ahead -= 7
    return day + timedelta(days=ahead)
