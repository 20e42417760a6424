"""The table of placeholders: complete, told apart, and with a value behind every row."""

import pytest

from dunright.domain.wording import values
from dunright.domain.wording.placeholders import (
    HELD,
    LEFT_OUT,
    PLACEHOLDERS,
    by_group,
    find,
    fits,
    label_of,
    may_be_empty,
    required_keys,
)


def test_keys_and_labels_are_told_apart():
    assert len({row.key for row in PLACEHOLDERS}) == len(PLACEHOLDERS)
    for form in ("single", "multi"):
        labels = [row.label for row in PLACEHOLDERS if fits(row, form)]
        assert len(set(labels)) == len(labels)


def test_every_row_has_an_example_and_a_fall_back():
    assert [row.key for row in PLACEHOLDERS if not (row.example and row.fallback and row.label)] == []
    assert {row.key for row in PLACEHOLDERS if row.required} == {
        row.key for row in PLACEHOLDERS if row.fallback == HELD
    }


def test_every_row_has_a_value_and_every_value_a_row():
    assert {row.key for row in PLACEHOLDERS if row.type != "custom"} == set(values._VALUES)


def test_required_ones():
    assert required_keys("single") == (
        "our.company",
        "sender.name",
        "invoice.number",
        "invoice.due_date",
        "invoice.amount_due",
    )
    assert required_keys("multi") == (
        "our.company",
        "sender.name",
        "block.invoice_table",
        "invoices.amount_due",
    )


def test_groups_for_an_editor_hold_only_what_fits():
    assert list(by_group("single")) == [
        "Contact",
        "Customer",
        "Us",
        "Sender",
        "Payment",
        "Account",
        "Letter",
        "Invoice",
    ]
    assert list(by_group("multi"))[-1] == "Invoices"
    assert {row.family for rows in by_group("multi").values() for row in rows} == {"universal", "multi"}


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("invoice.due_date", "Due date"),
        ("customer.custom.region_2", "Custom field of the customer"),
        ("invoice.custom.x", "Custom field of the invoice"),
    ],
)
def test_known_key(key, label):
    row = find(key)
    assert row is not None
    assert (row.label, label_of(key)) == (label, label)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "invoice",
        "invoice.custom",
        "customer.custom.",
        "customer.custom.A",
        "customer.custom.a.b",
        "a.custom.b",
    ],
)
def test_unknown_key(key):
    assert (find(key), label_of(key), may_be_empty(key)) == (None, key, False)


def test_what_may_be_empty():
    assert [
        may_be_empty(key) for key in ("invoice.reference", "customer.custom.x", "invoice.number", "greeting")
    ] == [
        True,
        True,
        False,
        False,
    ]
    assert {row.fallback for row in PLACEHOLDERS if may_be_empty(row.key)} == {LEFT_OUT}
