"""`dunright check`: is everything in order?"""

import sys

import click

from dunright.management.common import as_json, now, prepare_database, show
from dunright.services.checks import run_checks


@click.command(epilog="Example: dunright check --json")
@as_json
def check(*, as_json: bool) -> None:
    """Check configuration, database, durability, queue, mail server, connections and clock."""
    prepare_database()
    checks = list(run_checks(now=now()))
    is_ok = all(one.ok for one in checks)
    document = {"ok": is_ok, "checks": [one._asdict() for one in checks]}
    lines = [f"{'ok  ' if one.ok else 'FIX '} {one.name}: {one.sentence}" for one in checks]
    show(document, as_json=as_json, text="\n".join(lines))
    if not is_ok:
        sys.exit(1)
