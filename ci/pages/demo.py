"""The demo company as `./start` shows it: a data folder and a port of its own, ended with the check."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "dunright"
DAYS = "30"
"""Of past to play: half of what `./start` shows is enough for a page of each kind."""
_LINES = {
    "link": re.compile(r"Come in by this link, it works once: +(\S+)"),
    "books": re.compile(r"\(a Zoho Books sandbox\): (\S+)"),
    "mails": re.compile(r"Every mail it sends stays here: (\S+?)/?$"),
}
"""What `dunright demo` says when it is ready; the last line comes last."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Addresses, without a slash at the end but for the link."""

    address: str
    link: str
    books: str
    mails: str


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Play the demo's past and serve it. Ends the program with a sentence when it does not start."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DUNRIGHT_")}
    command = [PROGRAM, "demo", "--port", str(port), "--data-dir", folder / "demo", "--days", DAYS]
    log = folder / "demo.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder
        ) as running,
    ):
        try:
            said = _said(running)
            if not said or not _listens(running, port):
                raise SystemExit(f"dunright demo did not start:\n{log.read_text()[-2000:]}")
            yield Demo(f"http://127.0.0.1:{port}", **said)
        finally:
            running.terminate()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _said(running: "subprocess.Popen[str]") -> dict[str, str]:
    found: dict[str, str] = {}
    assert running.stdout
    for line in running.stdout:
        for name, pattern in _LINES.items():
            if match := pattern.search(line):
                found[name] = match[1]
        if len(found) == len(_LINES):
            return found
    return {}


def _listens(running: "subprocess.Popen[str]", port: int) -> bool:
    """Wait for the pages, which come up after the last line; False when the demo ends before."""
    while running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False
