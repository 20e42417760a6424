"""The connector: what the rest of Dunright calls."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from dunright.connectors.base import Ability, Budget, Connector, Linked, Page, Problem, TokenSource
from dunright.connectors.zoho_books import details, reads, writes
from dunright.connectors.zoho_books.client import Client
from dunright.connectors.zoho_books.data_centres import DataCentre, data_centre
from dunright.domain.records import (
    CreditNoteRecord,
    CustomerRecord,
    InvoiceDetailRecord,
    InvoiceRecord,
    OrganisationRecord,
    PaymentRecord,
    PersonRecord,
)
from dunright.remote.errors import BadData, NotFound, PermissionMissing
from dunright.remote.http import PATIENT, Retry

AREAS: Mapping[Linked, str] = {"customer": "contacts", "invoice": "invoices"}
BULK_PERSONS = "bulk_persons"
COUNTED = "invoices_counted"
NO_BULK_PERSONS = (
    "These books do not give all contact persons in one list, so they are read customer by customer, "
    "as the day's calls allow."
)


class ZohoBooks(Connector):
    """One organisation of Zoho Books."""

    key = "zoho_books"
    label = "Zoho Books"
    abilities = frozenset(Ability)
    per_page = reads.PER_PAGE
    reads = reads.READS

    def __init__(
        self,
        *,
        location: str,
        external_id: str,
        tokens: TokenSource,
        budget: Budget,
        sandbox_url: str = "",
        probes: Mapping[str, bool] | None = None,
        retry: Retry = PATIENT,
    ) -> None:
        self._centre = data_centre(location, sandbox_url=sandbox_url)
        self._external_id = external_id
        self._client = Client(self._centre, external_id, tokens, budget, retry=retry)
        self.probes = dict(probes or {})

    def close(self) -> None:
        """Give back the network connections."""
        self._client.close()

    def organisations(self) -> tuple[OrganisationRecord, ...]:
        """Return every organisation that the log-in reaches."""
        sheet = reads.fetch(self._client, self.reads["organisations"], {})
        if sheet.problems and not sheet.records:
            raise BadData(sheet.problems[0].sentence)
        return sheet.records

    def pages(
        self, what: str, *, since: datetime | None = None, only_open: bool = False, start: int = 1
    ) -> Iterator[Page[Any]]:
        """Read a list; see `Connector.pages`. `only_open` reads all that is open, whatever `since` says."""
        read = self.reads[what]
        if what == "persons" and not self.has_bulk_persons():
            return iter((Page((), start, is_last=True, problems=(Problem("", NO_BULK_PERSONS),)),))
        if only_open and what == "invoices":
            return reads.open_pages(self._client, start=start)

        def learn(name: str, found: bool) -> None:  # noqa: FBT001 - as `reads.Learn` has it
            self.probes[f"{what}_{name}"] = found

        if since is None or not read.since:
            return reads.full_pages(self._client, read, start=start, learn=learn)
        is_sorted = self.probes.get(f"{what}_{reads.SORTED}", True)
        if not is_sorted and self.probes.get(f"{what}_{reads.FILTERED}"):
            return reads.filtered_pages(self._client, read, since, start=start, learn=learn)
        if not is_sorted:
            return reads.full_pages(self._client, read, start=start, learn=learn)
        return reads.changed_pages(self._client, read, since, start=start, learn=learn)

    def has_bulk_persons(self) -> bool:
        """Tell whether these books give all contact persons in one list; asked once, then remembered in `probes`."""
        if BULK_PERSONS not in self.probes:
            try:
                reads.fetch(self._client, self.reads["persons"], {"page": "1", "per_page": "1"})
            except (NotFound, PermissionMissing, BadData):
                self.probes[BULK_PERSONS] = False
            else:
                self.probes[BULK_PERSONS] = True
        return self.probes[BULK_PERSONS]

    def persons(self, customer_ids: tuple[str, ...], *, start: int = 1) -> Iterator[Page[PersonRecord]]:
        """Read contact persons in bulk where these books can, else customer by customer; see `Connector.persons`."""
        if self.has_bulk_persons():
            yield from reads.full_pages(self._client, self.reads["persons"], start=start)
            return
        for number, customer_id in enumerate(customer_ids[start - 1 :], start=start):
            is_last = number == len(customer_ids)
            try:
                found = self.customer(customer_id)
            except (NotFound, BadData) as error:
                yield Page((), number, is_last, (Problem(customer_id, error.sentence),))
            else:
                problems = tuple(Problem(customer_id, sentence) for sentence in found.problems)
                yield Page(found.persons or (), number, is_last, problems)

    def customer(self, external_id: str) -> CustomerRecord:
        """Read one customer with persons, billing address and notes."""
        return details.customer(self._client, external_id)

    def invoice(self, external_id: str) -> InvoiceDetailRecord:
        """Read one invoice with recipients and lines."""
        return details.invoice(self._client, external_id)

    def payment(self, external_id: str) -> PaymentRecord:
        """Read one payment with its allocations."""
        return details.payment(self._client, external_id)

    def credit_note(self, external_id: str) -> CreditNoteRecord:
        """Read one credit note."""
        return details.credit_note(self._client, external_id)

    def open_invoices_of(self, customer_id: str) -> tuple[InvoiceRecord, ...]:
        """Read all open invoices of one customer now."""
        return reads.open_of_customer(self._client, customer_id)

    def all_open_invoices(self) -> Iterator[Page[InvoiceRecord]]:
        """Read every open invoice in one pass."""
        return reads.open_pages(self._client)

    def invoice_counts(self) -> Mapping[str, int]:
        """Return the numbers of invoices, a call each; nothing, and no further call, where these books give none."""
        if not self.probes.get(COUNTED, True):
            return {}
        found = reads.invoice_counts(self._client)
        self.probes[COUNTED] = bool(found)
        return found

    def invoices_called(self, status: str) -> Iterator[Page[InvoiceRecord]]:
        """Read the invoices of one of Zoho's statuses."""
        return reads.invoices_called(self._client, status)

    def invoice_pdf(self, external_id: str) -> bytes:
        """Return the invoice as Zoho prints it."""
        return details.invoice_pdf(self._client, external_id)

    def expect_payment(self, invoice_id: str, day: date | None) -> None:
        """Write the expected payment date of an invoice; None takes it back."""
        writes.expect_payment(self._client, invoice_id, day)

    def stop_reminders(self, what: Linked, external_id: str) -> None:
        """Switch Zoho's own reminders off."""
        writes.stop_reminders(self._client, AREAS[what], external_id)

    def comments(self, invoice_id: str) -> tuple[str, ...]:
        """Read the comments on an invoice."""
        return writes.comments(self._client, invoice_id)

    def add_comment(self, invoice_id: str, text: str) -> None:
        """Write a comment on an invoice that its customer does not see."""
        writes.add_comment(self._client, invoice_id, text)

    def customer_link(self, external_id: str) -> str:
        """Return the address of the customer's page in Zoho Books."""
        return self._link("customer", external_id)

    def invoice_link(self, external_id: str) -> str:
        """Return the address of the invoice's page in Zoho Books."""
        return self._link("invoice", external_id)

    def _link(self, what: Linked, external_id: str) -> str:
        return _page_of(self._centre, self._external_id, what, external_id)

    @classmethod
    def record_link(
        cls, what: Linked, external_id: str, *, location: str, books: str, sandbox_url: str = ""
    ) -> str:
        """Return the address of a record's page in Zoho Books (zoho-books-api.md section 11)."""
        return _page_of(data_centre(location, sandbox_url=sandbox_url), books, what, external_id)


def _page_of(centre: DataCentre, books: str, what: Linked, external_id: str) -> str:
    # The organisation must be named: without it Zoho opens whichever books the person used last.
    return f"{centre.web}/app/{quote(books, safe='')}#/{AREAS[what]}/{quote(external_id, safe='')}"
