"""What the books are to be told: who switched it on, and the rows of it, written along with what causes them.

Reading only is the default. A row is planned in the transaction of its cause (a promise, a message sent) and names it
in its key, so that it is planned once; `write_back` does it later, and asks again whether it still holds.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from dunright.connectors.zoho_books import oauth
from dunright.models import (
    Connection,
    Customer,
    Hold,
    HoldKind,
    Invoice,
    LogIn,
    Organisation,
    OutboxLine,
    OutboxMessage,
    Role,
    SourceWrite,
    Telling,
    User,
    WriteKind,
    WriteState,
)
from dunright.services import timeline, work
from dunright.services.permissions import require

log = structlog.get_logger("dunright.source_writes")

TELLS = tuple(oauth.WRITE_SCOPES)
"""What can be told: `expected_dates`, `reminders`, `comments`; columns of `Telling`."""
SENTENCES = {
    "expected_dates": "the day of a promise, as the invoice’s expected payment date",
    "reminders": "that its own reminders stop for customers whom Dunright chases",
    "comments": "each reminder that was sent, in a comment on its invoices",
}
REMINDERS = frozenset({"before_due", "overdue", "by_hand"})
"""Kinds of messages that a comment tells of."""
AT_ONCE = 100
"""Switches of reminders that are planned in one go: each is a call."""
KEPT = timedelta(days=90)
"""So long the rows of comments are kept."""
CHASED = Q(is_chasing=True) & ~Q(schedule_name="none")


def told(organisation: Organisation) -> frozenset[str]:
    """What the books are told, as switched on."""
    row = Telling.objects.filter(organisation=organisation).first()
    return frozenset(one for one in TELLS if row is not None and getattr(row, one))


def granted(log_in: LogIn | None, tell: str) -> bool:
    """Whether a log-in may write what this kind of telling needs."""
    given = {scope.lower() for scope in log_in.scopes.replace(",", " ").split()} if log_in else set()
    return "zohobooks.fullaccess.all" in given or all(
        scope.lower() in given or f"{scope.lower().rpartition('.')[0]}.all" in given
        for scope in oauth.WRITE_SCOPES[tell]
    )


def lacking(organisation: Organisation, tells: Iterable[str]) -> tuple[str, ...]:
    """Those of these that the log-in in use gives no permission for."""
    connection = Connection.objects.filter(organisation=organisation).select_related("log_in").first()
    log_in = connection.log_in if connection else None
    wanted = set(tells)
    return tuple(one for one in TELLS if one in wanted and not granted(log_in, one))


def switch(organisation: Organisation, tells: Collection[str], *, by: User | None, now: datetime) -> None:
    """Tell these and nothing else from now on."""
    require(organisation, by, Role.MANAGER)
    before = told(organisation)
    after = frozenset(tells) & frozenset(TELLS)
    if after == before:
        return
    with transaction.atomic():
        Telling.objects.update_or_create(
            organisation=organisation,
            defaults={one: one in after for one in TELLS} | {"changed_at": now, "changed_by": by},
        )
        for one in TELLS:
            if (one in after) != (one in before):
                how = "is told" if one in after else "is no longer told"
                timeline.record(organisation, "telling", f"Zoho Books {how} {SENTENCES[one]}", at=now, by=by)
        if "reminders" in after - before:
            stop_reminders(organisation, now=now)


def promised(hold: Hold, *, now: datetime) -> None:
    """A promise was accepted. Inside its transaction."""
    if hold.invoice is not None and "expected_dates" in told(hold.organisation):
        _plan(
            hold.organisation,
            WriteKind.EXPECTED_DATE,
            f"promise:{hold.pk}",
            now=now,
            customer=hold.customer,
            invoice=hold.invoice,
            hold=hold,
            date=hold.date,
        )


def promise_ended(hold: Hold, *, now: datetime) -> None:
    """A promise was ended and no other took its place. Inside its transaction.

    What was never tried is dropped; what was written, or may have been, is taken back.
    """
    if hold.kind != HoldKind.PROMISE or hold.invoice is None:
        return
    mine = SourceWrite.objects.filter(organisation=hold.organisation, key=f"promise:{hold.pk}")
    untried = mine.filter(state=WriteState.QUEUED, tried_at=None)
    if untried.update(state=WriteState.DROPPED, settled_at=now, reason="the promise was ended"):
        return
    if mine.exclude(state=WriteState.DROPPED).exists():
        _plan(
            hold.organisation,
            WriteKind.EXPECTED_DATE_OFF,
            f"promise:{hold.pk}:ended",
            now=now,
            customer=hold.customer,
            invoice=hold.invoice,
            hold=hold,
            date=hold.date,
        )


def sent(message: OutboxMessage, *, now: datetime) -> None:
    """A reminder was sent. Inside the transaction that says so, which nothing here may break: it is sent."""
    try:
        with transaction.atomic():
            _plan_comments(message, now=now)
    except Exception:  # without its comments the message is sent all the same
        log.exception("comments not planned", message=message.pk)


def _plan_comments(message: OutboxMessage, *, now: datetime) -> None:
    organisation = message.organisation
    if message.kind not in REMINDERS or "comments" not in told(organisation):
        return
    lines = OutboxLine.objects.filter(organisation=organisation, message=message).select_related("invoice")
    for line in lines:
        _plan(
            organisation,
            WriteKind.COMMENT,
            f"sent:{message.pk}:{line.invoice_id}",
            now=now,
            customer=message.customer,
            invoice=line.invoice,
            message=message,
            text=_comment(message, line.invoice),
        )


def stop_reminders(organisation: Organisation, *, now: datetime) -> int:
    """Plan to switch the books' own reminders off for whom Dunright chases by now; the number planned.

    For a customer as a whole where every open invoice is chased, else invoice by invoice.
    """
    if organisation.is_paused or "reminders" not in told(organisation):
        return 0
    count = 0
    customers = chased_customers(organisation).exclude(_is_planned("customer")).select_related("organisation")
    left_out = _open(organisation).filter(customer=OuterRef("pk")).exclude(CHASED)
    for customer in customers.exclude(Exists(left_out))[:AT_ONCE]:
        count += _plan_stop(f"customer:{customer.pk}", customer, None, now=now)
    some = chased_invoices(organisation).filter(customer__in=customers.filter(Exists(left_out)))
    for invoice in some.exclude(_is_planned("invoice")).select_related("customer")[:AT_ONCE]:
        count += _plan_stop(f"invoice:{invoice.pk}", invoice.customer, invoice, now=now)
    return count


def chased_customers(organisation: Organisation) -> QuerySet[Customer]:
    """Customers whom Dunright chases and who owe something that is chased."""
    own = chased_invoices(organisation).filter(customer=OuterRef("pk"))
    rows = Customer.objects.filter(Exists(own), organisation=organisation, gone_at=None)
    return rows.filter(is_chasing=True, is_excluded=False).exclude(schedule_name="none").order_by("pk")


def chased_invoices(organisation: Organisation) -> QuerySet[Invoice]:
    """Open invoices that are chased, as far as they themselves say."""
    return _open(organisation).filter(CHASED).order_by("pk")


def again(write: SourceWrite, *, by: User | None, now: datetime) -> bool:
    """A person wants a failed write to be tried again; false when it is not failed."""
    require(write.organisation, by, Role.MANAGER)
    failed = SourceWrite.objects.filter(organisation=write.organisation, pk=write.pk, state=WriteState.FAILED)
    if not failed.update(state=WriteState.QUEUED, due_at=now, attempts=0, settled_at=None, reason=""):
        return False
    work.wake(write)
    return True


def forget_old(organisation: Organisation, *, now: datetime) -> None:
    """Delete rows of comments settled long ago; the others say what is in force in the books."""
    SourceWrite.objects.filter(
        organisation=organisation, kind=WriteKind.COMMENT, settled_at__lt=now - KEPT
    ).delete()


def mark_of(message: OutboxMessage, invoice: Invoice) -> str:
    """By which a comment is known again: unique to message and invoice, whatever database this runs on."""
    return hashlib.sha256(f"{message.message_id} {invoice.external_id}".encode()).hexdigest()[:12]


def _comment(message: OutboxMessage, invoice: Invoice) -> str:
    people = ", ".join(one["name"] or one["address"] for one in message.to)
    template = message.template_version.template.name if message.template_version else ""
    about = f" “{template}”" if template else ""
    return f"Reminder{about} e-mailed to {people[:300]}. [Dunright {mark_of(message, invoice)}]"


def _open(organisation: Organisation) -> QuerySet[Invoice]:
    return Invoice.objects.filter(organisation=organisation, status="open", gone_at=None)


def _is_planned(what: str) -> Exists:
    """Whether reminders of the row are off, or about to be; a dropped one may be planned anew."""
    rows = SourceWrite.objects.filter(
        organisation=OuterRef("organisation"), kind=WriteKind.REMINDERS_OFF, **{what: OuterRef("pk")}
    ).exclude(state=WriteState.DROPPED)
    return Exists(rows.filter(invoice=None) if what == "customer" else rows)


def _plan_stop(about: str, customer: Customer, invoice: Invoice | None, *, now: datetime) -> int:
    organisation, key = customer.organisation, f"reminders:{about}"
    dropped = SourceWrite.objects.filter(organisation=organisation, key=key, state=WriteState.DROPPED)
    if dropped.update(state=WriteState.QUEUED, due_at=now, attempts=0, settled_at=None, reason=""):
        return 1
    return _plan(organisation, WriteKind.REMINDERS_OFF, key, now=now, customer=customer, invoice=invoice)


def _plan(organisation: Organisation, kind: WriteKind, key: str, *, now: datetime, **fields: Any) -> int:
    row, is_new = SourceWrite.objects.get_or_create(
        organisation=organisation,
        key=key,
        defaults={"kind": kind, "planned_at": now, "due_at": now, **fields},
    )
    if is_new:
        work.wake(row)
    return int(is_new)
