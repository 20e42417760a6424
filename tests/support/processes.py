"""Programs that a test starts beside itself: on the same database, ended with the test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.environment import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


class Processes:
    """Starts programs that see the test's committed rows; a killed one is the test's business, the rest end with it."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start `python ARGUMENTS…` with pipes for its output and input, from the checkout's folder."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": SETTINGS,
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
                **(environ or {}),
            },
            # A group of its own, so that its children can be ended with it.
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def start_code(self, code: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start Python code that runs after Django is set up."""
        return self.start("-c", f"import django\ndjango.setup()\n{code}", environ=environ)

    def end_all(self) -> None:
        """End what still runs, children included, and close the pipes."""
        for process in self.started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@contextmanager
def processes() -> Iterator[Processes]:
    """Give a starter of programs and end what is left of them afterwards."""
    starter = Processes()
    try:
        yield starter
    finally:
        starter.end_all()
