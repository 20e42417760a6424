"""What every connector must keep, as checks that run against any of them: recorded answers or a live system.

A test hands each of `CHECKS` a connector and a `Sample`, which says what is in the books; a check that is not
kept raises `ContractBroken` with a sentence.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from dunright.connectors.base import Ability, Connector, Page
from dunright.domain.records import (
    CreditNoteRecord,
    CurrencyRecord,
    CustomerRecord,
    InvoiceRecord,
    PaymentRecord,
    PersonRecord,
)
from dunright.remote.errors import NotFound

RECORDS: Mapping[str, type[Any]] = {
    "customers": CustomerRecord,
    "persons": PersonRecord,
    "invoices": InvoiceRecord,
    "payments": PaymentRecord,
    "credit_notes": CreditNoteRecord,
    "currencies": CurrencyRecord,
}
NEEDED = frozenset({"customers", "invoices", "payments"})
INVOICE_STATUSES = frozenset({"open", "draft", "void", "written_off", "paid"})
NO_RECORD = ("999999999999999999", "..", "a/b?c#d", "")


class ContractBroken(AssertionError):
    """A connector does not keep what all of them promise."""


class Sample(NamedTuple):
    """What the books hold, known from elsewhere than the connector."""

    organisation_id: str
    counts: Mapping[str, int]
    """Records of each list."""
    open_invoice_ids: frozenset[str]


def _require(condition: object, sentence: str) -> None:
    if not condition:
        raise ContractBroken(sentence)


def declares_what_it_can(connector: Connector, _sample: Sample) -> None:
    """The lists that every system has are there, and abilities go with lists."""
    _require(connector.key and connector.label, "It has no key or no label.")
    _require(set(connector.reads) >= NEEDED, "It does not read customers, invoices and payments.")
    for ability, what in ((Ability.PERSONS, "persons"), (Ability.CREDIT_NOTES, "credit_notes")):
        declared = ability in connector.abilities
        _require(declared == (what in connector.reads), f"Ability and list of {what} do not agree.")


def names_the_organisation(connector: Connector, sample: Sample) -> None:
    """The books that are read are among those the log-in reaches."""
    found = [one.external_id for one in connector.organisations()]
    _require(sample.organisation_id in found, f"The books {sample.organisation_id} are not among {found}.")


def reads_every_record(connector: Connector, sample: Sample) -> None:
    """Every list gives as many different records as there are, of the right kind."""
    for what, count in sample.counts.items():
        records = _all(connector.pages(what))
        _require(len(records) == count, f"{len(records)} {what} were read of {count}.")
        kinds = {type(record) for record in records.values()}
        _require(kinds <= {RECORDS[what]}, f"The list of {what} gives {kinds}.")


def numbers_its_pages(connector: Connector, sample: Sample) -> None:
    """Pages count up, only the last says so, no id comes twice in one, and only the first has a watermark."""
    for what in sample.counts:
        pages = list(connector.pages(what))
        numbers = [page.number for page in pages]
        _require(numbers == list(range(1, len(pages) + 1)), f"Pages of {what} are numbered {numbers}.")
        lasts = [page.is_last for page in pages]
        _require(lasts == [False] * (len(pages) - 1) + [True], f"The last page of {what} is not told.")
        _require(
            all(page.watermark is None for page in pages[1:]), f"A later page of {what} has a watermark."
        )
        for page in pages:
            ids = [record.external_id for record in page.records]
            _require(len(ids) == len(set(ids)), f"Page {page.number} of {what} has an id twice.")


def goes_on_where_it_stopped(connector: Connector, sample: Sample) -> None:
    """A read that starts at page 2 gives what the whole read gave from there."""
    for what in sample.counts:
        pages = [page.records for page in connector.pages(what)]
        if len(pages) > 1:
            rest = [page.records for page in connector.pages(what, start=2)]
            _require(_without_links(rest) == _without_links(pages[1:]), f"{what} do not go on at page 2.")


def reads_changes(connector: Connector, sample: Sample) -> None:
    """Since its watermark a list gives part of itself, and all that is newer."""
    for what in sample.counts:
        pages = list(connector.pages(what))
        watermark = pages[0].watermark
        if watermark is None:
            continue
        records = _all(pages)
        newer = {
            key for key, record in records.items() if record.modified_at and record.modified_at >= watermark
        }
        found = _all(connector.pages(what, since=watermark)).keys()
        _require(newer <= found <= records.keys(), f"Changes of {what} since {watermark} are not all read.")
        _require(newer, f"Nothing of {what} is as new as the watermark {watermark}.")


def tells_what_is_open(connector: Connector, sample: Sample) -> None:
    """Three ways to ask for open invoices give the same, with the same balances as the list of all."""
    listed = {
        key: record for key, record in _all(connector.pages("invoices")).items() if record.status == "open"
    }
    _require(listed.keys() == sample.open_invoice_ids, "The list of all invoices shows others open.")
    ways = {
        "only_open": _all(connector.pages("invoices", only_open=True)),
        "all_open_invoices": _all(connector.all_open_invoices()),
    }
    if Ability.FRESH_READ_OF_CUSTOMER in connector.abilities:
        customers = {record.customer_id for record in listed.values()}
        ways["open_invoices_of"] = {
            record.external_id: record for one in customers for record in connector.open_invoices_of(one)
        }
    for way, found in ways.items():
        _require(found.keys() == listed.keys(), f"{way} shows others open than the list.")
        balances = {key: record.balance for key, record in found.items()}
        _require(
            balances == {key: record.balance for key, record in listed.items()}, f"{way} has other balances."
        )
    _require(connector.open_invoices_of(NO_RECORD[0]) == (), "An unknown customer has open invoices.")


def details_agree_with_lists(connector: Connector, _sample: Sample) -> None:
    """A single record says what its list says, and more."""
    for record in _some(connector.pages("customers")):
        found = connector.customer(record.external_id)
        _require((found.name, found.outstanding) == (record.name, record.outstanding), "A customer differs.")
        _require(found.persons is not None, f"Customer {record.external_id} comes without persons.")
        _require(
            {person.customer_id for person in found.persons or ()} <= {record.external_id},
            f"Customer {record.external_id} comes with persons of another.",
        )
    for record in _some(connector.pages("invoices")):
        head = connector.invoice(record.external_id).invoice
        same = ("number", "customer_id", "status", "due_date", "total", "balance", "currency")
        differ = [name for name in same if getattr(head, name) != getattr(record, name)]
        _require(not differ, f"Invoice {record.external_id} differs in {differ}.")
    for record in _some(connector.pages("payments")):
        payment = connector.payment(record.external_id)
        _require(payment.currency, f"Payment {record.external_id} has no currency.")
        settled = sum((part.amount for part in payment.allocations or ()), Decimal(0))
        given = payment.amount + payment.tax_withheld - payment.unused
        _require(settled == given, f"Payment {record.external_id} settles {settled} of {given}.")


def says_what_is_gone(connector: Connector, _sample: Sample) -> None:
    """An id that is unknown, or none at all, is `NotFound` and leads nowhere else."""
    for external_id in NO_RECORD:
        for read in (connector.customer, connector.invoice, connector.payment, connector.invoice_pdf):
            try:
                read(external_id)
            except NotFound:
                continue
            raise ContractBroken(f"“{external_id}” is not told to be gone.")


def persons_are_complete(connector: Connector, sample: Sample) -> None:
    """Asked for some customers, their persons come as a customer's own record has them."""
    if "persons" not in sample.counts:
        return
    customers = {record.external_id: record for record in _some(connector.pages("customers"))}
    found: dict[str, set[str]] = {key: set() for key in customers}
    for page in connector.persons(tuple(customers)):
        for person in page.records:
            found.setdefault(person.customer_id, set()).add(person.external_id)
    for key in customers:
        own = {person.external_id for person in connector.customer(key).persons or ()}
        _require(found[key] == own, f"Customer {key} has persons {own}, but {found[key]} were read.")


def values_are_plain_and_exact(connector: Connector, sample: Sample) -> None:
    """Amounts are finite decimals with a currency, moments carry an offset, texts have no NUL, extras are JSON."""
    for what in sample.counts:
        for record in _all(connector.pages(what)).values():
            for name, value in record._asdict().items():
                _require(_is_fine(name, value), f"{what}: {name} of {record.external_id} is {value!r}.")
            if isinstance(record, InvoiceRecord):
                fine = record.status in INVOICE_STATUSES and record.number and record.total.is_finite()
                _require(fine, f"Invoice {record.external_id} has no number, or the status {record.status}.")


def pages_of_the_system_are_linked(connector: Connector, _sample: Sample) -> None:
    """Links lead to a web address that names the record, where the system has such."""
    for link in (connector.customer_link("12345"), connector.invoice_link("12345")):
        if Ability.LINKS in connector.abilities:
            _require(link.startswith(("https://", "http://")) and "12345" in link, f"{link} is no link.")
        else:
            _require(link == "", "A link is given though none is declared.")


def invoices_come_as_pdf(connector: Connector, sample: Sample) -> None:
    """An invoice can be had as a PDF file, where that is declared."""
    if Ability.PDFS in connector.abilities:
        pdf = connector.invoice_pdf(min(sample.open_invoice_ids))
        _require(pdf.startswith(b"%PDF-"), "The PDF is none.")


def _all(pages: Iterable[Page[Any]]) -> dict[str, Any]:
    return {record.external_id: record for page in pages for record in page.records}


def _some(pages: Iterator[Page[Any]]) -> list[Any]:
    """Return a few records from all over the first page."""
    records = next(pages).records
    return list(records[:: max(len(records) // 5, 1)])


def _without_links(pages: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Payment links change between calls."""
    return [
        [record._replace(link="") if isinstance(record, InvoiceRecord) else record for record in page]
        for page in pages
    ]


def _is_fine(name: str, value: Any) -> bool:
    match value:
        case float():
            return False
        case Decimal():
            return value.is_finite()
        case datetime():
            return value.tzinfo is not None
        case str():
            return "\x00" not in value and (name != "currency" or value == "" or len(value) == 3)  # noqa: PLR2004
        case None | bool() | int() | date():
            return True
        case tuple():
            return all(_is_fine("", part) for part in value)
        case _:
            return bool(msgspec.json.decode(msgspec.json.encode(value)) == value)


Check = Callable[[Connector, Sample], None]
CHECKS: tuple[Check, ...] = (
    declares_what_it_can,
    names_the_organisation,
    reads_every_record,
    numbers_its_pages,
    goes_on_where_it_stopped,
    reads_changes,
    tells_what_is_open,
    details_agree_with_lists,
    says_what_is_gone,
    persons_are_complete,
    values_are_plain_and_exact,
    pages_of_the_system_are_linked,
    invoices_come_as_pdf,
)
