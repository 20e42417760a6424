"""Records that a list does not tell whole: which are asked for singly, in which order, and for how many calls."""

from decimal import Decimal

import pytest

from dunright.models import Allocation, CallBudget, Customer, Payment
from dunright.services import sync_details
from tests.services.synced import QUIET, person

DUE = {"date": "2026-10-01", "due_date": "2026-11-01"}
AT_DOCK = {"address": "Unit 7, Dock Road", "city": "Limerick"}


def split_payment(company, contact, *, leave_open):
    """A payment over two new invoices, and one more invoice that stays open where wanted; its id."""
    books = company.sandbox
    paid = [books.create_invoice(contact, 50, **DUE) for _ in range(2)]
    if leave_open:
        books.create_invoice(contact, 10, **DUE)
    return books.happen("payments/create", invoices=paid)["payment_id"]


def without_calls_to_spare(company):
    CallBudget.objects.filter(organisation=company.organisation).update(used_today=5000 - 100)


def with_calls_to_spare(company):
    CallBudget.objects.filter(organisation=company.organisation).update(used_today=0)


def split(company, payment):
    rows = Allocation.objects.filter(organisation=company.organisation, payment__external_id=payment)
    return sorted(rows.values_list("amount", flat=True))


def test_split_payments_are_asked_for_those_who_owe_first(company, monkeypatch):
    monkeypatch.setattr(sync_details, "AT_MOST", 1)
    books = company.sandbox
    settled, owing = (books.create_contact(name, address=AT_DOCK) for name in ("Settled", "Owing"))
    late = split_payment(company, settled, leave_open=False)
    urgent = split_payment(company, owing, leave_open=True)
    company.sync()
    assert (split(company, urgent), split(company, late)) == ([50, 50], [])
    assert company.calls_of(company.sync) == QUIET + 1
    assert split(company, late) == [50, 50]
    assert company.calls_of(company.sync) == QUIET


def test_without_calls_to_spare_they_wait_and_the_sync_is_complete(company):
    contact = company.sandbox.create_contact("Owing", address=AT_DOCK)
    company.sync()
    without_calls_to_spare(company)
    payment = split_payment(company, contact, leave_open=True)
    run = company.sync()
    assert (run.is_complete, run.problems, split(company, payment)) == (True, [], [])
    with_calls_to_spare(company)
    company.sync()
    assert split(company, payment) == [50, 50]


def test_address_that_no_invoice_tells_is_read_singly_once(company):
    contact = company.sandbox.create_contact("Owing", address=AT_DOCK)
    invoice = company.sandbox.create_invoice(contact, 100, **DUE)
    blank = dict.fromkeys(
        ("address", "street2", "city", "state", "zipcode", "country", "phone", "attention"), ""
    )
    company.sandbox.happen("records/patch", kind="invoice", id=invoice, set={"billing_address": blank})
    company.sync()
    assert company.customer(contact).billing_address["city"] == AT_DOCK["city"]
    assert company.calls_of(company.sync) == QUIET


def test_limit_of_the_books_ends_the_details_and_not_the_sync(company):
    contact = company.sandbox.create_contact("Owing", address=AT_DOCK)
    company.sync()
    payment = split_payment(company, contact, leave_open=True)
    company.sandbox.fault("/customerpayments/", kind="status", status=429, code=44, message="too many")
    run = company.sync()
    assert (run.state, run.is_complete, split(company, payment)) == ("done", True, [])
    budget = CallBudget.objects.get(organisation=company.organisation)
    assert budget.block_reason == "Zoho Books was called too often; it is left alone for a while."


def test_a_payment_that_is_gone_when_it_is_asked_for_is_asked_once(company):
    contact = company.sandbox.create_contact("Owing", address=AT_DOCK)
    company.sync()
    payment = split_payment(company, contact, leave_open=True)
    company.sandbox.fault("/customerpayments/", status=404, code=1002, message="Payment does not exist.")
    company.sync()
    assert company.payment(payment).gone_at == company.now
    assert "The payment of 100.00 EUR is no longer in the books" in company.told()


def test_a_payment_that_cannot_be_believed_stops_no_other_and_is_told(company):
    contact = company.sandbox.create_contact("Owing", address=AT_DOCK)
    odd, fine = (split_payment(company, contact, leave_open=True) for _ in range(2))
    company.sandbox.happen("records/patch", kind="payment", id=odd, set={"date": "soon"})
    run = company.sync()
    assert split(company, fine) == [50, 50]
    assert run.problems == [f"Zoho's payment {odd} was left out: its date “soon” is no date."]


def test_balance_from_before_the_books_is_found_by_what_the_invoices_leave_open(company):
    books = company.sandbox
    contact = books.create_contact("Halloran Bearings", address=AT_DOCK)
    books.create_invoice(contact, 100, **DUE)
    company.sync()
    with books.inside.database.writing() as db:
        db.execute(
            "UPDATE contacts SET "
            "row = CAST(json_set(CAST(row AS TEXT), '$.outstanding_receivable_amount', 250.5) AS BLOB), "
            "more = CAST(json_set(CAST(more AS TEXT), '$.outstanding_ob_receivable_amount', 150.5) AS BLOB) "
            "WHERE id = ?",
            (int(contact),),
        )
    assert company.sync(full=True).problems == []
    row = company.customer(contact)
    assert (row.source_outstanding, row.opening_balance) == (Decimal("250.50"), Decimal("150.50"))
    assert company.calls_of(company.sync) == QUIET, "what adds up is not asked again"


def test_persons_come_with_their_customers_where_no_list_gives_them(company):
    books = company.sandbox
    books.switch(bulk_persons="404")
    contacts = [books.create_contact(f"C{n}", persons=[person(f"P{n}")], address=AT_DOCK) for n in range(3)]
    books.create_invoice(contacts[2], 100, **DUE)
    without = sync_details.AT_MOST
    try:
        sync_details.AT_MOST = 1
        company.sync()
    finally:
        sync_details.AT_MOST = without
    assert [company.persons(one) for one in contacts] == [[], [], ["p2@x.example"]]
    company.sync()
    assert [company.persons(one) for one in contacts] == [[f"p{n}@x.example"] for n in range(3)]
    assert company.connection().probes["bulk_persons"] is False
    assert company.calls_of(company.sync) == QUIET


@pytest.mark.parametrize("spare", [True, False])
def test_many_changes_without_such_a_list_wait_for_calls(company, spare):
    books = company.sandbox
    books.switch(bulk_persons="404")
    contacts = [books.create_contact(f"C{n}", address=AT_DOCK) for n in range(3)]
    company.sync()
    for contact in contacts:
        books.happen("persons/add", contact=contact, **person(f"P{contact}"))
    (with_calls_to_spare if spare else without_calls_to_spare)(company)
    assert company.sync().is_complete is True
    assert [len(company.persons(one)) for one in contacts] == [1 if spare else 0] * 3
    unread = Customer.objects.filter(organisation=company.organisation, detail_read_at=None)
    assert unread.count() == (0 if spare else 3)
    with_calls_to_spare(company)
    company.sync()
    assert [len(company.persons(one)) for one in contacts] == [1] * 3


def test_an_invoice_in_another_currency_keeps_amounts_apart(company):
    books = company.sandbox
    contact = books.create_contact("Halloran Inc", currency="USD", address=AT_DOCK)
    invoice = books.create_invoice(contact, 100, **DUE)
    payment = books.pay(invoice, 40)
    company.sync()
    row, paid = company.invoice(invoice), company.payment(payment)
    assert (row.currency, row.balance, row.rate != 1) == ("USD", 60, True)
    assert (paid.currency, split(company, payment)) == ("USD", [40])
    totals = company.customer(contact).totals.filter(organisation=company.organisation)
    assert [(one.currency, one.outstanding) for one in totals] == [("USD", 60)]
    assert Payment.objects.filter(organisation=company.organisation).count() == 1
