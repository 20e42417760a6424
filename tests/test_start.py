"""`./start` and `./test` as scripts: what they decide, and what they say when something is missing."""

import json
import os
import socket
import subprocess
import sys
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]


def load(name):
    loader = SourceFileLoader(f"script_{name}", str(ROOT / name))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def start():
    return load("start")


@pytest.fixture
def checkout(start, tmp_path, monkeypatch):
    """A folder that `start` takes for its own, with everything set up."""
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml", "hatch_build.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    for name in (*start.MADE, "src/dunright/web/templates"):
        (tmp_path / name).mkdir(parents=True)
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start, "STAMP", tmp_path / ".venv" / "set-up.json")
    monkeypatch.setattr(start, "find_uv", lambda: "/bin/uv")
    ran = []
    monkeypatch.setattr(start, "run", lambda command, failure: ran.append([str(part) for part in command]))
    return SimpleNamespace(folder=tmp_path, ran=ran)


def installed(ran):
    """What was installed, in short: the lock's name, or `.` for Dunright itself."""
    return [command[-1] for command in ran if "install" in command]


def test_set_up_installs_the_lock_and_then_dunright(start, checkout):
    start.set_up("run")
    assert installed(checkout.ran) == ["requirements/run.txt", "."]
    assert all("--require-hashes" in command for command in checkout.ran if command[-1].endswith(".txt"))


def test_set_up_again_does_nothing(start, checkout):
    start.set_up("dev")
    checkout.ran.clear()
    start.set_up("dev")
    start.set_up("run")
    assert checkout.ran == []


def test_set_up_for_development_comes_on_top(start, checkout):
    start.set_up("run")
    checkout.ran.clear()
    start.set_up("dev")
    assert installed(checkout.ran) == ["requirements/dev.txt", "."]


def test_changed_lock_is_installed(start, checkout):
    start.set_up("run")
    checkout.ran.clear()
    (checkout.folder / "requirements/run.txt").write_text("other")
    start.set_up("run")
    assert installed(checkout.ran) == ["requirements/run.txt", "."]


def test_changed_template_makes_the_assets_anew(start, checkout):
    start.set_up("run")
    checkout.ran.clear()
    (checkout.folder / "src/dunright/web/templates/page.html").write_text("<p class=new>")
    start.set_up("run")
    assert installed(checkout.ran) == ["."]


def test_made_assets_do_not_count_as_changes(start, checkout):
    start.set_up("run")
    checkout.ran.clear()
    (checkout.folder / "src/dunright/web/static/dunright/fonts/made.woff2").write_text("")
    start.set_up("run")
    assert checkout.ran == []


def test_failed_set_up_is_begun_again(start, checkout, monkeypatch):
    def fail(command, failure):
        raise start.Missing(failure)

    with monkeypatch.context() as patch:
        patch.setattr(start, "run", fail)
        with pytest.raises(start.Missing):
            start.set_up("run")
    start.set_up("run")
    assert installed(checkout.ran) == ["requirements/run.txt", "."]


def test_moved_folder_gets_a_new_environment(start, checkout):
    start.set_up("run")
    stamp = json.loads(start.STAMP.read_text())
    start.STAMP.write_text(json.dumps(stamp | {"folder": "/elsewhere"}))
    checkout.ran.clear()
    start.set_up("run")
    assert "venv" in checkout.ran[0]
    assert installed(checkout.ran) == ["requirements/run.txt", "."]


@pytest.mark.parametrize(
    ("own_books", "variables", "database", "command"),
    [
        (False, {}, False, "demo"),
        (True, {}, False, "serve"),
        (False, {"DUNRIGHT_EMAIL_URL": "smtp://127.0.0.1"}, False, "serve"),
        (False, {}, True, "serve"),
    ],
)
def test_start_becomes_the_demo_until_something_is_configured(
    start, checkout, monkeypatch, own_books, variables, database, command
):
    for name in [name for name in os.environ if name.startswith("DUNRIGHT_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if database:
        (checkout.folder / "var").mkdir()
        (checkout.folder / "var" / "dunright.sqlite3").touch()
    became = []
    monkeypatch.setattr(start.os, "execv", lambda path, arguments: became.append((path, arguments)))
    monkeypatch.setattr(start.os, "chdir", lambda path: None)
    start.become_program(SimpleNamespace(own_books=own_books, host="127.0.0.1", port=8123))
    program = str(checkout.folder / ".venv" / "bin" / "dunright")
    assert became == [(program, ["dunright", command, "--port", "8123", "--host", "127.0.0.1"])]


def test_taken_port_is_one_sentence(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, ROOT / "start", "--port", str(port)], capture_output=True, text=True, check=False
        )
    expected = (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use);"
        f" choose another: ./start --port {port % 65535 + 1}.\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_missing_python_is_one_sentence(start, monkeypatch):
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(start.sys, "version", "3.9.1 (main)")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        start.Missing, match=r"^Dunright needs Python 3\.11 or newer and this is 3\.9\.1; install one"
    ):
        start.make_environment("")


def test_newest_python_on_the_path_is_taken_when_this_one_is_too_old(start, monkeypatch, tmp_path):
    for name in ("python3.12", "python3.11"):
        (tmp_path / name).symlink_to(sys.executable)
    (tmp_path / "python3.13").write_text("#!/bin/sh\nexit 127\n")  # a shim that leads nowhere
    (tmp_path / "python3.13").chmod(0o755)
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 1))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert start.find_python() == [str(tmp_path / "python3.12")]


def test_missing_venv_module_is_one_sentence(start, monkeypatch):
    monkeypatch.setattr(start.subprocess, "run", lambda *arguments, **options: SimpleNamespace(returncode=1))
    with pytest.raises(
        start.Missing, match=r"^Python's venv module is missing; install it .* or uv, then try again\.$"
    ):
        start.make_environment("")


def test_folder_that_cannot_be_written_to_is_one_sentence(start, checkout, monkeypatch):
    monkeypatch.setattr(start.os, "access", lambda path, mode: False)
    with pytest.raises(
        start.Missing, match=r"cannot be written to; move it to where you may write, or become its owner\.$"
    ):
        start.set_up("run")


def test_second_set_up_is_quick():
    command = [sys.executable, str(ROOT / "start"), "--set-up"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.fail("./start --set-up failed; run it by hand to see why.")
    begun = time.monotonic()
    subprocess.run(command, check=True)
    assert time.monotonic() - begun < 2


def test_checks_report_their_last_words():
    script = load("test")
    script.BIN = Path(sys.executable).parent
    fine, _, words = script.check(
        "numbers", Path(sys.executable).name, ["-c", "print('= 3 passed, 1 failed in 0.1s =')"]
    )
    assert (fine, words) == (True, "3 passed, 1 failed in 0.1s")
    assert script.COUNT.findall(words) == [("3", "passed"), ("1", "failed")]
