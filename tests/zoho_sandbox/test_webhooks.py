"""Webhooks: sent on changes, signed, tried again (zoho-books-api.md section 10)."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from zoho_sandbox.testing import running_sandbox

SECRET = "abcdefghijkl1234"


class Catcher:
    """A receiver that keeps what it gets; `statuses` are its answers, 200 when they are used up."""

    def __init__(self):
        self.got, self.statuses = [], []
        catcher = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                catcher.got.append((self.command, self.path, headers, body))
                self.send_response(catcher.statuses.pop(0) if catcher.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PUT = do_POST  # noqa: N815 named by the base class

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?b=2&a=1"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def catcher():
    made = Catcher()
    yield made
    made.close()


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0, life_goes_on=False) as running:
        running.stop_clock()
        running.switch(webhook_retry_seconds=0.01)
        yield running


@pytest.fixture
def customer(sandbox):
    return sandbox.create_contact("Harbour Foods")


def signed(text):
    return hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()


def deliveries(sandbox):
    rows = sandbox.control("GET", "hooks")["deliveries"]
    return [(row["event"], row["state"], row["tries"]) for row in reversed(rows)]


def test_the_whole_record_is_sent_and_signed(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "invoice", secret=SECRET, headers={"X-Ours": "yes"})
    made = sandbox.create_invoice(customer, 75)
    sandbox.settle_hooks()
    [(method, path, headers, body)] = catcher.got
    assert (method, path, headers["x-ours"]) == ("POST", "/hook?b=2&a=1", "yes")
    token = sandbox.access_token()
    detail = sandbox.get(f"/invoices/{made}", token).json["invoice"]
    sent = json.loads(body)["invoice"]
    assert {**sent, "invoice_url": ""} == {**detail, "invoice_url": ""}
    assert headers["x-zoho-webhook-signature"] == signed(b"a1b2" + body)


def test_it_may_come_as_a_form_signed_otherwise_or_not_at_all(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "payment", secret=SECRET, body="form", method="PUT")
    invoices = [sandbox.create_invoice(customer, 10) for _ in range(3)]
    for way, invoice in zip(("billing", "payments", "none"), invoices, strict=True):
        sandbox.switch(webhook_signature=way)
        sandbox.pay(invoice)
        sandbox.settle_hooks()
    first, second, third = catcher.got
    text = parse_qs(first[3].decode())["JSONString"][0]
    assert (first[0], json.loads(text)["payment"]["amount"]) == ("PUT", 10)
    assert first[2]["x-zoho-webhook-signature"] == signed(f"JSONString{text}a1b2".encode())
    stamp, value = second[2]["x-zoho-webhook-signature"].removeprefix("t=").split(",v=")
    text = parse_qs(second[3].decode())["JSONString"][0]
    assert value == signed(f"{stamp}.{text}".encode())
    assert "x-zoho-webhook-signature" not in third[2]


def test_each_kind_of_change_is_sent_to_whom_it_concerns(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "contact", events=["created", "deleted"])
    sandbox.hook(catcher.url, "creditnote")
    sandbox.hook(catcher.url, "invoice", events=["edited", "deleted"])
    invoice = sandbox.create_invoice(customer, 50)
    note = sandbox.happen("creditnotes/create", contact=customer, total=20)["creditnote_id"]
    sandbox.happen("creditnotes/apply", creditnote=note, invoice=invoice)
    sandbox.happen("contacts/edit", contact=customer, notes="not asked for")
    other = sandbox.create_contact("Second Ltd")
    doomed = sandbox.create_invoice(other, 5)
    sandbox.happen("invoices/delete", invoice=doomed)
    sandbox.happen("contacts/merge", contact=other, into=customer)
    sandbox.settle_hooks()
    told = [
        (kind, next(value for key, value in record.items() if key == f"{kind}_id"))
        for ((kind, record),) in (json.loads(body).items() for *_, body in catcher.got)
    ]
    assert told == [
        ("creditnote", note), ("creditnote", note), ("invoice", invoice), ("contact", other), ("invoice", doomed),
        ("contact", other),
    ]  # fmt: skip


def test_it_is_tried_again_and_given_up_in_the_end(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "invoice", events=["created"])
    catcher.statuses += [500, 302]
    sandbox.create_invoice(customer, 50)
    sandbox.settle_hooks()
    assert (len(catcher.got), deliveries(sandbox)) == (3, [("created", "sent", 3)])
    sandbox.switch(webhook_retries=1)
    catcher.statuses += [500, 500]
    sandbox.create_invoice(customer, 50)
    sandbox.settle_hooks()
    assert deliveries(sandbox)[-1] == ("created", "failed", 2)


def test_nobody_there_is_no_harm(sandbox, catcher, customer):
    sandbox.hook("http://127.0.0.1:9/none", "invoice", events=["created"])
    sandbox.hook(catcher.url, "invoice", events=["created"])
    sandbox.create_invoice(customer, 50)
    sandbox.settle_hooks()
    assert (sorted(deliveries(sandbox)), len(catcher.got)) == (
        [("created", "failed", 4), ("created", "sent", 1)],
        1,
    )


@pytest.mark.parametrize(
    ("switches", "times", "state"),
    [({"webhook_twice": True}, 2, "sent"), ({"webhook_loss": 1}, 0, "lost")],
)
def test_it_may_come_twice_or_never(sandbox, catcher, customer, switches, times, state):
    sandbox.switch(**switches)
    sandbox.hook(catcher.url, "invoice", events=["created"])
    sandbox.create_invoice(customer, 50)
    sandbox.settle_hooks()
    assert (len(catcher.got), deliveries(sandbox)[0][1]) == (times, state)


def test_the_newest_may_come_first(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "invoice", events=["created"])
    sandbox.switch(webhook_order="newest_first", webhook_retry_seconds=0.3)
    catcher.statuses += [503]
    first = sandbox.create_invoice(customer, 1)
    while not catcher.got:
        threading.Event().wait(0.01)
    second = sandbox.create_invoice(customer, 2)
    sandbox.settle_hooks()
    assert [json.loads(body)["invoice"]["invoice_id"] for *_, body in catcher.got] == [first, second, first]


def test_life_that_goes_on_by_itself_is_told_too(catcher):
    with running_sandbox(customers=5) as sandbox:
        sandbox.stop_clock()
        sandbox.hook(catcher.url, "payment", events=["created"])
        sandbox.move(days=20)
        sandbox.settle_hooks()
        token = sandbox.access_token()
        paid = sandbox.get("/customerpayments", token, date_after="2026-11-24").json["customerpayments"]
        assert {row["payment_id"] for row in paid} <= {
            json.loads(body)["payment"]["payment_id"] for *_, body in catcher.got
        }
        assert len(catcher.got) > 3


def test_a_refused_deed_tells_nobody(sandbox, catcher, customer):
    sandbox.hook(catcher.url, "payment")
    made = sandbox.create_invoice(customer, 50)
    with pytest.raises(AssertionError, match="can take at most 50"):
        sandbox.pay(made, 51)
    assert (sandbox.control("GET", "hooks")["deliveries"], catcher.got) == ([], [])


def test_a_restart_sends_what_was_waiting(tmp_path, catcher):
    state = tmp_path / "s.sqlite3"
    with running_sandbox(customers=0, state=state) as sandbox:
        sandbox.switch(webhook_retry_seconds=0.5)
        catcher.statuses += [500]
        sandbox.hook(catcher.url, "contact", events=["created"])
        sandbox.create_contact("Kept Ltd")
        while not catcher.got:
            threading.Event().wait(0.01)
    with running_sandbox(state=state) as sandbox:
        sandbox.settle_hooks()
        assert deliveries(sandbox) == [("created", "sent", 2)]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"url": "ftp://x", "kind": "invoice"}, "“ftp://x” is not an address a webhook can be sent to"),
        ({"url": "http://[x", "kind": "invoice"}, "is not an address a webhook can be sent to"),
        ({"url": "http://x/\r\ny", "kind": "invoice"}, "is not an address a webhook can be sent to"),
        ({"url": "http://x", "kind": "bill"}, "Give the kind of record"),
        ({"url": "http://x", "kind": "invoice", "events": ["paid"]}, "Give events as a list"),
        (
            {"url": "http://x", "kind": "invoice", "secret": "short"},
            "A secret has 12 to 50 letters and digits",
        ),
        ({"url": "http://x", "kind": "invoice", "method": "GET"}, "Give the method"),
        ({"url": "http://x", "kind": "invoice", "headers": {"a b": "c"}}, "Give headers as names"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(sandbox, values, sentence):
    with pytest.raises(AssertionError, match=sentence):
        sandbox.control("POST", "hooks", **values)


def test_an_app_sets_webhooks_up_by_the_api(sandbox, catcher, customer):
    scope = "ZohoBooks.settings.READ,ZohoBooks.settings.CREATE,ZohoBooks.settings.DELETE"
    token = sandbox.access_token(sandbox.refresh_token(scope=scope))
    body = {"webhook_name": "Ours", "entity": "invoice", "url": catcher.url, "secret": SECRET}
    created = sandbox.write("POST", "/settings/webhooks", token, body)
    assert (created.status, "secret" in created.json["webhook"]) == (201, False)
    hook = created.json["webhook"]["webhook_id"]
    reader = sandbox.access_token()
    assert sandbox.write("POST", "/settings/webhooks", reader, body).json["code"] == 57
    for wrong in (
        {"entity": "x"},
        {"body_type": {}},
        {"events": "created"},
        {"headers": ["x"]},
        {"url": None},
    ):
        assert sandbox.write("POST", "/settings/webhooks", token, body | wrong).status == 400
    assert [each["webhook_name"] for each in sandbox.get("/settings/webhooks", reader).json["webhooks"]] == [
        "Ours"
    ]
    sandbox.create_invoice(customer, 5)
    sandbox.settle_hooks()
    assert len(catcher.got) == 1
    assert [sandbox.write("DELETE", f"/settings/webhooks/{hook}", token).status for _ in range(2)] == [
        200,
        404,
    ]
    sandbox.create_invoice(customer, 5)
    assert (sandbox.control("GET", "hooks")["hooks"], len(catcher.got)) == ([], 1)
