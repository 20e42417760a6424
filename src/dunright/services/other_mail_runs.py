"""Thank-yous and statements as work: the rows whose time has come, and what a worker does about one of them."""

from datetime import datetime

import structlog

from dunright.models import Organisation, OtherMailRun
from dunright.queries.facts import surroundings
from dunright.services import other_mail, statements, thanks, work

log = structlog.get_logger("dunright.other_mail")


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Make the runs that are due, and drop what nobody approved. Safe at any frequency and from any number of hosts."""
    thanks.schedule_run(organisation, now=now)
    statements.schedule_run(organisation, now=now)
    other_mail.drop_unapproved(organisation, now=now)


def perform(pk: int, *, now: datetime, stop: other_mail.Stop = lambda: False) -> OtherMailRun | None:
    """Plan the messages of a run, or as many as `stop` allows. None when another worker has it."""
    run = work.claim(OtherMailRun, pk, now=now)
    if run is None:
        return None
    decide_all = thanks.decide_all if run.kind == thanks.KIND else statements.decide_all
    try:
        # What holds a message is asked when it is to leave, so that people see why it waits.
        if decide_all(run, surroundings(run.organisation, now=now), now=now, stop=stop):
            work.settle(run, "done", finished_at=now)
        else:
            work.settle(run, "queued", due_at=now)
            work.wake(run)
    except work.LostLease:
        log.warning("run taken over", run=pk)
        return None
    return run
