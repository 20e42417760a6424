"""The figures on top of Receivables."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.queries.receivables import BandFigures, figures
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def test_figures_are_kept_per_currency_with_the_base_currency_first():
    organisation = make.organisation()
    customer = make.customer(organisation)
    make.invoice(customer, due=date(2026, 11, 24), balance="10.00")
    make.invoice(customer, due=date(2026, 11, 23), balance="20.00")
    make.invoice(customer, due=date(2026, 10, 24), balance="30.00")
    make.invoice(customer, due=None, balance="5.00")
    make.invoice(customer, due=date(2026, 1, 1), balance="7.00", currency="AUD", rate=Decimal("0.6"))
    make.invoice(customer, due=date(2026, 1, 1), balance="0", status="paid")
    make.payment(customer, "40.00", date(2026, 11, 1))
    make.payment(customer, "50.00", date(2026, 11, 20), currency="")
    make.payment(customer, "60.00", date(2026, 10, 31))
    make.facts_follow(organisation)
    euro, dollar = figures(organisation, today=make.TODAY, base="EUR")
    assert (euro.currency, euro.outstanding, euro.overdue) == ("EUR", Decimal(65), Decimal(50))
    assert (euro.open_count, euro.overdue_count, euro.customers, euro.late_customers) == (4, 2, 1, 1)
    assert euro.bands == (
        BandFigures(Decimal(15), 1),
        BandFigures(Decimal(20), 1),
        BandFigures(Decimal(30), 1),
        BandFigures(),
        BandFigures(),
    )
    assert (euro.collected, euro.payments, euro.latest_payment) == (Decimal(90), 2, date(2026, 11, 20))
    assert (dollar.currency, dollar.outstanding, dollar.overdue) == ("AUD", Decimal(7), Decimal(7))
    assert dollar.bands[4] == BandFigures(Decimal(7), 1)


def test_a_company_without_debts_has_zeros_in_its_currency():
    found = figures(make.organisation(), today=make.TODAY, base="EUR")
    assert [(one.currency, one.outstanding, one.chased) for one in found] == [("EUR", Decimal(0), Decimal(0))]


def test_chased_counts_what_left_or_is_to_leave_this_week():
    organisation = make.organisation()
    customer = make.customer(organisation)
    first, second = make.invoice(customer, balance="10.00"), make.invoice(customer, balance="20.00")
    make.message(customer, [first], state="sent", run_date=date(2026, 11, 23))
    make.message(customer, [second], state="planned", run_date=date(2026, 11, 29))
    make.message(customer, [second], state="cancelled", run_date=date(2026, 11, 25))
    make.message(customer, [second], state="sent", run_date=date(2026, 11, 22))
    (euro,) = figures(organisation, today=make.TODAY, base="EUR")
    assert (euro.chased, euro.sent, euro.coming) == (Decimal(30), 1, 1)


def test_figures_of_another_company_stay_out():
    other = make.organisation("Other")
    make.invoice(make.customer(other), balance="99.00")
    make.facts_follow(other)
    (euro,) = figures(make.organisation(), today=make.TODAY, base="EUR")
    assert (euro.outstanding, euro.bands[1].amount) == (Decimal(0), Decimal(0))
