"""`dunright run-due`: everything that is due now, once, then exit."""

import click

from dunright.management.common import as_json, now, prepare_database, show
from dunright.services.due import run_due as do


@click.command(epilog="Example, in a crontab: * * * * * dunright run-due")
@as_json
def run_due(*, as_json: bool) -> None:
    """Do all syncs, runs and messages that are due now. Safe at any frequency, beside any workers."""
    prepare_database()
    done = do(now=now())
    document = {
        "syncs": done.syncs,
        "runs": done.runs,
        "messages": dict(done.messages),
        "problems": done.problems,
    }
    sent = ", ".join(f"{count} {state}" for state, count in sorted(done.messages.items())) or "no messages"
    text = "\n".join([f"{done.syncs} syncs, {done.runs} runs, {sent}.", *done.problems])
    show(document, as_json=as_json, text=text)
