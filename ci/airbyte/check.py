"""Read a Zoho Books sandbox with airbyte-cdk and compare what it finds with what the sandbox holds.

    .venv/bin/python ci/airbyte/check.py FOLDER

FOLDER is the virtual environment for airbyte-cdk, apart from the project's own; it is made when it is not there. Access
tokens live four seconds and invoices are slow, so the reader must refresh its token in the middle of a list.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ci import venvs
from zoho_sandbox.testing import RunningSandbox, running_sandbox

HERE = Path(__file__).parent
REQUIREMENTS = HERE.parents[1] / "requirements" / "airbyte.txt"
TABLES = {"contacts": "contacts", "invoices": "invoices", "payments": "payments"}
TOKEN_SECONDS = 4
LONGEST_READ = 300
ONE_EACH = 1 + len(TABLES)
"""Access tokens that are used without any refresh: one for the check and one for each stream."""


def main() -> int:
    """Run the comparison; return how the program ends."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its one argument
        sys.stderr.write(f"{__doc__}\n")
        return 2
    python = venvs.filled(Path(sys.argv[1]), REQUIREMENTS)
    with running_sandbox(customers=25, life_goes_on=False) as sandbox:
        held, organisation = held_by(sandbox)
        sandbox.switch(access_token_seconds=TOKEN_SECONDS)
        sandbox.fault(r"/invoices\?", kind="slow", seconds=0.7, count=-1)
        found = read(python, sandbox, organisation)
        tokens = count(sandbox, "SELECT count(*) FROM access_tokens")
        unknown = sandbox.unknown()
    results = [
        (
            f"{stream}: {found[stream]['rows']} rows read of {held[stream]}",
            found[stream]["rows"] == held[stream],
        )
        for stream in TABLES
    ]
    results += [
        (
            f"{stream}: {found[stream]['different']} different ids of {held[stream]}",
            found[stream]["different"] == held[stream],
        )
        for stream in TABLES
    ]
    results += [
        (f"{tokens} access tokens, more than {ONE_EACH}: refreshed while reading", tokens > ONE_EACH),
        (f"calls and parameters unknown to Zoho: {unknown or 'none'}", not unknown),
    ]
    for sentence, is_good in results:
        sys.stdout.write(f"{'ok    ' if is_good else 'FAILED'} {sentence}\n")
    failed = sum(not is_good for _, is_good in results)
    sys.stdout.write(f"{len(results) - failed} passed, {failed} failed\n")
    return min(failed, 1)


def held_by(sandbox: RunningSandbox) -> tuple[dict[str, int], str]:
    """Return the rows of each stream by the sandbox's own tables, and the organisation they belong to."""
    organisation = count(sandbox, "SELECT min(org) FROM organisations")
    return {
        stream: count(sandbox, f"SELECT count(*) FROM {table} WHERE org = {organisation}")  # noqa: S608 - both ours
        for stream, table in TABLES.items()
    }, str(organisation)


def count(sandbox: RunningSandbox, statement: str) -> int:
    """Return the one number that a statement gives."""
    if sandbox.inside is None:
        raise RuntimeError("the sandbox runs elsewhere")
    with sandbox.inside.database.reading() as db:
        return int(db.execute(statement).fetchone()[0])


def read(python: Path, sandbox: RunningSandbox, organisation: str) -> dict[str, Any]:
    """Let airbyte-cdk read everything; return its counts."""
    configuration = {
        "api_url": sandbox.url,
        "accounts_url": sandbox.url,
        "organization_id": organisation,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": sandbox.refresh_token(),
    }
    done = subprocess.run(
        [python, HERE / "read.py"],
        input=json.dumps(configuration),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_READ,
    )
    if done.returncode:
        sys.exit(f"airbyte-cdk ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    # The library logs to standard output, too: the counts are the last line.
    counts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return counts


if __name__ == "__main__":
    sys.exit(main())
