"""How a hand-over ended, and what follows from it (chasing-rules.md section 6.4).

Every function settles the row under its worker's token: who lost the lease writes nothing.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from dunright.domain.addresses import same_address_key
from dunright.domain.other_mail import OTHER_KINDS, OTHER_NAMES, next_try
from dunright.mail.errors import Refused, Reply, TryLater
from dunright.mail.send import Accepted
from dunright.models import AddressFlag, MessageState, Organisation, OutboxMessage, SpentAddress
from dunright.queries.local_time import chase_calendar, local_date
from dunright.services import notices, outbox, outlook, source_writes, timeline, todos, work

HOLD = timedelta(minutes=2)
OTHER_HOLD = timedelta(minutes=10)
"""For thank-yous and statements, which may be held for a week."""
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
)
"""Between tries that the mail server put off; after the last one the message failed."""


def sent(message: OutboxMessage, accepted: Accepted, *, now: datetime) -> None:
    """The server took it: only now are its steps over."""
    organisation = message.organisation
    with transaction.atomic():
        work.settle(
            message,
            MessageState.SENT,
            settled_at=now,
            reason="",
            server_reply=str(accepted.reply),
            provider_message_id=accepted.provider_id,
            last_error="",
        )
        outbox.consume(message, on=local_date(organisation, now))
        source_writes.sent(message, now=now)
        _flag(organisation, accepted.refused, now=now)
        timeline.record(
            organisation,
            "message_sent",
            f"{_name(message)}, sent",
            at=now,
            customer=message.customer,
            message=message,
            detail=_summary(message),
        )
    outlook.refresh(organisation, now=now, customers=[message.customer_id])


def try_later(message: OutboxMessage, error: TryLater, *, now: datetime) -> None:
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
        work.settle(
            message, MessageState.HELD, due_at=_again(message, now), **said | {"tries": message.tries}
        )
        sentence = f"The mail server does not let Dunright in: {error.reply}"
        todos.open_todo(message.organisation, "mail_server", sentence, now=now)
        return
    if message.tries < len(PAUSES):
        work.settle(message, MessageState.RETRYING, due_at=now + PAUSES[message.tries], **said)
        return
    sentence = f"A {_noun(message)} to {message.customer.name} could not be sent: {error.reply}"
    with transaction.atomic():
        work.settle(message, MessageState.FAILED, settled_at=now, **said)
        todos.open_todo(message.organisation, "failed", sentence, now=now, message=message)


def refused(message: OutboxMessage, error: Refused, *, now: datetime) -> None:
    """Refused for good: addresses at fault are flagged, the steps are not consumed."""
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
        sentence = f"The mail server refused the {_noun(message)} to {message.customer.name}: {error.reply}"
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


def uncertain(message: OutboxMessage, reason: str, *, now: datetime) -> None:
    """It may or may not have arrived: never sent again by itself, a person settles it."""
    organisation = message.organisation
    with transaction.atomic():
        work.settle(message, MessageState.UNCERTAIN, reason=reason[:1000])
        sentence = (
            f"Nobody knows whether a {_noun(message)} to {message.customer.name} arrived; "
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


def hold(message: OutboxMessage, reason: str, *, now: datetime, until: date | None = None) -> None:
    """It cannot leave now: tried again soon, until its local day is over, or at the chase time of the day `until`.

    What is no reminder may wait for days, and is not tried at night.
    """
    due = _again(message, now)
    if until is not None:
        calendar = chase_calendar(message.organisation)
        due = calendar.moment(until, calendar.chase_time)
    work.settle(message, MessageState.HELD, due_at=due, reason=reason[:1000])


def _again(message: OutboxMessage, now: datetime) -> datetime:
    """When a message that is held is tried again."""
    if message.kind in OTHER_KINDS:
        return next_try(chase_calendar(message.organisation), now=now, pause=OTHER_HOLD)
    return now + HOLD


def broke_down(message: OutboxMessage, error: Exception, *, now: datetime) -> None:
    """Something of Dunright's own failed: before the attempt it is tried again, after it nobody knows."""
    name = type(error).__name__
    if message.handed_over_at is not None:
        uncertain(message, f"Dunright failed while the message was being handed over ({name}).", now=now)
        return
    work.settle(
        message,
        MessageState.HELD,
        due_at=_again(message, now),
        # An attempt whose commit itself failed: not a byte of the message has left.
        handed_over_at=None,
        reason=f"Dunright could not prepare it ({name}); it is tried again.",
        last_error=name,
    )


def leave(message: OutboxMessage, state: str, reason: str, *, now: datetime) -> None:
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
        if state == MessageState.LAPSED:
            notices.message_lapsed(message, now=now)
    outlook.refresh(organisation, now=now, customers=[message.customer_id])


def _name(message: OutboxMessage) -> str:
    if message.kind == "by_hand":
        return "Reminder by hand"
    if message.template_version:
        return message.template_version.template.name
    return OTHER_NAMES.get(message.kind, message.step)


def _noun(message: OutboxMessage) -> str:
    """What people call such a message."""
    return OTHER_NAMES.get(message.kind, "reminder").lower()


def _summary(message: OutboxMessage) -> str:
    lines = message.lines.filter(organisation=message.organisation).select_related("invoice")
    numbers = [line.invoice.number for line in lines]
    about = ", ".join(numbers[:2]) + (f" and {len(numbers) - 2} more" if len(numbers) > 2 else "")  # noqa: PLR2004
    amounts = ", ".join(f"{amount} {currency}" for currency, amount in message.totals.items())
    people = ", ".join(one["name"] or one["address"] for one in message.to)
    return f"{about}, {amounts}, to {people}"
