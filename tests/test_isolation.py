"""The tests' own ground: no network beyond this machine, a database that other processes see, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.support import network, postgres


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "books.example"])
def test_network_is_refused(host):
    with pytest.raises(network.NetworkRefused):
        socket.create_connection((host, 80), timeout=1)
    refused, network.attempts[:] = network.attempts[:], []
    assert refused == [f"A test may not look up {host}; tests use this machine only (127.0.0.1)."]


def test_network_is_refused_below_the_resolver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(network.NetworkRefused):
        sock.sendto(b"", ("192.0.2.1", 53))
    refused, network.attempts[:] = network.attempts[:], []
    assert refused == ["A test may not send to 192.0.2.1; tests use this machine only (127.0.0.1)."]


def test_loopback_is_open():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_settings_of_the_developer_do_not_reach_the_tests():
    ours = {"DATA_DIR", "SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL"}
    assert {name for name in os.environ if name.startswith("DUNRIGHT_")} <= {
        f"DUNRIGHT_{name}" for name in ours
    }


def test_spawned_program_sees_committed_rows_and_we_see_its_rows(spawned):
    get_user_model().objects.create(email="ours@example.com")
    program = spawned.start_code(
        "from django.contrib.auth import get_user_model\n"
        "users = get_user_model().objects\n"
        "users.create(email='theirs@example.com')\n"
        "print(*users.order_by('email').values_list('email', flat=True))"
    )
    output, errors = program.communicate(timeout=60)
    assert (output.split(), errors, program.returncode) == (["ours@example.com", "theirs@example.com"], "", 0)
    assert get_user_model().objects.count() == 2


def test_database_is_the_one_asked_for(db, request):
    assert connection.vendor == request.config.getoption("database")


def test_postgres_is_gone_when_its_user_is_killed():
    code = (
        "import time; from tests.support.environment import start_postgres; print(start_postgres(), flush=True);"
        "time.sleep(60)"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    address = urllib.parse.urlsplit(user.stdout.readline())
    with socket.create_connection((address.hostname, address.port), timeout=5):
        pass
    user.send_signal(signal.SIGKILL)
    user.communicate()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address.hostname, address.port), timeout=1).close()
        except ConnectionRefusedError:
            break
        time.sleep(0.05)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=1)


def test_missing_postgres_is_one_sentence(monkeypatch):
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(postgres.PostgresError, match="initdb"):
        postgres.binaries()
