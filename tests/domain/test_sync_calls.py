"""The arithmetic of zoho-books-api.md section 12.3."""

import pytest

from dunright.domain import sync_calls


@pytest.mark.parametrize(
    ("contacts", "frugal", "whole"), [(1_000, 15, 125), (10_000, 150, 1_250), (100_000, 1_500, 12_500)]
)
def test_calls_of_whole_books_are_those_of_the_table(contacts, frugal, whole):
    people = {"customers": contacts, "persons": 2 * contacts}
    documents = {"invoices": 12 * contacts, "payments": 10 * contacts}
    assert sync_calls.lists(people) == frugal
    assert sync_calls.lists(people | documents) == whole


@pytest.mark.parametrize(("rows", "expected"), [(0, 0), (1, 1), (200, 1), (201, 2), (400, 2)])
def test_a_list_costs_a_call_for_each_page(rows, expected):
    assert sync_calls.pages(rows) == expected


def test_an_empty_list_costs_the_call_that_shows_it():
    rows = {"currencies": 1, "customers": 0, "persons": 0, "invoices": 0, "payments": 0, "credit_notes": 0}
    assert sync_calls.first_sync(rows, open_invoices=0) == 1 + 1 + 1 + 2 + 1 + 1 + 1
