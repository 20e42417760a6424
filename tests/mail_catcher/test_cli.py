"""The command itself, as its own process."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request

import pytest


@pytest.fixture
def start(tmp_path):
    """Start `mail-catcher` with free ports; gives (process, SMTP port, address of the page)."""
    processes = []

    def start(*arguments, state=None):
        command = [sys.executable, "-m", "mail_catcher", "--smtp-port", "0", "--http-port", "0"]
        command += ["--state", str(state or tmp_path / "deep" / "mail.sqlite3"), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        line = process.stdout.readline()
        found = re.fullmatch(
            r"Mail catcher: send to smtp://127\.0\.0\.1:(\d+), read at (http://127\.0\.0\.1:\d+)/\n", line
        )
        return process, int(found[1]), found[2]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_command_catches_and_stops_cleanly(start):
    process, port, address = start("--refuse", "gone@k.example=550 No such user")
    with smtplib.SMTP("127.0.0.1", port, "me.example", timeout=10) as smtp:
        refused = smtp.sendmail(
            "a@n.example", ["gone@k.example", "b@k.example"], b"Subject: hello there\r\n\r\n"
        )
    assert refused == {"gone@k.example": (550, b"No such user")}
    with urllib.request.urlopen(address, timeout=10) as page:
        assert "hello there" in page.read().decode()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_exit_with_parent(tmp_path):
    command = [
        sys.executable,
        "-m",
        "mail_catcher",
        "--smtp-port",
        "0",
        "--http-port",
        "0",
        "--exit-with-parent",
    ]
    command += ["--state", str(tmp_path / "mail.sqlite3")]
    script = "import subprocess\n"
    script += f"child = subprocess.Popen({command!r}, stdout=subprocess.PIPE)\n"
    script += "print(child.pid, child.stdout.readline())"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    child = int(answer.stdout.split()[0])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(child):
        time.sleep(0.05)
    assert _runs(child) is False


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def run(*arguments):
    command = [sys.executable, "-m", "mail_catcher", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_taken_port_gets_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run("--smtp-port", str(port), "--http-port", "0", "--state", str(tmp_path / "mail.sqlite3"))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Error: Cannot listen on 127.0.0.1, ports {port} (SMTP) and 0 (HTTP): ")
    assert answer.stderr.endswith("Choose other ports.\n")


def test_state_file_that_is_none_gets_a_sentence(tmp_path):
    state = tmp_path / "mail.sqlite3"
    state.write_bytes(b"not a database at all, but long enough to look at" * 10)
    answer = run("--smtp-port", "0", "--http-port", "0", "--state", str(state))
    assert (answer.returncode, answer.stderr) == (
        1,
        f"Error: {state} cannot be used as the state file: file is not a database.\n",
    )


@pytest.mark.parametrize("value", ["gone@k.example", "gone@k.example=250 fine"])
def test_wrong_refuse_is_wrong_usage(tmp_path, value):
    answer = run("--state", str(tmp_path / "mail.sqlite3"), "--refuse", value)
    assert answer.returncode == 2
