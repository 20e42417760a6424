"""What each organisation needs as time goes by: syncs, runs, totals of a new day, seals, unused log-ins."""

from datetime import datetime, timedelta

from django.db import connection as database
from django.db import transaction

from dunright.models import Connection, Customer, Invoice, Organisation, OutboxLine, SyncRun
from dunright.queries.local_time import local_date
from dunright.services import (
    chasing,
    hooks,
    log_ins,
    notices,
    organisations,
    other_mail_runs,
    outlook,
    receivables,
    sync,
    timeline,
    verify,
    work,
    write_back,
)

SYNC_EVERY = timedelta(hours=1)
_MEASURED = (Customer, Invoice, OutboxLine)
"""Tables that grow to the thousands, and whose lists a wrong plan makes slow."""
_OUTGROWN = 4
"""Times the rows that a table had when it was measured."""
_WORTH_MEASURING = 500
"""Rows: with fewer, every plan is fast."""
_ROWS_LOOKED_AT = 10_000
"""Of each index. Measuring takes some milliseconds then, however large the tables are."""


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Make the rows whose time has come. Safe at any frequency and from any number of hosts."""
    organisations.end_pause(organisation, now=now)
    _request_sync(organisation, now=now)
    verify.look_after(organisation, now=now)
    if organisation.totals_date is not None and organisation.totals_date != local_date(organisation, now):
        receivables.refresh_totals(organisation, today=local_date(organisation, now))
        outlook.refresh(organisation, now=now)
    if run := chasing.schedule_run(organisation, now=now):
        work.wake(run)
    other_mail_runs.look_after(organisation, now=now)
    notices.look_after(organisation, now=now)
    timeline.seal(organisation, now=now)
    log_ins.forget_abandoned(organisation, now=now)
    write_back.look_after(organisation, now=now)
    hooks.look_after(organisation, now=now)


def _request_sync(organisation: Organisation, *, now: datetime) -> None:
    """Ask for the hourly sync where it is due."""
    connections = Connection.objects.filter(organisation=organisation, state="connected")
    connection = connections.first()
    if connection is None or not sync_is_due(connection, now=now):
        return
    with transaction.atomic():
        # Asked once more, alone: another host may have asked for it, and even done it, since the look before.
        locked = connections.select_for_update().first()
        if locked is not None and sync_is_due(locked, now=now):
            sync.request(organisation, by=None, now=now)


def sync_is_due(connection: Connection, *, now: datetime) -> bool:
    """Hourly, and as soon as possible when there was none; not while one is under way or was just tried."""
    last = SyncRun.objects.filter(organisation=connection.organisation).order_by("-requested_at").first()
    if last is not None and (last.state in sync.OPEN_STATES or last.requested_at > now - SYNC_EVERY):
        return False
    return connection.complete_sync_at is None or connection.complete_sync_at <= now - SYNC_EVERY


def measure_tables() -> bool:
    """Have SQLite measure its tables, where it has not since they grew or got an index. Return whether it did.

    Its planner guesses until then, and takes the wrong index for some lists. PostgreSQL measures by itself. `PRAGMA
    optimize` would look only at what its own connection has asked about (before SQLite 3.46).
    """
    if database.vendor != "sqlite" or not _is_outgrown():
        return False
    with database.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {_ROWS_LOOKED_AT}")
        cursor.execute("ANALYZE")
    return True


def _is_outgrown() -> bool:
    """Whether a large table has an index that was not measured, or far more rows than when it was."""
    rows = {model._meta.db_table: model.objects.count() for model in _MEASURED}
    large = {table: count for table, count in rows.items() if count >= _WORTH_MEASURING}
    if not large:
        return False
    measured = _measured_rows()
    with database.cursor() as cursor:
        # An index of some rows only is measured once it has any.
        cursor.execute("SELECT name, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE type = 'index'")
        indexes = [
            (name, table) for name, table, sql in cursor.fetchall() if table in large and " WHERE " not in sql
        ]
    return any(measured.get(name, 0) * _OUTGROWN <= large[table] for name, table in indexes)


def _measured_rows() -> dict[str, int]:
    """Index -> the rows that its table had when it was measured."""
    with database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return {}
        cursor.execute("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")
        return {index: int(stat.split()[0]) for index, stat in cursor.fetchall()}
