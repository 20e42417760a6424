"""Mails to those inside an organisation: a batch waits, the connection is lost, a run came to nothing.

One row per happening and person, planned in the transaction of the event, so that whatever crashes and however many
processes run, each person gets one mail. They leave by the mail server of the reminders, with the same care: the
attempt is committed first, and after it silence means uncertain, never sent again. Only members are written to.
"""

import hashlib
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from dunright.mail.compose import Letter, LetterError, Mailbox, compose, new_message_id, one_line
from dunright.mail.errors import NotAccepted, Refused, TryLater
from dunright.mail.post import MailConnection
from dunright.mail.send import TRANSMISSION_SECONDS
from dunright.models import (
    ChaseRun,
    Connection,
    Membership,
    MessageState,
    Notice,
    NoticeKind,
    NoticeState,
    Organisation,
    OutboxMessage,
    Role,
)
from dunright.queries.local_time import settings_of, zone_of
from dunright.services import notice_texts, todos, work
from dunright.services.permissions import has_at_least

log = structlog.get_logger("dunright.notices")

LOOK_FIRST: Final = timedelta(minutes=5)
"""Who sits before the page and approves at once needs no mail."""
AFTER_MIDNIGHT: Final = timedelta(minutes=10)
"""Until every message of a day that is over has lapsed."""
LIFE: Final = timedelta(days=2)
"""What could not leave by then is no news any more."""
PAUSES: Final = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3))
TRANSMISSION_LEASE: Final = timedelta(seconds=TRANSMISSION_SECONDS + 120)
ROLES: Final = {
    NoticeKind.BATCH_WAITS: Role.CHASER,
    NoticeKind.CONNECTION_LOST: Role.MANAGER,
    NoticeKind.RUN_MISSED: Role.MANAGER,
    NoticeKind.RUN_LAPSED: Role.MANAGER,
    NoticeKind.NOT_LEFT: Role.MANAGER,
    NoticeKind.UNUSUAL_VOLUME: Role.CHASER,
}
"""Kind -> the least role of those who are told: who may approve (chasing-rules.md 5), stop everything, or connect."""
LATE: Final = timedelta(hours=1)
"""After the last moment at which a run's messages were to leave: then it is no passing trouble any more."""


def connection_lost(connection: Connection, *, now: datetime) -> None:
    """Tell those who may connect that the source refuses Dunright for good. Inside the transaction that notes it."""
    _plan(connection.organisation, NoticeKind.CONNECTION_LOST, f"loss:{now.isoformat()}", now=now, due_at=now)


def run_is_done(run: ChaseRun, *, now: datetime) -> None:
    """Tell what a run left to do for people. Inside the transaction that settles it, or sends a message back to review.

    Who was mailed about the run is not mailed again; whom it had become needless to mail is told after all.
    """
    organisation, about = run.organisation, f"run:{run.pk}"
    if run.outcome in {"stale_data", "missed"}:
        _plan(organisation, NoticeKind.RUN_MISSED, about, now=now, due_at=now, run=run)
        return
    waiting = OutboxMessage.objects.filter(organisation=organisation, run=run, state=MessageState.PENDING)
    if waiting.exists():
        _plan(organisation, NoticeKind.BATCH_WAITS, about, now=now, due_at=now + LOOK_FIRST, run=run)


def message_lapsed(message: OutboxMessage, *, now: datetime) -> None:
    """Tell that nothing of a run left, should this turn out so. Inside the transaction that lets the message lapse."""
    if message.run is not None:
        _plan(
            message.organisation,
            NoticeKind.RUN_LAPSED,
            f"run:{message.run.pk}",
            now=now,
            due_at=now + AFTER_MIDNIGHT,
            run=message.run,
        )


def unusual_volume(run: ChaseRun, *, now: datetime) -> None:
    """Warn that a run plans far more messages than usual. Inside the transaction that plans the one too many."""
    _plan(run.organisation, NoticeKind.UNUSUAL_VOLUME, f"run:{run.pk}", now=now, due_at=now, run=run)


def watch(organisation: Organisation, *, now: datetime) -> None:
    """Tell when messages that should have left by now have not, whatever holds them. Once a run.

    Not while chasing is paused: who paused it knows.
    """
    if organisation.is_paused:
        return
    last_moment = now - LATE - timedelta(minutes=settings_of(organisation).spread_minutes)
    is_over = Q(approved_at=None) | Q(approved_at__lte=now - LATE)
    late = OutboxMessage.objects.filter(
        is_over,
        notice_texts.late_ones(now),
        organisation=organisation,
        run__state="done",
        run__finished_at__lte=last_moment,
    )
    # What is late today is news; of what lapses at the end of the day `message_lapsed` tells.
    runs = ChaseRun.objects.filter(
        organisation=organisation,
        local_date=now.astimezone(zone_of(organisation)).date(),
        pk__in=late.values("run_id"),
    )
    for run in runs:
        _plan(organisation, NoticeKind.NOT_LEFT, f"run:{run.pk}", now=now, due_at=now, run=run)


def _plan(
    organisation: Organisation,
    kind: NoticeKind,
    about: str,
    *,
    now: datetime,
    due_at: datetime,
    run: ChaseRun | None = None,
) -> None:
    members = Membership.objects.filter(organisation=organisation, user__is_active=True).order_by("pk")
    told = [one.user_id for one in members if has_at_least(one.role, ROLES[kind])]
    domain = notice_texts.sender_address(organisation).rpartition("@")[2]
    rows = [
        Notice(
            organisation=organisation,
            user_id=user,
            kind=kind,
            about=about,
            run=run,
            planned_at=now,
            due_at=due_at,
            message_id=_message_id(domain, f"{organisation.pk}-{kind}-{about}-{user}"),
        )
        for user in told
    ]
    # Told already, by another process: that row stands.
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    happening = Notice.objects.filter(organisation=organisation, kind=kind, about=about)
    happening.filter(state=NoticeState.NEEDLESS).update(
        state=NoticeState.QUEUED, planned_at=now, due_at=due_at, reason="", settled_at=None
    )
    for notice in happening.filter(state=NoticeState.QUEUED):
        work.wake(notice)


def _message_id(domain: str, key: str) -> str:
    token = hashlib.sha256(key.encode()).hexdigest()[:32]
    try:
        return new_message_id(domain, token)
    except LetterError:
        return new_message_id("dunright.invalid", token)


def look_after(organisation: Organisation, *, now: datetime) -> int:
    """Hand-overs whose worker went silent: nobody knows what became of them. The number found.

    Also looks whether messages that should have left are still here.
    """
    watch(organisation, now=now)
    lost = Notice.objects.filter(
        organisation=organisation,
        state=NoticeState.CLAIMED,
        handed_over_at__isnull=False,
        lease_until__lt=Now(),
    )
    reason = "Dunright stopped while the mail was being handed over."
    return lost.update(
        state=NoticeState.UNCERTAIN,
        reason=reason,
        settled_at=now,
        token="",
        lease_until=None,
    )


def send(pk: int, *, now: datetime, connection: MailConnection | None) -> Notice | None:
    """Send a due notice, or settle why not. None when another worker has it."""
    notice = work.claim(Notice, pk, now=now)
    if notice is None:
        return None
    try:
        try:
            _send(notice, now=now, connection=connection)
        except work.LostLease:
            raise
        except Exception as error:  # one mail's trouble must not stop the others
            log.exception("notice not sent", notice=pk)
            _broke_down(notice, error, now=now)
    except work.LostLease:
        log.warning("notice taken over", notice=pk)
        return None
    return notice


def _send(notice: Notice, *, now: datetime, connection: MailConnection | None) -> None:
    written = notice_texts.write(notice) if _is_still_told(notice) else None
    if written is None:
        work.settle(notice, NoticeState.NEEDLESS, reason="it was settled meanwhile", settled_at=now)
        return
    if now - notice.planned_at >= LIFE:
        _failed(notice, NoticeState.FAILED, notice.reason or "it could not leave for two days", now=now)
        return
    if connection is None:
        _put_off(notice, "no mail server is set: give DUNRIGHT_EMAIL_URL", now=now)
        return
    sender = notice_texts.sender_address(notice.organisation) or notice.user.email
    try:
        content = compose(
            Letter(
                sender=Mailbox(sender, f"Dunright for {one_line(notice.organisation.name)}"),
                to=(Mailbox(notice.user.email, one_line(notice.user.name)),),
                subject=written.subject,
                text=written.text,
                html=written.html,
                message_id=notice.message_id,
                date=now.astimezone(zone_of(notice.organisation)),
            )
        )
    except LetterError as error:
        _failed(notice, NoticeState.FAILED, str(error), now=now)
        return
    work.keep(notice, subject=written.subject, content=content)
    _hand_over(notice, sender, content, connection, now=now)


def _is_still_told(notice: Notice) -> bool:
    """Whether the person is still a member with the role it takes."""
    member = Membership.objects.filter(
        organisation=notice.organisation, user_id=notice.user_id, user__is_active=True
    ).first()
    return member is not None and has_at_least(member.role, ROLES[NoticeKind(notice.kind)])


def _hand_over(
    notice: Notice, sender: str, content: bytes, connection: MailConnection, *, now: datetime
) -> None:
    # Committed before the first byte: after a crash the row says that it may have left.
    attempt = partial(work.keep, notice, handed_over_at=now, lease=TRANSMISSION_LEASE)
    try:
        accepted = connection.hand_over(
            sender=sender, recipients=[notice.user.email], content=content, before_content=attempt
        )
    except TryLater as error:
        _put_off(notice, str(error), now=now)
    except Refused as error:
        _failed(notice, NoticeState.REFUSED, str(error), now=now)
    except NotAccepted as error:
        work.settle(notice, NoticeState.UNCERTAIN, reason=str(error)[:1000], settled_at=now)
        log.warning("notice uncertain", notice=notice.pk)
    else:
        with transaction.atomic():
            work.settle(
                notice,
                NoticeState.SENT,
                reason="",
                settled_at=now,
                server_reply=str(accepted.reply),
                provider_message_id=accepted.provider_id,
            )
            todos.close(notice.organisation, "notice", now=now)


def _broke_down(notice: Notice, error: Exception, *, now: datetime) -> None:
    """Something of Dunright's own failed: before the attempt it is tried again, after it nobody knows."""
    name = type(error).__name__
    if notice.handed_over_at is None:
        _put_off(notice, f"Dunright could not prepare it ({name}); it is tried again.", now=now)
        return
    reason = f"Dunright failed while it was being handed over ({name})."
    work.settle(notice, NoticeState.UNCERTAIN, reason=reason, settled_at=now)


def _put_off(notice: Notice, reason: str, *, now: datetime) -> None:
    """Certainly not accepted: tried again with growing pauses, until it is too old."""
    pause = PAUSES[min(max(notice.attempts, 1), len(PAUSES)) - 1]
    work.settle(notice, NoticeState.QUEUED, reason=reason[:1000], due_at=now + pause, handed_over_at=None)


def _failed(notice: Notice, state: NoticeState, reason: str, *, now: datetime) -> None:
    sentence = (
        f"A mail to {notice.user.email} about {notice.get_kind_display().lower()} did not leave: {reason}"
    )
    with transaction.atomic():
        work.settle(notice, state, reason=reason[:1000], settled_at=now, handed_over_at=None)
        todos.open_todo(notice.organisation, "notice", sentence, now=now)
