"""Hand messages over, exactly once (chasing-rules.md section 6).

claim -> read the customer again -> decide again with the same function -> render anew -> MAIL, RCPT, DATA ->
commit the attempt -> the bytes -> settle. Whatever fails before the commit is safe to try again; after it the
message is uncertain until a person, a bounce or a reply says otherwise.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from dunright.domain.addresses import same_address_key
from dunright.domain.chasing import CustomerDecision, Draft, Planned, decide
from dunright.domain.wording.liquid_text import TextFault
from dunright.domain.wording.render import CannotRender, MissingValue
from dunright.domain.wording.texts import LetterText
from dunright.mail.compose import Letter, compose, one_line
from dunright.mail.errors import NotAccepted, Refused, Reply, TryLater, Uncertain
from dunright.mail.headers import LetterError, Mailbox
from dunright.mail.send import TRANSMISSION_SECONDS, Accepted, SmtpConnection
from dunright.mail.server import MailServer
from dunright.models import (
    AddressFlag,
    Connection,
    Customer,
    MessageState,
    Organisation,
    OutboxMessage,
    SpentAddress,
)
from dunright.queries.facts import Surroundings, customer_facts, spent_addresses, surroundings
from dunright.queries.local_time import local_date, zone_of
from dunright.remote.errors import RemoteError
from dunright.services import attachments, connections, fresh, outbox, outlook, timeline, todos, work
from dunright.services.letters import Writer

log = structlog.get_logger("dunright.sending")

TRANSMISSION_LEASE = timedelta(seconds=TRANSMISSION_SECONDS + 120)
"""Outlives the content and the 600 s that the final reply may take (RFC 5321, 4.5.3.2.6)."""
HOLD = timedelta(minutes=2)
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
)
"""Between tries that the mail server put off; after the last one the message failed."""
WHOLE_ORGANISATION = frozenset({"paused", "disconnected", "stale_data"})


class Post:
    """A mail server for several messages in a row."""

    def __init__(self, url: str | None = None) -> None:
        url = settings.EMAIL_URL if url is None else url
        self.connection = SmtpConnection(MailServer.from_url(url)) if url else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.connection is not None:
            self.connection.close()


def send(pk: int, *, now: datetime, post: Post) -> OutboxMessage | None:
    """Send a due message, or settle why not. None when another worker has it."""
    message = work.claim(OutboxMessage, pk, now=now)
    if message is None:
        return None
    try:
        if local_date(message.organisation, now) > message.run_date:
            _leave(message, MessageState.LAPSED, message.reason or "its day is over", now=now)
        else:
            _send(message, now=now, post=post)
    except work.LostLease:
        log.warning("message taken over", message=pk)
        return None
    return message


def sweep(*, now: datetime) -> int:
    """Hand-overs whose worker went silent: nobody knows what became of them. The number found."""
    lost = OutboxMessage.objects.filter(
        state=MessageState.CLAIMED, handed_over_at__isnull=False, lease_until__lt=Now()
    ).select_related("organisation", "customer")
    count = 0
    for message in lost:
        _uncertain(message, "Dunright stopped while the message was being handed over.", now=now)
        count += 1
    return count


def _send(message: OutboxMessage, *, now: datetime, post: Post) -> None:
    organisation = message.organisation
    connection = (
        Connection.objects.filter(organisation=organisation).select_related("organisation", "log_in").first()
    )
    if post.connection is None:
        _hold(message, "no mail server is set: give DUNRIGHT_EMAIL_URL", now=now)
        return
    if connection is None or connection.state != "connected":
        _hold(message, "disconnected", now=now)
        return
    organisation.refresh_from_db()
    around = surroundings(organisation, now=now, is_fresh=True)
    if around.organisation.paused is not None:
        _hold(message, "paused", now=now)
        return
    try:
        fresh.look(connection, message.customer, large=_is_large(message), now=now)
    except RemoteError as error:
        if error.ends_connection:
            connections.mark_disconnected(connection, error, now=now)
        _hold(message, error.sentence, now=now)
        return
    work.keep(message)
    customer = Customer.objects.get(organisation=organisation, pk=message.customer_id)
    writer = Writer(organisation, [customer.pk], around=around, today=local_date(organisation, now))
    decision = _decide_again(message, customer, writer, around, now=now)
    if decision.message is None:
        reasons = sorted({one.reason for one in decision.decisions if one.reason})
        _leave(message, MessageState.CANCELLED, _told(message, decision) or ", ".join(reasons), now=now)
        return
    if _is_other(message, decision.message):
        _back_to_review(message, now=now)
        return
    content = _write(message, decision.message, writer, connection, now=now)
    if content is not None:
        _hand_over(message, content, post.connection, now=now)


def _is_large(message: OutboxMessage) -> bool:
    return message.run is not None and message.run.message_count > fresh.LARGE_RUN


def _decide_again(
    message: OutboxMessage, customer: Customer, writer: Writer, around: Surroundings, *, now: datetime
) -> CustomerDecision:
    """Ask the function that planned it, with the facts of this moment."""
    organisation = message.organisation
    today = local_date(organisation, now)
    facts = customer_facts(organisation, [customer.pk], around=around)[customer.pk]
    writer.knows(facts)
    lines = message.lines.values_list("invoice_id", flat=True)
    return decide(
        around.organisation,
        facts,
        today=today,
        spent=spent_addresses(organisation, today, without_message=message.pk),
        missing=writer.missing,
        planned=Planned(
            kind="before_due" if message.kind == "before_due" else "overdue",
            invoice_ids=frozenset(str(pk) for pk in lines),
        ),
    )


def _told(message: OutboxMessage, decision: CustomerDecision) -> str:
    """Why it does not go: the reasons of the invoices it would have listed."""
    listed = {str(pk) for pk in message.lines.values_list("invoice_id", flat=True)}
    reasons = {one.reason for one in decision.decisions if one.invoice_id in listed and one.reason}
    return ", ".join(sorted(reasons))


def _is_other(message: OutboxMessage, draft: Draft) -> bool:
    """What was approved is what leaves: another leading step or other people wait for review again (section 5)."""
    if message.approved_at is None:
        return False
    before = {same_address_key(one["address"]) for one in message.to}
    return (message.step, message.schedule_name) != (
        draft.step.id,
        draft.schedule,
    ) or before != draft.address_keys


def _back_to_review(message: OutboxMessage, *, now: datetime) -> None:
    reason = "it changed after it was approved: another step or other people"
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


def _write(
    message: OutboxMessage, draft: Draft, writer: Writer, connection: Connection, *, now: datetime
) -> bytes | None:
    """The message's bytes, with everything it was written from kept on the row; None when it must wait."""
    sender = writer.sender_of(draft)
    assert sender is not None, "a draft without a sender has a missing value"
    try:
        files = attachments.collect(connection, draft, writer)
    except RemoteError as error:
        _hold(message, error.sentence, now=now)
        return None
    described = outbox.described(draft)
    earlier = writer.earlier(draft)
    try:
        rendered = writer.write(draft, attachments=tuple(files.kinds), text=_edited(message, draft))
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
        _leave(message, MessageState.FAILED, str(error), now=now)
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


def _edited(message: OutboxMessage, draft: Draft) -> LetterText | None:
    if not message.edited_body:
        return None
    return LetterText(message.edited_subject, message.edited_body, draft.form, name="edited by hand")


def _hand_over(message: OutboxMessage, content: bytes, connection: SmtpConnection, *, now: datetime) -> None:
    def attempt() -> None:
        # Committed at the server's 354, before the first byte: after a crash the row says that it may have left.
        work.keep(message, handed_over_at=datetime.now(UTC), lease=TRANSMISSION_LEASE)

    recipients = [str(one["address"]) for one in (*message.to, *message.cc)]
    assert message.sender is not None
    try:
        accepted = connection.hand_over(
            sender=message.sender.email, recipients=recipients, content=content, before_content=attempt
        )
    except TryLater as error:
        _try_later(message, error, now=now)
    except Refused as error:
        _refused(message, error, now=now)
    except Uncertain as error:
        _uncertain(message, error.reason, now=now)
    except NotAccepted as error:
        _uncertain(message, str(error), now=now)
    else:
        _sent(message, accepted, now=now)


def _sent(message: OutboxMessage, accepted: Accepted, *, now: datetime) -> None:
    organisation = message.organisation
    with transaction.atomic():
        work.settle(
            message,
            MessageState.SENT,
            settled_at=now,
            reason="",
            server_reply=str(accepted.reply),
            last_error="",
        )
        outbox.consume(message, on=local_date(organisation, now))
        _flag(organisation, accepted.refused, now=now)
        timeline.record(
            organisation,
            "message_sent",
            f"{message.template_version.template.name if message.template_version else message.step}, sent",
            at=now,
            customer=message.customer,
            message=message,
            detail=_summary(message),
        )
    outlook.refresh(organisation, now=now, customers=[message.customer_id])


def _try_later(message: OutboxMessage, error: TryLater, *, now: datetime) -> None:
    """Certainly not accepted: the attempt is cleared, and the same message is tried again."""
    said: dict[str, Any] = {
        "handed_over_at": None,
        "reason": str(error.reply)[:1000],
        "server_reply": str(error.reply),
        "tries": message.tries + 1,
    }
    _flag(
        message.organisation,
        {one: reply for one, reply in error.refused.items() if reply.is_permanent},
        now=now,
    )
    if error.is_settings:
        # Log-in refused or no encryption: a person must act first, and no address is at fault.
        work.settle(message, MessageState.HELD, due_at=now + HOLD, **said | {"tries": message.tries})
        sentence = f"The mail server does not let Dunright in: {error.reply}"
        todos.open_todo(message.organisation, "mail_server", sentence, now=now)
        return
    if message.tries < len(PAUSES):
        work.settle(message, MessageState.RETRYING, due_at=now + PAUSES[message.tries], **said)
        return
    work.settle(message, MessageState.FAILED, settled_at=now, **said)
    sentence = f"A reminder to {message.customer.name} could not be sent: {error.reply}"
    todos.open_todo(message.organisation, "failed", sentence, now=now, message=message)


def _refused(message: OutboxMessage, error: Refused, *, now: datetime) -> None:
    organisation = message.organisation
    with transaction.atomic():
        work.settle(
            message,
            MessageState.REFUSED,
            handed_over_at=None,
            settled_at=now,
            reason=str(error.reply)[:1000],
            server_reply=str(error.reply),
        )
        SpentAddress.objects.filter(organisation=organisation, message=message).delete()
        _flag(organisation, error.refused, now=now)
        sentence = f"The mail server refused the reminder to {message.customer.name}: {error.reply}"
        todos.open_todo(organisation, "refused", sentence, now=now, message=message)
        timeline.record(
            organisation,
            "message_refused",
            "Refused by the mail server",
            at=now,
            customer=message.customer,
            message=message,
            detail=str(error.reply),
        )
    outlook.refresh(organisation, now=now, customers=[message.customer_id])


def _uncertain(message: OutboxMessage, reason: str, *, now: datetime) -> None:
    organisation = message.organisation
    with transaction.atomic():
        work.settle(message, MessageState.UNCERTAIN, reason=reason[:1000])
        sentence = (
            f"Nobody knows whether a reminder to {message.customer.name} arrived; "
            "look into your sent mail and say what became of it."
        )
        todos.open_todo(organisation, "uncertain", sentence, now=now, message=message)
        timeline.record(
            organisation,
            "message_uncertain",
            "Fate unknown",
            at=now,
            customer=message.customer,
            message=message,
            detail=reason,
        )


def _flag(organisation: Organisation, refused: dict[str, Reply], *, now: datetime) -> None:
    """Addresses that the mail server refused for good are off until a person clears them (R12)."""
    for address, reply in refused.items():
        if reply.is_permanent:
            AddressFlag.objects.get_or_create(
                organisation=organisation,
                address_key=same_address_key(address),
                defaults={"reason": str(reply)[:500], "flagged_at": now},
            )


def _hold(message: OutboxMessage, reason: str, *, now: datetime) -> None:
    """It cannot leave now: tried again soon, until its local day is over."""
    work.settle(message, MessageState.HELD, due_at=now + HOLD, reason=reason[:1000])


def _leave(message: OutboxMessage, state: str, reason: str, *, now: datetime) -> None:
    """It will not leave: its address is free for others, its steps are not consumed."""
    organisation = message.organisation
    with transaction.atomic():
        work.settle(message, state, reason=reason[:1000], settled_at=now)
        SpentAddress.objects.filter(organisation=organisation, message=message).delete()
        timeline.record(
            organisation,
            f"message_{state}",
            f"{MessageState(state).label}: {reason}",
            at=now,
            customer=message.customer,
            message=message,
        )
    outlook.refresh(organisation, now=now, customers=[message.customer_id])


def _summary(message: OutboxMessage) -> str:
    numbers = [line.invoice.number for line in message.lines.select_related("invoice")]
    about = ", ".join(numbers[:2]) + (f" and {len(numbers) - 2} more" if len(numbers) > 2 else "")  # noqa: PLR2004
    amounts = ", ".join(f"{amount} {currency}" for currency, amount in message.totals.items())
    people = ", ".join(one["name"] or one["address"] for one in message.to)
    return f"{about}, {amounts}, to {people}"
