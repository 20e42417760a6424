"""Custom fields of the books under the keys that texts use."""

from decimal import Decimal

import pytest

from dunright.domain.wording.custom_fields import custom_fields, field_key, order_number


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, {}),
        ("odd", {}),
        ({"cf_region": "North", "cf_region_unformatted": "north"}, {"region": "North"}),
        (
            {"cf_region": "", "cf_count": 3, "cf_rate": Decimal("1.50"), "cf_vip": True},
            {"count": "3", "rate": "1.50", "vip": "yes"},
        ),
        ({"cf_tags": ["a", "", "b"], "cf_odd": {"a": 1}, "cf_none": None}, {"tags": "a, b"}),
        (
            [
                {"label": "Cost Centre", "value": "71", "index": 1},
                {
                    "api_name": "cf_since",
                    "label": "Since",
                    "value": "2026-01-02",
                    "value_formatted": "2 Jan 2026",
                },
                {"label": "cost centre", "value": "72"},
                {"label": 7, "value": "x"},
                "odd",
            ],
            {"cost_centre": "71", "since": "2 Jan 2026"},
        ),
    ],
)
def test_custom_fields(stored, expected):
    assert custom_fields({"custom_fields": stored} if stored is not None else {}) == expected


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cf_region", "region"),
        (" Cost Centre (2) ", "cost_centre_2"),
        ("2nd contact", ""),
        ("Ψ", ""),
        ("cf_", ""),
        ("x" * 80, "x" * 60),
    ],
)
def test_field_key(name, key):
    assert field_key(name) == key


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({}, "REF-1"),
        ({"salesorder_number": "SO-9", "custom_fields": {"cf_po_number": "PO-7"}}, "SO-9"),
        ({"custom_fields": {"cf_po": "1", "cf_po_number": "PO-7"}}, "PO-7"),
        ({"custom_fields": {"cf_region": "North"}}, "REF-1"),
    ],
)
def test_order_number(extra, expected):
    assert order_number(extra, reference="REF-1") == expected
