"""Which invoices a payment settles: told by the list, asked for, or to be asked again."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dunright.domain.records import AllocationRecord, PaymentRecord
from dunright.models import Allocation
from dunright.services import settlements
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    """Owes two invoices, in dollars."""
    customer = make.customer(make.organisation(), external_id="9", currency="USD")
    for name in ("1", "2"):
        make.invoice(customer, f"INV-{name}", balance="100.00", external_id=name)
    return customer


def payment(amount, *numbers, hour=9, **fields):
    """A payment of the list; `parts` are allocations by invoice id, as a detail has them."""
    parts = fields.pop("parts", None)
    plain = {
        "external_id": "6",
        "number": "42",
        "customer_id": "9",
        "payment_date": date(2026, 11, 20),
        "unused": Decimal(0),
        "currency": "",
        "modified_at": datetime(2026, 11, 20, hour, tzinfo=UTC),
        "allocations": None
        if parts is None
        else tuple(AllocationRecord(one, Decimal(part)) for one, part in parts),
    }
    return PaymentRecord(**{**plain, "amount": Decimal(amount), "invoice_numbers": numbers, **fields})


def store(customer, record):
    return settlements.store_payments(customer.organisation, [record])


def split(customer):
    """(Allocations by invoice, whether they are known) of the only payment."""
    rows = Allocation.objects.filter(organisation=customer.organisation).order_by("invoice__number")
    known = customer.payments.get(organisation=customer.organisation).is_allocated
    return {one.invoice.number: one.amount for one in rows.select_related("invoice")}, known


def test_one_invoice_and_nothing_unused_tells_it_all(customer):
    store(customer, payment(60, "INV-1"))
    assert split(customer) == ({"INV-1": 60}, True)


def test_tax_that_was_withheld_settles_the_invoice_as_well(customer):
    store(customer, payment(60, "INV-1", tax_withheld=Decimal(15)))
    assert split(customer) == ({"INV-1": 75}, True)


def test_nothing_applied_needs_no_call_either(customer):
    store(customer, payment(60, unused=Decimal(60)))
    assert split(customer) == ({}, True)


@pytest.mark.parametrize(
    "unclear", [payment(60, "INV-1", "INV-2"), payment(60, "INV-1", unused=Decimal(10)), payment(60, "INV-9")]
)
def test_what_the_list_does_not_tell_is_to_be_asked(customer, unclear):
    store(customer, unclear)
    assert split(customer) == ({}, False)


def test_the_answer_is_kept_until_the_payment_changes(customer):
    store(customer, payment(60, "INV-1", "INV-2"))
    store(customer, payment(60, "INV-1", "INV-2", parts=[("1", 40), ("2", 20)]))
    known = ({"INV-1": 40, "INV-2": 20}, True)
    assert split(customer) == known
    assert store(customer, payment(60, "INV-1", "INV-2")) == 0, "the same again rewrites nothing"
    assert split(customer) == known
    store(customer, payment(70, "INV-1", "INV-2", hour=10))
    assert split(customer) == (known[0], False)


def test_a_part_that_settles_no_invoice_is_asked_for_once(customer):
    """A retainer invoice is none of the invoices."""
    store(customer, payment(60, "INV-1", "RET-7"))
    store(customer, payment(60, "INV-1", "RET-7", parts=[("1", 40), ("77", 20)]))
    assert split(customer) == ({"INV-1": 40}, True)
    store(customer, payment(60, "INV-1", "RET-7"))
    assert split(customer) == ({"INV-1": 40}, False), "shown again, it may be an invoice by now"


def test_a_payment_that_was_moved_settles_the_other_invoice_only(customer):
    store(customer, payment(60, "INV-1"))
    store(customer, payment(60, "INV-2", hour=10))
    assert split(customer) == ({"INV-2": 60}, True)


def test_an_older_version_takes_nothing_back(customer):
    store(customer, payment(60, "INV-2", hour=10))
    store(customer, payment(50, "INV-1", hour=9))
    assert split(customer) == ({"INV-2": 60}, True)


def test_an_invoice_named_twice_counts_with_the_sum(customer):
    store(customer, payment(60, "INV-1", parts=[("1", 40), ("1", 20)]))
    assert split(customer) == ({"INV-1": 60}, True)


@pytest.mark.parametrize(("sent", "kept"), [("", "USD"), ("EUR", "EUR")])
def test_the_currency_is_the_customers_unless_the_books_say(customer, sent, kept):
    store(customer, payment(60, "INV-1", currency=sent))
    assert customer.payments.get(organisation=customer.organisation).currency == kept


def test_a_payment_of_a_stranger_is_left_out(customer):
    assert store(customer, payment(60, "INV-1", customer_id="77")) == 0
