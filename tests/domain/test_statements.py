from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.domain.statements import (
    AGE_BANDS,
    Settled,
    StatementCredit,
    StatementDocument,
    StatementInvoice,
    StatementLine,
    StatementParty,
    age_band,
    balance_on,
    build_accounts,
    days_overdue,
)

TODAY = date(2026, 11, 24)


def invoice(number="INV-1", *, due=date(2026, 10, 24), total="100.00", balance=None, currency="EUR"):
    return StatementInvoice(
        number,
        date(2026, 9, 24),
        due,
        Decimal(total),
        Decimal(total if balance is None else balance),
        currency,
    )


def credit(number="CN-1", *, amount="40.00", currency="EUR", dated=date(2026, 11, 1)):
    return StatementCredit("credit_note", number, dated, Decimal(amount), currency)


@pytest.mark.parametrize(
    ("days_ago", "days", "band"),
    [
        (-1, 0, "current"),
        (0, 0, "current"),
        (1, 1, "1-30"),
        (30, 30, "1-30"),
        (31, 31, "31-60"),
        (60, 60, "31-60"),
        (61, 61, "61-90"),
        (90, 90, "61-90"),
        (91, 91, "90+"),
        (5000, 5000, "90+"),
    ],
)
def test_age_band(days_ago, days, band):
    due = TODAY - timedelta(days=days_ago)
    assert (days_overdue(due, today=TODAY), age_band(due, today=TODAY)) == (days, band)


def test_age_band_without_due_date():
    assert (days_overdue(None, today=TODAY), age_band(None, today=TODAY)) == (0, "current")


def test_build_accounts_lists_open_invoices_and_unapplied_credits():
    paid, tiny = invoice("INV-2", balance="0"), invoice("INV-3", balance="0.01", due=None)
    (account,) = build_accounts(
        [tiny, paid, invoice(balance="60.00"), invoice("INV-4", balance="-5.00")],
        [credit(), credit("CN-2", amount="0")],
        today=TODAY,
    )
    assert account.lines == (
        StatementLine(invoice(balance="60.00"), 31, "31-60"),
        StatementLine(tiny, 0, "current"),
    )
    assert account.lines[0].paid == Decimal("40.00")
    assert account.credits == (credit(),)
    assert (account.outstanding, account.overdue, account.credit, account.net) == (
        Decimal("60.01"),
        Decimal("60.00"),
        Decimal("40.00"),
        Decimal("20.01"),
    )
    assert account.ageing == {
        "current": Decimal("0.01"),
        "1-30": Decimal(0),
        "31-60": Decimal("60.00"),
        "61-90": Decimal(0),
        "90+": Decimal(0),
    }


def test_build_accounts_orders_by_due_date_then_number():
    (account,) = build_accounts(
        [invoice("B"), invoice("A"), invoice("0", due=date(2026, 11, 1)), invoice("C", due=None)],
        [credit("Z", dated=None), credit("Y"), credit("X")],
        today=TODAY,
    )
    assert [line.invoice.number for line in account.lines] == ["A", "B", "0", "C"]
    assert [one.number for one in account.credits] == ["X", "Y", "Z"]


def test_build_accounts_keeps_currencies_apart_the_customers_own_first():
    accounts = build_accounts(
        [invoice(currency="CHF"), invoice(currency="EUR")],
        [credit(currency="USD"), credit(currency="CHF", amount="150.00")],
        today=TODAY,
        first_currency="EUR",
    )
    assert [(account.currency, account.net) for account in accounts] == [
        ("EUR", Decimal("100.00")),
        ("CHF", Decimal("-50.00")),
        ("USD", Decimal("-40.00")),
    ]


def test_build_accounts_of_nothing():
    assert build_accounts([invoice(balance="0")], today=TODAY) == ()


@pytest.mark.parametrize(("credit_amount", "owed"), [("99.99", True), ("100.00", False), ("100.01", False)])
def test_document_is_owed_only_for_what_credits_do_not_cover(credit_amount, owed):
    accounts = build_accounts([invoice()], [credit(amount=credit_amount)], today=TODAY)
    document = StatementDocument(StatementParty("Northwind"), StatementParty("K"), TODAY, accounts)
    assert document.is_owed is owed


AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=2)
DUE_DATES = st.none() | st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))
CURRENCIES = st.sampled_from(["EUR", "CHF", "JPY"])


@given(
    st.lists(st.builds(StatementInvoice, st.text(), st.none(), DUE_DATES, AMOUNTS, AMOUNTS, CURRENCIES)),
    st.lists(st.builds(StatementCredit, st.just("payment"), st.text(), DUE_DATES, AMOUNTS, CURRENCIES)),
)
def test_totals_add_up(invoices, unapplied):
    accounts = build_accounts(invoices, unapplied, today=TODAY)
    by_currency = {account.currency: account for account in accounts}
    for currency in ("EUR", "CHF", "JPY"):
        owed = sum(
            (one.balance for one in invoices if one.currency == currency and one.balance > 0), Decimal(0)
        )
        spare = sum(
            (one.amount for one in unapplied if one.currency == currency and one.amount > 0), Decimal(0)
        )
        account = by_currency.get(currency)
        found = (account.outstanding, account.credit, account.net) if account else (0, 0, 0)
        assert found == (owed, spare, owed - spare)
    for account in accounts:
        assert tuple(account.ageing) == AGE_BANDS
        assert sum(account.ageing.values()) == account.outstanding
        assert account.overdue == account.outstanding - account.ageing["current"]


BEFORE, AFTER = TODAY, TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("balance", "settled", "expected"),
    [
        ("40", [], "40"),
        ("40", [(BEFORE, "60")], "40"),
        ("40", [(AFTER, "60")], "100"),
        ("40", [(None, "60")], "40"),
        ("0", [(BEFORE, "30"), (AFTER, "50")], "50"),
        # The split of a later payment is not known: it took what the earlier ones had left.
        ("0", [(BEFORE, "30"), (AFTER, None)], "70"),
        ("0", [(BEFORE, None), (AFTER, "50")], "50"),
        ("0", [(BEFORE, None)], "0"),
        ("0", [(AFTER, None), (AFTER, "20")], "100"),
        ("0", [(BEFORE, None), (AFTER, None)], None),
        # Never more than the invoice itself, whatever the books say was paid.
        ("10", [(AFTER, "500")], "100"),
    ],
)
def test_balance_on(balance, settled, expected):
    parts = [Settled(dated, Decimal(amount) if amount else None) for dated, amount in settled]
    found = balance_on(TODAY, total=Decimal(100), balance=Decimal(balance), settled=parts)
    assert found == (None if expected is None else Decimal(expected))
