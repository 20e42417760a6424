"""Single records, contact persons and links."""

from decimal import Decimal

import pytest

from dunright.connectors.base import Problem
from dunright.connectors.zoho_books import ZohoBooks
from dunright.connectors.zoho_books.connector import NO_BULK_PERSONS
from dunright.domain.records import Address, AllocationRecord, LineRecord, RecipientRecord
from dunright.remote.errors import BadData, Misconfigured, NotFound, Unavailable
from tests.connectors.zoho_books import shapes
from tests.connectors.zoho_books.shapes import detail, page, row
from tests.remote.loopback import HTML, Answer

CUSTOMER = shapes.CUSTOMER["contact_id"]
INVOICE = shapes.INVOICE["invoice_id"]
PAYMENT = shapes.PAYMENT["payment_id"]
GONE = Answer({"code": 1002, "message": "It does not exist."}, 404)


def test_customer_comes_with_persons_address_and_notes(server, books):
    server.answer(detail("contact", shapes.CUSTOMER_DETAIL))
    found = books.customer(CUSTOMER)
    assert server.asked[0].path == f"/books/v3/contacts/{CUSTOMER}"
    assert [(one.external_id, one.customer_id) for one in found.persons] == [("471900000000091007", CUSTOMER)]
    assert (found.notes, found.extra) == ("Pays by SEPA on Fridays", {})
    assert (found.source_reminds, found.opening_balance) == (True, Decimal(0))
    assert found.billing_address == Address("Accounts", "Kai 4", "", "Hamburg", "", "20457", "Germany", "")


@pytest.mark.parametrize(("sent", "amount"), [(150.5, "150.50"), ("", "0"), (None, "0"), (..., "0")])
def test_balance_from_before_the_books_comes_with_the_detail(server, books, sent, amount):
    server.answer(detail("contact", row(shapes.CUSTOMER_DETAIL, outstanding_ob_receivable_amount=sent)))
    assert books.customer(CUSTOMER).opening_balance == Decimal(amount)


@pytest.mark.parametrize("persons", [[], None, ...])
def test_customer_without_persons_has_none(server, books, persons):
    server.answer(detail("contact", row(shapes.CUSTOMER_DETAIL, contact_persons=persons)))
    assert books.customer(CUSTOMER).persons == ()


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (5, "it is no object"),
        (row(shapes.PERSON, contact_person_id=""), "it has no id"),
        (row(shapes.PERSON, contact_person_id="9" * 65), "it has no usable id"),
    ],
)
def test_person_that_cannot_be_read_costs_no_other(server, books, odd, reason):
    server.answer(detail("contact", row(shapes.CUSTOMER_DETAIL, contact_persons=[odd, shapes.PERSON])))
    found = books.customer(CUSTOMER)
    sentence = f"Contact person 1 of Zoho's contact {CUSTOMER} was left out: {reason}."
    assert [one.external_id for one in found.persons] == ["471900000000091007"]
    assert (found.notes, found.problems) == ("Pays by SEPA on Fridays", (sentence,))
    books.probes["bulk_persons"] = False
    server.answer(detail("contact", row(shapes.CUSTOMER_DETAIL, contact_persons=[odd, shapes.PERSON])))
    (only,) = books.persons((CUSTOMER,))
    assert (len(only.records), only.problems) == (1, (Problem(CUSTOMER, sentence),))


def test_odd_values_of_a_detail_are_repaired(server, books):
    odd = row(shapes.CUSTOMER_DETAIL, notes="a\x00b", website=5, billing_address="none")
    server.answer(detail("contact", odd))
    found = books.customer(CUSTOMER)
    assert (found.notes, found.website, found.billing_address) == ("ab", "5", None)


def test_contact_that_is_a_vendor_is_not_found(server, books):
    server.answer(detail("contact", row(shapes.CUSTOMER_DETAIL, contact_type="vendor")))
    with pytest.raises(NotFound):
        books.customer(CUSTOMER)


def test_invoice_comes_with_recipients_and_lines(server, books):
    server.answer(detail("invoice", shapes.INVOICE_DETAIL))
    found = books.invoice(INVOICE)
    assert (found.invoice.external_id, found.invoice.status, found.invoice.balance) == (
        INVOICE,
        "open",
        Decimal("1390.5"),
    )
    assert found.recipients == (
        RecipientRecord(
            "471900000000091007", "Jana", "Krol", "jana.krol@harbour.example", "+49 40 555 0100", ""
        ),
    )
    assert found.lines == (
        LineRecord("Crates", "Blue\nstackable", Decimal("2.5"), "pcs", Decimal("756.2"), Decimal("1890.5")),
    )
    assert (found.source_reminds, found.payment_made, found.notes) == (True, Decimal(500), "Thank you")


def test_credit_note_by_itself(server, books):
    server.answer(detail("creditnote", shapes.CREDIT_NOTE))
    found = books.credit_note(shapes.CREDIT_NOTE["creditnote_id"])
    assert server.asked[0].path == "/books/v3/creditnotes/471900000000120001"
    assert (found.number, found.status, found.balance) == ("CN-00003", "open", Decimal(120))


def test_payment_comes_with_its_split(server, books):
    server.answer(detail("payment", shapes.PAYMENT_DETAIL))
    found = books.payment(PAYMENT)
    assert (found.currency, found.allocations) == (
        "EUR",
        (AllocationRecord("1031", Decimal(500)), AllocationRecord("1044", Decimal(200))),
    )


@pytest.mark.parametrize("kind", ["customer", "invoice", "payment", "invoice_pdf"])
def test_record_that_is_gone_is_not_found(server, books, kind):
    server.answer(GONE)
    with pytest.raises(NotFound):
        getattr(books, kind)("12")


@pytest.mark.parametrize("external_id", ["", "..", "1/2", "1?organization_id=2", "1#", "é", "9" * 65, "1\n"])
@pytest.mark.parametrize(
    "kind", ["customer", "invoice", "payment", "credit_note", "invoice_pdf", "open_invoices_of"]
)
def test_id_that_would_lead_elsewhere_is_never_asked(server, books, kind, external_id):
    with pytest.raises(NotFound):
        getattr(books, kind)(external_id)
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"code": 0}, "Zoho Books left 12 out of its answer."),
        (detail("invoice", shapes.INVOICE), "Zoho Books was asked for 12 and answered with another record."),
        (
            detail("invoice", row(shapes.INVOICE, invoice_id="12", due_date="soon")),
            "Zoho's invoice 12 cannot be used: its due date “soon” is no date.",
        ),
        (detail("invoice", [1]), "Zoho's record 12 cannot be used: it is no object."),
        (
            detail("invoice", row(shapes.INVOICE_DETAIL, invoice_id="12", line_items=[5])),
            "Zoho's invoice 12 cannot be used: it is no object.",
        ),
    ],
)
def test_detail_that_cannot_be_believed_is_bad_data(server, books, answer, sentence):
    server.answer(answer)
    with pytest.raises(BadData) as raised:
        books.invoice("12")
    assert raised.value.sentence == sentence


def test_persons_come_in_bulk_where_the_books_can(server, books):
    server.answer(page("contact_persons", [shapes.BULK_PERSON]))
    (only,) = books.persons((CUSTOMER, "2"))
    assert [(one.external_id, one.customer_id) for one in only.records] == [("471900000000091007", CUSTOMER)]
    assert (only.is_last, books.probes) == (True, {"bulk_persons": True})


@pytest.mark.parametrize(
    "refusal",
    [
        GONE,
        Answer({"code": 57, "message": "You are not authorized"}, 401),
        Answer({"code": 2, "message": "Invalid value"}, 400),
    ],
)
def test_persons_come_customer_by_customer_where_the_books_have_no_bulk_list(server, books, refusal):
    server.answer(refusal)
    assert books.has_bulk_persons() is False
    server.answer(detail("contact", shapes.CUSTOMER_DETAIL), GONE)
    pages = list(books.persons((CUSTOMER, "2")))
    assert [(len(one.records), one.number, one.is_last) for one in pages] == [(1, 1, False), (0, 2, True)]
    assert pages[1].problems == (Problem("2", "Zoho Books no longer has this record."),)
    assert [one.number for one in books.persons((CUSTOMER, "2"), start=2)] == [2]
    (only,) = books.pages("persons")
    assert (only.records, only.is_last, only.problems) == ((), True, (Problem("", NO_BULK_PERSONS),))


def test_probe_that_fails_for_a_moment_says_nothing(server, books):
    server.answer(Answer(b"<html>", 503, HTML))
    with pytest.raises(Unavailable):
        books.has_bulk_persons()
    assert books.probes == {}


def test_links_name_the_books(server, books):
    assert books.customer_link("12") == f"{server.url}/app/60001234567#/contacts/12"
    assert books.invoice_link("1/2#") == f"{server.url}/app/60001234567#/invoices/1%2F2%23"


def test_links_need_no_connection():
    where = {"location": "eu", "books": "6000/1"}
    assert (
        ZohoBooks.record_link("customer", "12", **where) == "https://books.zoho.eu/app/6000%2F1#/contacts/12"
    )
    assert (
        ZohoBooks.record_link("invoice", "1#", **where) == "https://books.zoho.eu/app/6000%2F1#/invoices/1%23"
    )
    with pytest.raises(Misconfigured):
        ZohoBooks.record_link("invoice", "1", location="sandbox", books="1")
