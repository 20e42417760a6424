"""Hand messages over, exactly once (chasing-rules.md section 6).

claim -> read the customer again -> decide again with the same function -> render anew -> MAIL, RCPT, DATA ->
commit the attempt -> the bytes -> settle. Whatever fails before the commit is safe to try again; after it the
message is uncertain until a person, a bounce or a reply says otherwise.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

import structlog
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now

from dunright.domain.addresses import same_address_key
from dunright.domain.chasing import Draft
from dunright.domain.messages import Form
from dunright.domain.other_mail import OTHER_KINDS, held_by, is_given_up
from dunright.domain.wording.liquid_text import TextFault
from dunright.domain.wording.render import CannotRender, MissingValue
from dunright.domain.wording.texts import LetterText, TextKind
from dunright.mail.compose import Letter, compose, one_line
from dunright.mail.errors import NotAccepted, Refused, TryLater, Uncertain
from dunright.mail.headers import LetterError, Mailbox
from dunright.mail.post import MailConnection, open_mail
from dunright.mail.send import TRANSMISSION_SECONDS
from dunright.models import (
    Connection,
    MessageState,
    OutboxMessage,
)
from dunright.queries.facts import Surroundings, surroundings
from dunright.queries.local_time import chase_calendar, local_date, zone_of
from dunright.queries.other_mail import waits_for_batch
from dunright.remote.errors import RemoteError
from dunright.services import (
    attachments,
    connections,
    fresh,
    last_check,
    notices,
    outbox,
    outcomes,
    statements,
    thanks,
    timeline,
    todos,
    work,
)
from dunright.services.letters import Writer

log = structlog.get_logger("dunright.sending")

TRANSMISSION_LEASE = timedelta(seconds=TRANSMISSION_SECONDS + 120)
"""Outlives the content and the 600 s that the final reply may take (RFC 5321, 4.5.3.2.6)."""

_under_way: set[tuple[int, str]] = set()
"""Messages that workers of this process hand over, each with its worker's token."""


class Post:
    """A mail server or provider for several messages in a row."""

    def __init__(self, url: str | None = None) -> None:
        url = settings.EMAIL_URL if url is None else url
        self.connection = open_mail(url) if url else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.connection is not None:
            self.connection.close()


def send(pk: int, *, now: datetime, post: Post) -> OutboxMessage | None:
    """Send a due message, or settle why not. None when another worker has it.

    An unexpected error is this message's alone: it is held, or uncertain when it may have left (section 6.5).
    """
    message = work.claim(OutboxMessage, pk, now=now)
    if message is None:
        return None
    try:
        if over := _over(message, now=now):
            outcomes.leave(message, MessageState.LAPSED, message.reason or over, now=now)
        else:
            _send_or_say_why(message, now=now, post=post)
    except work.LostLease:
        log.warning("message taken over", message=pk)
        return None
    return message


def _over(message: OutboxMessage, *, now: datetime) -> str:
    """Why its time is over, if it is: a reminder has its day, a thank-you or a statement waits for seven."""
    if message.kind in OTHER_KINDS:
        given_up = is_given_up(chase_calendar(message.organisation), message.run_date, now=now)
        return "it waited for seven days" if given_up else ""
    return "its day is over" if local_date(message.organisation, now) > message.run_date else ""


def sweep(*, now: datetime) -> int:
    """Hand-overs whose worker went silent: nobody knows what became of them. The number found."""
    lost = OutboxMessage.objects.filter(
        state=MessageState.CLAIMED, handed_over_at__isnull=False, lease_until__lt=Now()
    ).select_related("organisation", "customer")
    return sum(_give_up(message, now=now) for message in lost.order_by("pk"))


def let_go(*, now: datetime) -> int:
    """This process ends: what it still hands over is left uncertain. The number of such messages."""
    mine = [
        # Before its attempt it is no more than claimed: when the lease runs out, another worker sends it.
        OutboxMessage.objects.filter(pk=pk, token=token, handed_over_at__isnull=False)
        .select_related("organisation", "customer")
        .first()
        for pk, token in list(_under_way)
    ]
    return sum(_give_up(message, now=now) for message in mine if message is not None)


@contextmanager
def in_transmission(message: OutboxMessage) -> Iterator[None]:
    """While the message is handed over, `let_go` knows of it."""
    mine = (message.pk, message.token)
    _under_way.add(mine)
    try:
        yield
    finally:
        # Not by the message alone: a slow worker may have lost it to another of this process.
        _under_way.discard(mine)


def _give_up(message: OutboxMessage, *, now: datetime) -> bool:
    """Leave a message uncertain; false when another worker, or the server's answer, was first."""
    try:
        outcomes.uncertain(message, "Dunright stopped while the message was being handed over.", now=now)
    except work.LostLease:
        return False
    return True


def _send_or_say_why(message: OutboxMessage, *, now: datetime, post: Post) -> None:
    try:
        _send(message, now=now, post=post)
    except work.LostLease:
        raise
    except Exception as error:  # one message's trouble must not stop the others
        log.exception("message not sent", message=message.pk)
        outcomes.broke_down(message, error, now=now)


def _send(message: OutboxMessage, *, now: datetime, post: Post) -> None:
    organisation = message.organisation
    connection = (
        Connection.objects.filter(organisation=organisation).select_related("organisation", "log_in").first()
    )
    if post.connection is None:
        outcomes.hold(message, "no mail server is set: give DUNRIGHT_EMAIL_URL", now=now)
        return
    if connection is None or connection.state != "connected":
        outcomes.hold(message, "disconnected", now=now)
        return
    organisation.refresh_from_db()
    around = surroundings(organisation, now=now, is_fresh=True)
    if reason := _held(message, around, now=now):
        outcomes.hold(message, reason, now=now)
        return
    try:
        _look(connection, message, now=now)
    except RemoteError as error:
        if error.ends_connection:
            connections.mark_disconnected(connection, error, now=now)
        outcomes.hold(message, error.sentence, now=now)
        return
    work.keep(message)
    writer = Writer(organisation, [message.customer_id], around=around, today=local_date(organisation, now))
    found = last_check.ask(message, writer, around)
    if isinstance(found, last_check.Stop):
        if found.passes:
            outcomes.hold(message, found.reason, now=now, until=found.until)
        else:
            outcomes.leave(message, MessageState.CANCELLED, found.reason, now=now)
        return
    if _is_other(message, found):
        _back_to_review(message, now=now)
        return
    content = _write(message, found, writer, connection, now=now)
    if content is not None:
        _hand_over(message, content, post.connection, now=now)


def _held(message: OutboxMessage, around: Surroundings, *, now: datetime) -> str:
    """What holds the message before the books are asked: a pause, unless a person wrote it; or the first batch."""
    if message.kind == last_check.BY_HAND:
        return ""
    if message.kind in OTHER_KINDS:
        waits = waits_for_batch(message.organisation)
        today = local_date(message.organisation, now)
        return held_by(around.organisation, waits_for_batch=waits, today=today)
    return "paused" if around.organisation.paused is not None else ""


def _look(connection: Connection, message: OutboxMessage, *, now: datetime) -> None:
    """Read again what the message depends on. Raises RemoteError."""
    if message.kind == thanks.KIND:
        thanks.look(connection, message, now=now)
    else:
        fresh.look(connection, message.customer, large=_is_large(message), now=now)


def _is_large(message: OutboxMessage) -> bool:
    if message.kind == statements.KIND:
        month = OutboxMessage.objects.filter(
            organisation=message.organisation, kind=message.kind, slot=message.slot
        )
        return month.count() > fresh.LARGE_RUN
    return message.run is not None and message.run.message_count > fresh.LARGE_RUN


def _is_other(message: OutboxMessage, draft: Draft) -> bool:
    """What a person approved or worded is what leaves: another step or other people wait for review (section 5)."""
    if message.approved_at is None and not message.edited_body:
        return False
    before = {same_address_key(one["address"]) for one in message.to}
    return (message.step, message.schedule_name) != (
        draft.step.id,
        draft.schedule,
    ) or before != draft.address_keys


def _back_to_review(message: OutboxMessage, *, now: datetime) -> None:
    word = "worded" if message.approved_at is None else "approved"
    reason = f"it changed after it was {word}: another step or other people"
    with transaction.atomic():
        work.settle(message, MessageState.PENDING, reason=reason, approved_at=None, approved_by=None)
        timeline.record(
            message.organisation,
            "message_pending",
            "Waits for approval again",
            at=now,
            customer=message.customer,
            message=message,
            detail=reason,
        )
        if message.run is not None:
            notices.run_is_done(message.run, now=now)


def _write(
    message: OutboxMessage, draft: Draft, writer: Writer, connection: Connection, *, now: datetime
) -> bytes | None:
    """The message's bytes, with everything it was written from kept on the row; None when it must wait."""
    sender = writer.sender_of(draft)
    assert sender is not None, "a draft without a sender has a missing value"
    try:
        files = attachments.collect(connection, draft, writer)
    except RemoteError as error:
        outcomes.hold(message, error.sentence, now=now)
        return None
    # What kind of message it is never changes, nor for how many invoices a person's own wording was written.
    described = outbox.described(draft) | {"kind": message.kind}
    if message.edited_body:
        described["form"] = message.form
    earlier = writer.earlier(draft)
    try:
        rendered = writer.write(draft, attachments=tuple(files.kinds), text=_edited(message))
        content = compose(
            Letter(
                sender=Mailbox(sender.email, one_line(sender.name)),
                to=tuple(Mailbox(one["address"], one_line(one["name"])) for one in described["to"]),
                cc=tuple(Mailbox(one["address"], one_line(one["name"])) for one in described["cc"]),
                reply_to=Mailbox(sender.reply_to, one_line(sender.name)) if sender.reply_to else None,
                subject=one_line(rendered.subject),
                text=rendered.text,
                html=rendered.html,
                message_id=message.message_id,
                date=now.astimezone(zone_of(message.organisation)),
                attachments=tuple(files.parts),
                in_reply_to=earlier.message_id if earlier else "",
                references=(earlier.message_id,) if earlier else (),
            )
        )
    except (LetterError, CannotRender, MissingValue, TextFault) as error:
        outcomes.leave(message, MessageState.FAILED, str(error), now=now)
        todos.open_todo(
            message.organisation, "failed", f"{message.customer.name}: {error}", now=now, message=message
        )
        return None
    with transaction.atomic():
        outbox.write_lines(message, draft.lines)
        work.keep(
            message,
            **described,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            content=content,
            sender=sender,
            in_reply_to=earlier.message_id if earlier else "",
            facts={"balances": {line.invoice.number: str(line.invoice.balance) for line in draft.lines}},
        )
    return content


def _edited(message: OutboxMessage) -> LetterText | None:
    if not message.edited_body:
        return None
    form: Form = "multi" if message.form == "multi" else "single"
    kind: TextKind = next((one for one in OTHER_KINDS if one == message.kind), "reminder")
    return LetterText(message.edited_subject, message.edited_body, form, kind, name="edited by hand")


def _hand_over(message: OutboxMessage, content: bytes, connection: MailConnection, *, now: datetime) -> None:
    def attempt() -> None:
        # Committed at the server's 354, before the first byte: after a crash the row says that it may have left.
        work.keep(message, handed_over_at=datetime.now(UTC), lease=TRANSMISSION_LEASE)

    recipients = [str(one["address"]) for one in (*message.to, *message.cc)]
    assert message.sender is not None
    with in_transmission(message):
        try:
            accepted = connection.hand_over(
                sender=message.sender.email, recipients=recipients, content=content, before_content=attempt
            )
        except TryLater as error:
            _write_down(partial(outcomes.try_later, message, error, now=now))
        except Refused as error:
            _write_down(partial(outcomes.refused, message, error, now=now))
        except Uncertain as error:
            _write_down(partial(outcomes.uncertain, message, error.reason, now=now))
        except NotAccepted as error:
            _write_down(partial(outcomes.uncertain, message, str(error), now=now))
        else:
            _write_down(partial(outcomes.sent, message, accepted, now=now))


def _write_down(outcome: Callable[[], None]) -> None:
    """Write what the server answered; once more should that fail, for only this worker knows the answer."""
    try:
        outcome()
    except work.LostLease:
        raise
    except Exception:  # whatever it was, the second time decides
        log.exception("outcome not written down at once")
        database.close_if_unusable_or_obsolete()
        outcome()
