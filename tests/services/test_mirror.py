"""Records of the books become rows: what is written, what is left as it is, and what counts as gone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dunright.connectors.zoho_books import values
from dunright.domain.records import Address, CustomerRecord, InvoiceRecord, PersonRecord
from dunright.models import Invoice
from dunright.services import mirror
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def organisation():
    return make.organisation()


def customer(*persons, **fields):
    people = tuple(PersonRecord(one, "9", email=f"{one}@x.example") for one in persons)
    return CustomerRecord(**{"external_id": "9", "name": "Halloran Bearings", "persons": people, **fields})


def here(organisation):
    rows = organisation.contactperson_set.filter(gone_at=None)
    return sorted(rows.values_list("external_id", flat=True))


def test_a_person_that_a_customer_read_whole_does_not_show_is_gone(organisation):
    mirror.store_customer_detail(organisation, customer("1", "2"), now=NOW)
    mirror.store_customer_detail(organisation, customer("2", "3"), now=NOW + timedelta(hours=1))
    assert here(organisation) == ["2", "3"]
    mirror.store_customer_detail(organisation, customer("1"), now=NOW + timedelta(hours=2))
    assert here(organisation) == ["1"]


def test_nobody_is_gone_while_a_person_cannot_be_read(organisation):
    mirror.store_customer_detail(organisation, customer("1", "2"), now=NOW)
    mirror.store_customer_detail(organisation, customer("2", problems=("Person 1 was left out.",)), now=NOW)
    assert here(organisation) == ["1", "2"]


def seen(organisation, status, day, *, balance="0"):
    """The books show an invoice on a day of November; the day it counts as paid since, if any."""
    record = InvoiceRecord(
        "8",
        "INV-8",
        "9",
        "Halloran Bearings",
        status,
        status,
        None,
        None,
        Decimal(10),
        Decimal(balance),
        "EUR",
    )
    mirror.store_invoices(organisation, [record], today=date(2026, 11, day))
    paid = Invoice.objects.get(organisation=organisation, external_id="8").paid_seen_date
    return paid.day if paid else None


def test_day_on_which_an_open_invoice_was_seen_paid(organisation):
    assert seen(organisation, "draft", 2) is None
    assert seen(organisation, "open", 3, balance="10") is None
    assert seen(organisation, "open", 4, balance="4") is None
    assert seen(organisation, "paid", 5) == 5
    assert seen(organisation, "paid", 9) == 5
    assert seen(organisation, "open", 10, balance="10") is None
    assert seen(organisation, "paid", 12) == 12


@pytest.mark.parametrize("status", ["void", "written_off", "draft"])
def test_what_is_not_paid_has_no_day(organisation, status):
    seen(organisation, "open", 3, balance="10")
    seen(organisation, "paid", 4)
    assert seen(organisation, status, 5) is None


def test_invoice_that_was_never_seen_open_has_no_day(organisation):
    assert seen(organisation, "paid", 3) is None
    assert seen(organisation, "paid", 4) is None


def moment(hour):
    return datetime(2026, 11, 20, hour, tzinfo=UTC)


def invoice(balance, hour, **fields):
    """Version of an invoice that changed at this hour."""
    plain = {
        "external_id": "8",
        "number": "INV-8",
        "customer_id": "9",
        "customer_name": "Halloran Bearings",
        "status": "open",
        "source_status": "sent",
        "issue_date": date(2026, 10, 1),
        "due_date": date(2026, 11, 1),
        "total": Decimal(100),
        "currency": "EUR",
    }
    return InvoiceRecord(**{**plain, "balance": Decimal(balance), "modified_at": moment(hour), **fields})


def stored(organisation):
    return organisation.invoice_set.get()


@pytest.mark.parametrize("hours", [(9, 8), (9, 9), (8, 9)])
def test_an_older_version_never_replaces_a_newer_one(organisation, hours):
    for balance, hour in zip((70, 50), hours, strict=True):
        mirror.store_invoices(organisation, [invoice(balance, hour)], today=make.TODAY)
    assert stored(organisation).balance == (70 if hours == (9, 8) else 50)


def test_a_page_that_shows_a_row_twice_counts_the_version_that_changed_last(organisation):
    page = [invoice(50, 9), invoice(70, 8)]
    assert mirror.store_invoices(organisation, page, today=make.TODAY) == 1
    assert stored(organisation).balance == 50


def test_the_same_again_and_another_payment_link_rewrite_nothing(organisation):
    mirror.store_invoices(organisation, [invoice(50, 9, link="https://pay.example/a")], today=make.TODAY)
    again = [invoice(50, 9, link="https://pay.example/b")]
    assert mirror.store_invoices(organisation, again, today=make.TODAY) == 0
    assert stored(organisation).link == "https://pay.example/a"
    changed = [invoice(40, 10, link="https://pay.example/c")]
    assert mirror.store_invoices(organisation, changed, today=make.TODAY) == 1
    assert stored(organisation).link == "https://pay.example/c"


def test_hours_that_the_clock_repeats_in_autumn_keep_their_order(organisation):
    """01:50 summer time comes before 01:10 winter time."""
    summer, winter = (values.moment(f"2026-10-25T01:{part}") for part in ("50:00+0100", "10:00+0000"))
    later, earlier = invoice(50, 9, modified_at=winter), invoice(70, 8, modified_at=summer)
    mirror.store_invoices(organisation, [later], today=make.TODAY)
    assert mirror.store_invoices(organisation, [earlier], today=make.TODAY) == 0
    assert stored(organisation).balance == 50


def test_an_older_detail_takes_nothing_back(organisation):
    new = customer("1", "2", notes="new", opening_balance=Decimal(7), modified_at=moment(9))
    old = customer("1", notes="old", opening_balance=Decimal(5), modified_at=moment(8))
    mirror.store_customer_detail(organisation, new, now=NOW)
    assert mirror.store_customer_detail(organisation, old, now=NOW) == 0
    row = organisation.customer_set.get()
    assert (row.notes, row.opening_balance, here(organisation)) == ("new", 7, ["1", "2"])


def test_the_list_leaves_what_only_a_detail_tells(organisation):
    address = Address(street="Dock Road", city="Limerick")
    detail = customer("1", notes="Ring first", opening_balance=Decimal("150.50"), billing_address=address)
    mirror.store_customer_detail(organisation, detail, now=NOW)
    assert mirror.store_customers(organisation, [customer(persons=None)]) == 0
    row = organisation.customer_set.get()
    assert (row.notes, row.opening_balance) == ("Ring first", Decimal("150.50"))
    assert (row.billing_address["city"], row.detail_read_at) == ("Limerick", NOW)


def test_nul_is_left_out_and_text_that_only_spells_it_stays(organisation):
    odd = invoice(50, 9, extra={"note": "a\x00b \\u0000 \\\x00c"}, reference="r\x00s")
    mirror.store_invoices(organisation, [odd], today=make.TODAY)
    row = Invoice.objects.get(organisation=organisation)
    assert (row.extra, row.reference) == ({"note": "ab \\u0000 \\c"}, "rs")


def test_an_address_is_filled_in_from_an_invoice_and_never_replaced(organisation):
    named = make.customer(organisation, external_id="9", billing_address=None)
    for city in ("Cork", "Dublin"):
        there = invoice(50, 9, customer_id="9", billing_address=Address(city=city))
        mirror.store_invoices(organisation, [there], today=make.TODAY)
    named.refresh_from_db()
    assert named.billing_address["city"] == "Cork"
