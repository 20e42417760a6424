"""Runs and rows of mail that is no reminder: thank-yous and statements (chasing-rules.md section 7).

A run is unique on its kind and period and decides customer by customer; whoever was decided lies before its cursor, so
that it goes on anywhere. Its messages leave by `services.sending`, like every other.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from dunright.domain.calendar import make_up
from dunright.domain.chasing import Draft
from dunright.domain.other_mail import OTHER_KINDS, OTHER_NAMES, OtherKind, is_given_up
from dunright.models import Customer, MessageState, Organisation, OtherMailRun, OutboxMessage
from dunright.queries.local_time import chase_calendar, settings_of
from dunright.services import drafted, outbox, timeline, work
from dunright.services.letters import Writer

log = structlog.get_logger("dunright.other_mail")

SLICE = 200

NOT_APPROVED = "nobody approved it within seven days"

Stop = Callable[[], bool]
PlanOne = Callable[[int], int]
"""Decides one customer, by key, inside a transaction; how many messages it planned."""


class NoSender(Exception):
    """Nobody is set up to write from."""


def open_run(
    organisation: Organisation, kind: OtherKind, period: str, *, on: date, now: datetime
) -> OtherMailRun | None:
    """Make the row of a run, to begin now; None when there is one already."""
    try:
        with transaction.atomic():
            run = OtherMailRun.objects.create(
                organisation=organisation, kind=kind, period=period, local_date=on, due_at=now
            )
    except IntegrityError:
        return None
    work.wake(run)
    return run


def decide_all(
    run: OtherMailRun,
    customers: QuerySet[Customer],
    begin: Callable[[Sequence[int]], PlanOne],
    *,
    stop: Stop,
) -> bool:
    """Decide these customers in the order of their keys; false when `stop` put an end to it before the last.

    `begin` reads what some customers need and returns what decides each of them. One that fails is noted, the others
    go on. Raises LostLease.
    """
    while True:
        waiting = customers.filter(pk__gt=run.cursor).order_by("pk")
        pks = list(waiting.values_list("pk", flat=True)[:SLICE])
        if not pks:
            return True
        plan_one = begin(pks)
        for pk in pks:
            _decide_one(run, pk, plan_one)
        if stop():
            return False


def _decide_one(run: OtherMailRun, pk: int, plan_one: PlanOne) -> None:
    try:
        with transaction.atomic():
            planned = plan_one(pk)
            # Last, and in the same transaction: who lost the run leaves nothing behind.
            work.keep(run, cursor=pk, message_count=run.message_count + planned)
    except work.LostLease:
        raise
    except Exception as error:  # one customer's trouble must not stop the others
        log.exception("customer not decided", customer=pk, run=run.pk)
        told = f"A {OTHER_NAMES[run.kind].lower()} could not be prepared ({type(error).__name__}: {error})"[
            :300
        ]
        work.keep(run, cursor=pk, problems=[*run.problems, told][:50])


def plan(
    run: OtherMailRun, customer: Customer, draft: Draft, writer: Writer, *, slot: str, now: datetime
) -> OutboxMessage:
    """Plan a customer's message of the run, for the chase time of its day. Inside a transaction. Raises NoSender."""
    organisation = run.organisation
    sender = writer.sender_of(draft)
    if sender is None:
        raise NoSender("nobody is set up to write from")
    settings = settings_of(organisation)
    key = f"{organisation.pk}-{customer.pk}-{slot}"
    leaves = _leaves(run, now) + outbox.spread_of(key, timedelta(minutes=settings.spread_minutes))
    rendered = writer.write(draft, attachments=writer.attachments(draft))
    waits = settings.approval == "always"
    token = outbox.token_of(key, message_time=now)
    message = OutboxMessage.objects.create(
        organisation=organisation,
        customer=customer,
        run_date=run.local_date,
        slot=slot,
        state=MessageState.PENDING if waits else MessageState.PLANNED,
        due_at=leaves,
        planned_at=now,
        **drafted.columns(draft, rendered, writer, sender, token=token) | {"kind": run.kind},
    )
    outbox.write_lines(message, draft.lines)
    timeline.record(
        organisation,
        "message_planned",
        f"{OTHER_NAMES[run.kind]}, {'waits for approval' if waits else 'planned'}",
        at=now,
        customer=customer,
        message=message,
        detail=outbox.sentence_of(draft),
    )
    if not waits:
        work.wake(message)
    return message


def _leaves(run: OtherMailRun, now: datetime) -> datetime:
    """At the chase time of its day; when that is over, at once on the same day, else at the next chase time."""
    calendar = chase_calendar(run.organisation)
    own = calendar.moment(run.local_date, calendar.chase_time)
    return own if now <= own else make_up(calendar, missed_on=run.local_date, now=now).at


def drop_unapproved(organisation: Organisation, *, now: datetime) -> int:
    """Drop what has waited for a person for seven days; what is held otherwise is dropped when it is tried again."""
    calendar = chase_calendar(organisation)
    waiting = OutboxMessage.objects.filter(
        organisation=organisation,
        kind__in=OTHER_KINDS,
        state=MessageState.PENDING,
        run_date__lt=calendar.local_date(now),
    ).select_related("organisation", "customer")
    return sum(
        outbox.withdraw(one, MessageState.LAPSED, NOT_APPROVED, now=now)
        for one in waiting
        if is_given_up(calendar, one.run_date, now=now)
    )
