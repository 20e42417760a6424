"""Calls that write: what a client may change in the books, by which scope (zoho-books-api.md sections 6.4 and 7.3)."""

import http.client
from urllib.parse import urlencode

import pytest

from zoho_sandbox.testing import FORM, running_sandbox

READ = "ZohoBooks.invoices.READ,ZohoBooks.contacts.READ,ZohoBooks.settings.READ"
WRITE = f"{READ},ZohoBooks.invoices.CREATE,ZohoBooks.invoices.UPDATE,ZohoBooks.contacts.CREATE"
ORG = {"organization_id": "60001234567"}


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0, life_goes_on=False) as running:
        running.stop_clock()
        yield running


@pytest.fixture
def token(sandbox):
    return sandbox.access_token(sandbox.refresh_token(scope=WRITE))


@pytest.fixture
def customer(sandbox):
    return sandbox.create_contact("Harbour Foods")


@pytest.fixture
def made(sandbox, customer):
    return sandbox.create_invoice(customer, 100)


def invoice(sandbox, token, identity):
    return sandbox.get(f"/invoices/{identity}", token).json["invoice"]


def test_the_expected_date_of_an_invoice_is_set_and_taken_back(sandbox, token, made):
    sandbox.move(seconds=60)
    answer = sandbox.write("PUT", f"/invoices/{made}", token, {"payment_expected_date": "2026-12-04"}, **ORG)
    assert (answer.status, answer.json["message"]) == (200, "Invoice information has been updated.")
    row = sandbox.get("/invoices", token).json["invoices"][0]
    assert row["payment_expected_date"] == answer.json["invoice"]["payment_expected_date"] == "2026-12-04"
    assert row["last_modified_time"] > row["created_time"]
    form = urlencode({"JSONString": '{"payment_expected_date": ""}'}).encode()
    headers = FORM | {"Authorization": f"Zoho-oauthtoken {token}"}
    assert sandbox.request("PUT", f"/books/v3/invoices/{made}?{urlencode(ORG)}", form, headers).status == 200
    assert invoice(sandbox, token, made)["payment_expected_date"] == ""


def test_an_update_may_need_the_whole_invoice(sandbox, token, made, customer):
    sandbox.switch(invoice_update="whole")
    refused = sandbox.write("PUT", f"/invoices/{made}", token, {"payment_expected_date": "2026-12-04"})
    assert (refused.status, refused.json) == (
        400,
        {"code": 2, "message": "Invalid value passed for customer_id"},
    )
    whole = {
        "customer_id": customer,
        "line_items": [{"item_id": "1"}],
        "payment_expected_date": "2026-12-04",
    }
    assert sandbox.write("PUT", f"/invoices/{made}", token, whole).status == 200


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("of", ["invoices", "contacts"])
def test_zohos_own_reminders_are_switched_off_and_on(sandbox, token, made, customer, of, moves):
    sandbox.switch(reminder_switch_moves_record=moves)
    path = f"/{of}/{made if of == 'invoices' else customer}"

    def state():
        detail = sandbox.get(path, token).json[of.removesuffix("s")]
        return detail["payment_reminder_enabled"], detail["last_modified_time"] > detail["created_time"]

    assert state() == (True, False)
    sandbox.move(seconds=60)
    stopped = sandbox.write("POST", f"{path}/paymentreminder/disable", token)
    assert state() == (False, moves)
    enabled = sandbox.write("POST", f"{path}/paymentreminder/enable", token)
    assert state() == (True, moves)
    words = (
        ("Reminders stopped.", "Reminders enabled.")
        if of == "invoices"
        else (
            "All reminders associated with this contact have been stopped.",
            "All reminders associated with this contact have been enabled.",
        )
    )
    assert (stopped.json, enabled.json) == (
        {"code": 0, "message": words[0]},
        {"code": 0, "message": words[1]},
    )


@pytest.mark.parametrize("moves", [False, True])
def test_a_comment_stands_in_the_history_newest_first(sandbox, token, made, moves):
    sandbox.switch(comment_moves_invoice=moves)
    sandbox.move(seconds=60)
    added = sandbox.write(
        "POST", f"/invoices/{made}/comments", token, {"description": "Reminder 1 sent <b>today</b>"}
    )
    assert (added.status, added.json["message"]) == (201, "Comments added.")
    listed = sandbox.get(f"/invoices/{made}/comments", token).json["comments"]
    assert [(each["description"], each["comment_type"]) for each in listed] == [
        ("Reminder 1 sent <b>today</b>", "internal"),
        ("Invoice created", "system"),
    ]
    assert (listed[0]["date"], listed[0]["time"], listed[0]["commented_by"]) == (
        "2026-11-24",
        "9:01 AM",
        "Aoife Brennan",
    )
    row = invoice(sandbox, token, made)
    assert (row["last_modified_time"] > row["created_time"]) == moves
    eraser = sandbox.access_token(sandbox.refresh_token(scope="ZohoBooks.invoices.ALL"))
    path = f"/invoices/{made}/comments/{listed[0]['comment_id']}"
    assert [sandbox.write("DELETE", path, each).status for each in (token, eraser, eraser)] == [401, 200, 404]


def test_a_comment_may_carry_the_expected_date(sandbox, token, made):
    body = {"description": "Promised by phone", "payment_expected_date": "2026-12-09"}
    assert sandbox.write("POST", f"/invoices/{made}/comments", token, body).status == 201
    assert invoice(sandbox, token, made)["payment_expected_date"] == "2026-12-09"


def test_a_contact_takes_comments_and_is_archived(sandbox, token, customer):
    assert (
        sandbox.write("POST", f"/contacts/{customer}/comments", token, {"description": "Called"}).status
        == 201
    )
    listed = sandbox.get(f"/contacts/{customer}/comments", token).json["contact_comments"]
    assert [each["description"] for each in listed] == ["Called", "Contact created"]
    states = []
    for verb in ("inactive", "active"):
        sandbox.write("POST", f"/contacts/{customer}/{verb}", token)
        states.append(sandbox.get(f"/contacts/{customer}", token).json["contact"]["status"])
    assert states == ["inactive", "active"]


def test_an_invoice_is_voided_reopened_written_off_and_owed_again(sandbox, token, made):
    seen = []
    for call in ("status/void", "status/sent", "writeoff", "writeoff/cancel"):
        assert sandbox.write("POST", f"/invoices/{made}/{call}", token).status == 200
        row = invoice(sandbox, token, made)
        seen.append((row["status"], row["balance"], row["write_off_amount"]))
    assert seen == [("void", 0, 0), ("sent", 100, 0), ("paid", 0, 100), ("sent", 100, 0)]
    refused = sandbox.write("POST", f"/invoices/{made}/writeoff/cancel", token)
    assert (refused.status, refused.json["code"]) == (400, 4)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/invoices/{invoice}"),
        ("POST", "/invoices/{invoice}/comments"),
        ("POST", "/invoices/{invoice}/paymentreminder/disable"),
        ("POST", "/invoices/{invoice}/writeoff"),
        ("POST", "/contacts/{customer}/paymentreminder/disable"),
        ("POST", "/contacts/{customer}/inactive"),
    ],
)
def test_reading_does_not_allow_writing(sandbox, made, customer, method, path):
    reader = sandbox.access_token(sandbox.refresh_token(scope=READ))
    before = sandbox.get(f"/invoices/{made}", reader).json["invoice"]
    refused = sandbox.write(
        method, path.format(invoice=made, customer=customer), reader, {"description": "No"}
    )
    assert (refused.status, refused.json["code"]) == (401, 57)
    after = sandbox.get(f"/invoices/{made}", reader).json["invoice"]
    assert {**after, "invoice_url": ""} == {**before, "invoice_url": ""}


@pytest.mark.parametrize(
    ("path", "body", "status", "answer"),
    [
        (
            "/invoices/{invoice}",
            b'{"payment_expected_date": "soon"}',
            400,
            "Invalid value passed for payment_expected_date",
        ),
        (
            "/invoices/{invoice}",
            b'{"payment_expected_date": "2026-02-30"}',
            400,
            "Invalid value passed for payment_expected_date",
        ),
        ("/invoices/{invoice}", b'{"due_date": ""}', 400, None),
        ("/invoices/{invoice}", b'{"due_date": ["2026-12-01"]}', 400, "Invalid value passed for due_date"),
        ("/invoices/{invoice}", b"{oops", 400, "JSON is not well formed"),
        ("/invoices/{invoice}", b"[1]", 400, "JSON is not well formed"),
        ("/invoices/1", b'{"payment_expected_date": "2026-12-04"}', 404, "Invoice does not exist."),
    ],
)
def test_wrong_writes_are_refused(sandbox, token, made, path, body, status, answer):
    headers = {"Authorization": f"Zoho-oauthtoken {token}"}
    found = sandbox.request("PUT", f"/books/v3{path.format(invoice=made)}", body, headers)
    assert (found.status, answer or found.json["message"]) == (status, found.json["message"])
    assert invoice(sandbox, token, made)["payment_expected_date"] == ""


def test_keys_that_zoho_does_not_know_are_reported(sandbox, token, made):
    sandbox.write("PUT", f"/invoices/{made}", token, {"expected_payment_date": "2026-12-04"}, **ORG)
    assert sandbox.unknown() == [
        {"kind": "key", "what": f"expected_payment_date on /books/v3/invoices/{made}", "times": 1}
    ]


def test_a_payment_link_is_shared(sandbox, token, made):
    query = {"transaction_id": made, "transaction_type": "invoice", "link_type": "public"}
    link = sandbox.get("/share/paymentlink", token, expiry_time="2026-12-31", **query).json["data"][
        "share_link"
    ]
    assert b"To pay" in sandbox.request("GET", link.removeprefix(sandbox.url)).body
    assert sandbox.get("/share/paymentlink", token, **query).json["code"] == 2


def test_a_comment_with_an_impossible_date_is_refused_and_not_kept(sandbox, token, made):
    body = {"description": "Promised", "payment_expected_date": "2026-02-30"}
    refused = sandbox.write("POST", f"/invoices/{made}/comments", token, body)
    assert (refused.status, refused.json["code"]) == (400, 2)
    assert len(sandbox.get(f"/invoices/{made}/comments", token).json["comments"]) == 1


def test_a_write_may_be_carried_out_though_its_answer_is_lost(sandbox, token, made):
    path = f"/invoices/{made}/comments"
    sandbox.fault("/comments", method="POST", kind="cut")
    assert sandbox.get(path, token).status == 200
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        sandbox.write("POST", path, token, {"description": "Kept"})
    sandbox.fault("/comments", method="POST", kind="reset")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        sandbox.write("POST", path, token, {"description": "Not kept"})
    written = [each["description"] for each in sandbox.get(path, token).json["comments"]]
    assert written == ["Kept", "Invoice created"]
