"""Rows of the outbox: approved, edited, cancelled, settled (chasing-rules.md sections 5 and 6).

A row is unique on (organisation, customer, run date, slot): however often a run is started, a customer gets one
message. `services.planning` makes them, `services.sending` hands them over.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from dunright.domain.calendar import leaves_at
from dunright.domain.chasing import Draft, Line
from dunright.domain.other_mail import OTHER_KINDS, WAITS
from dunright.models import (
    ChaseRun,
    ConsumedStep,
    Customer,
    Invoice,
    MessageState,
    Organisation,
    OutboxLine,
    OutboxMessage,
    Role,
    SpentAddress,
    User,
)
from dunright.models.outbox import COMING
from dunright.queries.local_time import chase_calendar, local_date
from dunright.services import source_writes, timeline, todos, work
from dunright.services.permissions import require

CHASE = "chase"


class CannotChangeMessage(Exception):
    """The message is not in a state in which this can be done; the message says which it is in."""


def described(draft: Draft) -> dict[str, Any]:
    """The columns of a message that follow from its draft."""
    return {
        "kind": draft.kind,
        "schedule_name": draft.schedule,
        "step": draft.step.id,
        "form": draft.form,
        "sender_level": draft.sender,
        "recipient_level": draft.step.recipients,
        "flags": list(draft.flags),
        "to": [
            _addressed(person.email, person.first_name, person.last_name, person.id) for person in draft.to
        ],
        "cc": [
            _addressed(person.email, person.first_name, person.last_name, person.id) for person in draft.cc
        ],
        "totals": {currency: str(amount) for currency, amount in draft.totals.items()},
    }


def write_lines(message: OutboxMessage, lines: Sequence[Line]) -> None:
    """Write what a message lists, in place of what stood there."""
    OutboxLine.objects.filter(organisation=message.organisation, message=message).delete()
    OutboxLine.objects.bulk_create(
        OutboxLine(
            organisation=message.organisation,
            message=message,
            invoice_id=int(line.invoice.id),
            position=position,
            schedule_name=line.invoice.schedule.name if line.invoice.schedule else "",
            step=line.step.id if line.step else "",
            step_days=line.step.days if line.step else None,
            skipped=[{"step": step.id, "days": step.days} for step in line.skipped],
            balance=line.invoice.balance,
            currency=line.invoice.currency,
        )
        for position, line in enumerate(lines)
    )


def approve(messages: Iterable[OutboxMessage], *, by: User | None, now: datetime) -> int:
    """Let waiting messages leave; what was approved is what leaves. The number approved.

    Raises CannotChangeMessage while everything is stopped.
    """
    count = 0
    for message in messages:
        organisation = message.organisation
        require(organisation, by, Role.CHASER)
        if Organisation.objects.filter(pk=organisation.pk, stopped_at__isnull=False).exists():
            raise CannotChangeMessage("Everything is stopped; resume chasing first, then approve.")
        calendar = chase_calendar(organisation)
        leaves = message.due_at
        if message.due_at < now:
            leaves = leaves_at(calendar, approved_at=now)
        fields: dict[str, Any] = {
            "state": MessageState.APPROVED,
            "approved_at": now,
            "approved_by": by,
            "reason": "",
        }
        # Leaving on a later day it takes the place of that day's message (section 5).
        day = max(message.run_date, calendar.local_date(leaves))
        try:
            # What happened and that it happened stand or fall together: a page that breaks off leaves neither.
            with transaction.atomic():
                if not _in_state(message, MessageState.PENDING).update(**fields, due_at=leaves, run_date=day):
                    continue
                if day != message.run_date:
                    SpentAddress.objects.filter(organisation=organisation, message=message).update(day=day)
                _note_approval(message, by=by, now=now)
        except IntegrityError:
            # That day has a message to this customer or address already: the newer one stands.
            _withdraw(message, MessageState.SUPERSEDED, "a newer message took its place", by=by, now=now)
            continue
        message.refresh_from_db()
        work.wake(message)
        count += 1
    return count


def _note_approval(message: OutboxMessage, *, by: User | None, now: datetime) -> None:
    organisation = message.organisation
    timeline.record(
        organisation, "approved", "Approved", at=now, customer=message.customer, message=message, by=by
    )
    if message.run and message.run.needs_approval and organisation.batch_approved_at is None:
        Organisation.objects.filter(pk=organisation.pk).update(batch_approved_at=now)


def batch_is_read(run: ChaseRun, *, now: datetime) -> None:
    """A person approved a message of this run: where its batch had to be read first, it is (section 5)."""
    if run.needs_approval:
        Organisation.objects.filter(pk=run.organisation_id, batch_approved_at=None).update(
            batch_approved_at=now
        )


def cancel(
    messages: Iterable[OutboxMessage],
    *,
    by: User | None,
    now: datetime,
    reason: str = "cancelled by a person",
) -> int:
    """Withdraw messages that have not left; their steps are not consumed. The number withdrawn."""
    count = 0
    for message in messages:
        require(message.organisation, by, Role.CHASER)
        count += _withdraw(message, MessageState.CANCELLED, reason, by=by, now=now)
    return count


def edit(message: OutboxMessage, *, subject: str, body: str, by: User | None, now: datetime) -> None:
    """Keep a person's own wording; amounts and dates in it are still filled in at hand-over."""
    require(message.organisation, by, Role.CHASER)
    if not subject.strip() or not body.strip():
        raise CannotChangeMessage(
            "Subject and text may not be empty; to send nothing, choose “Not this time”."
        )
    if "\n" in subject or "\r" in subject:
        raise CannotChangeMessage("The subject takes one line.")
    coming = OutboxMessage.objects.filter(organisation=message.organisation, pk=message.pk, state__in=COMING)
    if not coming.update(edited_subject=subject.strip()[:1000], edited_body=body):
        raise CannotChangeMessage(_not_possible(message))
    timeline.record(
        message.organisation,
        "edited",
        "Wording changed",
        at=now,
        customer=message.customer,
        message=message,
        by=by,
    )
    message.refresh_from_db()


def drop_wording(message: OutboxMessage, *, by: User | None, now: datetime) -> None:
    """Take a person's own wording back: the message leaves in the words of its text again."""
    require(message.organisation, by, Role.CHASER)
    if message.kind == "by_hand":
        raise CannotChangeMessage("A reminder by hand has no other words; edit it, or withdraw it.")
    coming = OutboxMessage.objects.filter(organisation=message.organisation, pk=message.pk, state__in=COMING)
    if not coming.update(edited_subject="", edited_body=""):
        raise CannotChangeMessage(_not_possible(message))
    timeline.record(
        message.organisation,
        "edited",
        "Wording taken back",
        at=now,
        customer=message.customer,
        message=message,
        by=by,
    )
    message.refresh_from_db()


def supersede(organisation: Organisation, *, before: date, now: datetime) -> int:
    """Waiting messages of earlier runs give way to what is due now (section 5); the number that gave way.

    What is no reminder of a run, and was taken back when everything was stopped, waits for seven days.
    """
    waiting = OutboxMessage.objects.filter(organisation=organisation, state=MessageState.PENDING)
    waiting = waiting.select_related("organisation", "customer")
    for one in waiting.exclude(slot=CHASE).filter(run_date__lt=before - WAITS):
        _withdraw(one, MessageState.LAPSED, "nobody approved it for seven days", by=None, now=now)
    return sum(
        _withdraw(one, MessageState.SUPERSEDED, "not approved before the next run", by=None, now=now)
        for one in waiting.filter(slot=CHASE, run_date__lt=before)
    )


def settle(messages: Iterable[OutboxMessage], *, as_sent: bool, by: User | None, now: datetime) -> int:
    """A person says what became of uncertain messages. The number settled."""
    count = 0
    for message in messages:
        require(message.organisation, by, Role.CHASER)
        state = MessageState.SENT if as_sent else MessageState.CANCELLED
        reason = "settled by a person as sent" if as_sent else "settled by a person as not sent"
        with transaction.atomic():
            if not _in_state(message, MessageState.UNCERTAIN).update(
                state=state, reason=reason, settled_at=now, settled_by=by
            ):
                continue
            if as_sent:
                handed_over = message.handed_over_at or now
                consume(message, on=local_date(message.organisation, handed_over))
                source_writes.sent(message, now=now)
            else:
                SpentAddress.objects.filter(organisation=message.organisation, message=message).delete()
            todos.close(message.organisation, "uncertain", now=now, message=message)
            timeline.record(
                message.organisation,
                "settled",
                reason.capitalize(),
                at=now,
                customer=message.customer,
                message=message,
                by=by,
            )
        message.refresh_from_db()
        count += 1
    return count


def consume(message: OutboxMessage, *, on: date) -> None:
    """The message was sent: its steps are over, the minimum gap begins (sections 1 and 6). Inside a transaction."""
    if message.kind in OTHER_KINDS:
        # A thank-you or a statement is no reminder (section 7).
        return
    organisation = message.organisation
    lines = list(OutboxLine.objects.filter(organisation=organisation, message=message).exclude(step=""))
    for line in lines:
        _consume_step(line, line.step, line.step_days or 0, on=on, was_sent=True)
        for skipped in line.skipped:
            _consume_step(line, skipped["step"], skipped["days"], on=on, was_sent=False)
    Invoice.objects.filter(organisation=organisation, pk__in=[line.invoice_id for line in lines]).update(
        last_listed_date=on
    )
    Customer.objects.filter(organisation=organisation, pk=message.customer_id).update(last_message_date=on)


def coming(organisation: Organisation) -> QuerySet[OutboxMessage]:
    """Messages that have not left and may still be changed."""
    return OutboxMessage.objects.filter(organisation=organisation, state__in=COMING)


def _consume_step(line: OutboxLine, step: str, days: int, *, on: date, was_sent: bool) -> None:
    row, _ = ConsumedStep.objects.get_or_create(
        organisation=line.organisation,
        invoice_id=line.invoice_id,
        schedule_name=line.schedule_name,
        step=step,
        defaults={"days": days, "consumed_on": on},
    )
    ConsumedStep.objects.filter(organisation=line.organisation, pk=row.pk).update(
        days=days, consumed_on=on, times_sent=row.times_sent + (1 if was_sent else 0)
    )


def withdraw(message: OutboxMessage, state: str, reason: str, *, now: datetime) -> bool:
    """The system itself withdraws a message that has not left (lapsed, cancelled, superseded)."""
    return _withdraw(message, state, reason, by=None, now=now)


def _withdraw(message: OutboxMessage, state: str, reason: str, *, by: User | None, now: datetime) -> bool:
    with transaction.atomic():
        rows = OutboxMessage.objects.filter(
            organisation=message.organisation, pk=message.pk, state__in=COMING
        )
        if not rows.update(
            state=state, reason=reason[:1000], settled_at=now, settled_by=by, token="", lease_until=None
        ):
            return False
        SpentAddress.objects.filter(organisation=message.organisation, message=message).delete()
        timeline.record(
            message.organisation,
            f"message_{state}",
            f"{MessageState(state).label}: {reason}",
            at=now,
            customer=message.customer,
            message=message,
            by=by,
        )
    message.refresh_from_db()
    return True


def _in_state(message: OutboxMessage, state: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(organisation=message.organisation, pk=message.pk, state=state)


def _not_possible(message: OutboxMessage) -> str:
    message.refresh_from_db()
    return f"This message is {MessageState(message.state).label.lower()} now and can no longer be changed."


def spread_of(key: str, within: timedelta) -> timedelta:
    """A moment of its own for each message, the same however often it is planned."""
    fraction = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
    return timedelta(seconds=int(within.total_seconds() * fraction))


def token_of(key: str, *, message_time: datetime) -> str:
    """Unique to the message, and saying nothing about the customer."""
    return hashlib.sha256(f"{key}-{message_time.isoformat()}".encode()).hexdigest()[:32]


def _addressed(email: str | None, first_name: str, last_name: str, person: str) -> dict[str, str]:
    return {"address": email or "", "name": f"{first_name} {last_name}".strip(), "person": person}


def sentence_of(draft: Draft) -> str:
    """What a draft is about, for the timeline: numbers, amounts, people."""
    numbers = " and ".join(line.invoice.number for line in draft.lines[:2])
    more = len(draft.lines) - 2
    about = f"{numbers} and {more} more" if more > 0 else numbers
    amounts = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in draft.totals.items())
    people = ", ".join(f"{one.first_name} {one.last_name}".strip() or one.email or "" for one in draft.to)
    return f"{about}, {amounts}, to {people}"
