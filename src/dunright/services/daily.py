"""What each organisation needs as time goes by: syncs, runs, totals of a new day, seals, unused log-ins."""

from datetime import datetime, timedelta

from dunright.models import Connection, Organisation, SyncRun
from dunright.queries.local_time import local_date
from dunright.services import (
    chasing,
    log_ins,
    notices,
    organisations,
    other_mail_runs,
    outlook,
    receivables,
    sync,
    timeline,
    work,
)

SYNC_EVERY = timedelta(hours=1)


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Make the rows whose time has come. Safe at any frequency and from any number of hosts."""
    organisations.end_pause(organisation, now=now)
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is not None and connection.state == "connected" and sync_is_due(connection, now=now):
        sync.request(organisation, by=None, now=now)
    if organisation.totals_date is not None and organisation.totals_date != local_date(organisation, now):
        receivables.refresh_totals(organisation, today=local_date(organisation, now))
        outlook.refresh(organisation, now=now)
    if run := chasing.schedule_run(organisation, now=now):
        work.wake(run)
    other_mail_runs.look_after(organisation, now=now)
    notices.look_after(organisation, now=now)
    timeline.seal(organisation, now=now)
    log_ins.forget_abandoned(organisation, now=now)


def sync_is_due(connection: Connection, *, now: datetime) -> bool:
    """Hourly, and as soon as possible when there was none; not while one is under way or was just tried."""
    last = SyncRun.objects.filter(organisation=connection.organisation).order_by("-requested_at").first()
    if last is not None and (last.state in sync.OPEN_STATES or last.requested_at > now - SYNC_EVERY):
        return False
    return connection.complete_sync_at is None or connection.complete_sync_at <= now - SYNC_EVERY
