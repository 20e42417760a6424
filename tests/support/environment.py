"""What a test run reads instead of the developer's environment: a data folder, keys and a database of its own.

Called at the import of tests/conftest.py, before any settings are read; programs that a test starts inherit it and
so work on the very database of the test.
"""

import argparse
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings

SETTINGS = "tests.support.settings"
DATABASES = ("sqlite", "postgresql")
SERVER = "TEST_POSTGRESQL"
"""Address of a running server without a database name; set it to test against one of your own."""

_keepers: list[subprocess.Popen[str]] = []


def chosen_database(arguments: Sequence[str]) -> str:
    """Return `sqlite` or `postgresql`: the switch on the command line, or what the parent of an xdist worker chose."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return "postgresql" if os.environ.get(SERVER) else "sqlite"
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    return str(parser.parse_known_args(arguments)[0].database)


def prepare(arguments: Sequence[str]) -> None:
    """Set every variable that Dunright reads, and Django up with tests/support/settings.py.

    Raises RuntimeError with one sentence when PostgreSQL is asked for and cannot be had.
    """
    if settings.configured:
        raise RuntimeError("Django's settings were read before the tests' own; unset DJANGO_SETTINGS_MODULE.")
    for name in [name for name in os.environ if name.startswith("DUNRIGHT_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="dunright-tests-"))
    atexit.register(_remove, folder, os.getpid())
    os.environ |= {
        "DUNRIGHT_DATA_DIR": str(folder),
        "DUNRIGHT_SECRET_KEY": "tests-only",
        "DUNRIGHT_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    }
    if chosen_database(arguments) == "postgresql":
        server = os.environ.setdefault(SERVER, os.environ.get(SERVER) or start_postgres())
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        os.environ["DUNRIGHT_DATABASE_URL"] = f"{server}/dunright_test_{worker}"
    else:
        os.environ.pop(SERVER, None)
    # Out of the environment again: a worker of xdist would load settings before it has a folder of its own.
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]


def start_postgres() -> str:
    """Start the keeper of a PostgreSQL server and return the server's address; it ends with this process."""
    keeper = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("postgres.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Its own session: a Ctrl-C at the terminal is for the tests, the keeper follows by itself.
        start_new_session=True,
    )
    assert keeper.stdout
    assert keeper.stderr
    address = keeper.stdout.readline().strip()
    if not address:
        raise RuntimeError(keeper.stderr.read().strip() or "The keeper of PostgreSQL ended without a word.")
    _keepers.append(keeper)
    return address


def _remove(folder: Path, owner: int) -> None:
    # A forked child inherits the registration, not the folder.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
