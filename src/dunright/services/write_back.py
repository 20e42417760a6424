"""Tell the books what they are to be told: one planned row at a time, asked again whether it still holds.

Every call that writes is sent once. `tried_at` is committed before it: after a crash, a cut line or an error of the
source, whether it was written is looked up before another try, so that no comment stands there twice.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from django.db import transaction

from dunright.connectors.base import Ability, Connector
from dunright.models import Connection, Hold, HoldKind, Organisation, SourceWrite, WriteKind, WriteState
from dunright.remote.errors import (
    BadData,
    NotFound,
    PermissionMissing,
    RateLimited,
    RemoteError,
)
from dunright.services import budgets, connections, source_writes, timeline, work

log = structlog.get_logger("dunright.write_back")

PAUSES = tuple(timedelta(minutes=number) for number in (1, 5, 20, 60, 180, 360))
"""Between tries; after the last one the row has failed, and a person may have it tried again."""
WAIT = timedelta(minutes=15)
"""Until it is looked whether the books are connected again, or the permission is there."""
GOOD_FOR = timedelta(days=7)
"""What could not be told for so long is not told any more."""
AFTER_ANOTHER = timedelta(seconds=30)
OUR_FAULT = "Dunright stumbled over this; the log of this installation says what it was."
TELLS: dict[str, str] = {
    WriteKind.EXPECTED_DATE: "expected_dates",
    WriteKind.EXPECTED_DATE_OFF: "expected_dates",
    WriteKind.REMINDERS_OFF: "reminders",
    WriteKind.COMMENT: "comments",
}
NEEDS: dict[str, Ability] = {
    WriteKind.EXPECTED_DATE: Ability.EXPECTED_DATES,
    WriteKind.EXPECTED_DATE_OFF: Ability.EXPECTED_DATES,
    WriteKind.REMINDERS_OFF: Ability.REMINDER_SWITCH,
    WriteKind.COMMENT: Ability.COMMENTS,
}


class _Over(NamedTuple):
    """What becomes of a row without the source being asked to write."""

    state: str
    reason: str
    after: timedelta = timedelta()


def look_after(organisation: Organisation, *, now: datetime) -> None:
    """Plan what no event of ours causes: reminders of customers who have come to be chased."""
    source_writes.stop_reminders(organisation, now=now)
    source_writes.forget_old(organisation, now=now)


def perform(pk: int, *, now: datetime) -> SourceWrite | None:
    """Do one row. None when another worker has it. Whatever goes wrong ends in a row that says so."""
    write = work.claim(SourceWrite, pk, now=now)
    if write is None:
        return None
    connection = (
        Connection.objects.filter(organisation=write.organisation_id)
        .select_related("organisation", "log_in")
        .first()
    )
    try:
        _do(write, connection, now=now)
    except work.LostLease:
        log.warning("write taken over", write=write.pk)
        return None
    return write


def _do(write: SourceWrite, connection: Connection | None, *, now: datetime) -> None:
    try:
        over = _over(write, connection, now=now)
        if over is None:
            assert connection is not None, "what is not connected waits"
            over = _tell(write, connection, now=now)
        _settle(write, over, now=now)
    except work.LostLease:
        raise
    except RemoteError as error:
        _failed(write, connection, error, now=now)
    except Exception:  # a fault of ours must not leave the row to its lease for ever
        log.exception("write failed", write=write.pk)
        _again_or_failed(write, OUR_FAULT, now=now)


def _over(write: SourceWrite, connection: Connection | None, *, now: datetime) -> _Over | None:
    """Why the row is not to be written, or not now; None: it is."""
    tell = TELLS[write.kind]
    if tell not in source_writes.told(write.organisation):
        return _Over(WriteState.DROPPED, "it was switched off")
    if reason := _untrue(write):
        return _Over(WriteState.DROPPED, reason)
    wait = ""
    if connection is None or connection.state != "connected" or connection.log_in is None:
        wait = "The books are not connected; it waits until they are."
    elif not source_writes.granted(connection.log_in, tell):
        wait = "Zoho has not given the permission to write this; give it on the Connection page."
    if wait and now - write.planned_at > GOOD_FOR:
        return _Over(WriteState.DROPPED, "it could not be told for a week")
    if wait:
        return _Over(WriteState.QUEUED, wait, WAIT)
    if _another_is_under_way(write):
        return _Over(WriteState.QUEUED, "", AFTER_ANOTHER)
    return None


def _untrue(write: SourceWrite) -> str:
    """Why there is nothing to tell any more; empty: there is."""
    organisation, invoice = write.organisation, write.invoice
    if invoice is not None and invoice.gone_at is not None:
        return "the invoice is no longer in Zoho Books"
    if write.kind == WriteKind.COMMENT:
        return ""
    if write.kind == WriteKind.REMINDERS_OFF:
        customers = source_writes.chased_customers(organisation).filter(pk=write.customer_id)
        invoices = source_writes.chased_invoices(organisation).filter(pk=write.invoice_id or 0)
        is_chased = customers.exists() and (invoice is None or invoices.exists())
        return "" if is_chased else "it is not chased any more"
    if invoice is None or invoice.status != "open":
        return "the invoice is not open any more"
    open_ones = Hold.objects.filter(
        organisation=organisation, invoice=invoice, kind=HoldKind.PROMISE, ended_at=None
    )
    if write.kind == WriteKind.EXPECTED_DATE:
        return (
            "" if open_ones.filter(pk=write.hold_id or 0).exists() else "the promise does not hold any more"
        )
    return "another promise has taken its place" if open_ones.exists() else ""


def _another_is_under_way(write: SourceWrite) -> bool:
    """Whether another worker is writing about the same what was planned before: this must come after it."""
    same = SourceWrite.objects.filter(
        organisation=write.organisation, invoice=write.invoice, customer=write.customer
    )
    return (
        same.filter(state=WriteState.RUNNING).exclude(kind=WriteKind.COMMENT).filter(pk__lt=write.pk).exists()
    )


def _tell(write: SourceWrite, connection: Connection, *, now: datetime) -> _Over:
    """Look what is there, and write what is not. Nothing is open in the database meanwhile."""
    budget = budgets.SharedBudget(write.organisation, use=budgets.Use.DETAIL)
    with closing(connections.open_connector(connection, budget)) as connector:
        if NEEDS[write.kind] not in connector.abilities:
            return _Over(WriteState.DROPPED, f"{connector.label} has no place for it")
        if write.kind == WriteKind.COMMENT:
            return _tell_comment(write, connector, now=now)
        if write.kind == WriteKind.REMINDERS_OFF:
            return _tell_reminders(write, connector, now=now)
        return _tell_date(write, connector, now=now)


def _tell_comment(write: SourceWrite, connector: Connector, *, now: datetime) -> _Over:
    assert write.invoice is not None, "a comment stands on an invoice"
    assert write.message is not None, "a comment tells of a message"
    external_id = write.invoice.external_id
    if write.tried_at is not None:
        mark = source_writes.mark_of(write.message, write.invoice)
        if any(mark in comment for comment in connector.comments(external_id)):
            return _Over(WriteState.DONE, "")
    _try(write, partial(connector.add_comment, external_id, write.text), now=now)
    return _Over(WriteState.DONE, "")


def _tell_reminders(write: SourceWrite, connector: Connector, *, now: datetime) -> _Over:
    # Switching off what is off does nothing: no need to look.
    if write.invoice is not None:
        stop = partial(connector.stop_reminders, "invoice", write.invoice.external_id)
    else:
        stop = partial(connector.stop_reminders, "customer", write.customer.external_id)
    _try(write, stop, now=now)
    return _Over(WriteState.DONE, "")


def _tell_date(write: SourceWrite, connector: Connector, *, now: datetime) -> _Over:
    assert write.invoice is not None, "an expected date is an invoice's"
    external_id = write.invoice.external_id
    wanted = write.date if write.kind == WriteKind.EXPECTED_DATE else None
    there = connector.invoice(external_id).invoice.expected_payment_date
    if there == wanted:
        return _Over(WriteState.DONE, "")
    if wanted is None and there != write.date:
        return _Over(WriteState.DROPPED, "somebody has changed the date in Zoho Books")
    _try(write, partial(connector.expect_payment, external_id, wanted), now=now)
    return _Over(WriteState.DONE, "")


def _try(write: SourceWrite, call: Callable[[], None], *, now: datetime) -> None:
    """Commit that it is tried, then write. A plain refusal takes the attempt back: it was certainly not written."""
    work.keep(write, tried_at=now)
    try:
        call()
    except (RateLimited, PermissionMissing, NotFound, BadData):
        work.keep(write, tried_at=None)
        raise


def _settle(write: SourceWrite, over: _Over, *, now: datetime) -> None:
    if over.state == WriteState.QUEUED:
        # Waiting is no try.
        attempts = max(write.attempts - 1, 0)
        work.settle(write, over.state, due_at=now + over.after, reason=over.reason, attempts=attempts)
        return
    with transaction.atomic():
        work.settle(write, over.state, settled_at=now, reason=over.reason, last_error="")
        if over.state == WriteState.DONE:
            _record(write, _done(write), now=now)


def _failed(write: SourceWrite, connection: Connection | None, error: RemoteError, *, now: datetime) -> None:
    log.warning("write failed", write=write.pk, error=type(error).__name__)
    if isinstance(error, RateLimited):
        pause = timedelta(seconds=error.retry_after)
        _settle(write, _Over(WriteState.QUEUED, error.sentence, pause), now=now)
    elif isinstance(error, NotFound):
        _settle(write, _Over(WriteState.DROPPED, "it is no longer in Zoho Books"), now=now)
    elif isinstance(error, PermissionMissing):
        _give_up(write, error.sentence, now=now)
    elif error.ends_connection and connection is not None:
        _settle(write, _Over(WriteState.QUEUED, error.sentence, WAIT), now=now)
        connections.mark_disconnected(connection, error, now=now)
    elif isinstance(error, BadData):
        # Refused as it is: the same again would be refused again.
        _give_up(write, error.sentence, now=now)
    else:
        _again_or_failed(write, error.sentence, now=now)


def _again_or_failed(write: SourceWrite, sentence: str, *, now: datetime) -> None:
    if write.attempts > len(PAUSES):
        _give_up(write, sentence, now=now)
        return
    pause = PAUSES[max(write.attempts, 1) - 1]
    work.settle(write, WriteState.QUEUED, due_at=now + pause, reason=sentence[:500], last_error=sentence)


def _give_up(write: SourceWrite, sentence: str, *, now: datetime) -> None:
    with transaction.atomic():
        work.settle(write, WriteState.FAILED, settled_at=now, reason=sentence[:500], last_error=sentence)
        _record(write, f"Zoho Books could not be told: {sentence}", now=now)


def _record(write: SourceWrite, sentence: str, *, now: datetime) -> None:
    timeline.record(
        write.organisation,
        "told_books",
        sentence,
        at=now,
        customer=write.customer,
        invoice=write.invoice,
        message=write.message,
    )


def _done(write: SourceWrite) -> str:
    about = write.invoice.number if write.invoice else write.customer.name
    match write.kind:
        case WriteKind.EXPECTED_DATE:
            return f"Zoho Books expects payment of {about} on {write.date}"
        case WriteKind.EXPECTED_DATE_OFF:
            return f"Zoho Books no longer expects payment of {about} on {write.date}"
        case WriteKind.REMINDERS_OFF:
            return f"Zoho’s own reminders of {about} are switched off"
        case _:
            return f"Comment on {about} in Zoho Books"
