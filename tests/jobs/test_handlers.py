"""What a nudge runs, and what the tick finds (jobs.md)."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from dunright.jobs import handlers
from dunright.models import ChaseRun, OutboxMessage, SyncRun
from dunright.queue import HANDLERS
from dunright.services import chasing, daily, sync, work
from tests.support import factories
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


@pytest.fixture
def nudged(monkeypatch):
    """The nudges that the tick gives, as (label, key)."""
    given = []
    monkeypatch.setattr(work, "nudge", lambda label, pk: given.append((label, pk)))
    # The tick and the tasks close connections, which here would end the test's own transaction.
    monkeypatch.setattr(handlers, "close_old_connections", lambda: None)
    return given


@pytest.fixture
def quiet(monkeypatch):
    """Nothing is made by the tick: there is only what the test has made."""
    monkeypatch.setattr(daily, "look_after", lambda *_, **__: None)


@pytest.fixture
def stop():
    """Whether the process was asked to stop; the handlers of the worker, filled for this test."""
    asked = []
    before = dict(HANDLERS)
    handlers.fill_handlers(stopping=lambda: bool(asked))
    yield asked
    HANDLERS.clear()
    HANDLERS.update(before)


def test_tick_nudges_every_due_row_of_every_company_and_no_other(nudged, quiet):
    first, second = factories.organisation("First Ltd"), factories.organisation("Second Ltd")
    a_sync = SyncRun.objects.create(organisation=first, requested_at=NOW, due_at=NOW)
    a_run = ChaseRun.objects.create(organisation=second, local_date=TODAY, due_at=NOW)
    customer = factories.customer(first)
    message = factories.message(customer, [factories.invoice(customer)], due_at=NOW)
    later = NOW + timedelta(seconds=1)
    SyncRun.objects.create(organisation=second, requested_at=NOW, due_at=later)
    ChaseRun.objects.create(organisation=first, local_date=TODAY, due_at=NOW, state="done")

    handlers.tick(now=NOW)
    assert nudged == [("sync", a_sync.pk), ("chase", a_run.pk), ("send", message.pk)]


def test_ticks_of_several_hosts_nudge_a_row_once(nudged, quiet):
    company = factories.organisation()
    a_sync = SyncRun.objects.create(organisation=company, requested_at=NOW, due_at=NOW)
    for _ in range(3):
        handlers.tick(now=NOW)
    assert nudged == [("sync", a_sync.pk)]


def test_tick_finds_what_a_silent_worker_had(nudged, quiet):
    company = factories.organisation()
    long_ago = NOW - timedelta(days=700)
    lost = SyncRun.objects.create(
        organisation=company,
        requested_at=NOW,
        due_at=NOW,
        state="running",
        token="gone",
        lease_until=long_ago,
    )
    customer = factories.customer(company)
    in_doubt = factories.message(
        customer,
        [factories.invoice(customer)],
        state="claimed",
        token="gone",
        handed_over_at=NOW,
        lease_until=long_ago,
    )
    handlers.tick(now=NOW)
    assert nudged == [("sync", lost.pk)]
    assert OutboxMessage.objects.get(pk=in_doubt.pk).state == "uncertain"


def test_company_that_breaks_down_stops_no_other(nudged, monkeypatch):
    first, second = factories.organisation("First Ltd"), factories.organisation("Second Ltd")
    looked_after = []

    def look_after(organisation, *, now):
        looked_after.append(organisation)
        if organisation == first:
            raise ZeroDivisionError

    monkeypatch.setattr(daily, "look_after", look_after)
    a_run = ChaseRun.objects.create(organisation=second, local_date=TODAY, due_at=NOW)
    handlers.tick(now=NOW)
    assert (looked_after, nudged) == ([first, second], [("chase", a_run.pk)])


def test_tick_measures_tables_and_goes_on_where_that_fails(nudged, quiet, monkeypatch):
    asked = []

    def measure():
        asked.append("tables")
        raise OperationalError("database is locked")

    monkeypatch.setattr(daily, "measure_tables", measure)
    a_sync = SyncRun.objects.create(organisation=factories.organisation(), requested_at=NOW, due_at=NOW)
    handlers.tick(now=NOW)
    assert (asked, nudged) == (["tables"], [("sync", a_sync.pk)])


def test_task_that_breaks_down_leaves_the_worker_alive(nudged, stop, monkeypatch):
    def breaks(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(sync, "perform", breaks)
    assert HANDLERS["sync"](7) is None


def test_slice_ends_when_the_process_was_asked_to_stop(nudged, stop, monkeypatch):
    seen = []

    def perform(_pk, *, now, stop):
        seen.append(stop())
        asked.append("SIGTERM")
        seen.append(stop())

    asked = stop
    monkeypatch.setattr(chasing, "perform", perform)
    HANDLERS["chase"](7)
    assert seen == [False, True]


def test_slice_ends_after_its_seconds(nudged, stop, monkeypatch):
    seen = []
    monkeypatch.setattr(handlers, "SLICE_SECONDS", -1.0)
    monkeypatch.setattr(chasing, "perform", lambda _pk, *, now, stop: seen.append(stop()))
    HANDLERS["chase"](7)
    assert seen == [True]
