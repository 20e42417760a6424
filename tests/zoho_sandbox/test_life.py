"""What happens in the books, by calls and by itself when the clock moves."""

import json

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(customers=3, life_goes_on=False) as running:
        running.stop_clock()
        yield running


@pytest.fixture
def token(sandbox):
    return sandbox.access_token()


@pytest.fixture
def customer(sandbox):
    return sandbox.create_contact(
        "Harbour Foods", persons=[{"first_name": "Jana", "email": "jana@harbour.example"}]
    )


def invoice(sandbox, token, identity):
    return sandbox.get(f"/invoices/{identity}", token).json["invoice"]


def owed(sandbox, token, customer):
    return sandbox.get(f"/contacts/{customer}", token).json["contact"]["outstanding_receivable_amount"]


def test_an_invoice_falls_due_is_paid_in_part_then_in_full(sandbox, token, customer):
    made = sandbox.create_invoice(customer, "100.50", due_date="2026-11-25")
    assert (invoice(sandbox, token, made)["status"], owed(sandbox, token, customer)) == ("sent", 100.5)
    sandbox.move(days=2)
    token = sandbox.access_token()
    late = invoice(sandbox, token, made)
    assert (late["status"], late["due_days"]) == ("overdue", "Overdue by 1 day")
    sandbox.pay(made, 40)
    assert (invoice(sandbox, token, made)["balance"], owed(sandbox, token, customer)) == (60.5, 60.5)
    sandbox.pay(made)
    paid = invoice(sandbox, token, made)
    assert (paid["status"], paid["balance"], paid["last_payment_date"]) == ("paid", 0, "2026-11-26")
    assert [each["amount"] for each in sandbox.get(f"/invoices/{made}/payments", token).json["payments"]] == [
        40,
        60.5,
    ]


def test_one_payment_covers_several_invoices_and_leaves_a_rest(sandbox, token, customer):
    first, second = (sandbox.create_invoice(customer, 100) for _ in range(2))
    payment = sandbox.happen(
        "payments/create", invoices=[first, {"invoice": second, "amount": 30}], amount=150, reference="SEPA 1"
    )["payment_id"]
    detail = sandbox.get(f"/customerpayments/{payment}", token).json["payment"]
    assert [part["amount_applied"] for part in detail["invoices"]] == [100, 30]
    assert (detail["amount"], detail["unused_amount"], detail["reference_number"]) == (150, 20, "SEPA 1")
    assert (invoice(sandbox, token, first)["balance"], invoice(sandbox, token, second)["balance"]) == (0, 70)


@pytest.mark.parametrize("moves", [True, False])
def test_deleting_a_payment_makes_the_invoice_owed_again(sandbox, token, customer, moves):
    sandbox.switch(payment_deletion_moves_invoice=moves)
    made = sandbox.create_invoice(customer, 80)
    payment = sandbox.pay(made)
    before = invoice(sandbox, token, made)["last_modified_time"]
    sandbox.move(seconds=60)
    sandbox.happen("payments/delete", payment=payment)
    after = invoice(sandbox, token, made)
    assert (after["balance"], after["status"], after["last_payment_date"]) == (80, "sent", "")
    assert (after["last_modified_time"] != before) == moves
    assert sandbox.get(f"/customerpayments/{payment}", token).status == 404


def test_credit_notes_reduce_what_is_owed(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 80)
    note = sandbox.happen("creditnotes/create", contact=customer, total=100)["creditnote_id"]
    assert sandbox.happen("creditnotes/apply", creditnote=note, invoice=made) == {"amount_applied": 80}
    row = sandbox.get(f"/creditnotes/{note}", token).json["creditnote"]
    assert (row["status"], row["balance"], invoice(sandbox, token, made)["status"]) == ("open", 20, "paid")
    contact = sandbox.get(f"/contacts/{customer}", token).json["contact"]
    assert contact["unused_credits_receivable_amount"] == 20
    assert [
        each["amount_applied"]
        for each in sandbox.get(f"/invoices/{made}/creditsapplied", token).json["credits"]
    ] == [80]


def test_void_reopen_write_off_and_delete(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 80)
    states = []
    for deed in ("void", "reopen", "write-off", "reopen"):
        sandbox.happen(f"invoices/{deed}", invoice=made)
        row = invoice(sandbox, token, made)
        states.append(
            (row["status"], row["balance"], row["write_off_amount"], owed(sandbox, token, customer))
        )
    assert states == [("void", 0, 0, 0), ("sent", 80, 0, 80), ("paid", 0, 80, 0), ("sent", 80, 0, 80)]
    sandbox.happen("invoices/delete", invoice=made)
    assert (sandbox.get(f"/invoices/{made}", token).json["code"], owed(sandbox, token, customer)) == (1002, 0)
    # A new invoice never takes the id of a deleted one.
    assert sandbox.create_invoice(customer, 5) != made


def test_a_merged_customer_vanishes_and_its_documents_move(sandbox, token, customer):
    other = sandbox.create_contact(
        "Harbour Foods GmbH", persons=[{"first_name": "Tom", "email": "tom@harbour.example"}]
    )
    made = sandbox.create_invoice(other, 50)
    sandbox.happen("contacts/merge", contact=other, into=customer)
    assert sandbox.get(f"/contacts/{other}", token).status == 404
    assert invoice(sandbox, token, made)["customer_id"] == customer
    detail = sandbox.get(f"/contacts/{customer}", token).json["contact"]
    assert [each["email"] for each in detail["contact_persons"]] == [
        "jana@harbour.example",
        "tom@harbour.example",
    ]
    assert detail["outstanding_receivable_amount"] == 50


@pytest.mark.parametrize("moves", [True, False])
def test_editing_a_person_shows_on_the_contact(sandbox, token, customer, moves):
    sandbox.switch(person_edit_moves_contact=moves)
    before = sandbox.get(f"/contacts/{customer}", token).json["contact"]
    sandbox.move(seconds=60)
    sandbox.happen("persons/edit", person=before["primary_contact_id"], email="new@harbour.example")
    after = sandbox.get(f"/contacts/{customer}", token).json["contact"]
    assert (after["email"], after["last_modified_time"] != before["last_modified_time"]) == (
        "new@harbour.example",
        moves,
    )


def test_the_next_person_becomes_primary_when_the_first_is_deleted(sandbox, token, customer):
    second = sandbox.happen("persons/add", contact=customer, first_name="Tom", email="tom@harbour.example")
    first = sandbox.get(f"/contacts/{customer}", token).json["contact"]["primary_contact_id"]
    sandbox.happen("persons/delete", person=first)
    detail = sandbox.get(f"/contacts/{customer}", token).json["contact"]
    assert (detail["primary_contact_id"], detail["email"]) == (
        second["contact_person_id"],
        "tom@harbour.example",
    )


@pytest.mark.parametrize(
    ("deed", "values", "sentence"),
    [
        ("invoices/create", {"contact": "1", "total": 5}, "There is no customer 1 in Northwind Parts Ltd."),
        ("invoices/create", {"contact": "x", "total": 5}, "“x” is not an id."),
        ("payments/create", {"invoice": "1"}, "There is no invoice 1 in Northwind Parts Ltd."),
        ("payments/create", {"invoice": "1", "amount": "-5"}, "The amount must be more than zero."),
        (
            "payments/create",
            {"invoice": "1", "amount": "ten"},
            "“ten” is not an amount of money. Write it like 1250.50.",
        ),
        ("contacts/create", {"name": " "}, "A customer needs a name."),
        (
            "contacts/create",
            {"name": "A", "currency": "XXX"},
            "Northwind Parts Ltd does not use the currency “XXX”.",
        ),
        ("invoices/void", {}, "The value 'invoice' is missing."),
        ("contacts/create", {"name": "A", "organisation": "5"}, "There is no organisation 5."),
    ],
)
def test_impossible_deeds_are_refused_in_a_sentence(sandbox, deed, values, sentence):
    answer = sandbox.request("POST", f"/sandbox/api/{deed}", json.dumps(values).encode())
    assert (answer.status, answer.json) == (400, {"error": sentence})


def test_a_refused_deed_changes_nothing(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 50)
    with pytest.raises(AssertionError, match="can take at most 50"):
        sandbox.pay(made, 51)
    assert invoice(sandbox, token, made)["balance"] == 50


def test_dirty_data_can_be_put_into_a_row(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 50)
    sandbox.happen(
        "records/patch",
        kind="invoice",
        id=made,
        set={"due_date": "0000-00-00", "new_key": None},
        remove=["phone"],
    )
    row = sandbox.get("/invoices", token, per_page=1).json["invoices"][0]
    assert (row["due_date"], row["new_key"], "phone" in row) == ("0000-00-00", None, False)


def test_organisations_are_apart_and_a_leaver_reaches_nothing(sandbox, token):
    second = sandbox.add_organisation("Second Ltd", customers=2, currency="USD", time_zone="America/New_York")
    assert sandbox.get("/contacts", token, organization_id=second).json["code"] == 6041
    other = sandbox.access_token(sandbox.refresh_token(user="owner@second.example"))
    rows = sandbox.get("/invoices", other, organization_id=second).json["invoices"]
    assert {row["created_time"][-5:] for row in rows} <= {"-0500", "-0400"}
    assert "USD" in {row["currency_code"] for row in rows}
    sandbox.control("POST", "users/leave", user="aoife@northwindparts.example")
    assert sandbox.get("/contacts", token).json["code"] == 6041


def test_life_goes_on_when_the_clock_moves_and_money_still_adds_up():
    with running_sandbox(customers=25) as sandbox:
        token = sandbox.access_token()
        before = sandbox.get("/invoices", token, response_option=2).json["page_context"]["total"]
        for _ in range(6):
            sandbox.move(days=10)
        token = sandbox.access_token()
        after = sandbox.get("/invoices", token, response_option=2).json["page_context"]["total"]
        newest = sandbox.get("/customerpayments", token, sort_column="created_time", sort_order="D").json[
            "customerpayments"
        ]
        assert (after > before + 20, newest[0]["date"] > "2027-01-10") == (True, True)
        with sandbox.inside.database.reading() as db:
            wrong = db.execute(
                "SELECT count(*) FROM invoices i WHERE state NOT IN ('void') AND total != balance "
                "+ (SELECT coalesce(sum(amount), 0) FROM applications WHERE invoice = i.id) "
                "+ (SELECT coalesce(sum(amount), 0) FROM credits WHERE invoice = i.id) "
                "+ CAST(round(json_extract(CAST(row AS TEXT), '$.write_off_amount') * 100) AS INTEGER)"
            ).fetchone()[0]
            totals = db.execute(
                "SELECT count(*) FROM contacts c WHERE outstanding != "
                "(SELECT coalesce(sum(balance), 0) FROM invoices WHERE customer = c.id AND is_open = 1)"
            ).fetchone()[0]
        assert (wrong, totals) == (0, 0)


def test_day_by_day_and_in_one_leap_lead_to_the_same_books():
    def books(steps, days):
        with running_sandbox(customers=10) as sandbox:
            sandbox.stop_clock()
            for _ in range(steps):
                sandbox.move(days=days)
            rows = sandbox.get("/invoices", sandbox.access_token()).json["invoices"]
            return [{key: value for key, value in row.items() if key != "invoice_url"} for row in rows]

    assert books(20, 1) == books(1, 20)


def test_frozen_life_stands_still(sandbox, token):
    count = sandbox.get("/invoices", token, response_option=2).json
    sandbox.move(days=60)
    assert sandbox.get("/invoices", sandbox.access_token(), response_option=2).json == count
