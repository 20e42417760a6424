"""What an accounting system must offer to be chased from. A connector reads and returns records; it stores nothing.

The caller stores: how far a read came (`Page.number`), the watermark of a finished read, and what was found missing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

from dunright.domain.records import (
    CreditNoteRecord,
    CustomerRecord,
    InvoiceDetailRecord,
    InvoiceRecord,
    OrganisationRecord,
    PaymentRecord,
    PersonRecord,
)
from dunright.remote.http import PATIENT, Retry
from dunright.remote.protocols import Allowance, Budget, TokenSource

__all__ = ["Ability", "Allowance", "Budget", "Connector", "Linked", "Page", "Problem", "Read", "TokenSource"]

RecordT = TypeVar("RecordT")


Linked = Literal["customer", "invoice"]
"""What has a page of its own in the system."""


class Ability(StrEnum):
    """What a system can do beyond its lists. What is missing is declared, and the product says so."""

    FRESH_READ_OF_CUSTOMER = "fresh_read_of_customer"
    """All open invoices of one customer, read this moment (`open_invoices_of`)."""
    PERSONS = "persons"
    """More than one contact person of a customer."""
    FIRST_NAMES = "first_names"
    ADDRESSES = "addresses"
    LINKS = "links"
    """Addresses of the system's own pages for a customer and an invoice (`record_link`)."""
    PAYMENT_LINKS = "payment_links"
    """An address where the customer can see and pay the invoice."""
    PDFS = "pdfs"
    CREDIT_NOTES = "credit_notes"
    PAYMENT_SPLITS = "payment_splits"
    """Which invoices a payment settled, and with how much."""
    WRITE_OFFS = "write_offs"
    EXPECTED_DATES = "expected_dates"
    """Takes the day on which an invoice's payment is expected (`expect_payment`)."""
    REMINDER_SWITCH = "reminder_switch"
    """The system's own reminders can be switched off (`stop_reminders`)."""
    COMMENTS = "comments"
    """Keeps comments on an invoice (`comments`, `add_comment`)."""


class Read(NamedTuple):
    """One list of a system: where it is and how a row becomes a record."""

    path: str
    rows: str
    """Key of the rows in an answer."""
    to_record: Any
    """Called with one row of `row`; raises `ValueError` for a row that cannot be believed."""
    row: Any
    """Type a row is decoded into."""
    id: str
    """Field of the row's id, for sentences about rows that failed."""
    params: Mapping[str, str] = {}
    since: str = ""
    """Column that tells changes by time; empty when the list is always read whole."""


class Problem(NamedTuple):
    """A row that was left out, and why, in a sentence for people."""

    external_id: str
    """Empty when the row does not even tell its id."""
    sentence: str


class Page(NamedTuple, Generic[RecordT]):
    """One page of a list. No id occurs twice within it; across pages one may (the later one counts)."""

    records: tuple[RecordT, ...]
    number: int
    """To go on after a break: `pages(…, start=number + 1)`."""
    is_last: bool
    problems: tuple[Problem, ...] = ()
    watermark: datetime | None = None
    """Only on the first page of a read: what to pass as `since` next time, once this read came to its end.
    None there: this list cannot be read by changes, or it is empty: keep the old watermark."""


class Connector(ABC):
    """An accounting system, for one set of books. Safe to use from several threads; close it after use.

    Every method may raise any `dunright.remote.errors.RemoteError`.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    abilities: ClassVar[frozenset[Ability]]
    reads: ClassVar[Mapping[str, Read]]
    """The lists by name: customers, invoices, payments, and credit_notes, persons, currencies where there are
    such."""
    per_page: ClassVar[int]
    """Rows that a call to a list brings at most: what reading a list costs."""
    probes: dict[str, bool]
    """What was found out about these books (such as `bulk_persons`, or whether a list can be sorted by change), for
    the caller to keep and to hand in next time."""

    @abstractmethod
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
        """Make ready to read the books `external_id` at `location` (a data centre). Nothing is called yet.

        `external_id` may be empty while only `organisations` is asked. `sandbox_url` is the data centre `sandbox`.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give back the network connections."""

    @abstractmethod
    def organisations(self) -> tuple[OrganisationRecord, ...]:
        """Return every set of books that the log-in reaches (before `external_id` is chosen, too)."""

    @abstractmethod
    def pages(
        self, what: str, *, since: datetime | None = None, only_open: bool = False, start: int = 1
    ) -> Iterator[Page[Any]]:
        """Read the list `what` (a key of `reads`), page by page.

        A list that these books do not give is one empty page with a problem that says what happens instead.

        `since`: only what changed since this watermark; the connector itself reads somewhat further back, so rows come
        that are known already. `only_open`: only invoices with something to pay. `start`: the page to begin with.
        """

    @abstractmethod
    def has_bulk_persons(self) -> bool:
        """Tell whether one list gives all contact persons; else they come with their customers only."""

    @abstractmethod
    def persons(self, customer_ids: tuple[str, ...], *, start: int = 1) -> Iterator[Page[PersonRecord]]:
        """Read the contact persons of (at least) these customers in as few calls as the system allows.

        In bulk when the system can: then persons of other customers come along. Else one page for each customer.
        """

    @abstractmethod
    def customer(self, external_id: str) -> CustomerRecord:
        """Read one customer with all persons, billing address and notes. Raises `NotFound` when it is gone."""

    @abstractmethod
    def invoice(self, external_id: str) -> InvoiceDetailRecord:
        """Read one invoice with its recipients and lines. Raises `NotFound` when it is gone."""

    @abstractmethod
    def payment(self, external_id: str) -> PaymentRecord:
        """Read one payment with its allocations. Raises `NotFound` when it is gone."""

    @abstractmethod
    def credit_note(self, external_id: str) -> CreditNoteRecord:
        """Read one credit note. Raises `NotFound` when it is gone."""

    @abstractmethod
    def open_invoices_of(self, customer_id: str) -> tuple[InvoiceRecord, ...]:
        """Read all open invoices of one customer now: the last look before a message leaves.

        Raises `BadData` when any row cannot be believed: what is not known for sure must not be chased.
        """

    @abstractmethod
    def all_open_invoices(self) -> Iterator[Page[InvoiceRecord]]:
        """Read every open invoice of the books in one pass: the look before a run.

        An invoice that is missing must be confirmed with `invoice`: rows shift when one is paid while the list is read.
        """

    def invoice_counts(self) -> Mapping[str, int]:
        """How many invoices there are: `all`, and those that the system calls `paid` and `void`.

        Empty when it gives no numbers without the invoices themselves.
        """
        return {}

    def invoices_called(self, status: str) -> Iterator[Page[InvoiceRecord]]:
        """Read the invoices that the system calls `paid`, `void` or `draft`, from end to end."""
        raise NotImplementedError(f"{self.label} has no list of {status} invoices.")

    @abstractmethod
    def invoice_pdf(self, external_id: str) -> bytes:
        """Return the invoice as the system prints it. Raises `NotFound` when it is gone."""

    def expect_payment(self, invoice_id: str, day: date | None) -> None:
        """Write the day on which payment is expected; None takes it back. Sent once, as all that writes.

        Raises `Unavailable` when nobody knows whether it was written, another error when it certainly was not.
        """
        raise NotImplementedError(f"{self.label} takes no expected dates.")

    def stop_reminders(self, what: Linked, external_id: str) -> None:
        """Switch the system's own reminders off, of one invoice or of a customer; harmless when they are."""
        raise NotImplementedError(f"{self.label} does not let its reminders be switched off.")

    def comments(self, invoice_id: str) -> tuple[str, ...]:
        """Read the comments on an invoice, as plain text. Raises `NotFound` when it is gone."""
        raise NotImplementedError(f"{self.label} keeps no comments.")

    def add_comment(self, invoice_id: str, text: str) -> None:
        """Write a comment on an invoice that its customer does not see."""
        raise NotImplementedError(f"{self.label} keeps no comments.")

    @abstractmethod
    def customer_link(self, external_id: str) -> str:
        """Return the address of the customer in the system's own pages, or an empty string."""

    @abstractmethod
    def invoice_link(self, external_id: str) -> str:
        """Return the address of the invoice in the system's own pages, or an empty string."""

    @classmethod
    @abstractmethod
    def record_link(
        cls, what: Linked, external_id: str, *, location: str, books: str, sandbox_url: str = ""
    ) -> str:
        """Return the address of a record in the system's own pages, or an empty string; nothing is called.

        `books`: the source's id of the books. Raises `Misconfigured` for a location that does not exist.
        """
