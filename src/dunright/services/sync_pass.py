"""One worker's turn at a sync: list after list, page after page, from where the run stands (zoho-books-api.md 12.2).

Each page's rows and the run's progress are committed together; nothing is open in the database while the source is
asked.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from dunright.connectors.base import Connector, Page
from dunright.models import Connection, ContactPerson, SyncMark, SyncRun
from dunright.queries.local_time import local_date
from dunright.remote.errors import RateLimited
from dunright.services import (
    budgets,
    mirror,
    people,
    receivables,
    reconcile,
    settlements,
    sync_details,
    sync_events,
    sync_pages,
    work,
)

MOST_PROBLEMS = 50

Stop = Callable[[], bool]
"""Asked between pages: true ends the slice, and the run goes on later where it stopped."""


class Stage(NamedTuple):
    """One list to read, or one kind of single records."""

    resource: str
    only_open: bool = False

    @property
    def key(self) -> str:
        return f"open_{self.resource}" if self.only_open else self.resource


_LISTS = tuple(map(Stage, ("customers", "persons", "invoices", "payments", "credit_notes")))
_OPEN_INVOICES = Stage("invoices", only_open=True)
_MISSING, _DETAILS = Stage("missing"), Stage("details")
# Open invoices first: the product is useful after the first minutes of a long first sync.
_ALL = (Stage("currencies"), _OPEN_INVOICES, *_LISTS)
STAGES = {
    "first": (*_ALL, _DETAILS),
    "full": (*_ALL, _MISSING, _DETAILS),
    "incremental": (*_LISTS, _DETAILS),
    "reconcile": (Stage("currencies"), *_LISTS, _OPEN_INVOICES, _MISSING, _DETAILS),
}
"""What each kind of run reads, in order."""


class Pass:
    """One worker's turn at a run. `calls` tells how many calls the run has made so far."""

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
        self.single = sync_details.Single(self.organisation, connector, today=self.today, now=now)

    def go(self) -> None:
        """Read on until the run is done or `stop` says so. Raises RemoteError and LostLease."""
        if not self.run.stage:
            work.keep(self.run, whole=reconcile.read_whole(self.run, self.connector))
        stages = [stage for stage in STAGES[self.run.kind] if self._is_wanted(stage)]
        keys = [stage.key for stage in stages]
        done = keys.index(self.run.stage) if self.run.stage in keys else 0
        for stage in stages[done:]:
            if stage.key != self.run.stage:
                is_first = not self.run.stage
                work.keep(self.run, stage=stage.key, page=0, calls=self.calls())
                if self.stop() and not is_first:
                    self._break()
                    return
            for _ in self._steps(stage):
                if self.stop():
                    self._break()
                    return
            self._keep_probes()
        self._finish()

    def _break(self) -> None:
        """Leave the run to whoever takes it next. What was read counts as success: tries are counted anew."""
        work.settle(self.run, "queued", due_at=self.now, attempts=0, calls=self.calls())
        work.wake(self.run)

    def _is_wanted(self, stage: Stage) -> bool:
        if stage in {_MISSING, _DETAILS}:
            return True
        if stage.only_open and self.run.kind == "reconcile" and stage.resource in self.run.whole:
            return False
        return stage.resource in self.connector.reads

    def _steps(self, stage: Stage) -> Iterator[None]:
        """Do a stage piece by piece; a break may come after each but the last."""
        if stage == _MISSING:
            return self._singly(reconcile.missing(self.run))
        if stage == _DETAILS:
            has_bulk = self.connector.has_bulk_persons()
            wanted = sync_details.to_complete(
                self.organisation, has_bulk_persons=has_bulk, is_reconcile=self.run.kind == "reconcile"
            )
            return self._singly(wanted)
        is_follow_up = self.run.kind in {"incremental", "reconcile"}
        if stage.resource == "persons" and "persons" not in self.run.whole and is_follow_up:
            return self._persons_of_changed()
        return self._pages(stage)

    def _pages(self, stage: Stage) -> Iterator[None]:
        is_changes_only = stage.resource not in self.run.whole and not stage.only_open
        since = self._watermark(stage.resource) if is_changes_only else None
        pages = self.connector.pages(
            stage.resource, since=since, only_open=stage.only_open, start=self.run.page + 1
        )
        return self._stored(stage, pages)

    def _persons_of_changed(self) -> Iterator[None]:
        """The persons of changed customers by whichever way takes fewer calls (zoho-books-api.md section 12.2)."""
        changed = people.changed_customers(self.organisation, since=self._watermark("customers"))
        if not changed:
            return
        known = ContactPerson.objects.filter(organisation=self.organisation, gone_at=None).count()
        pages = -(-max(known, 1) // self.connector.per_page)
        if self.connector.has_bulk_persons() and len(changed) > pages:
            # Chosen once: a resumed run must not go on with page 3 as if it were the third customer.
            work.keep(self.run, whole=[*self.run.whole, "persons"])
            yield from self._stored(Stage("persons"), self.connector.persons(changed))
            return
        last = self.run.page + budgets.spare_calls(self.organisation)
        # Whose turn does not come in this run waits among the details of the next ones.
        sync_details.read_later(self.organisation, changed[last:])
        for place, external_id in enumerate(changed[self.run.page : last], start=self.run.page + 1):
            self._note(self.single.read("customer", external_id))
            work.keep(self.run, page=place, calls=self.calls(), attempts=1)
            yield

    def _stored(self, stage: Stage, pages: Iterator[Page[Any]]) -> Iterator[None]:
        for page in sync_pages.together(pages, stop=self.stop):
            with transaction.atomic():
                changed = self._store(stage, page)
                if stage.only_open or stage.resource in self.run.whole:
                    reconcile.note_seen(self.run, stage.resource, page)
                self._progress(stage, page, changed)
            if not page.is_last:
                yield

    def _store(self, stage: Stage, page: Page[Any]) -> int:
        organisation, records = self.organisation, list(page.records)
        touched = {getattr(record, "customer_id", "") for record in records} - {""}
        match stage.resource:
            case "currencies":
                return mirror.store_currencies(organisation, records)
            case "customers":
                return mirror.store_customers(organisation, records)
            case "persons":
                changed = mirror.store_persons(organisation, records)
                if page.is_last:
                    # Not before: who stands first among a customer's persons may come with a later page (R12).
                    people.give_levels(organisation, None, now=self.now)
                return changed
            case "credit_notes":
                return mirror.store_credit_notes(organisation, records)
        # A first sync writes no timeline row per invoice.
        news = sync_events.Watch(organisation, stage.resource, records, is_silent=self.run.kind == "first")
        if stage.resource == "invoices":
            changed = mirror.store_invoices(organisation, records, today=self.today)
            receivables.refresh_totals(organisation, today=self.today, customers=touched)
        else:
            changed = settlements.store_payments(organisation, records)
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
        self._note([problem.sentence for problem in page.problems])
        self._keep_probes()
        # A page that is stored is progress: tries are counted anew.
        work.keep(self.run, page=page.number, counts=counts, marks=marks, calls=self.calls(), attempts=1)

    def _singly(self, wanted: list[tuple[str, str]]) -> Iterator[None]:
        """Read single records; where the calls run out, the rest follows with the next runs."""
        for kind, external_id in wanted[: budgets.spare_calls(self.organisation)]:
            try:
                problems = self.single.read(kind, external_id)
            except RateLimited as error:
                # The lists are complete; single records can wait, and need not fail the run.
                budgets.block(self.organisation, error)
                return
            self._note(problems)
            work.keep(self.run, calls=self.calls())
            yield

    def _note(self, sentences: list[str]) -> None:
        """Add problems that were not told yet; written with the next progress."""
        new = [sentence for sentence in sentences if sentence not in self.run.problems]
        if new:
            work.keep(self.run, problems=[*self.run.problems, *new][:MOST_PROBLEMS])

    def _keep_probes(self) -> None:
        """What was found out about these books need not be asked again, even when the run fails later."""
        if self.connector.probes != self.connection.probes:
            self.connection.probes = dict(self.connector.probes)
            Connection.objects.filter(organisation=self.organisation).update(probes=self.connection.probes)

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
            reconcile.note_whole(self.run)
            work.settle(
                self.run,
                "done",
                finished_at=self.now,
                is_complete=True,
                stage="",
                calls=self.calls(),
                # What stopped it on the way has passed.
                problems=[one for one in self.run.problems if one != self.run.last_error],
                last_error="",
            )
            Connection.objects.filter(organisation=self.organisation).update(
                complete_sync_at=self.run.started_at
            )
