"""Two sides compared: what differs, in words, and what counts as agreement."""

from datetime import date
from decimal import Decimal

import pytest

from dunright.domain.comparing import (
    Account,
    Difference,
    Standing,
    agrees,
    as_json,
    compare_counts,
    compare_customer,
    compare_invoice,
    compare_sum,
    from_json,
    sentence,
)

INVOICE = Standing("1", "INV-1", "9", "Halloran Bearings", "EUR", Decimal("100.00"), date(2026, 11, 13))
CUSTOMER = Account("9", "Halloran Bearings", "orla@halloran.example", "active", "EUR")


def said(differences):
    return [(one.kind, one.ours, one.theirs, sentence(one)) for one in differences]


HERE = "INV-1 of Halloran Bearings"


@pytest.mark.parametrize(
    ("ours", "changes", "expected"),
    [
        (INVOICE, {}, []),
        # Amounts are kept to four decimals; how many of them are written makes no difference.
        (INVOICE, {"balance": Decimal("100.00001")}, []),
        (
            None,
            {},
            [("missing", None, "100.00 EUR", f"{HERE}: open in the books with 100.00 EUR, not open here.")],
        ),
        (
            INVOICE,
            {"balance": Decimal("0.5")},
            [("balance", "100.00 EUR", "0.50 EUR", f"{HERE}: 100.00 EUR open here, 0.50 EUR in the books.")],
        ),
        (
            INVOICE,
            {"currency": "JPY"},
            [("balance", "100.00 EUR", "100 JPY", f"{HERE}: 100.00 EUR open here, 100 JPY in the books.")],
        ),
        (
            INVOICE,
            {"due_date": None},
            [
                (
                    "due_date",
                    "2026-11-13",
                    "on no day",
                    f"{HERE}: due 2026-11-13 here, on no day in the books.",
                )
            ],
        ),
        (
            INVOICE._replace(customer_id="8", customer="Kelly & {Sons}"),
            {},
            [
                (
                    "customer",
                    "Kelly & {Sons}",
                    "Halloran Bearings",
                    "INV-1: of Kelly & {Sons} here, of Halloran Bearings in the books.",
                )
            ],
        ),
        (
            INVOICE._replace(number="", balance=Decimal(1)),
            {},
            [
                (
                    "balance",
                    "1.00 EUR",
                    "100.00 EUR",
                    f"{HERE}: 1.00 EUR open here, 100.00 EUR in the books.",
                ),
                ("number", "", "INV-1", f"{HERE}: called “” here, “INV-1” in the books."),
            ],
        ),
    ],
)
def test_an_invoice_of_the_books(ours, changes, expected):
    assert said(compare_invoice(ours, INVOICE._replace(**changes))) == expected


def test_an_invoice_that_the_books_do_not_have_open():
    assert compare_invoice(None, None) == ()
    assert said(compare_invoice(INVOICE, None)) == [
        ("extra", "100.00 EUR", None, f"{HERE}: open here with 100.00 EUR, not open in the books.")
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (CUSTOMER, CUSTOMER, []),
        (None, None, []),
        (
            None,
            CUSTOMER,
            [("customer_missing", None, "Halloran Bearings", "Halloran Bearings: in the books, not here.")],
        ),
        (
            CUSTOMER,
            None,
            [("customer_extra", "Halloran Bearings", None, "Halloran Bearings: here, not in the books.")],
        ),
        (
            CUSTOMER,
            CUSTOMER._replace(email=""),
            [
                (
                    "customer_data",
                    "orla@halloran.example",
                    "",
                    "Halloran Bearings: email is “orla@halloran.example” here, “” in the books.",
                )
            ],
        ),
    ],
)
def test_a_customer(ours, theirs, expected):
    assert said(compare_customer(ours, theirs)) == expected


def test_a_customers_sum():
    assert compare_sum(CUSTOMER, ours=Decimal(100), theirs=Decimal("100.00")) == ()
    (one,) = compare_sum(CUSTOMER, ours=Decimal(100), theirs=Decimal(150))
    assert sentence(one) == (
        "Halloran Bearings: the books say 150.00 EUR is outstanding; the open invoices and the opening balance come to "
        "100.00 EUR."
    )


def test_numbers_that_only_one_side_tells_are_not_compared():
    ours = {"customers": 3, "open": 4, "paid": 5}
    found = compare_counts(ours, {"open": 4, "paid": 6, "unknown": 1})
    assert said(found) == [("count", "5", "6", "Paid invoices: 5 here, 6 in the books.")]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [((), True), (("mended", "explained"), True), (("mended", "left"), False)],
)
def test_what_was_mended_or_explained_agrees(outcomes, expected):
    found = [Difference("count").ended(outcome) for outcome in outcomes]
    assert agrees(found) is expected


def test_a_difference_is_kept_and_read_again():
    (one,) = compare_invoice(None, INVOICE)
    assert from_json(as_json(one.ended("mended"))) == one.ended("mended")
    assert from_json({"kind": "of a later version", "note": "Odd.", "more": 1}) == Difference(
        "unreadable", note="Odd."
    )
