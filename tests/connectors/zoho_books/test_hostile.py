"""Whatever a row holds, its neighbours are read, and nothing but the row is lost."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunright.connectors.zoho_books import reads
from dunright.connectors.zoho_books.rows import page_decoder
from tests.connectors.zoho_books import shapes

LISTS = {
    "invoices": shapes.INVOICE,
    "customers": shapes.CUSTOMER,
    "persons": shapes.BULK_PERSON,
    "payments": shapes.PAYMENT,
    "credit_notes": shapes.CREDIT_NOTE,
    "currencies": shapes.CURRENCY,
    "organisations": shapes.ORGANISATION,
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**20, max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=300)
    | st.sampled_from(
        [
            "",
            "NaN",
            "-Infinity",
            "9999-12-31",
            "0000-00-00",
            "\x00",
            "\ud800",
            "1e999",
            "2026-06-09T13:15:33-0400",
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("what", sorted(LISTS))
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_hostile_row_leaves_its_neighbours_whole(what, data):
    read, shape = reads.READS[what], LISTS[what]
    keys = st.sampled_from(sorted(shape))
    odd = data.draw(
        st.one_of(ANYTHING, st.dictionaries(keys, ANYTHING, max_size=6).map(lambda changes: shape | changes))
    )
    rows = [shape | {read.id: "first"}, odd, shape | {read.id: "last"}]
    decoded = page_decoder(read.row, read.rows, read.id)(json.dumps({"code": 0, read.rows: rows}).encode())
    records, problems = reads._mapped(read, decoded.rows)
    ids = [record.external_id for record in records]
    assert {"first", "last"} <= set(ids)
    assert len(ids) + len(problems) + len(decoded.problems) <= 3
    for record in records:
        json.dumps(getattr(record, "extra", {}), ensure_ascii=False).encode()
        assert "\x00" not in repr(record)
    for problem in (*problems, *decoded.problems):
        assert problem.sentence.isprintable()
        problem.sentence.encode()
