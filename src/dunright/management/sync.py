"""`dunright sync`: bring the mirror in step now."""

import sys
import threading
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from dunright.domain import comparing
from dunright.management.common import as_json, for_organisation, now, one_line, show, the_organisation
from dunright.models import Organisation, Proof, SyncRun
from dunright.services import sync as service
from dunright.services import verify as proofs


@click.command(epilog="Example: dunright sync --organisation 1 --full")
@for_organisation
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
@click.option("--verify", is_flag=True, help="Then count again against the books, and mend what differs.")
@as_json
def sync(organisation_id: int, *, full: bool, verify: bool, as_json: bool) -> None:
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
    document, text, failure = _document(run, began), _text(run, began), ""
    if not run.is_complete:
        failure = run.last_error or "The sync did not come to its end; it goes on by itself."
    elif verify:
        proof = _proved(found)
        document["verified"] = _verdict(proof)
        text = "\n".join([text, *_proof_lines(proof)])
        failure = _disagreement(proof)
    show(document, as_json=as_json, text=text)
    if failure:
        click.echo(failure, err=True)
        sys.exit(1)


def _proved(organisation: Organisation) -> Proof:
    """Compare now; when a worker has begun to in the same moment, its proof is as it stands."""
    with one_line(proofs.CannotVerify):
        proof = proofs.request(organisation, by=None, now=now(), wake=False)
    proofs.perform(proof.pk, now=now())
    proof.refresh_from_db()
    return proof


def _verdict(proof: Proof) -> dict[str, Any]:
    found = [comparing.from_json(one) for one in proof.differences]
    return {
        "agrees": proof.agrees,
        "at": proof.finished_at,
        "calls": proof.calls,
        "totals": proof.totals,
        "counts": proof.counts,
        "differences": [comparing.as_json(one) | {"sentence": comparing.sentence(one)} for one in found],
        "more": proof.more,
    }


OUTCOMES = {"mended": "mended", "left": "still so", "explained": "no fault"}


def _proof_lines(proof: Proof) -> list[str]:
    if proof.state != "done":
        return []
    lines = [f"{one['currency']}: {one['ours']} here, {one['theirs']} in the books" for one in proof.totals]
    found = [comparing.from_json(one) for one in proof.differences]
    lines += [f"{comparing.sentence(one)} ({OUTCOMES[one.outcome]})" for one in found]
    if proof.more:
        lines.append(f"and {proof.more} more")
    if proof.agrees:
        lines.append(f"Agrees with the books, {proof.calls} calls")
    return lines


def _disagreement(proof: Proof) -> str:
    """The one clear line where the mirror was not proved to equal the books; empty where it was."""
    if proof.agrees:
        return ""
    if proof.state == "done":
        left = sum(one["outcome"] == "left" for one in proof.differences)
        why = f" {proof.last_error}" if proof.last_error else ""
        return f"The mirror does not agree with the books: {left} differences are left.{why}"
    return proof.last_error or "The books were not compared: a worker is at it, or a sync is under way."


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
