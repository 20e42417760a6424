from decimal import Decimal

import pytest

from dunright.domain.money import amount_text, decimals_of, in_base_currency


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1000", "EUR", "1000.00"),
        ("0", "EUR", "0.00"),
        ("-0.001", "EUR", "0.00"),
        ("-0.5", "EUR", "-0.50"),
        ("2.345", "EUR", "2.35"),
        ("1E+3", "EUR", "1000.00"),
        ("1000.00", "JPY", "1000"),
        ("1.5", "KWD", "1.500"),
        ("100.50", "RSD", "100.50"),
        ("1", "ZZZ", "1.00"),
        ("123456789012345678901234567890.12", "EUR", "123456789012345678901234567890.12"),
    ],
)
def test_amounts_are_written_with_the_decimals_of_their_currency(amount, currency, expected):
    assert amount_text(Decimal(amount), currency) == expected


def test_decimals_follow_iso_4217():
    assert [decimals_of(code) for code in ("EUR", "JPY", "TND", "CLF")] == [2, 0, 3, 4]


def test_conversion_is_exact():
    product = in_base_currency(Decimal("99999999999999.9999"), Decimal("1.00000000000000000001"))
    assert product == Decimal("99999999999999.999900999999999999999999")
