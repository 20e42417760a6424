"""Run a program once and say what it took."""

import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

MEGABYTE = 1024 * 1024


class Took(NamedTuple):
    """Seconds of the work itself and of the processor; the whole process's seconds; its greatest memory in MB."""

    seconds: float
    cpu: float
    process_seconds: float
    memory: float
    said: dict[str, Any]


def run(command: list[str], config: dict[str, Any], *, environment: dict[str, str], cwd: Path) -> Took:
    """Run `command` with `config` as JSON on its standard input; its last line says what it did."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as output:
        json.dump(config, given)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=cwd, stdin=given, stdout=output, stderr=subprocess.STDOUT
        )
        # `wait4` and not `wait`: it tells this child's use alone, without those before it.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        whole = time.perf_counter() - began
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{text[-3000:]}")
    said: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    processor = used.ru_utime + used.ru_stime
    return Took(said.get("seconds", whole), said.get("cpu", processor), whole, _megabytes(used), said)


def _megabytes(used: resource.struct_rusage) -> float:
    # Linux counts kilobytes.
    return used.ru_maxrss * 1024 / MEGABYTE
