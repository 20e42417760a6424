"""`dunright sync`: bring the mirror in step now."""

import sys
import threading
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from dunright.management.common import as_json, for_organisation, now, one_line, show, the_organisation
from dunright.models import SyncRun
from dunright.services import sync as service


@click.command(epilog="Example: dunright sync --organisation 1 --full")
@for_organisation
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
@as_json
def sync(organisation_id: int, *, full: bool, as_json: bool) -> None:
    """Bring customers, invoices, payments and credit notes in step with the books."""
    found = the_organisation(organisation_id)
    began = time.monotonic()
    with one_line(service.NotConnected):
        run = service.request(found, by=None, now=now(), full=full)
    with _Bar(run):
        done = service.perform(run.pk, now=now())
    run.refresh_from_db()
    if done is None:
        document = _document(run, began) | {"complete": None}
        show(document, as_json=as_json, text="Another sync of this organisation is running; it goes on.")
        return
    show(_document(run, began), as_json=as_json, text=lambda: _text(run, began))
    if not run.is_complete:
        click.echo(run.last_error or "The sync did not come to its end; it goes on by itself.", err=True)
        sys.exit(1)


def _document(run: SyncRun, began: float) -> dict[str, Any]:
    return {
        "complete": run.is_complete,
        "resources": run.counts,
        "calls": run.calls,
        "seconds": round(time.monotonic() - began, 3),
        "problems": run.problems,
    }


def _text(run: SyncRun, began: float) -> str:
    lines = [
        f"{name}: {count['read']} read, {count['changed']} changed" for name, count in run.counts.items()
    ]
    lines.append(f"{run.calls} calls, {time.monotonic() - began:.1f} s")
    return "\n".join([*lines, *run.problems])


class _Bar:
    """A progress line on a terminal; silent elsewhere."""

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)
        self._is_terminal = sys.stderr.isatty()

    def __enter__(self) -> None:
        if self._is_terminal:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._is_terminal:
            self._thread.join()

    def _show(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Connecting")
            while not self._done.wait(0.3):
                row = SyncRun.objects.filter(pk=self._run.pk).first()
                if row is not None:
                    read = sum(count["read"] for count in row.counts.values())
                    stage = row.stage.replace("_", " ") or "starting"
                    bar.update(task, description=f"{stage}: {read:,} records, {row.calls} calls")
