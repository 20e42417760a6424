"""Chase runs: when one is due, and what it plans, customer by customer (chasing-rules.md sections 1 to 5).

A run is unique on (organisation, local date). It brings the mirror in step first, decides in slices, and can be
stopped and taken up again anywhere: a customer that was decided carries the run's date.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import chain

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from dunright.domain.calendar import calendar_of, first_day, make_up, next_run, run_on
from dunright.domain.chasing import CustomerDecision, decide
from dunright.domain.settings import OrganisationSettings, from_texts
from dunright.models import (
    ChaseRun,
    Connection,
    ConsumedStep,
    Customer,
    MessageState,
    Organisation,
    OutboxMessage,
    SettingsVersion,
)
from dunright.models.outbox import COMING
from dunright.queries.facts import (
    Surroundings,
    customer_facts,
    customers_with_open_invoices,
    spent_addresses,
    surroundings,
)
from dunright.queries.local_time import chase_calendar, local_date, settings_of
from dunright.services import coming, decisions, notices, outbox, outlook, planning, sync, todos, work
from dunright.services.letters import Writer
from dunright.services.reviews import Reviews

log = structlog.get_logger("dunright.chasing")

SLICE = 200
WAIT_FOR_SYNC = timedelta(seconds=15)
GIVE_UP_SYNC = timedelta(minutes=30)
"""After this long a run goes on with the last complete sync, if that is fresh enough (`stale_data`)."""
RECENT = timedelta(minutes=10)
REVIEW_AFTER_PAUSE = timedelta(days=30)
OPEN_STATES = ("queued", "running")

Stop = Callable[[], bool]


def schedule_run(organisation: Organisation, *, now: datetime) -> ChaseRun | None:
    """Make the row of a run whose moment has come, or of one that was missed; None when there is none to make."""
    last = ChaseRun.objects.filter(organisation=organisation).order_by("-local_date", "-part").first()
    connection = Connection.objects.filter(organisation=organisation).first()
    today = local_date(organisation, now)
    if connection is None or (last is not None and (last.local_date >= today or last.state in OPEN_STATES)):
        # A clock that went backwards sends nothing: no run is dated before the latest one (section 8).
        return None
    calendar = chase_calendar(organisation)
    run = next_run(
        calendar,
        after=max(_calendar_since(organisation), connection.connected_at, *([last.due_at] if last else [])),
        last_run_on=last.local_date if last else None,
        first_day=first_day(
            calendar.local_date(connection.connected_at), settings_of(organisation).first_run_after_days
        ),
    )
    if run is None or run.at > now:
        return None
    kind, missed = "scheduled", run.date
    if run.date != today and (own := run_on(calendar, today)) is not None:
        # Today has a run of its own, which does what the missed one would have done.
        run = own
        if run.at > now:
            return None
    elif run.date != today:
        run, kind = make_up(calendar, missed_on=run.date, now=now), "made_up"
    try:
        with transaction.atomic():
            if kind == "made_up":
                coming.postpone(organisation, day=missed, to=run.date)
            return ChaseRun.objects.create(
                organisation=organisation, local_date=run.date, due_at=run.at, kind=kind
            )
    except IntegrityError:
        # Another worker's tick made it in this moment.
        return None


def _calendar_since(organisation: Organisation) -> datetime:
    """Since when chase days and chase time stand as they do: an hour already over then counts from the next day."""
    versions = SettingsVersion.objects.filter(organisation=organisation).order_by("-number")
    present: OrganisationSettings | None = None
    since: datetime | None = None
    for version in versions.iterator(chunk_size=20):
        settings = from_texts(version.values)
        if present is not None and calendar_of(settings) != calendar_of(present):
            break
        present, since = settings, version.created_at
    assert since is not None
    return since


def perform(pk: int, *, now: datetime, stop: Stop = lambda: False) -> ChaseRun | None:
    """Decide a run, or as much of it as `stop` allows. None when another worker has it, or it waits for a sync."""
    run = work.claim(ChaseRun, pk, now=now)
    if run is None:
        return None
    organisation = run.organisation
    try:
        if run.local_date < local_date(organisation, now):
            _missed(run, now=now)
            return None
        if not _is_in_step(run, now=now):
            work.settle(run, "queued", due_at=now + WAIT_FOR_SYNC)
            return None
        organisation.refresh_from_db()
        _begin(run, now=now)
        if not _decide_all(run, now=now, stop=stop):
            work.settle(run, "queued", due_at=now)
            work.wake(run)
            return run
        _end(run, now=now)
    except work.LostLease:
        log.warning("run taken over", run=run.pk)
        return None
    outlook.refresh(organisation, now=now)
    return run


def _missed(run: ChaseRun, *, now: datetime) -> None:
    """Its day is over: made up once, at the chase time of the next working day; a second time it is not."""
    calendar = chase_calendar(run.organisation)
    # One by hand that took the place of its day's own run is made up as that one would be.
    stands_for_own = run.kind == "by_hand" and run.part == 0 and run_on(calendar, run.local_date) is not None
    if (run.kind == "scheduled" or stands_for_own) and run.settings_version_id is None:
        moved = make_up(calendar, missed_on=run.local_date, now=now)
        with transaction.atomic():
            coming.postpone(run.organisation, day=run.local_date, to=moved.date)
            work.settle(run, "queued", local_date=moved.date, due_at=moved.at, kind="made_up")
        return
    _end(run, now=now, outcome=run.outcome or "missed")


def _end(run: ChaseRun, *, now: datetime, **fields: str) -> None:
    """The run is done, and those whom it leaves something to do are told, all or nothing."""
    with transaction.atomic():
        work.settle(run, "done", finished_at=now, **fields)
        notices.run_is_done(run, now=now)


def _is_in_step(run: ChaseRun, *, now: datetime) -> bool:
    """Sync before sending; false while another worker's sync is under way."""
    connection = Connection.objects.filter(organisation=run.organisation).first()
    if connection is None or connection.state != "connected":
        return True
    if connection.complete_sync_at and connection.complete_sync_at >= min(run.due_at, now) - RECENT:
        return True
    if run.started_at is not None and now - run.started_at >= GIVE_UP_SYNC:
        return True
    if run.started_at is None:
        work.keep(run, started_at=now)
    request = sync.request(run.organisation, by=None, now=now)
    done = sync.perform(request.pk, now=now)
    if done is None:
        # Another worker reads the books in this moment; or it is put off: then what there is must do.
        request.refresh_from_db()
        return request.state == "queued" and request.due_at > now + GIVE_UP_SYNC
    return done.state != "queued" or done.due_at > now + GIVE_UP_SYNC


def _begin(run: ChaseRun, *, now: datetime) -> None:
    organisation = run.organisation
    if run.settings_version_id is None:
        work.keep(
            run,
            settings_version=organisation.settings_version,
            needs_approval=needs_approval(organisation, now=now),
            started_at=run.started_at or now,
        )
    outbox.supersede(organisation, before=run.local_date, now=now)


def needs_approval(organisation: Organisation, *, now: datetime) -> bool:
    """Section 5: always, never, or the first run after connecting or after a pause of more than 30 days."""
    approval = settings_of(organisation).approval
    if approval != "first_batch":
        return approval == "always"
    approved = organisation.batch_approved_at
    if approved is None:
        return True
    last = (
        ChaseRun.objects.filter(organisation=organisation, state="done", outcome="")
        .order_by("-local_date", "-part")
        .first()
    )
    return last is None or (last.finished_at is not None and now - last.finished_at > REVIEW_AFTER_PAUSE)


def _decide_all(run: ChaseRun, *, now: datetime, stop: Stop) -> bool:
    """Decide the customers that the run has not decided yet, longest not written to first (R8)."""
    organisation = run.organisation
    around = surroundings(organisation, now=now)
    if stopped := _stopped_whole(around):
        work.keep(run, outcome=stopped)
    reviews = Reviews(run)
    while True:
        waiting = customers_with_open_invoices(organisation).filter(
            Q(last_run_date=None) | Q(last_run_date__lt=run.local_date)
        )
        order = waiting.order_by(F("last_message_date").asc(nulls_first=True), "pk")
        pks = list(order.values_list("pk", flat=True)[:SLICE])
        if not pks:
            return True
        _decide_slice(run, pks, around, reviews, now=now)
        if stop():
            return False


def _stopped_whole(around: Surroundings) -> str:
    """The reason that stops the whole organisation, if any."""
    facts = around.organisation
    stops = {
        "paused": facts.paused is not None,
        "disconnected": facts.disconnected,
        "stale_data": facts.stale_data,
    }
    return next((reason for reason, stop in stops.items() if stop), "")


def served(organisation: Organisation, day: date) -> QuerySet[OutboxMessage]:
    """Chasing messages that stand for those of a day's run: of that day, or approved to leave on a later one."""
    later = Q(run_date__gt=day, state__in=(*COMING, MessageState.CLAIMED))
    rows = OutboxMessage.objects.filter(organisation=organisation, slot=outbox.CHASE)
    return rows.filter(Q(run_date=day) | later)


def _decide_slice(
    run: ChaseRun, pks: Sequence[int], around: Surroundings, reviews: Reviews, *, now: datetime
) -> None:
    """Decide some customers in this order. Each message is planned in a transaction of its own."""
    organisation = run.organisation
    facts = customer_facts(organisation, pks, around=around)
    writer = Writer(organisation, pks, around=around, today=run.local_date)
    customers = {one.pk: one for one in Customer.objects.filter(organisation=organisation, pk__in=pks)}
    # One message per customer and run date (section 6.1): who has one keeps it, whatever state it is in.
    has_one = served(organisation, run.local_date).filter(customer__in=pks)
    served_ones = set(has_one.values_list("customer_id", flat=True))
    reviews.read(pks)
    spent = spent_addresses(organisation, run.local_date)
    quiet: list[tuple[Customer, CustomerDecision]] = []
    problems: list[str] = []
    noted = run.decided_count + len(pks)
    again: list[int] = []
    for pk in chain(pks, again):
        customer = customers[pk]
        if pk in served_ones:
            continue
        try:
            writer.knows(facts[pk])
            decision = decide(
                around.organisation, facts[pk], today=run.local_date, spent=spent, missing=writer.missing
            )
            if decision.message is None and not decision.tasks:
                quiet.append((customer, decision))
            else:
                spent |= _plan(run, customer, decision, writer, reviews, now=now)
        except work.LostLease:
            raise
        except Exception as error:  # one customer that cannot be decided must not stop the others
            log.exception("customer not decided", customer=pk, run=run.pk)
            # What was counted with it is taken back.
            run.refresh_from_db(fields=("message_count", "decided_count"))
            if Customer.objects.filter(
                organisation=organisation, pk=pk, last_run_date=run.local_date
            ).exists():
                # Only the database's answer to its commit was lost.
                continue
            if pk not in again:
                # A passing failure, of the database for example, must not cost the customer its day.
                again.append(pk)
                continue
            problems.append(
                f"{customer.name} could not be decided ({type(error).__name__}); look at its invoices."
            )
    with transaction.atomic():
        work.keep(
            run,
            decided_count=noted,
            problems=[*run.problems, *problems][:50],
        )
        decisions.record(run, quiet, now=now)
        Customer.objects.filter(organisation=organisation, pk__in=pks).update(last_run_date=run.local_date)


def _plan(
    run: ChaseRun,
    customer: Customer,
    decision: CustomerDecision,
    writer: Writer,
    reviews: Reviews,
    *,
    now: datetime,
) -> set[str]:
    """Plan the customer's message and make its tasks, with the decisions, all or nothing; the addresses it spent."""
    organisation = run.organisation
    draft = decision.message
    try:
        with transaction.atomic():
            work.keep(
                run,
                message_count=run.message_count + (1 if draft else 0),
                decided_count=run.decided_count + 1,
            )
            if draft is not None:
                message = planning.plan(run, customer, draft, writer, reviews.of(draft), now=now)
                if message is not None and reviews.planned(draft, message.state):
                    # Before the messages that make it unusual can leave.
                    notices.unusual_volume(run, now=now)
            _make_tasks(run, customer, decision, now=now)
            decisions.record(run, [(customer, decision)], now=now)
            Customer.objects.filter(organisation=organisation, pk=customer.pk).update(
                last_run_date=run.local_date
            )
    except planning.AddressTaken:
        # Another run's message took the address in this moment; the next run decides afresh.
        log.info("address spent meanwhile", customer=customer.pk)
        run.refresh_from_db(fields=("message_count", "decided_count"))
        return set()
    return set(draft.address_keys) if draft else set()


def _make_tasks(run: ChaseRun, customer: Customer, decision: CustomerDecision, *, now: datetime) -> None:
    """Steps on the channel *task*: a to-do each, consumed when made (section 1)."""
    organisation = run.organisation
    for line in decision.tasks:
        assert line.step is not None
        number = line.invoice.number
        todos.open_todo(
            organisation,
            "task",
            f"Step {line.step.id} of {number}: speak to {customer.name}, {abs(line.step.days)} days "
            f"{'after' if line.step.days > 0 else 'before'} the due date.",
            now=now,
            invoice=organisation.invoice_set.select_related("customer").get(pk=int(line.invoice.id)),
        )
        for step in (line.step, *line.skipped):
            ConsumedStep.objects.update_or_create(
                organisation=organisation,
                invoice_id=int(line.invoice.id),
                schedule_name=line.invoice.schedule.name if line.invoice.schedule else "",
                step=step.id,
                defaults={
                    "days": step.days,
                    "consumed_on": run.local_date,
                    "times_sent": 1 if step is line.step else 0,
                },
            )
