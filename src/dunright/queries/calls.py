"""The meter of calls: whose they are today, how long the share lasts, and what a first sync still needs."""

from dataclasses import dataclass
from datetime import datetime

from dunright.domain.calls import Day, calls_to_go, done_at, lasts_until
from dunright.models import CallBudget, Customer, Invoice, Organisation, SyncRun

FIRST = ("customers", "persons", "invoices", "payments", "credit_notes")
"""The lists of a first sync, in order, after currencies and open invoices."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a first sync still needs; both about."""

    calls: int
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Meter:
    """Calls of the source's day."""

    day: Day
    share_percent: int
    pace: int
    """Calls a minute; 0: unpaced."""
    at_once: int
    """Readers at the same time; 0: no limit."""
    waits_until: datetime | None
    """The source is left alone until then."""
    wait_reason: str
    lasts_until: datetime | None
    """None: to the end of the day."""
    first_sync: Forecast | None


def meter(organisation: Organisation, *, now: datetime) -> Meter | None:
    """The calls of an organisation; None before the first."""
    row = CallBudget.objects.filter(organisation=organisation).first()
    if row is None:
        return None
    is_over = row.day_ends_at is not None and row.day_ends_at <= now
    day = Day(
        limit=row.daily_limit,
        share=row.daily_limit * row.share_percent // 100,
        used=0 if is_over else row.used_today,
        others=0 if is_over else row.others_today,
        remaining=None if is_over else row.remaining_seen,
        ends_at=None if is_over else row.day_ends_at,
    )
    is_waiting = row.blocked_until is not None and row.blocked_until > now
    return Meter(
        day=day,
        share_percent=row.share_percent,
        pace=row.minute_limit,
        at_once=row.at_once,
        waits_until=row.blocked_until if is_waiting else None,
        wait_reason=row.block_reason if is_waiting else "",
        lasts_until=lasts_until(day, now=now),
        first_sync=_first_sync(organisation, day, row.minute_limit, now=now),
    )


def _first_sync(organisation: Organisation, day: Day, pace: int, *, now: datetime) -> Forecast | None:
    run = SyncRun.objects.filter(organisation=organisation, state__in=("queued", "running")).first()
    if run is None or run.kind != "first":
        return None
    at = FIRST.index(run.stage) if run.stage in FIRST else None
    if run.stage in {"missing", "details"}:
        return None
    stages = FIRST[at:] if at is not None else FIRST
    calls = calls_to_go(
        stages,
        read=run.counts.get(run.stage, {}).get("read", 0) if at is not None else 0,
        # Before its list is read to the end, only those that invoices have named are known.
        customers=Customer.objects.filter(organisation=organisation).count(),
        invoices=Invoice.objects.filter(organisation=organisation).count() if at is not None else 0,
    )
    if calls is None:
        return None
    return Forecast(calls, done_at(calls, day, per_minute=pace, now=now))
