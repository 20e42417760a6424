"""What moves the last modified time of what else: by switches, since nobody has looked at real books."""

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0, life_goes_on=False) as running:
        running.stop_clock()
        yield running


def pay(sandbox, customer, invoice):
    sandbox.pay(invoice, 10)


def credit(sandbox, customer, invoice):
    sandbox.happen("creditnotes/create", contact=customer, total=10, invoice=invoice)


def move(sandbox, customer, invoice):
    sandbox.happen("contacts/edit", contact=customer, address={"city": "Cork"})


def rename(sandbox, customer, invoice):
    sandbox.happen("contacts/edit", contact=customer, contact_name="Renamed Ltd")


def merge(sandbox, customer, invoice):
    sandbox.happen("contacts/merge", contact=customer, into=sandbox.create_contact("Other Ltd"))


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize(
    ("switch", "deed", "kind"),
    [
        ("payment_moves_invoice", pay, "invoice"),
        ("credit_moves_invoice", credit, "invoice"),
        ("balance_moves_contact", pay, "contact"),
        ("address_edit_moves_contact", move, "contact"),
        ("rename_moves_documents", rename, "invoice"),
        ("merge_moves_documents", merge, "invoice"),
    ],
)
def test_a_deed_moves_the_time_by_its_switch(sandbox, switch, deed, kind, moves):
    token = sandbox.access_token()
    customer = sandbox.create_contact("Moved Ltd")
    invoice = sandbox.create_invoice(customer, 100)
    sandbox.switch(**{switch: moves})
    sandbox.move(seconds=60)
    deed(sandbox, customer, invoice)
    path = f"/invoices/{invoice}" if kind == "invoice" else f"/contacts/{customer}"
    row = sandbox.get(path, token).json[kind]
    assert (row["last_modified_time"] > row["created_time"]) == moves
    rows = sandbox.get(
        f"/{kind}s", token, last_modified_time=row["created_time"].replace("09:00:", "09:01:")
    ).json[f"{kind}s"]
    assert (path.rsplit("/", 1)[1] in {each[f"{kind}_id"] for each in rows}) == moves
