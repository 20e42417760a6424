"""What is owed by age, per currency; invoices only, credits are not netted."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Case, Count, Sum, Value, When

from dunright.models import Invoice, Organisation

BANDS: Final = ("current", "1-30", "31-60", "61-90", "90+")
"""By days overdue; `current` is not overdue, which includes the due date itself and invoices without one."""


@dataclass
class Aged:
    """Sums of one currency."""

    bands: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BANDS, Decimal(0)))
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BANDS, 0))

    @property
    def outstanding(self) -> Decimal:
        return sum(self.bands.values(), Decimal(0))

    @property
    def overdue(self) -> Decimal:
        return self.outstanding - self.bands["current"]

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def ageing(organisation: Organisation, *, today: date) -> dict[str, Aged]:
    """Open balances per currency and band, the currency with most invoices first."""
    band = Case(
        *(
            When(due_date__lt=today - timedelta(days=days), then=Value(name))
            for days, name in ((90, "90+"), (60, "61-90"), (30, "31-60"), (0, "1-30"))
        ),
        default=Value("current"),
    )
    rows = (
        Invoice.objects.filter(organisation=organisation, status="open", balance__gt=0, gone_at=None)
        .annotate(band=band)
        .values_list("currency", "band")
        .annotate(amount=Sum("balance"), number=Count("pk"))
        .order_by("currency", "band")
    )
    found: dict[str, Aged] = {}
    for currency, name, amount, number in rows:
        one = found.setdefault(currency, Aged())
        one.bands[name] = amount
        one.counts[name] = number
    return dict(sorted(found.items(), key=lambda pair: -pair[1].count))
