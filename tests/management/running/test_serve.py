"""`dunright serve`, `web` and `worker` as real processes: nudges, kills, clean stops (jobs.md)."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from dunright.models import OutboxMessage, SyncRun, ToDo
from dunright.queue import nudge
from dunright.services import outbox
from dunright.services.due import run_due
from tests.management.running.programs import (
    STOP_SECONDS,
    company_at_noon,
    lease_runs_out,
    run_of_today,
    wait_for,
)

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]

TICK = timedelta(seconds=60)
"""A worker's first tick comes with its start, the next ones a minute apart."""


def last_sync(company):
    return SyncRun.objects.filter(organisation=company).order_by("pk").last()


def reading(company):
    """The sync that has begun to read customers, which is slow."""
    return SyncRun.objects.filter(organisation=company, state="running", stage="customers")


def synced(company, run):
    """Wait for a sync to be done; the row."""
    done = SyncRun.objects.filter(organisation=company, pk=run.pk, state="done")
    return wait_for("the sync is done", done.first)


def lose_the_queue():
    """Throw everything away that the queue holds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE huey_task, huey_schedule, huey_kv, huey_counter")
        return
    files = list(Path(django_settings.DATA_DIR).glob("queue.sqlite3*"))
    assert files
    for file in files:
        file.unlink()


def test_serve_is_killed_and_loses_nothing_and_starts_at_once_what_is_pressed(pages, sandbox):
    company = company_at_noon(sandbox, customers=1)
    first = pages("serve", company.owner)
    sandbox.fault("/contacts", kind="slow", seconds=60)
    first.press_sync_now(company)
    lost = wait_for("a sync is under way", reading(company).first)
    first.kill()
    wait_for("its page process has ended", lambda: not first.has_children())
    assert not first.answers()
    sandbox.clear_faults()

    lose_the_queue()
    lease_runs_out(lost)
    second = pages("serve", company.owner)
    # The same run goes on: nobody had to press again.
    assert synced(company, lost).started_at == lost.started_at

    # The tick has looked, and the next is a minute after it: what starts before that was nudged.
    second.press_sync_now(company)
    pressed = synced(company, last_sync(company))
    assert pressed.pk > lost.pk
    assert pressed.started_at < second.started_at + TICK

    assert second.stop() == 0
    wait_for("nothing is left of it", lambda: not second.has_children())


def test_two_workers_beside_the_pages_share_the_work_and_one_is_killed(
    pages, program, sandbox, catcher, nudging
):
    company = company_at_noon(sandbox, customers=6)
    one, _ = program("worker"), program("worker")
    web = pages("web", company.owner)
    nudge("chase", run_of_today(company).pk)
    messages = OutboxMessage.objects.filter(organisation=company)
    wait_for("all messages are sent", lambda: messages.filter(state="sent").count() == 6)
    assert catcher.copies() == {message.message_id: 1 for message in messages}

    # Whichever of them has the sync: once its lease runs out, the one that is left does it.
    sandbox.fault("/contacts", kind="slow", seconds=60)
    web.press_sync_now(company)
    run = wait_for("a sync is under way", reading(company).first)
    one.kill()
    sandbox.clear_faults()
    lease_runs_out(run)
    web.press_sync_now(company)
    assert synced(company, run) == last_sync(company)
    assert web.stop() == 0


def test_stop_leaves_uncertain_what_the_mail_server_has_not_answered(pages, program, sandbox, catcher):
    company = company_at_noon(sandbox, customers=2, approval="always")
    now = run_of_today(company).due_at
    run_due(now=now)
    first, second = OutboxMessage.objects.filter(organisation=company).order_by("pk")
    catcher.set_faults(delay_seconds={"content": 60})
    outbox.approve([first], by=None, now=now)
    serve = pages("serve", company.owner)
    wait_for("the server has the first", lambda: first.message_id in catcher.copies())
    # To all of its processes, as a terminal and systemd do.
    serve.signal(signal.SIGTERM, group=True)
    outbox.approve([second], by=None, now=now)
    worker = program("worker")
    wait_for("the server has the second", lambda: second.message_id in catcher.copies())
    worker.signal(signal.SIGINT)

    assert serve.process.wait(STOP_SECONDS) == 0
    assert worker.process.wait(STOP_SECONDS) == 0
    wait_for("nothing is left of serve", lambda: not serve.has_children())
    messages = OutboxMessage.objects.filter(organisation=company)
    assert set(messages.values_list("state", "token")) == {("uncertain", "")}
    asked = ToDo.objects.filter(organisation=company, kind="uncertain", closed_at=None)
    assert set(asked.values_list("message", flat=True)) == {first.pk, second.pk}
    assert catcher.copies() == {first.message_id: 1, second.message_id: 1}
