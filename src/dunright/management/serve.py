"""`dunright serve`, `web` and `worker`: pages and jobs in one process tree, or each alone (jobs.md)."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connections

if TYPE_CHECKING:
    from dunright.jobs.worker import Worker

SERVED = "SERVED_BY_DUNRIGHT"
"""Tells a page process the id of the parent that it ends with."""
PAGE_SECONDS = 5
"""How long pages that are being answered may take once the program was told to stop."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.2
HEALTH_SECONDS = 10.0

_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_port = click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
)


@click.command(epilog="Example: dunright serve --port 8000")
@_host
@_port
def serve(host: str, port: int) -> None:
    """Serve pages and do all jobs, in one process tree."""
    refuse_taken_port(host, port)
    get_ready()
    run(host, port, with_worker=True, beside=greet)


@click.command(epilog="Example: dunright web --host 0.0.0.0 --port 8000")
@_host
@_port
def web(host: str, port: int) -> None:
    """Serve pages only; jobs are done by `dunright worker` elsewhere."""
    refuse_taken_port(host, port)
    get_ready()
    run(host, port, with_worker=False)


@click.command(epilog="Example: dunright worker")
def worker() -> None:
    """Do jobs only; any number of hosts may run it on one PostgreSQL."""
    from dunright.jobs.worker import Worker
    from dunright.management.common import prepare_database

    prepare_database()
    asked: list[int] = []
    jobs = Worker()
    _take_signals(asked.append)
    jobs.start()
    click.echo("Dunright works on what is due. Stop it with Ctrl-C.", err=True)
    looked_at = time.monotonic()
    # A lock that a signal handler sets could be the one that this thread holds: a list has none.
    while not asked:
        time.sleep(LOOK_SECONDS)
        if time.monotonic() - looked_at > HEALTH_SECONDS:
            jobs.renew_threads()
            looked_at = time.monotonic()
    jobs.finish()


def _take_signals(stop: Callable[[int], object]) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, lambda received, _frame: stop(received))


def get_ready() -> None:
    """Bring tables and static files up to date."""
    from dunright.management.common import prepare_database

    prepare_database()
    collect_static()


def greet() -> None:
    """Say where Dunright is; before the first account exists, print the link that makes it (it works once)."""
    from dunright.management.common import now
    from dunright.models import User
    from dunright.services import accounts

    click.echo(f"Dunright is at {settings.BASE_URL}", err=True)
    if not User.objects.exists():
        secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=now())
        click.echo(
            f"Make the first account by this link, it works once:  {settings.BASE_URL}/welcome/{secret}/",
            err=True,
        )


def refuse_taken_port(host: str, port: int) -> None:
    """One sentence for a port that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
            ) from error


def collect_static() -> None:
    """Gather static files once per version of the program."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    mark = assets_mark()
    if stamp.exists() and stamp.read_text(encoding="ascii") == mark:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(mark, encoding="ascii")


def assets_mark() -> str:
    """What changes with the static files of this version."""
    folder = Path(__file__).resolve().parent.parent / "web" / "static"
    newest = max((file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()), default=0)
    return f"{newest}"


def run(host: str, port: int, *, with_worker: bool, beside: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or Ctrl-C; then let pages and jobs come to their end, within ten seconds.

    `beside` is called once the page process is on its way: for what need not be done before it.
    """
    from granian import Granian
    from granian.constants import Interfaces

    # A forked page process would share the queue's connection, and nudges would get lost (jobs.md).
    multiprocessing.set_start_method("spawn", force=True)
    os.environ[SERVED] = str(os.getpid())

    server = Granian(
        "dunright.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=PAGE_SECONDS,
    )
    asked: list[int] = []
    rest = _Rest(beside, with_worker=with_worker, give_up=server.signal_handler_interrupt)

    def stop(number: int) -> None:
        asked.append(number)
        # At once, so that jobs and pages end side by side.
        rest.ask_to_stop()
        server.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    _take_signals(stop)
    # Granian has set its own handlers when it calls these; it starts the page process right after.
    server.on_startup(lambda: _take_signals(stop))
    server.on_startup(rest.start)
    try:
        server.serve()
    except SystemExit:
        # A terminal and systemd signal the page process too: that it ended first is no failure then.
        if not asked and rest.failure is None:
            raise
    finally:
        rest.finish()
    if rest.failure is not None:
        raise rest.failure


class _Rest:
    """What comes up in a thread while the page process reads its modules: it takes as long as that."""

    def __init__(
        self, beside: Callable[[], None], *, with_worker: bool, give_up: Callable[[], object]
    ) -> None:
        self.failure: Exception | None = None
        self._beside, self._with_worker, self._give_up = beside, with_worker, give_up
        self._is_over = False
        self._jobs: Worker | None = None
        self._thread = threading.Thread(target=self._come_up, name="come-up", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """For signal handlers: it takes no lock."""
        self._is_over = True
        if self._jobs is not None:
            self._jobs.ask_to_stop()

    def finish(self) -> None:
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(PAGE_SECONDS)
        if self._jobs is not None:
            self._jobs.finish()

    def _come_up(self) -> None:
        try:
            self._beside()
            if self._with_worker and not self._is_over:
                from dunright.jobs.worker import Worker

                self._jobs = Worker()
                self._jobs.start()
        except Exception as error:  # noqa: BLE001 - `run` raises it where the program ends
            self.failure = error
            self._give_up()
        finally:
            connections.close_all()
