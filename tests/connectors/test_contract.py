"""Every connector keeps the contract; and the contract notices one that does not."""

import pytest

from dunright.connectors import contract
from dunright.connectors.base import Page
from dunright.connectors.contract import CHECKS, ContractBroken
from dunright.connectors.registry import CONNECTORS
from dunright.domain.records import AllocationRecord
from tests.connectors.sandboxed import connected, sample_of
from zoho_sandbox.testing import running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(life_goes_on=False) as running:
        yield running


@pytest.fixture(scope="module", params=sorted(CONNECTORS))
def connector(request, sandbox):
    """Each connector, with books to read."""
    assert request.param == "zoho_books"
    with connected(sandbox) as books:
        yield books


@pytest.fixture(scope="module")
def sample(sandbox):
    return sample_of(sandbox)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_connector_keeps_the_contract(connector, sample, check):
    check(connector, sample)


class Wrong:
    """A connector with one fault."""

    def __init__(self, connector, **faults):
        self._connector = connector
        self._faults = faults

    def __getattr__(self, name):
        real = getattr(self._connector, name)
        fault = self._faults.get(name)
        if fault is None:
            return real
        return (lambda *given, **more: fault(real(*given, **more))) if callable(real) else fault


def without_first_record(pages):
    first, *others = pages
    return iter([first._replace(records=first.records[1:]), *others])


def each_page(change):
    return lambda pages: (change(page) for page in pages)


@pytest.mark.parametrize(
    ("check", "faults"),
    [
        (contract.declares_what_it_can, {"abilities": frozenset({"links"})}),
        (contract.declares_what_it_can, {"label": ""}),
        (contract.names_the_organisation, {"organisations": lambda _found: ()}),
        (
            contract.reads_every_record,
            {"pages": each_page(lambda page: page._replace(records=page.records[1:]))},
        ),
        (contract.numbers_its_pages, {"pages": each_page(lambda page: page._replace(is_last=True))}),
        (
            contract.numbers_its_pages,
            {"pages": each_page(lambda page: page._replace(records=page.records * 2))},
        ),
        (contract.goes_on_where_it_stopped, {"pages": without_first_record}),
        (contract.tells_what_is_open, {"all_open_invoices": lambda _pages: iter(())}),
        (contract.tells_what_is_open, {"open_invoices_of": lambda _found: ()}),
        (
            contract.details_agree_with_lists,
            {"payment": lambda found: found._replace(allocations=(AllocationRecord("1", 1),))},
        ),
        (contract.details_agree_with_lists, {"customer": lambda found: found._replace(persons=None)}),
        (
            contract.details_agree_with_lists,
            {"invoice": lambda found: found._replace(invoice=found.invoice._replace(balance=-1))},
        ),
        (contract.persons_are_complete, {"persons": lambda _pages: iter((Page((), 1, is_last=True),))}),
        (
            contract.values_are_plain_and_exact,
            {
                "pages": each_page(
                    lambda page: page._replace(
                        records=tuple(one._replace(extra={1.5: 2}) for one in page.records)
                    )
                )
            },
        ),
        (contract.pages_of_the_system_are_linked, {"customer_link": lambda _link: "javascript:12345"}),
        (contract.invoices_come_as_pdf, {"invoice_pdf": lambda _pdf: b"<html>"}),
    ],
)
def test_contract_notices_a_connector_that_does_not_keep_it(connector, sample, check, faults):
    only_invoices = sample._replace(counts={what: sample.counts[what] for what in ("invoices", "persons")})
    with pytest.raises(ContractBroken):
        check(Wrong(connector, **faults), only_invoices)
