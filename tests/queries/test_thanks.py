"""Which invoices there are to thank for, and what is known about how they were settled."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.models import ThankYou
from dunright.queries.thanks import paid_invoices, to_thank_for
from tests.support import factories as make
from tests.support.factories import TODAY

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


def paid(customer, **fields):
    plain = {"status": "paid", "balance": "0", "total": Decimal(100), "paid_seen_date": MONDAY}
    return make.invoice(customer, **{**plain, **fields})


def test_what_was_seen_paid_lately_and_not_decided_about():
    company = make.organisation()
    one = make.customer(company)
    wanted, decided = paid(one), paid(one)
    ThankYou.objects.create(organisation=company, invoice=decided, decided_on=TODAY)
    paid(one, paid_seen_date=TODAY)
    paid(one, paid_seen_date=date(2026, 11, 2))
    paid(one, gone_at=make.NOW)
    paid(make.customer(make.organisation("Other")))
    assert list(to_thank_for(company, today=TODAY)) == [wanted]


@pytest.mark.parametrize(
    ("parts", "untold", "expected"),
    [
        ([], False, False),
        (["100.00"], False, True),
        (["60.00", "40.00"], False, True),
        (["60.00"], False, None),
        (["60.00"], True, None),
        ([], True, None),
    ],
)
def test_whether_money_settled_it(parts, untold, expected):
    company = make.organisation()
    one = make.customer(company)
    row = paid(one)
    for part in parts:
        make.payment(one, part, MONDAY, on={row: part})
    make.payment(one, "70.00", MONDAY, gone_at=make.NOW, on={row: "70.00"})
    if untold:
        make.payment(one, "500.00", MONDAY, is_allocated=False, invoice_numbers=[row.number, "INV-X"])
    make.payment(
        make.customer(company, "Other"), "1.00", MONDAY, is_allocated=False, invoice_numbers=[row.number]
    )
    (found,) = paid_invoices(company, [row])[one.pk]
    assert (found.id, found.by_payment, found.first_open) == (str(row.pk), expected, row.first_open_date)


def test_invoice_over_nothing_was_not_paid():
    company = make.organisation()
    one = make.customer(company)
    (found,) = paid_invoices(company, [paid(one, total=Decimal(0))])[one.pk]
    assert found.by_payment is False
