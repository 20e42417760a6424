"""Every crash point of planning, sending, telling, approving, settling, reading and logging in.

    .venv/bin/python ci/crash/points.py [--database sqlite|postgresql] [--each N] [--stopped N]

Each SQL write, commit, SMTP command and HTTP call fails once before and once after it is done: the process ends, the
operation fails, it and everything after it fails, something of ours fails, the worker stands still longer than its
lease. Another worker goes on; then nothing may be double, lost, or stuck after two ticks. Without --database on both at
once; --each: so many points of each piece of work and kind instead of all; --stopped: so many with SIGSTOP and SIGCONT.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
PROGRAM = ROOT / "tests" / "journeys" / "crash_program.py"
DATABASES = ("sqlite", "postgresql")
COUNTS = ("points", "double", "lost", "stuck", "uncertain")


def main() -> int:
    """Run what was asked for; return how the program ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--each", type=int, default=0, metavar="N")
    parser.add_argument("--stopped", type=int, default=12, metavar="N")
    asked = parser.parse_args()
    if asked.database:
        on_one(asked.database, asked.each, asked.stopped)
        return 0
    began = time.monotonic()
    numbers = [f"--each={asked.each}", f"--stopped={asked.stopped}"]
    running = [
        subprocess.Popen(
            [sys.executable, __file__, f"--database={name}", *numbers], stdout=subprocess.PIPE, text=True
        )
        for name in DATABASES
    ]
    totals = [json.loads(process.communicate()[0] or "null") for process in running]
    if None in totals:
        print("FAILED: one of the databases came to no end")
        return 1
    return told(dict(zip(DATABASES, totals, strict=True)), seconds=time.monotonic() - began)


def told(totals: dict[str, dict[str, Any]], *, seconds: float) -> int:
    """Print the totals; 0 when nothing is double, lost or stuck."""
    whole: Counter[str] = Counter()
    for name, found in totals.items():
        for sentence in found["wrong"]:
            print(f"WRONG on {name}: {sentence}")
        print(f"{name}: {_counted(found)}")
        for by in ("by_scenario", "by_mode"):
            print("   ", ", ".join(f"{what} {count}" for what, count in found[by].items()))
        whole.update({count: found[count] for count in COUNTS})
    print(f"together: {_counted(whole)}; {seconds:.0f} s")
    return 1 if whole["double"] or whole["lost"] or whole["stuck"] else 0


def _counted(found: dict[str, Any] | Counter[str]) -> str:
    return (
        f"{found['points']} crash points: {found['double']} double, {found['lost']} lost, {found['stuck']} stuck for "
        f"more than two ticks; {found['uncertain']} left uncertain, to be settled by a person"
    )


def on_one(database: str, each: int, stopped: int) -> None:
    """Make a database, play the points on it, and print their totals as JSON."""
    from tests.support import environment  # noqa: PLC0415 - the folders of the checkout come first

    environment.prepare([f"--database={database}"])
    _make_tables(database)
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": environment.SETTINGS,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    subprocess.run([sys.executable, str(PROGRAM), str(each), str(stopped)], env=environ, check=True, cwd=ROOT)


def _make_tables(database: str) -> None:
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now
    from django.db import connection  # noqa: PLC0415 - as above

    if database == "postgresql":
        import psycopg  # noqa: PLC0415 - not needed with SQLite

        name = connection.settings_dict["NAME"]
        with psycopg.connect(f"{os.environ['TEST_POSTGRESQL']}/postgres", autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
