"""A run started by a person, after seeing what it would send (chasing-rules.md section 1).

On a working day, also in the first two days or after reconnecting. Every guard stands. On a day that had a run only
customers it planned nothing for take part; on a day whose own run is still to come, this one takes its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from dunright.domain.calendar import Run, first_day, run_on
from dunright.domain.chasing import Draft, decide
from dunright.models import ChaseRun, Connection, Customer, Organisation, Role, User
from dunright.queries.facts import (
    Surroundings,
    customer_facts,
    customers_with_open_invoices,
    spent_addresses,
    surroundings,
)
from dunright.queries.local_time import chase_calendar, local_date, settings_of
from dunright.services import chasing, coming, timeline, work
from dunright.services.letters import Writer
from dunright.services.permissions import require
from dunright.services.planning import Review
from dunright.services.reviews import Reviews

SLICE = 500


class CannotStart(Exception):
    """No run can be started now; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class WouldSend:
    """One message that the run would plan."""

    customer: Customer
    draft: Draft
    review: Review


@dataclass(frozen=True, slots=True)
class Look:
    """What a run started now would do."""

    day: date
    messages: Sequence[WouldSend]
    tasks: int
    """To-dos that steps on the channel *task* would make."""
    left_out: int
    """Customers who have their message of today already, or one approved to leave on a later day."""
    instead_of: Run | None
    """The day's own run, which would then not take place."""


def refusal(organisation: Organisation, *, now: datetime) -> str:
    """Why no run can be started now, a sentence; empty when one can."""
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None or connection.state != "connected":
        return "The books are not connected; connect them first, then start a run."
    calendar = chase_calendar(organisation)
    today = calendar.local_date(now)
    if organisation.is_paused and (organisation.paused_until is None or today < organisation.paused_until):
        return "Chasing is paused; resume it first, then start a run."
    if not calendar.is_working_day(today):
        again = calendar.working_day_from(today)
        return f"{_day(today)} is no working day; a run can be started on {_day(again)}."
    last = _last(organisation)
    if last is None or last.local_date < today or _is_to_come(last, today):
        return ""
    if last.local_date > today:
        return f"There was a run of {_day(last.local_date)}, a later day than today; see whether the clock is right."
    if last.state in chasing.OPEN_STATES:
        return "Today's run is under way; wait until it is done."
    return ""


def look(organisation: Organisation, *, now: datetime) -> Look:
    """What a run started now would send, by the function that the run asks. Changes nothing. Raises CannotStart."""
    if why := refusal(organisation, now=now):
        raise CannotStart(why)
    today = local_date(organisation, now)
    run = ChaseRun(
        organisation=organisation,
        local_date=today,
        due_at=now,
        needs_approval=chasing.needs_approval(organisation, now=now),
    )
    around = surroundings(organisation, now=now, is_fresh=True)
    found: list[WouldSend] = []
    tasks = 0
    reviews = Reviews(run)
    spent = spent_addresses(organisation, today)
    for customers in _slices(_taking_part(organisation, today)):
        for one, made in _decide(organisation, customers, around, reviews, spent, today):
            tasks += made
            if one is not None:
                found.append(one)
    return Look(
        day=today,
        messages=found,
        tasks=tasks,
        left_out=chasing.served(organisation, today).values("customer").distinct().count(),
        instead_of=_instead_of(organisation, today, now),
    )


def start(organisation: Organisation, *, by: User | None, now: datetime) -> ChaseRun:
    """Start a run now; workers take it up at once. Raises CannotStart."""
    require(organisation, by, Role.CHASER)
    today = local_date(organisation, now)
    try:
        with transaction.atomic():
            # Locked where rows can be: of two people the second finds a run under way.
            Organisation.objects.select_for_update().get(pk=organisation.pk)
            organisation.refresh_from_db()
            if why := refusal(organisation, now=now):
                raise CannotStart(why)
            run = _make(organisation, today, by=by, now=now)
            timeline.record(organisation, "run_by_hand", "Run started by hand", at=now, by=by)
            work.wake(run)
    except IntegrityError as error:
        raise CannotStart(
            "Another run of today was started in this moment; wait until it is done."
        ) from error
    return run


def _make(organisation: Organisation, today: date, *, by: User | None, now: datetime) -> ChaseRun:
    last = _last(organisation)
    if last is not None and _is_to_come(last, today):
        # A run that was put off to a later day: this one is it.
        coming.postpone(organisation, day=last.local_date, to=today)
        ChaseRun.objects.filter(organisation=organisation, pk=last.pk).update(
            local_date=today, due_at=now, kind="by_hand", requested_by=by
        )
        last.refresh_from_db()
        return last
    part = 0
    if last is not None and last.local_date == today:
        part = last.part + 1
        served = chasing.served(organisation, today)
        Customer.objects.filter(organisation=organisation, last_run_date=today).exclude(
            pk__in=served.values("customer")
        ).update(last_run_date=None)
    return ChaseRun.objects.create(
        organisation=organisation, local_date=today, due_at=now, kind="by_hand", requested_by=by, part=part
    )


def _last(organisation: Organisation) -> ChaseRun | None:
    return ChaseRun.objects.filter(organisation=organisation).order_by("-local_date", "-part").first()


def _is_to_come(run: ChaseRun, today: date) -> bool:
    """Put off to a later day, and nothing of it is decided."""
    return run.state == "queued" and run.local_date > today and run.settings_version_id is None


def _instead_of(organisation: Organisation, today: date, now: datetime) -> Run | None:
    """The run of today that is still to come: there is at most one a day."""
    last = _last(organisation)
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None or (last is not None and last.local_date == today):
        return None
    calendar = chase_calendar(organisation)
    wait = settings_of(organisation).first_run_after_days
    if today < first_day(calendar.local_date(connection.connected_at), wait):
        return None
    own = run_on(calendar, today)
    return own if own is not None and own.at > now else None


def _taking_part(organisation: Organisation, today: date) -> list[Customer]:
    """Customers whom the run decides, in its order (R8)."""
    waiting = customers_with_open_invoices(organisation).exclude(
        pk__in=chasing.served(organisation, today).values("customer")
    )
    return list(waiting.order_by(F("last_message_date").asc(nulls_first=True), "pk"))


def _decide(
    organisation: Organisation,
    customers: Sequence[Customer],
    around: Surroundings,
    reviews: Reviews,
    spent: set[str],
    today: date,
) -> Iterator[tuple[WouldSend | None, int]]:
    """(message, tasks) of each of these customers. `spent` grows by the addresses of each message."""
    pks = [one.pk for one in customers]
    facts = customer_facts(organisation, pks, around=around)
    writer = Writer(organisation, pks, around=around, today=today)
    reviews.read(pks)
    for customer in customers:
        known = facts[customer.pk]
        writer.knows(known)
        decision = decide(around.organisation, known, today=today, spent=spent, missing=writer.missing)
        draft = decision.message
        if draft is None:
            yield None, len(decision.tasks)
            continue
        spent |= draft.address_keys
        review = reviews.of(draft)
        reviews.planned(draft, "pending" if review.waits else "planned")
        yield WouldSend(customer, draft, review), len(decision.tasks)


def _slices(customers: Sequence[Customer]) -> Iterator[Sequence[Customer]]:
    return (customers[start : start + SLICE] for start in range(0, len(customers), SLICE))


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
