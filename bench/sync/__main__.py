"""How fast a sync is beside others that read the same books, in one run, interleaved; medians are printed.

    python bench/sync              37,000 and 185,000 records, five runs, everybody
    python bench/sync --short      3,700 records, one run, only what is installed already

`bare` is the limit: one keep-alive connection, msgspec, ten pages a transaction, into the same tables. `dunright`
reads everything, then what 1 % of changes asks for, then nothing new. `airbyte` is airbyte-cdk, to nothing; `dlt` loads
the same kind of database. `reading` only fetches: the sandbox must be three times faster than who is measured, or this
measures the sandbox.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from bench.sync import books, databases  # noqa: E402 - found by the line before
from bench.sync.fields import HERE, Field  # noqa: E402
from bench.sync.measuring import Took, run  # noqa: E402
from ci import venvs  # noqa: E402
from zoho_sandbox.testing import RunningSandbox  # noqa: E402

CHANGED = 0.01
AIRBYTE = ROOT / "ci" / "airbyte" / "read.py"
COLUMNS = ("seconds", "processor", "process", "memory", "rows", "changed", "calls")
Results = dict[str, list[Took]]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[37_000, 185_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--without", nargs="+", default=[], choices=["airbyte", "dlt"])
    parser.add_argument(
        "--environments", type=Path, help="where airbyte-cdk and dlt are installed, or will be"
    )
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    if given.short:
        given.records, given.runs, given.without = [3_700], 1, ["airbyte", "dlt"]
    with tempfile.TemporaryDirectory(prefix="bench-sync-") as folder:
        # A server runs as another user where this one is root, and must get at what it is given.
        Path(folder).chmod(0o755)
        # What is installed has its bytecode; here everybody's is made once and kept for the next run.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/bytecode"
        home = given.environments or Path(folder)
        others = {name: install(home, name) for name in ("airbyte", "dlt") if name not in given.without}
        for records in given.records:
            measure(Path(folder) / str(records), records, given, others)


def install(home: Path, name: str) -> Path:
    """The Python of the environment that has it."""
    return venvs.filled(home / name, ROOT / "requirements" / f"{name}.txt")


def measure(folder: Path, records: int, given: argparse.Namespace, others: dict[str, Path]) -> None:
    """One size: make the books, let everybody read them in turn, print the medians."""
    folder.mkdir()
    state = folder / "books.sqlite3"
    counts = books.make(state, records)
    say(f"\n{records:,} records: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
    results: Results = {}
    with books.serving(state) as sandbox, contextlib.ExitStack() as stack:
        config = reading(sandbox)
        fields = [
            stack.enter_context(field(folder, vendor, config, sandbox, others.get("dlt")))
            for vendor in given.databases
        ]
        for _ in range(given.runs):
            alone = [("reading", [sys.executable, str(HERE / "reading.py")])]
            alone += [("airbyte", [str(others["airbyte"]), str(AIRBYTE)])] if "airbyte" in others else []
            for name, command in alone:
                took = run(command, config, environment=dict(os.environ), cwd=HERE)
                results.setdefault(name, []).append(took)
            for name, turn in (turn for one in fields for turn in one.whole()):
                results.setdefault(name, []).append(turn())
        for one in fields:
            one.settle()
        say(f"{books.change(state, sandbox, CHANGED):,} invoices changed")
        for _ in range(given.runs):
            for name, turn in (turn for one in fields for turn in one.again()):
                results.setdefault(name, []).append(turn())
        if unknown := sandbox.unknown():
            say(f"calls and parameters unknown to Zoho: {unknown}")
    report(results)


@contextlib.contextmanager
def field(
    folder: Path, vendor: str, config: dict[str, Any], sandbox: RunningSandbox, dlt: Path | None
) -> Iterator[Field]:
    """One kind of database, for as long as the block lasts."""
    with databases.server(vendor) as server:
        template, organisation = databases.connected(
            vendor, folder / vendor, server, sandbox, config["organization_id"]
        )
        yield Field(template, organisation, config, sandbox, dlt)


def reading(sandbox: RunningSandbox) -> dict[str, Any]:
    """What a program needs to know to read the books."""
    refresh = sandbox.refresh_token()
    access = sandbox.access_token(refresh)
    books_ = sandbox.get("/organizations", access).json["organizations"]
    return {
        "api_url": sandbox.url,
        "accounts_url": sandbox.url,
        "organization_id": books_[0]["organization_id"],
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": refresh,
        "access_token": access,
    }


def report(results: Results) -> None:
    """Print medians, then how everybody stands to Dunright."""
    say(f"{'':36}" + "".join(f"{column:>11}" for column in COLUMNS))
    middle = {name: medians(took) for name, took in results.items()}
    for name, took in results.items():
        said = took[-1].said
        rows = sum(said["rows"].values()) if isinstance(said.get("rows"), dict) else ""
        seconds, cpu, process, memory = middle[name]
        last = "".join(f"{value:>11}" for value in (rows, said.get("changed", ""), said.get("calls", "")))
        say(f"{name:36}{seconds:>9.2f} s{cpu:>9.2f} s{process:>9.2f} s{memory:>8.0f} MB{last}")
    for vendor in ("sqlite", "postgresql"):
        if (ours := middle.get(f"dunright, {vendor}")) is None:
            continue
        limit = middle[f"bare, {vendor}"]
        say(
            f"{vendor}: {limit[0] / ours[0]:.2f} of the limit in time, {limit[1] / ours[1]:.2f} in processor time"
        )
        say(f"{vendor}: the sandbox alone is {ours[0] / middle['reading'][0]:.1f} times faster")
        for other in ("airbyte", f"dlt, {vendor}"):
            if other in middle:
                say(f"{vendor}: {middle[other][0] / ours[0]:.1f} times faster than {other.partition(',')[0]}")


def medians(took: list[Took]) -> list[float]:
    """The middle of each figure over all runs."""
    figures = zip(*((one.seconds, one.cpu, one.process_seconds, one.memory) for one in took), strict=True)
    return [statistics.median(figure) for figure in figures]


def say(line: str) -> None:
    """Print at once: a run takes long."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
