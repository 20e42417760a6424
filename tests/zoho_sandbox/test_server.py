"""Faults, pages, the state file and the command."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from zoho_sandbox.testing import FORM, RunningSandbox, running_sandbox

ORG = "60001234567"


@pytest.fixture
def sandbox():
    with running_sandbox(customers=3) as running:
        running.stop_clock()
        yield running


def test_a_fault_strikes_by_path_and_count(sandbox):
    token = sandbox.access_token()
    sandbox.fault("/invoices", kind="html", status=503, count=2, after=1)
    answers = [sandbox.get("/invoices", token) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["content-type"] == "text/html; charset=utf-8"
    assert sandbox.get("/contacts", token).status == 200


def test_faults_can_garble_cut_and_reset(sandbox):
    token = sandbox.access_token()
    sandbox.fault(kind="malformed")
    garbled = sandbox.get("/contacts", token)
    with pytest.raises(ValueError, match="truncated"):
        _ = garbled.json
    for kind in ("cut", "reset"):
        sandbox.fault(kind=kind)
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            sandbox.get("/contacts", token)
    assert sandbox.get("/contacts", token).status == 200


def test_a_wrong_fault_is_refused(sandbox):
    with pytest.raises(AssertionError, match="This is no fault that can be set"):
        sandbox.fault("(", kind="status")


@pytest.mark.parametrize(
    "path", ["", "/customers", "/invoices", "/invoices?show=overdue", "/customers?q=dairies"]
)
def test_pages_show_the_company_under_a_strict_policy(sandbox, path):
    answer = sandbox.request("GET", f"/{ORG}{path}")
    assert answer.status == 200
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )
    assert b"Castlemoyle" in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/apps",
        "/users",
        "/weather",
        "/switches",
        "/mistakes",
        "/webhooks",
        "/style.css",
        "/icon.svg",
        "/open.js",
        f"/app/{ORG}",
    ],
)
def test_other_pages_and_files_are_served(sandbox, path):
    assert sandbox.request("GET", path).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/1", f"/{ORG}/customers/1", f"/{ORG}/invoices/9", "/books/x/secure?CInvoiceID=zz"]
)
def test_what_is_not_there_is_said(sandbox, path):
    assert sandbox.request("GET", path).status == 404


def test_markup_in_names_stays_text(sandbox):
    made = sandbox.create_contact('<script>alert("x")</script>')
    for path in (f"/{ORG}/customers", f"/{ORG}/customers/{made}"):
        page = sandbox.request("GET", path).body.decode()
        assert ("<script>" in page, "&lt;script&gt;" in page) == (False, True)


def test_a_person_pays_on_the_page_and_by_the_link(sandbox):
    token = sandbox.access_token()
    rows = sandbox.get("/invoices", token, status="unpaid").json["invoices"][:2]
    first = rows[0]["invoice_id"]
    pressed = sandbox.request("POST", f"/{ORG}/invoices/{first}/pay", b"", FORM)
    assert (pressed.status, pressed.headers["location"]) == (303, f"/{ORG}/invoices/{first}")
    target = rows[1]["invoice_url"].strip().removeprefix(sandbox.url)
    page = sandbox.request("GET", target).body.decode()
    action = re.search(r'action="([^"]+)"', page)[1]
    back = re.search(r'name="back" value="([^"]+)"', page)[1]
    pressed = sandbox.request("POST", action, urlencode({"back": back}).encode(), FORM)
    assert b"Paid. Thank you." in sandbox.request("GET", pressed.headers["location"]).body
    left = {row["invoice_id"] for row in sandbox.get("/invoices", token, status="unpaid").json["invoices"]}
    assert left.isdisjoint({row["invoice_id"] for row in rows})


def test_the_clock_moves_by_button_and_apps_are_revoked(sandbox):
    before = sandbox.now()
    assert sandbox.request("POST", "/clock", b"days=7", FORM).status == 303
    assert (sandbox.now() - before).days == 7
    refresh = sandbox.refresh_token()
    access = sandbox.access_token(refresh)
    sandbox.request("POST", "/apps/revoke", urlencode({"token": refresh}).encode(), FORM)
    assert sandbox.get("/contacts", access).json["code"] == 57


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"days": 1e9}, "The clock can be set to moments between 2000 and 2100."),
        ({"now": "0001-01-01T00:00:00+00:00"}, "The clock can be set to moments between 2000 and 2100."),
        ({"days": "many"}, "Give days and seconds as numbers."),
        ({"now": "tomorrow"}, "“tomorrow” is not a moment. Write it like 2026-11-24T09:30:00+00:00."),
        ({"weeks": 1}, "The clock takes now, days, seconds, real and stopped."),
    ],
)
def test_a_wrong_move_of_the_clock_is_refused_and_changes_nothing(sandbox, values, sentence):
    before = sandbox.now()
    answer = sandbox.request("POST", "/sandbox/api/clock", json.dumps(values).encode())
    assert (answer.status, answer.json, sandbox.now()) == (400, {"error": sentence}, before)


def test_a_restart_finds_books_clock_and_tokens_again(tmp_path):
    state = tmp_path / "state.sqlite3"
    with running_sandbox(customers=2, state=state) as sandbox:
        sandbox.stop_clock()
        sandbox.move(days=30)
        now, token = sandbox.now(), sandbox.access_token()
        made = sandbox.create_invoice(sandbox.create_contact("Kept Ltd"), 7)
    with running_sandbox(customers=99, seed=5, state=state) as sandbox:
        assert sandbox.now() == now
        assert sandbox.get(f"/invoices/{made}", token).json["invoice"]["total"] == 7


def test_a_state_file_of_before_gets_the_tables_it_lacks(tmp_path):
    state = tmp_path / "state.sqlite3"
    with running_sandbox(customers=1, state=state):
        pass
    with sqlite3.connect(state) as db:
        for table in ("hooks", "homes", "vendors", "comments", "retainers"):
            db.execute(f"DROP TABLE {table}")
    db.close()
    with running_sandbox(state=state) as sandbox:
        token = sandbox.access_token()
        assert sandbox.get("/retainerinvoices", token).json["retainerinvoices"] == []
        assert len(sandbox.get("/contacts", token, contact_type="customer").json["contacts"]) == 1


def command(*options):
    return [sys.executable, "-m", "zoho_sandbox", *options]


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_the_command_prints_its_address_and_stops_on_sigterm(tmp_path):
    options = (
        "--port",
        "0",
        "--customers",
        "2",
        "--state",
        str(tmp_path / "s.sqlite3"),
        "--today",
        "2026-11-24",
    )
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, text=True, env=environment()) as process:
        line = process.stdout.readline()
        running = RunningSandbox(re.search(r"http://127\.0\.0\.1:\d+", line)[0])
        assert running.get("/contacts", running.access_token()).status == 200
        assert running.now().isoformat()[:16] == "2026-11-24T09:00"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_command_ends_with_its_parent(tmp_path):
    options = command(
        "--port", "0", "--customers", "1", "--exit-with-parent", "--state", str(tmp_path / "s.sqlite3")
    )
    parent = (
        f"import subprocess; p = subprocess.Popen({options!r}, stdout=subprocess.PIPE); "
        "p.stdout.readline(); print(p.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", parent],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
        timeout=30,
    )
    child = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if "Z" in Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the sandbox outlived its parent")


@pytest.mark.parametrize(
    ("content", "folder", "sentence"),
    [
        (b"this is no database at all, but some text", ".", "is not a state file of the sandbox"),
        (None, "missing", "does not exist"),
    ],
)
def test_a_bad_state_file_gets_one_sentence(tmp_path, content, folder, sentence):
    path = tmp_path / folder / "s.sqlite3"
    if content:
        path.write_bytes(content * 100)
    done = subprocess.run(
        command("--port", "0", "--state", str(path)),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=30,
    )
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_taken_port_gets_one_sentence(sandbox, tmp_path):
    port = sandbox.url.rsplit(":", 1)[1]
    done = subprocess.run(
        command("--port", port, "--customers", "0", "--state", str(tmp_path / "s.sqlite3")),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=30,
    )
    assert (done.returncode, "Name another --port" in done.stderr) == (1, True)
