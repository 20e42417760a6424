"""What the crash points play in: books on tape, a mail server that counts, and a database that is put back."""

import json
import smtplib
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta

import httpx2
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from dunright.models import (
    ChaseRun,
    LogIn,
    Notice,
    OtherMailRun,
    OutboxMessage,
    SyncRun,
)

JOBS = (SyncRun, ChaseRun, OtherMailRun, OutboxMessage, Notice)
SECOND = timedelta(seconds=1)
_HOP_BY_HOP = {"content-encoding", "content-length", "transfer-encoding", "connection"}


class Tape:
    """The books' answers: asked once of the sandbox, then played again, so that thousands of syncs cost little."""

    def __init__(self):
        self._ask = httpx2.HTTPTransport.handle_request
        self._transport = httpx2.HTTPTransport()
        self._answers = {}
        self.is_playing = False

    def record(self):
        """From now on ask the sandbox again: its books change."""
        self._answers.clear()
        self.is_playing = False

    def play(self):
        """From now on ask the sandbox each question once."""
        self.is_playing = True

    def __call__(self, request):
        key = (request.method, str(request.url), bytes(request.read()))
        if key not in self._answers or not self.is_playing:
            answer = self._ask(self._transport, request)
            body = answer.read()
            answer.close()
            headers = [(name, value) for name, value in answer.headers.items() if name not in _HOP_BY_HOP]
            self._answers[key] = (answer.status_code, headers, body)
        status, headers, body = self._answers[key]
        return httpx2.Response(status, headers=headers, content=body)


class Sink:
    """The mail server beside (crash_sink.py)."""

    def __init__(self, port):
        self.port = port
        self.url = f"smtp://127.0.0.1:{port}"

    def copies(self):
        """Message-ID -> copies taken since the last time; every connection has come to its end by then."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as smtp:
            _, told = smtp.docmd("XCOPIES")
        told = json.loads(told)
        assert told["others"] == 0, "a connection to the mail server was left open"
        return told["copies"]


class Snapshot:
    """All rows as they are now; `restore` puts them back."""

    _count = 0

    def __init__(self):
        Snapshot._count += 1
        self._restored = 0
        if connection.vendor == "sqlite":
            self._kept = sqlite3.connect(":memory:")
            with closing(sqlite3.connect(connection.settings_dict["NAME"])) as live:
                live.backup(self._kept)
            return
        self._schema = f"kept_{Snapshot._count}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {self._schema}")
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            fixed = {"django_migrations", "django_content_type", "auth_permission"}
            self._tables = [name for (name,) in cursor.fetchall() if name not in fixed]
            for table in self._tables:
                cursor.execute(f'CREATE TABLE {self._schema}."{table}" AS SELECT * FROM public."{table}"')

    def restore(self):
        """Put every row back. Other connections may be open, but no transaction."""
        if connection.vendor == "sqlite":
            connection.close()
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=30)) as live:
                self._kept.backup(live)
            return
        self._restored += 1
        # Deleting is quicker than truncating, but leaves dead rows behind.
        names = ", ".join(f'public."{table}"' for table in self._tables)
        is_time = self._restored % 150 == 1
        emptied = (
            f"TRUNCATE {names}"
            if is_time
            else "; ".join(f'DELETE FROM public."{table}"' for table in self._tables)
        )
        filled = "; ".join(
            f'INSERT INTO public."{table}" SELECT * FROM {self._schema}."{table}"' for table in self._tables
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"BEGIN; SET LOCAL session_replication_role = replica; {emptied}; {filled}; COMMIT"
            )

    def drop(self):
        """Throw it away."""
        if connection.vendor == "sqlite":
            self._kept.close()
            return
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {self._schema} CASCADE")


def leases_run_out(within=timedelta(days=1)):
    """Let the time pass after which whoever went silent is taken for gone: all leases that end within it are over."""
    for model in (*JOBS, LogIn):
        # A worker that stands still in the middle of a transaction keeps its rows until it goes on.
        with suppress(DatabaseError):
            model.objects.filter(lease_until__lt=Now() + within).update(lease_until=Now() - SECOND)


def be_impatient():
    """Let this thread's connection give up soon where a worker that stands still has locked something."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 30")
        else:
            cursor.execute("SET lock_timeout = '100ms'")
