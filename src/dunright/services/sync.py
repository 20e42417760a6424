"""Bring the mirror in step with the books: request a run, perform it page by page, resume it where it stopped.

Each page's rows and the run's progress are committed together; nothing is open in the database while the source is
asked. One run per organisation at a time (a unique constraint on open runs).
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import IntegrityError, transaction

from dunright.connectors.base import Connector, Page
from dunright.models import Connection, Organisation, SyncMark, SyncRun, User
from dunright.queries.local_time import local_date
from dunright.remote.errors import BadData, NotFound, RateLimited, RemoteError
from dunright.services import budgets, connections, mirror, outlook, people, receivables, sync_events, work

log = structlog.get_logger("dunright.sync")

OPEN_STATES = ("queued", "running")
TRIES = 4
RETRY_PAUSE = timedelta(minutes=2)
DETAIL_CALLS = 40
"""Calls a run spends on single records (split payments, addresses): the rest follows with the next runs."""
MOST_PROBLEMS = 50

Stop = Callable[[], bool]
"""Asked between pages: true ends the slice, and the run goes on later where it stopped."""


class NotConnected(Exception):
    """There are no books to read; the message says what to do."""


class Stage(NamedTuple):
    """One list to read."""

    resource: str
    only_open: bool = False

    @property
    def key(self) -> str:
        return f"open_{self.resource}" if self.only_open else self.resource


WHOLE = (
    Stage("currencies"),
    # Open invoices first: the product is useful after the first minutes of a long first sync.
    Stage("invoices", only_open=True),
    Stage("customers"),
    Stage("persons"),
    Stage("invoices"),
    Stage("payments"),
    Stage("credit_notes"),
    Stage("details"),
)
CHANGES = (
    Stage("customers"),
    Stage("persons"),
    Stage("invoices"),
    Stage("payments"),
    Stage("credit_notes"),
    Stage("details"),
)


def request(organisation: Organisation, *, by: User | None, now: datetime, full: bool = False) -> SyncRun:
    """Ask for a sync; pressed twice it is one sync. Raises NotConnected."""
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None or connection.state != "connected":
        raise NotConnected(
            f"{organisation.name} is not connected to its books; connect it first, then this will work."
        )
    kind = "first" if connection.complete_sync_at is None else "full" if full else "incremental"
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(
                organisation=organisation, kind=kind, requested_at=now, requested_by=by, due_at=now
            )
    except IntegrityError:
        run = SyncRun.objects.get(organisation=organisation, state__in=OPEN_STATES)
        # Somebody wants it now: a run that waits for a retry need not wait any longer.
        SyncRun.objects.filter(organisation=organisation, pk=run.pk, state="queued", due_at__gt=now).update(
            due_at=now
        )
        run.refresh_from_db()
    work.wake(run)
    return run


def perform(pk: int, *, now: datetime, stop: Stop = lambda: False) -> SyncRun | None:
    """Do the run, or as much of it as `stop` allows. None when another worker has it."""
    run = work.claim(SyncRun, pk, now=now)
    if run is None:
        return None
    connection = Connection.objects.select_related("organisation", "log_in").get(
        organisation_id=run.organisation_id
    )
    budget = budgets.SharedBudget(connection.organisation)
    before = run.calls
    try:
        if run.started_at is None:
            work.keep(run, started_at=now, attempts=1)
        with closing(connections.open_connector(connection, budget)) as connector:
            _Pass(run, connection, connector, now=now, stop=stop, calls=lambda: before + budget.calls).go()
        if run.state == "done":
            outlook.refresh(connection.organisation, now=now)
    except work.LostLease:
        log.warning("sync taken over", run=run.pk)
        return None
    except RemoteError as error:
        _failed(run, connection, error, now=now, calls=before + budget.calls)
    return run


class _Pass:
    """One worker's turn at a run."""

    def __init__(
        self,
        run: SyncRun,
        connection: Connection,
        connector: Connector,
        *,
        now: datetime,
        stop: Stop,
        calls: Callable[[], int],
    ) -> None:
        self.run = run
        self.connection = connection
        self.organisation = connection.organisation
        self.connector = connector
        self.now = now
        self.today = local_date(self.organisation, now)
        self.stop = stop
        self.calls = calls
        self.is_whole = run.kind in {"first", "full"}

    def go(self) -> None:
        stages = [stage for stage in (WHOLE if self.is_whole else CHANGES) if self._can_read(stage)]
        keys = [stage.key for stage in stages]
        done = keys.index(self.run.stage) if self.run.stage in keys else 0
        for stage in stages[done:]:
            if stage.key != self.run.stage:
                work.keep(self.run, stage=stage.key, page=0, calls=self.calls())
            for _ in self._pages(stage):
                if self.stop():
                    work.settle(self.run, "queued", due_at=self.now, calls=self.calls())
                    work.wake(self.run)
                    return
        self._finish()

    def _can_read(self, stage: Stage) -> bool:
        return stage.resource in self.connector.reads or stage.resource == "details"

    def _pages(self, stage: Stage) -> Iterator[None]:
        """Read and store page after page; a break comes after each."""
        if stage.resource == "details":
            yield from self._details()
            return
        since = None if self.is_whole or stage.only_open else self._watermark(stage.resource)
        for page in self._read(stage, since):
            with transaction.atomic():
                changed = self._store(stage, page, is_first_read=self.run.kind == "first")
                self._progress(stage, page, changed)
            yield

    def _read(self, stage: Stage, since: datetime | None) -> Iterator[Page[Any]]:
        start = self.run.page + 1
        if stage.resource == "persons" and not self.is_whole:
            changed = people.changed_customers(self.organisation, since=self._watermark("customers"))
            return self.connector.persons(changed, start=start) if changed else iter(())
        return self.connector.pages(stage.resource, since=since, only_open=stage.only_open, start=start)

    def _store(self, stage: Stage, page: Page[Any], *, is_first_read: bool) -> int:
        organisation, records = self.organisation, list(page.records)
        touched = {getattr(record, "customer_id", "") for record in records} - {""}
        if stage.resource == "currencies":
            return mirror.store_currencies(organisation, records)
        if stage.resource == "customers":
            return mirror.store_customers(organisation, records)
        if stage.resource == "persons":
            changed = mirror.store_persons(organisation, records)
            people.give_levels(organisation, touched, now=self.now)
            return changed
        if stage.resource == "credit_notes":
            return mirror.store_credit_notes(organisation, records)
        # A first sync writes no timeline row per invoice.
        news = sync_events.Watch(organisation, stage.resource, records, is_silent=is_first_read)
        if stage.resource == "invoices":
            changed = mirror.store_invoices(organisation, records, today=self.today)
            receivables.refresh_totals(organisation, today=self.today, customers=touched)
        else:
            changed = mirror.store_payments(organisation, records)
        news.tell(now=self.now)
        return changed

    def _progress(self, stage: Stage, page: Page[Any], changed: int) -> None:
        counts = dict(self.run.counts)
        before = counts.get(stage.resource, {"read": 0, "changed": 0})
        # Open invoices are read again with all of them: counting both would show each twice.
        read = before["read"] if stage.only_open else before["read"] + len(page.records)
        counts[stage.resource] = {"read": read, "changed": before["changed"] + changed}
        marks = dict(self.run.marks)
        if page.watermark is not None and not stage.only_open:
            marks[stage.resource] = page.watermark.isoformat()
        sentences = [problem.sentence for problem in page.problems]
        problems = [*self.run.problems, *(one for one in sentences if one not in self.run.problems)]
        work.keep(
            self.run,
            page=page.number,
            counts=counts,
            marks=marks,
            calls=self.calls(),
            problems=problems[:MOST_PROBLEMS],
        )

    def _details(self) -> Iterator[None]:
        """Single records, open invoices' first, as many as a run may spend on them."""
        for kind, external_id in people.details_to_read(self.organisation, at_most=DETAIL_CALLS):
            try:
                record: Any = getattr(self.connector, kind)(external_id)
            except (NotFound, BadData) as error:
                # One record that cannot be read does not stop the others; the reconcile looks at it again.
                self._note_problem(error.sentence)
                continue
            with transaction.atomic():
                if kind == "payment":
                    mirror.store_payments(self.organisation, [record])
                else:
                    mirror.store_customer_detail(self.organisation, record, now=self.now)
                    people.give_levels(self.organisation, {external_id}, now=self.now)
                    for sentence in record.problems:
                        self._note_problem(sentence)
                work.keep(self.run, calls=self.calls())
            yield

    def _note_problem(self, sentence: str) -> None:
        if sentence not in self.run.problems:
            work.keep(self.run, problems=[*self.run.problems, sentence][:MOST_PROBLEMS], calls=self.calls())

    def _watermark(self, resource: str) -> datetime | None:
        mark = SyncMark.objects.filter(organisation=self.organisation, resource=resource).first()
        return mark.watermark if mark else None

    def _finish(self) -> None:
        with transaction.atomic():
            people.give_levels(self.organisation, None, now=self.now)
            receivables.refresh_totals(self.organisation, today=self.today)
            for resource, mark in self.run.marks.items():
                SyncMark.objects.update_or_create(
                    organisation=self.organisation,
                    resource=resource,
                    defaults={"watermark": datetime.fromisoformat(mark)},
                )
            work.settle(
                self.run,
                "done",
                finished_at=self.now,
                is_complete=True,
                stage="",
                calls=self.calls(),
                last_error="",
            )
            Connection.objects.filter(organisation=self.organisation).update(
                complete_sync_at=self.run.started_at, probes=self.connector.probes
            )


def _failed(run: SyncRun, connection: Connection, error: RemoteError, *, now: datetime, calls: int) -> None:
    """Say what went wrong; end the connection, or try again later from the page after the last stored one."""
    log.warning("sync failed", run=run.pk, error=type(error).__name__)
    problems = [*(one for one in run.problems if one != error.sentence), error.sentence]
    said = {"calls": calls, "last_error": error.sentence, "problems": problems[:MOST_PROBLEMS]}
    if isinstance(error, RateLimited):
        budgets.block(connection.organisation, error)
    if error.permanent or (run.attempts >= TRIES and error.retry_after is None):
        work.settle(run, "failed", finished_at=now, **said)
        if error.ends_connection:
            connections.mark_disconnected(connection, error, now=now)
        return
    pause = timedelta(seconds=error.retry_after) if error.retry_after else RETRY_PAUSE * run.attempts
    work.settle(run, "queued", due_at=now + pause, **said)
