from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.web import charts

AMOUNTS = [Decimal(text) for text in ("74747", "52950", "32369", "13570", "12215")]


def drawn(amounts):
    svg = charts.ageing_bar(amounts, title="Age <of> debt", description='Not due & "late"')
    return ET.fromstring(svg)


def test_shares_add_up():
    assert charts.shares(AMOUNTS) == [40, 29, 17, 7, 7]


@given(st.lists(st.decimals(min_value=-1000, max_value=10**9, places=2), min_size=1, max_size=6))
def test_shares_add_up_to_a_hundred_or_to_nothing(amounts):
    assert sum(charts.shares(amounts)) == (100 if any(amount > 0 for amount in amounts) else 0)


def test_the_bar_is_as_wide_as_the_debt():
    parts = [(part.get("class"), part.get("x"), part.get("width")) for part in drawn(AMOUNTS).iter("rect")]
    assert parts == [
        ("age-0", "0.000%", "40.219%"),
        ("age-1", "40.219%", "28.491%"),
        ("age-2", "68.709%", "17.417%"),
        ("age-3", "86.126%", "7.302%"),
        ("age-4", "93.428%", "6.572%"),
    ]


def test_an_empty_band_has_neither_part_nor_gap():
    svg = drawn([Decimal(10), Decimal(0), Decimal(30)])
    assert [part.get("class") for part in svg.iter("rect")] == ["age-0", "age-2"]
    assert [line.get("x1") for line in svg.iter("line")] == ["25.000%"]


@pytest.mark.parametrize("amounts", [[Decimal(0)] * 5, [Decimal(-5), Decimal(0)]])
def test_nothing_owed_is_one_grey_bar(amounts):
    assert [part.get("class") for part in drawn(amounts).iter("rect")] == ["age-none"]


def test_screen_readers_get_the_figures():
    svg = drawn(AMOUNTS)
    assert (svg.get("role"), svg.get("aria-label")) == ("img", 'Age <of> debt: Not due & "late"')
    assert [svg.find("title").text, svg.find("desc").text] == ["Age <of> debt", 'Not due & "late"']
