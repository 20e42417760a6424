"""The huey instance and its one task."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from huey import PostgresHuey, SqliteHuey

log = structlog.get_logger("dunright.queue")

HANDLERS: dict[str, Callable[[int], object]] = {}
"""label -> what a nudge runs; `dunright.jobs` fills it when a worker starts."""

NUDGE_LIFE = 120
"""Seconds: an older nudge is dropped, the minute tick has found its row long since."""

OPTIONS: Final = {"results": False, "utc": True}
_state = {"served": False}


def serve_nudges() -> None:
    """Say that workers listen: until then nudges are dropped, so that a cron-only host's queue does not grow."""
    _state["served"] = True


@lru_cache(maxsize=1)
def queue() -> Any:
    """The queue, opened at first use: in a file of its own, or on the PostgreSQL of the tables."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        instance = _on_postgresql(_dsn(database))
    else:
        instance = _in_file(settings.DATA_DIR / "queue.sqlite3")
    _state["task"] = instance.task(expires=NUDGE_LIFE, name="nudge")(_run)
    return instance


def _in_file(file: Path) -> Any:
    try:
        return SqliteHuey("dunright", filename=str(file), timeout=20, **OPTIONS)
    except sqlite3.OperationalError:
        # Locked, or the disk is full: nothing is wrong with what is in it.
        raise
    except sqlite3.DatabaseError as error:
        log.warning("the queue's file is broken; a new one is made", error=str(error))
        for part in ("", "-wal", "-shm"):
            file.with_name(file.name + part).unlink(missing_ok=True)
        return SqliteHuey("dunright", filename=str(file), timeout=20, **OPTIONS)


def _on_postgresql(dsn: str) -> Any:
    from psycopg import IntegrityError  # noqa: PLC0415 - not needed with SQLite

    try:
        return PostgresHuey("dunright", dsn=dsn, read_timeout=1, **OPTIONS)
    except IntegrityError:
        # Another program made the tables in this moment: PostgreSQL's IF NOT EXISTS does not wait for it.
        return PostgresHuey("dunright", dsn=dsn, read_timeout=1, **OPTIONS)


def nudge(label: str, pk: int) -> None:
    """Tell the workers that a row is due. Never raises: the row is the job, and the tick finds it."""
    if not _state["served"]:
        return
    try:
        queue()
        _state["task"](label, pk)  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the queue, the tick finds the row
        log.warning("nudge lost", label=label, pk=pk, error=type(error).__name__)


def _run(label: str, pk: int) -> None:
    HANDLERS[label](pk)


def _dsn(database: dict[str, Any]) -> str:
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - not needed with SQLite

    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return make_conninfo(**{name: str(database[key]) for key, name in names.items() if database.get(key)})
