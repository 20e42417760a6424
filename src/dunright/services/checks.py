"""Is this installation in order? Each check is green, or says what to do."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from dunright.mail.advice import what_to_do
from dunright.mail.errors import NotAccepted
from dunright.mail.post import open_mail, read_mail_url
from dunright.mail.server import MailServerError
from dunright.models import Connection, LogIn, Notice, NoticeState, SyncRun
from dunright.models.fields import SecretUnreadableError

CLOCK_MAY_DIFFER = timedelta(seconds=30)
LATE = timedelta(minutes=10)
TRIAL_BYTES = 256 * 1024
"""What a check writes to see that there is room: some messages' worth."""
_LEVELS = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}
_THROUGH_TO_THE_DISK = ("2", "3")


class Check(NamedTuple):
    name: str
    ok: bool
    sentence: str


def run_checks(*, now: datetime) -> Iterator[Check]:
    """Configuration, database, durability, queue, mail server, connections, clock."""
    checks: dict[str, Callable[[datetime], str]] = {
        "configuration": _configuration,
        "database": _database,
        "durability": _durability,
        "secrets": _secrets,
        "queue": _queue,
        "mail server": _mail_server,
        "connection": _connections,
        "clock": _clock,
    }
    for name, check in checks.items():
        try:
            yield Check(name, ok=True, sentence=check(now))
        except _NotInOrder as error:
            yield Check(name, ok=False, sentence=str(error))
        except (DatabaseError, OSError) as error:
            yield Check(
                name, ok=False, sentence=f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            )


class _NotInOrder(Exception):
    pass


def _configuration(_: datetime) -> str:
    if not (settings.CONFIGURATION.zoho_client_id and settings.CONFIGURATION.zoho_client_secret):
        raise _NotInOrder(
            "No Zoho client is set: put its id and secret into DUNRIGHT_ZOHO_CLIENT_ID and DUNRIGHT_ZOHO_CLIENT_SECRET."
        )
    return f"People reach Dunright at {settings.BASE_URL}; data are kept in {settings.DATA_DIR}."


def _database(_: datetime) -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotInOrder(
            "The tables are older than the program; restart Dunright, it brings them up to date."
        )
    return f"{connection.display_name} answers and its tables are up to date."


def _durability(_: datetime) -> str:
    """A committed attempt must survive power loss: the promise "never twice" rests on it."""
    _room(settings.DATA_DIR)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _on_sqlite(
                level=_shown(cursor, "PRAGMA synchronous"), mode=_shown(cursor, "PRAGMA journal_mode")
            )
        names = ("synchronous_commit", "fsync", "full_page_writes")
        return _on_postgresql({name: _shown(cursor, f"SHOW {name}") for name in names})


def _shown(cursor: CursorWrapper, statement: str) -> str:
    cursor.execute(statement)
    return str(cursor.fetchone()[0]).lower()


def _on_sqlite(*, level: str, mode: str) -> str:
    if level not in _THROUGH_TO_THE_DISK or mode != "wal":
        raise _NotInOrder(
            f"SQLite runs with synchronous={_LEVELS.get(level, level)} and journal_mode={mode.upper()}, so that a "
            "power cut could make a message go twice; it needs FULL and WAL. Dunright sets both by itself, where "
            "the file system has locks and shared memory: move DUNRIGHT_DATA_DIR from a share to a local disk."
        )
    return f"SQLite writes through to the disk at every commit (WAL, synchronous={_LEVELS[level]})."


def _on_postgresql(shown: Mapping[str, str]) -> str:
    """`local`, `remote_write` and `remote_apply` wait for this server's own disk as well."""
    if off := sorted(name for name, value in shown.items() if value == "off"):
        raise _NotInOrder(
            f"PostgreSQL runs with {', '.join(f'{name}=off' for name in off)}, so that a power cut could make a "
            "message go twice; switch on what is off in postgresql.conf and reload the server."
        )
    return f"PostgreSQL writes through to the disk at every commit (synchronous_commit={shown['synchronous_commit']})."


def _room(folder: Path) -> None:
    """Write a little to the disk, as far as the disk itself."""
    try:
        with NamedTemporaryFile(dir=folder, prefix="room-") as trial:
            trial.write(bytes(TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        raise _NotInOrder(
            f"Nothing can be written to {folder} ({error.strerror}): make room there, or mend the disk. "
            "Nothing is lost by it, no message goes twice, and Dunright goes on by itself."
        ) from error


def _secrets(_: datetime) -> str:
    try:
        count = len([log_in.refresh_token for log_in in LogIn.objects.all()])
    except SecretUnreadableError as error:
        raise _NotInOrder(str(error)) from error
    return f"{count} stored log-ins can be read with the present keys."


def _queue(now: datetime) -> str:
    waiting = SyncRun.objects.filter(state="queued", due_at__lt=now - LATE).count()
    if waiting:
        raise _NotInOrder(
            f"{waiting} syncs wait for more than ten minutes; is `dunright serve` or a worker running?"
        )
    return "Nothing that is due has been waiting for long."


def _mail_server(_: datetime) -> str:
    if not settings.EMAIL_URL:
        waiting = Notice.objects.filter(state=NoticeState.QUEUED).count()
        told = f", not even {waiting} to the people here" if waiting else ""
        raise _NotInOrder(
            f"No mail server is set, so no mail can leave{told}; give DUNRIGHT_EMAIL_URL, "
            "such as smtp://user:password@mail.example:587."
        )
    try:
        server = read_mail_url(settings.EMAIL_URL)
    except MailServerError as error:
        raise _NotInOrder(f"DUNRIGHT_EMAIL_URL cannot be used. {error}") from error
    try:
        with open_mail(settings.EMAIL_URL) as connection:
            connection.check()
    except NotAccepted as error:
        remedy = what_to_do(error, server, variable="DUNRIGHT_EMAIL_URL")
        raise _NotInOrder(f"{_named(server, error)} {remedy}") from error
    return f"{server} answers and lets us in."


def _named(server: object, error: NotAccepted) -> str:
    """What went wrong, with the server's name in front where the error does not say it."""
    said = str(error).rstrip(". ") + "."
    label = str(server).partition(",")[0]
    return said if label in said else f"{server} turns us away: {said}"


def _connections(_: datetime) -> str:
    broken = (
        Connection.objects.filter(state="disconnected")
        .exclude(reason="by_person")
        .select_related("organisation")
    )
    if first := broken.first():
        raise _NotInOrder(f"{first.organisation.name} lost its connection: {first.sentence}")
    count = Connection.objects.filter(state="connected").count()
    return f"{count} organisations are connected to their books."


def _clock(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
            if connection.vendor == "sqlite"
            else "SELECT now()"
        )
        said = cursor.fetchone()[0]
    theirs = datetime.fromisoformat(said) if isinstance(said, str) else said
    away = abs(theirs - datetime.now(UTC))
    if away > CLOCK_MAY_DIFFER:
        raise _NotInOrder(
            f"The database's clock is {away.total_seconds():.0f} s away from this host's; set both by NTP."
        )
    return f"The clocks agree; it is {now:%Y-%m-%d %H:%M} UTC."
