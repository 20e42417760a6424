"""The queue's file may be lost or broken: it holds nudges and nothing else (jobs.md)."""

import sqlite3
from types import SimpleNamespace

import pytest
from huey import SqliteHuey

from dunright.queue import HANDLERS, nudges


@pytest.fixture
def queue_file(tmp_path, monkeypatch):
    """Where the queue is kept on SQLite, whatever database the tests run on; a queue of its own for this test."""
    databases = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
    monkeypatch.setattr(nudges, "settings", SimpleNamespace(DATA_DIR=tmp_path, DATABASES=databases))
    monkeypatch.setitem(nudges._state, "served", True)
    nudges.queue.cache_clear()
    yield tmp_path / "queue.sqlite3"
    nudges.queue().storage.close()
    nudges.queue.cache_clear()


def work_on_all(monkeypatch):
    """Do what the queue holds, as a worker does; the keys that were named."""
    named = []
    monkeypatch.setitem(HANDLERS, "sync", named.append)
    queue = nudges.queue()
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
    return named


def test_nudge_names_a_row_to_the_worker(queue_file, monkeypatch):
    nudges.nudge("sync", 7)
    assert work_on_all(monkeypatch) == [7]


def test_without_workers_nothing_is_queued(queue_file, monkeypatch):
    monkeypatch.setitem(nudges._state, "served", False)
    nudges.nudge("sync", 7)
    assert not queue_file.exists()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_broken_file_is_made_anew(queue_file, monkeypatch, content):
    queue_file.write_bytes(content)
    nudges.nudge("sync", 7)
    assert work_on_all(monkeypatch) == [7]


def test_locked_file_is_left_alone(queue_file, monkeypatch):
    """It is in use: what is wrong passes, and the tick finds the row."""

    def locked(*_, **__):
        raise sqlite3.OperationalError("database is locked")

    nudges.queue().storage.close()
    nudges.queue.cache_clear()
    before = queue_file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(nudges, "SqliteHuey", locked)
        nudges.nudge("sync", 7)
    assert queue_file.read_bytes() == before


def test_queue_that_another_program_makes_in_this_moment_is_opened_again(queue_file, monkeypatch):
    """PostgreSQL lets one of two win that make the same table at once, if it did not exist."""
    from psycopg.errors import UniqueViolation

    tries = []

    def made_meanwhile(*arguments, **named):
        tries.append(1)
        if len(tries) == 1:
            raise UniqueViolation
        return SqliteHuey("dunright", filename=str(queue_file), results=False, utc=True)

    monkeypatch.setattr(nudges, "PostgresHuey", made_meanwhile)
    nudges.settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}}
    nudges.nudge("sync", 7)
    assert (work_on_all(monkeypatch), len(tries)) == ([7], 2)
