from datetime import UTC, datetime

import pytest

from dunright.connectors.zoho_books.probing import filter_works
from dunright.remote.errors import BadData


def at(*seconds):
    return [datetime(2026, 11, 24, 9, 0, second, tzinfo=UTC) for second in seconds]


@pytest.mark.parametrize(
    ("moments", "answer", "expected"),
    [
        (at(10, 30, 20), at(30), True),
        # Rows that were not among those known, but are newer.
        (at(10, 30, 20), at(25, 40), True),
        (at(10, 30, 20), at(), False),
        (at(10, 30, 20), at(10, 20, 30), False),
        # One second apart: a time between them would be one of them.
        (at(29, 30, 20), at(30, 29), True),
        (at(29, 30, 20), at(30, 29, 20), False),
    ],
)
def test_only_a_filter_that_means_since_works(moments, answer, expected):
    assert filter_works(moments, lambda _: answer) is expected


def test_it_is_asked_for_a_time_that_no_row_has():
    asked = []

    def ask(since):
        asked.append(since)
        return at(30)

    filter_works(at(10, 30, 20, 30), ask)
    assert asked == at(21)


@pytest.mark.parametrize("moments", [at(), at(10), at(10, 10), at(10, 11)])
def test_nothing_is_told_where_changes_are_not_apart(moments):
    assert filter_works(moments, lambda _: pytest.fail("asked")) is None


def test_filter_that_is_refused_does_not_work():
    def refuse(_):
        raise BadData("Invalid value passed for last_modified_time")

    assert filter_works(at(10, 30), refuse) is False
