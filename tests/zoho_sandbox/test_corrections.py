"""Further documents and what is set right afterwards: debit notes, retainers, refunds, credits taken back, rates."""

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0, life_goes_on=False) as running:
        running.stop_clock()
        yield running


@pytest.fixture
def token(sandbox):
    return sandbox.access_token()


@pytest.fixture
def customer(sandbox):
    return sandbox.create_contact("Harbour Foods")


def contact(sandbox, token, customer):
    return sandbox.get(f"/contacts/{customer}", token).json["contact"]


def invoice(sandbox, token, identity):
    return sandbox.get(f"/invoices/{identity}", token).json["invoice"]


def test_a_debit_note_stands_among_the_invoices_with_its_type(sandbox, token, customer):
    made = [sandbox.create_invoice(customer, 10), sandbox.create_invoice(customer, 5, type="debit_note")]
    rows = sandbox.get("/invoices", token, sort_column="total", sort_order="D").json["invoices"]
    assert [(row["invoice_id"], row["invoice_number"], row.get("type")) for row in rows] == [
        (made[0], "INV-000001", None),
        (made[1], "DN-00001", "debit_note"),
    ]
    assert contact(sandbox, token, customer)["outstanding_receivable_amount"] == 15
    sandbox.switch(debit_notes="hidden")
    assert [row["invoice_id"] for row in sandbox.get("/invoices", token).json["invoices"]] == made[:1]


def test_a_retainer_is_paid_in_advance_and_lies_unused(sandbox, token, customer):
    made = sandbox.happen("retainers/create", contact=customer, total=200)["retainerinvoice_id"]
    assert contact(sandbox, token, customer)["outstanding_receivable_amount"] == 0
    payment = sandbox.happen("retainers/pay", retainer=made)["payment_id"]
    [row] = sandbox.get("/retainerinvoices", token).json["retainerinvoices"]
    detail = sandbox.get(f"/retainerinvoices/{made}", token).json["retainerinvoice"]
    assert (row["status"], row["balance"], row["total"], detail["sub_total"]) == ("paid", 0, 200, 200)
    paid = sandbox.get(f"/customerpayments/{payment}", token).json["payment"]
    assert (paid["payment_type"], paid["unused_amount"], paid["invoices"]) == ("Retainer Payment", 200, [])
    assert contact(sandbox, token, customer)["unused_retainer_payments"] == 200


def test_retainers_are_filtered_by_state(sandbox, token, customer):
    made = [
        sandbox.happen("retainers/create", contact=customer, total=total)["retainerinvoice_id"]
        for total in (1, 2, 3)
    ]
    sandbox.happen("retainers/pay", retainer=made[0])
    sandbox.happen("retainers/void", retainer=made[1])
    found = {
        state: [
            row["retainerinvoice_id"]
            for row in sandbox.get("/retainerinvoices", token, filter_by=f"Status.{state}").json[
                "retainerinvoices"
            ]
        ]
        for state in ("Paid", "Void", "Unpaid", "OverDue")
    }
    assert found == {"Paid": made[:1], "Void": made[1:2], "Unpaid": made[2:], "OverDue": []}
    assert sandbox.get("/retainerinvoices", token, filter_by="Lost").status == 400


def test_an_opening_balance_is_owed_without_an_invoice(sandbox, token, customer):
    sandbox.create_invoice(customer, 100)
    sandbox.happen("contacts/opening-balance", contact=customer, amount="250.50")
    detail = contact(sandbox, token, customer)
    assert (
        detail["outstanding_receivable_amount"],
        detail["outstanding_ob_receivable_amount"],
        detail["opening_balances"][0]["opening_balance_amount"],
    ) == (350.5, 250.5, 250.5)
    sandbox.happen("contacts/opening-balance", contact=customer, amount=0)
    detail = contact(sandbox, token, customer)
    assert (detail["outstanding_receivable_amount"], detail["opening_balances"]) == (100, [])


def test_what_is_unused_of_a_payment_is_refunded(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 100)
    payment = sandbox.happen("payments/create", invoice=made, invoices=[], contact=customer)["payment_id"]
    with pytest.raises(AssertionError, match="Only 0 of this payment is unused"):
        sandbox.happen("payments/refund", payment=payment, amount=1)
    over = sandbox.happen("payments/create", contact=customer, invoices=[], amount=80)["payment_id"]
    assert contact(sandbox, token, customer)["unused_credits_receivable_amount"] == 80
    sandbox.move(seconds=60)
    sandbox.happen("payments/refund", payment=over, amount=30)
    [refund] = sandbox.get(f"/customerpayments/{over}/refunds", token).json["payment_refunds"]
    detail = sandbox.get(f"/customerpayments/{over}", token).json["payment"]
    assert (refund["amount_bcy"], detail["payment_refunds"], detail["unused_amount"]) == (30, [refund], 50)
    assert detail["updated_time"] > detail["created_time"]
    assert contact(sandbox, token, customer)["unused_credits_receivable_amount"] == 50


def test_a_credit_note_is_taken_off_voided_and_deleted(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 80)
    note = sandbox.happen("creditnotes/create", contact=customer, total=80, invoice=made)["creditnote_id"]
    with pytest.raises(AssertionError, match="CN-00001 is applied to invoices"):
        sandbox.happen("creditnotes/void", creditnote=note)
    sandbox.happen("creditnotes/unapply", creditnote=note, invoice=made)
    row = sandbox.get(f"/creditnotes/{note}", token).json["creditnote"]
    owed = invoice(sandbox, token, made)
    assert (row["status"], row["balance"], owed["status"], owed["balance"]) == ("open", 80, "sent", 80)
    sandbox.happen("creditnotes/void", creditnote=note)
    assert sandbox.get(f"/creditnotes/{note}", token).json["creditnote"]["status"] == "void"
    assert contact(sandbox, token, customer)["unused_credits_receivable_amount"] == 0
    sandbox.happen("creditnotes/delete", creditnote=note)
    assert sandbox.get(f"/creditnotes/{note}", token).status == 404


def test_a_payment_is_edited(sandbox, token, customer):
    payment = sandbox.pay(sandbox.create_invoice(customer, 80))
    sandbox.move(seconds=60)
    sandbox.happen("payments/edit", payment=payment, date="2026-11-20", mode="Check", reference="7")
    [row] = sandbox.get("/customerpayments", token, date="2026-11-20").json["customerpayments"]
    assert (row["payment_mode"], row["reference_number"]) == ("Check", "7")
    assert row["last_modified_time"] > row["created_time"]


def test_the_total_of_an_invoice_changes_but_not_below_what_was_paid(sandbox, token, customer):
    made = sandbox.create_invoice(customer, 80)
    sandbox.pay(made, 30)
    sandbox.happen("invoices/edit", invoice=made, total=100)
    row = invoice(sandbox, token, made)
    assert (row["total"], row["balance"], row["status"]) == (100, 70, "partially_paid")
    with pytest.raises(AssertionError, match="The total of INV-000001 cannot become 29"):
        sandbox.happen("invoices/edit", invoice=made, total=29)
    sandbox.happen("invoices/edit", invoice=made, total=30)
    row = invoice(sandbox, token, made)
    assert (row["total"], row["balance"], row["status"]) == (30, 0, "paid")


def test_foreign_invoices_carry_the_rate_of_their_day(sandbox, token):
    american = sandbox.create_contact("Hudson Ltd", currency="USD")
    first = sandbox.create_invoice(american, 100)
    sandbox.happen("currencies/rate", currency="USD", rate=0.5)
    second = sandbox.create_invoice(american, 100)
    rows = [invoice(sandbox, token, each) for each in (first, second)]
    assert [(row["currency_code"], row["bcy_total"]) for row in rows] == [
        ("USD", round(100 * rows[0]["exchange_rate"], 2)),
        ("USD", 50),
    ]
    detail = contact(sandbox, token, american)
    assert (detail["outstanding_receivable_amount"], detail["outstanding_receivable_amount_bcy"]) == (
        200,
        100,
    )
    listed = sandbox.get("/settings/currencies", token).json["currencies"]
    assert {row["exchange_rate"] for row in listed if row["currency_code"] == "USD"} == {0.5}


@pytest.mark.parametrize(
    ("deed", "values", "sentence"),
    [
        ("currencies/rate", {"currency": "EUR", "rate": 2}, "has no foreign currency “EUR”"),
        ("currencies/rate", {"currency": "USD", "rate": "high"}, "“high” is not an exchange rate"),
        ("retainers/pay", {"retainer": "1"}, "There is no retainer invoice 1"),
        ("contacts/opening-balance", {"contact": "1", "amount": 5}, "There is no customer 1"),
        ("creditnotes/unapply", {"creditnote": "1", "invoice": "2"}, "There is no credit note 1"),
    ],
)
def test_what_cannot_be_set_right_is_refused(sandbox, deed, values, sentence):
    with pytest.raises(AssertionError, match=sentence):
        sandbox.happen(deed, **values)


def test_a_merge_takes_retainers_along(sandbox, token, customer):
    other = sandbox.create_contact("Harbour Foods GmbH")
    made = sandbox.happen("retainers/create", contact=other, total=200)["retainerinvoice_id"]
    sandbox.happen("contacts/merge", contact=other, into=customer)
    assert sandbox.get(f"/retainerinvoices/{made}", token).json["retainerinvoice"]["customer_id"] == customer
