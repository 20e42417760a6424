"""What was found out about the books is kept, and changes are read by whatever way the books offer."""

import pytest

from tests.services.synced import QUIET

DUE = {"date": "2026-10-01", "due_date": "2026-11-01"}
LISTS = ("customers", "invoices", "payments", "credit_notes")


@pytest.fixture
def books(company):
    """Two customers with an invoice, a payment and a credit note each, made an hour apart."""
    for n in range(2):
        company.pass_time(hours=1)
        contact = company.sandbox.create_contact(f"Customer {n}", address={"city": "Limerick"})
        invoice = company.sandbox.create_invoice(contact, 100, **DUE)
        company.sandbox.pay(invoice, 10)
        company.sandbox.happen("creditnotes/create", contact=contact, total=5)
    return company.sandbox


def test_what_a_first_sync_finds_out_is_kept(company, books):
    company.sync()
    assert company.connection().probes == {
        "bulk_persons": True,
        **{f"{what}_sorted_by_change": True for what in LISTS},
    }


@pytest.mark.parametrize("works", ["since", "exact", "ignored"])
def test_books_that_do_not_sort_are_read_by_the_filter_where_it_works(company, books, works):
    books.switch(last_modified_sort="ignored", last_modified_filter=works)
    company.sync()
    assert company.connection().probes == {
        "bulk_persons": True,
        **{f"{what}_sorted_by_change": False for what in LISTS},
        **{f"{what}_filtered_by_change": works == "since" for what in LISTS},
    }
    company.pass_time(hours=1)
    contact = books.create_contact("Customer 2", address={"city": "Limerick"})
    invoice = books.create_invoice(contact, 70, **DUE)
    run = company.sync()
    read = {what: run.counts[what]["read"] for what in LISTS}
    if works == "since":
        # The latest known change lies within the overlap, so it comes once more.
        assert read == {"customers": 2, "invoices": 2, "payments": 1, "credit_notes": 1}
        assert company.calls_of(company.sync) == QUIET
    else:
        assert read == {"customers": 3, "invoices": 3, "payments": 2, "credit_notes": 2}
    assert company.invoice(invoice).balance == 70
