"""Numbers of invoices by `response_option=2`, and lists of one status."""

import pytest

from dunright.remote.errors import RateLimited
from tests.connectors.sandboxed import connected
from zoho_sandbox.testing import running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(customers=12, life_goes_on=False) as running:
        yield running


def test_numbers_are_those_of_the_lists_and_cost_three_calls(sandbox):
    with connected(sandbox) as connector:
        statuses = {}
        for page in connector.pages("invoices"):
            for record in page.records:
                statuses.setdefault(record.source_status, set()).add(record.external_id)
        before = sandbox.calls()
        assert connector.invoice_counts() == {
            "all": sum(map(len, statuses.values())),
            "paid": len(statuses["paid"]),
            "void": len(statuses.get("void", ())),
        }
        assert sandbox.calls() - before == 3
        for status in ("paid", "void", "draft"):
            pages = connector.invoices_called(status)
            assert {record.external_id for page in pages for record in page.records} == statuses.get(
                status, set()
            )
        assert connector.probes["invoices_counted"] is True


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":0,"invoices":[]}',
        b'{"code":0,"page_context":{"page":1,"per_page":200}}',
        b'{"code":0,"page_context":{"total":"12"}}',
        b'{"code":0,"page_context":{"total":-1}}',
        b'{"code":0,"page_context":{"total":true}}',
    ],
)
def test_books_that_give_no_number_are_asked_once(server, books, body):
    server.answer(body)
    assert [books.invoice_counts(), books.invoice_counts()] == [{}, {}]
    assert (len(server.asked), books.probes) == (1, {"invoices_counted": False})


def test_calls_that_were_not_made_go_back_and_refusals_are_told(server, books, calls):
    server.answer({"code": 44, "message": "too many"}, {"code": 0, "page_context": {"total": 1}})
    with pytest.raises(RateLimited) as raised:
        books.invoice_counts()
    assert calls.refused == [raised.value]
    books.close()
    assert calls.returned == 1
