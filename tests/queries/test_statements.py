"""What a customer's statement says on a day, from rows of the mirror."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.statements import StatementCredit, StatementParty
from dunright.queries.statements import BalancesUnknown, statement_of
from tests.support import factories
from tests.support.factories import TODAY

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 31)


@pytest.fixture
def northwind():
    return factories.organisation(bank_details="IBAN IE29\nBIC AIBK")


@pytest.fixture
def halloran(northwind):
    return factories.customer(northwind)


def stated(organisation, customer, day=TODAY):
    return statement_of(organisation, customer, day=day, today=TODAY)


def owed(document):
    return [
        (account.currency, [(line.invoice.number, line.invoice.balance) for line in account.lines])
        for account in document.accounts
    ]


def test_statement_of_today_lists_open_invoices_by_currency_and_credits(northwind, halloran):
    factories.invoice(halloran, "INV-2", due=date(2026, 11, 30), balance="50.00")
    factories.invoice(halloran, "INV-1", total=Decimal("3000.00"))
    factories.invoice(halloran, "INV-3", currency="USD", balance="70.00")
    factories.invoice(halloran, "INV-4", status="paid", balance="0")
    factories.invoice(halloran, "INV-5", status="draft")
    factories.invoice(halloran, "INV-6", status="void")
    factories.invoice(halloran, "INV-7", gone_at=factories.NOW)
    factories.invoice(factories.customer(northwind, "Other"), "INV-8")
    note = factories.credit_note(halloran, "20.00", number="CN-1", issue_date=date(2026, 11, 2))
    factories.credit_note(halloran, "9.00", status="closed")
    factories.payment(halloran, "10.00", date(2026, 11, 3), unused=Decimal("4.00"), number="P-1")

    found = stated(northwind, halloran)

    assert owed(found) == [
        ("EUR", [("INV-1", Decimal("2865.40")), ("INV-2", Decimal("50.00"))]),
        ("USD", [("INV-3", Decimal("70.00"))]),
    ]
    euro = found.accounts[0]
    assert (euro.lines[0].days_overdue, euro.lines[0].paid) == (11, Decimal("134.60"))
    assert euro.credits == (
        StatementCredit("credit_note", "CN-1", note.issue_date, Decimal("20.00"), "EUR"),
        StatementCredit("payment", "P-1", date(2026, 11, 3), Decimal("4.00"), "EUR"),
    )
    assert found.seller.name == "Northwind Parts Ltd"
    assert found.customer == StatementParty(
        "Halloran Bearings",
        ("Unit 7, Millrace Business Park", "Dock Road", "V94 X0X0 Limerick", "Ireland"),
    )
    assert (found.locale, found.how_to_pay) == ("en_IE", ("IBAN IE29", "BIC AIBK"))


def test_statement_of_an_earlier_day_takes_later_payments_back(northwind, halloran):
    part = factories.invoice(halloran, "INV-1", due=date(2026, 10, 1), balance="400.00", total=Decimal(1000))
    paid = factories.invoice(
        halloran, "INV-2", due=date(2026, 10, 2), balance="0", total=Decimal(90), status="paid"
    )
    before = factories.invoice(
        halloran, "INV-3", due=date(2026, 10, 3), balance="0", total=Decimal(80), status="paid"
    )
    factories.invoice(halloran, "INV-4", due=date(2026, 12, 20), balance="70.00")
    factories.payment(halloran, "600.00", date(2026, 11, 3), on={part: "510.00", paid: "90.00"})
    factories.payment(halloran, "90.00", date(2026, 10, 9), on={part: "90.00"})
    factories.payment(halloran, "80.00", OCTOBER, on={before: "80.00"})
    factories.credit_note(halloran, "20.00", issue_date=date(2026, 11, 2))

    found = stated(northwind, halloran, OCTOBER)

    assert owed(found) == [("EUR", [("INV-1", Decimal("910.00")), ("INV-2", Decimal("90.00"))])]
    assert (found.day, found.accounts[0].lines[0].days_overdue) == (OCTOBER, 30)
    assert found.accounts[0].credits == ()


def test_payment_over_several_invoices_whose_split_is_not_known(northwind, halloran):
    one = factories.invoice(
        halloran, "INV-1", due=date(2026, 10, 1), balance="0", total=Decimal(300), status="paid"
    )
    factories.payment(
        halloran, "500.00", date(2026, 11, 3), is_allocated=False, invoice_numbers=["INV-1", "INV-9"]
    )
    assert owed(stated(northwind, halloran, OCTOBER)) == [("EUR", [("INV-1", Decimal(300))])]
    factories.payment(halloran, "100.00", date(2026, 10, 3), is_allocated=False, invoice_numbers=[one.number])
    with pytest.raises(BalancesUnknown, match="payments on INV-1 were split") as caught:
        stated(northwind, halloran, OCTOBER)
    assert str(caught.value) == (
        "The books have not told how the payments on INV-1 were split, so its balance on 2026-10-31 is not known; "
        "give a later day."
    )


def test_statement_of_nothing_has_no_account_and_speaks_the_customers_language(northwind):
    kunde = factories.customer(
        northwind, "Kunde", company_name="Kunde GmbH", language="de", billing_address=None
    )
    found = stated(northwind, kunde)
    assert (found.accounts, found.locale) == ((), "de")
    assert found.customer == StatementParty("Kunde GmbH")


def test_statement_of_a_day_to_come_ages_the_balances_of_today(northwind, halloran):
    factories.invoice(halloran, "INV-1", due=date(2026, 12, 1))
    (account,) = stated(northwind, halloran, date(2026, 12, 31)).accounts
    assert (account.lines[0].days_overdue, account.outstanding) == (30, Decimal("2865.40"))
