"""Records of the books become rows: what is written, what is left as it is, and what counts as gone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dunright.domain.records import CustomerRecord, InvoiceRecord, PersonRecord
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
