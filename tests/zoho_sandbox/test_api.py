"""The Books API over HTTP: envelope, paging, sorting, filters, errors, limits (zoho-books-api.md sections 3 to 9)."""

import re
from datetime import datetime

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture(scope="module")
def shared():
    """A company that no test of this file changes."""
    with running_sandbox(customers=60) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


@pytest.fixture
def fresh():
    with running_sandbox(customers=3) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


LISTS = {
    "contacts": ("contact_name", "A"),
    "invoices": ("created_time", "D"),
    "customerpayments": ("date", "D"),
    "creditnotes": ("created_time", "D"),
}


@pytest.mark.parametrize("key", LISTS)
def test_a_list_has_the_envelope_and_the_live_defaults(shared, key):
    sandbox, token = shared
    answer = sandbox.get(f"/{key}", token)
    context = answer.json["page_context"]
    assert (answer.json["code"], answer.json["message"], answer.headers["content-type"]) == (
        0,
        "success",
        "application/json;charset=UTF-8",
    )
    assert (context["page"], context["per_page"], context["sort_column"], context["sort_order"]) == (
        1,
        200,
        *LISTS[key],
    )


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize("order", ["A", "D"])
def test_pages_together_are_the_whole_list_once_and_in_order(shared, key, order):
    sandbox, token = shared
    identity = {"contacts": "contact_id", "invoices": "invoice_id", "customerpayments": "payment_id"}.get(
        key, "creditnote_id"
    )
    found, page, more = [], 1, True
    while more:
        answer = sandbox.get(
            f"/{key}", token, page=page, per_page=7, sort_column="created_time", sort_order=order
        ).json
        found += answer[key]
        page, more = page + 1, answer["page_context"]["has_more_page"]
    with sandbox.inside.database.reading() as db:
        table = {"customerpayments": "payments"}.get(key, key)
        expected = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert (len(found), len({row[identity] for row in found})) == (expected, expected)
    times = [datetime.strptime(row["created_time"], "%Y-%m-%dT%H:%M:%S%z") for row in found]
    assert times == sorted(times, reverse=order == "D")


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "message"),
    [
        (
            "/contacts",
            {"organization_id": "123"},
            400,
            6041,
            "This user is not associated with the CompanyID/CompanyName:123.",
        ),
        ("/contacts", {"organization_id": "x" * 40}, 400, 6041, None),
        ("/invoices/471900000000000001", {}, 404, 1002, "Invoice does not exist."),
        ("/invoices/abc", {}, 404, 1002, "Invoice does not exist."),
        ("/contacts/1", {}, 404, 1002, "Contact does not exist."),
        ("/nothing", {}, 404, 5, "Invalid URL Passed"),
        ("/invoices", {"page": "x"}, 400, 2, "Invalid value passed for page"),
        ("/invoices", {"status": "lost"}, 400, 2, "Invalid value passed for status"),
        (
            "/invoices",
            {"last_modified_time": "2026-06-09T13:15:33Z"},
            400,
            2,
            "Invalid value passed for last_modified_time",
        ),
        ("/invoices", {"date": "9 June"}, 400, 2, "Invalid value passed for date"),
        ("/invoices", {"total": "1e300"}, 400, 2, "Invalid value passed for total"),
        ("/invoices", {"balance_less_than": "nan"}, 400, 2, "Invalid value passed for balance_less_than"),
    ],
)
def test_errors_are_worded_as_live(shared, path, query, status, code, message):
    sandbox, token = shared
    answer = sandbox.get(path, token, **query)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert message in {None, answer.json["message"]}


def test_a_bare_plus_in_a_time_is_refused(shared):
    sandbox, token = shared
    target = "/books/v3/invoices?last_modified_time=2026-06-09T13:15:33+0100"
    answer = sandbox.request("GET", target, None, {"Authorization": f"Zoho-oauthtoken {token}"})
    assert answer.json == {"code": 2, "message": "Invalid value passed for last_modified_time"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Zoho-oauthtoken {}", 200),
        ("Bearer {}", 200),
        ("Zoho-oauthtoken 1000.gone.gone", 57),
        ("Zoho-oauthtoken nonsense", 14),
        ("Basic {}", 14),
    ],
)
def test_both_header_forms_are_taken_and_bad_tokens_told_apart(shared, header, expected):
    sandbox, token = shared
    answer = sandbox.request("GET", "/books/v3/contacts", None, {"Authorization": header.format(token)})
    assert expected == (200 if answer.status == 200 else answer.json["code"])


def test_an_invoice_row_is_as_recorded(shared):
    sandbox, token = shared
    row = sandbox.get("/invoices", token, status="overdue").json["invoices"][0]
    assert row["status"] == row["current_sub_status"] == "overdue"
    assert re.fullmatch(r"Overdue by \d+ days?", row["due_days"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", row["last_modified_time"])
    assert re.fullmatch(r"\d{18}", row["invoice_id"])
    assert row["invoice_url"].endswith(" ")
    assert (
        row["payment_expected_date"],
        row["unprocessed_payment_amount"],
        row["ach_payment_initiated"],
    ) == ("", 0, False)
    assert "zipcode" in row["billing_address"]
    again = sandbox.get("/invoices", token, status="overdue").json["invoices"][0]
    assert again["invoice_url"] != row["invoice_url"]


def test_drafts_have_no_link_and_times_follow_daylight_saving(shared):
    sandbox, token = shared
    drafts = sandbox.get("/invoices", token, status="draft").json["invoices"]
    assert {"invoice_url" in row for row in drafts} == {False}
    everything = [
        row for page in (1, 2, 3) for row in sandbox.get("/invoices", token, page=page).json["invoices"]
    ]
    assert {row["created_time"][-5:] for row in everything} == {"+0000", "+0100"}


def test_filters_narrow_the_list(shared):
    sandbox, token = shared
    one = sandbox.get("/invoices", token).json["invoices"][5]
    by_number = sandbox.get("/invoices", token, invoice_number=one["invoice_number"]).json["invoices"]
    assert [row["invoice_id"] for row in by_number] == [one["invoice_id"]]
    of_customer = sandbox.get("/invoices", token, customer_id=one["customer_id"]).json["invoices"]
    assert {row["customer_id"] for row in of_customer} == {one["customer_id"]}
    due = sandbox.get("/invoices", token, due_date_before="2026-11-24", filter_by="Status.Unpaid").json[
        "invoices"
    ]
    overdue = sandbox.get("/invoices", token, status="overdue").json["invoices"]
    assert [row["invoice_id"] for row in due] == [row["invoice_id"] for row in overdue]


def test_a_contact_detail_has_all_persons_and_spells_zip(shared):
    sandbox, token = shared
    persons = sandbox.get("/contacts/contactpersons", token).json["contact_persons"]
    contact = persons[0]["contact_id"]
    detail = sandbox.get(f"/contacts/{contact}", token).json["contact"]
    own = [row["contact_person_id"] for row in persons if row["contact_id"] == contact]
    assert [row["contact_person_id"] for row in detail["contact_persons"]] == own
    listed = sandbox.get(f"/contacts/{contact}/contactpersons", token).json["contact_persons"]
    assert [row["contact_person_id"] for row in listed] == own
    assert ("zip" in detail["billing_address"], "zipcode" in detail["billing_address"]) == (True, False)
    rows = sandbox.get("/contacts", token).json["contacts"]
    assert {"contact_persons" in row or "billing_address" in row for row in rows} == {False}


def test_a_payment_detail_tells_what_the_list_does_not(shared):
    sandbox, token = shared
    row = next(
        each
        for each in sandbox.get("/customerpayments", token).json["customerpayments"]
        if "," in each["invoice_numbers"]
    )
    assert (row["applied_invoices"], "currency_code" in row) == ([], False)
    detail = sandbox.get(f"/customerpayments/{row['payment_id']}", token).json["payment"]
    assert round(sum(part["amount_applied"] for part in detail["invoices"]), 2) == row["amount"]
    assert ("updated_time" in detail, "last_modified_time" in detail) == (True, False)


def test_amounts_of_a_detail_agree(shared):
    sandbox, token = shared
    for row in sandbox.get("/invoices", token, per_page=20).json["invoices"]:
        detail = sandbox.get(f"/invoices/{row['invoice_id']}", token).json["invoice"]
        lines = sum(line["item_total"] for line in detail["line_items"])
        assert round(lines + detail["tax_total"], 2) == row["total"] == detail["total"]


def test_an_invoice_comes_as_pdf(shared):
    sandbox, token = shared
    row = sandbox.get("/invoices", token).json["invoices"][0]
    answer = sandbox.get(f"/invoices/{row['invoice_id']}", token, accept="pdf")
    assert (answer.headers["content-type"], answer.body[:5]) == ("application/pdf", b"%PDF-")
    assert row["invoice_number"].encode() in answer.body
