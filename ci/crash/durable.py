"""Is the attempt on the disk before the first byte of a message leaves? Seen from outside, by strace.

    .venv/bin/python ci/crash/durable.py [SENDS]

Sends 20 messages (or SENDS) with the settings of an installation on SQLite. For each, between the mail server's 354
and the first byte of the content, the database's log must be written and flushed. Then the same with SQLite told not
to flush, which must be noticed: a check that cannot fail would show nothing. Needs Linux and strace.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "journeys" / "crash_sends.py"
CALLS = "pwrite64,write,fsync,fdatasync,sendto,recvfrom"
CARELESS = ("2", "synchronous=OFF")
LONGEST = 3600

_CALL = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_FILE = re.compile(r"^\d+<(?P<path>[^>]*)>")
_GO_AHEAD = '"354 '


def main() -> int:
    """Send and look; return how the program ends."""
    sends = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    began = time.monotonic()
    good = orders(str(sends))
    careless = orders(*CARELESS)
    is_good = good["flushed first"] >= sends and good.total() == good["flushed first"]
    is_seen = careless["flushed first"] == 0 and careless["written, not flushed"] >= int(CARELESS[0])
    print(f"{good.total()} messages handed over: {_said(good)}; {time.monotonic() - began:.0f} s")
    print(f"without flushing: {_said(careless)}")
    print(
        "the attempt is on the disk before the first byte"
        if is_good
        else "FAILED: a byte left before its attempt"
    )
    if not is_seen:
        print("FAILED: SQLite did not flush, and it was not noticed")
    return 0 if is_good and is_seen else 1


def _said(orders: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(orders.items())) or "none"


def orders(*arguments: str) -> Counter[str]:
    """How the attempt stood when the first byte of each message left."""
    with tempfile.NamedTemporaryFile(mode="r", errors="replace", suffix=".strace") as log:
        command = [
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-y",
            "-s",
            "16",
            "-e",
            f"trace={CALLS}",
            "-e",
            "signal=none",
        ]
        subprocess.run(
            [*command, "-o", log.name, sys.executable, str(PROGRAM), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=LONGEST,
        )
        return looked_at(log)


def looked_at(lines: Iterable[str]) -> Counter[str]:
    """Read what strace wrote: one process (the sender) is told to go ahead, and its next byte is the content's."""
    found: Counter[str] = Counter()
    attempts: dict[str, str] = {}
    """Process between 354 and the content -> how its attempt stands."""
    begun: dict[str, str] = {}
    """Process -> the file of a call that is not back yet."""
    for line in lines:
        if call := _CALL.match(line):
            pid, name, rest = call["pid"], call["name"], call["rest"]
            file = _FILE.match(rest)
            begun[pid] = file["path"] if file else ""
        elif call := _RESUMED.match(line):
            pid, name, rest = call["pid"], call["name"], call["rest"]
        else:
            continue
        if name == "recvfrom" and _GO_AHEAD in rest:
            attempts[pid] = "not written"
        elif pid in attempts and name == "sendto":
            found[attempts.pop(pid)] += 1
        elif pid in attempts and begun.get(pid, "").endswith("-wal"):
            attempts[pid] = _after(name, rest, attempts[pid])
    return found


def _after(call: str, rest: str, stands: str) -> str:
    if call in {"pwrite64", "write"}:
        return "written, not flushed"
    is_done = rest.rstrip().endswith("= 0")
    return "flushed first" if is_done and stands == "written, not flushed" else stands


if __name__ == "__main__":
    sys.exit(main())
