"""Charts as SVG made on the server: attributes and classes only, so that the strict policy holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

AGE_LABELS = ("Not due", "1–30 days late", "31–60 days late", "61–90 days late", "90+ days late")


@dataclass(frozen=True, slots=True)
class Band:
    """One part of the aged-debtor bar; `amount` in the bar's one currency."""

    label: str
    amount: Decimal
    note: str = ""
    """A line under the amount: share and customers."""
    url: str = ""
    """Where the band's rows are shown; empty: no link."""


def shares(amounts: Sequence[Decimal]) -> list[int]:
    """Whole percentages of the total that add up to 100 (largest remainders); all 0 when nothing is positive.

    Amounts below zero take no part: a bar cannot show them.
    """
    positive = [max(amount, Decimal(0)) for amount in amounts]
    total = sum(positive, Decimal(0))
    if not total:
        return [0] * len(positive)
    exact = [amount * 100 / total for amount in positive]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: 100 - sum(whole)]:
        whole[place] += 1
    return whole


def ageing_bar(amounts: Sequence[Decimal], *, title: str, description: str) -> SafeString:
    """A stacked bar with one part per age band, youngest first.

    Positions are percentages without a viewBox: the bar takes any width and its gaps stay 1.5 px.
    """
    positive = [max(amount, Decimal(0)) for amount in amounts]
    total = sum(positive, Decimal(0))
    parts, gaps, start = [], [], Decimal(0)
    for band, amount in enumerate(positive):
        if not amount:
            continue
        width = amount * 100 / total
        if start:
            gaps.append((f"{start:.3f}", f"{start:.3f}"))
        parts.append((band, f"{start:.3f}", f"{width:.3f}"))
        start += width
    bars = format_html_join("", '<rect class="age-{}" x="{}%" width="{}%" height="100%"/>', parts)
    if not parts:
        bars = format_html('<rect class="{}" width="100%" height="100%"/>', "age-none")
    lines = format_html_join("", '<line class="age-gap" x1="{}%" x2="{}%" y1="0" y2="100%"/>', gaps)
    return format_html(
        '<svg class="ageing-bar" role="img" aria-label="{}"><title>{}</title><desc>{}</desc>{}{}</svg>',
        f"{title}: {description}",
        title,
        description,
        bars,
        lines,
    )
