"""Everything a letter can say, gathered by the caller and never read here.

Amounts are in the invoice's own currency and kept per currency; nothing here adds two currencies. Dates are the
organisation's local dates. An empty string or None means "not known": sentences that need it are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Attachment = Literal["invoice_pdf", "statement"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """Our own company, as customers know it."""

    name: str
    country: str = ""
    """ISO 3166 alpha-2: decides how dates and money are written; empty is taken as international."""
    bank_details: str = ""
    """As the company wants it shown; several lines are kept."""
    payment_link: str = ""
    """A page where everything can be paid; invoices may have links of their own."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The person who writes (R12: the one of the leading step's sender level)."""

    name: str
    title: str = ""
    phone: str = ""
    email: str = ""
    signature_html: str = ""
    """Used exactly as it stands when `texts.clean_signature` leaves it unchanged; else cleaned first."""
    signature_text: str = ""
    """Used exactly as it stands; empty: made from the HTML, else from name, title, company and phone."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person the letter is addressed to (not those in copy)."""

    first_name: str = ""
    last_name: str = ""
    salutation: str = ""
    """Mr, Ms, Dr: as the books say it."""


@dataclass(frozen=True, slots=True)
class Customer:
    """The company that owes, and its account as a whole."""

    name: str
    company: str = ""
    credits: Mapping[str, Decimal] = field(default_factory=dict)
    """Unapplied credits by currency (R11)."""
    outstanding: Mapping[str, Decimal] = field(default_factory=dict)
    """Balances of all its open invoices by currency, listed in this letter or not."""
    overdue: Mapping[str, Decimal] = field(default_factory=dict)
    """Balances of its overdue invoices by currency; leave out those under dispute, promise or pause."""
    overdue_count: int = 0
    custom: Mapping[str, str] = field(default_factory=dict)
    """Custom fields by the key used in texts (small letters, digits, underscores)."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One listed invoice."""

    number: str
    currency: str
    """ISO 4217."""
    total: Decimal
    balance: Decimal
    """Still owed: what a reminder asks for (balances, never totals)."""
    due_date: date | None = None
    issue_date: date | None = None
    paid: Decimal = Decimal(0)
    """Payments received so far."""
    reference: str = ""
    order_number: str = ""
    project: str = ""
    terms: str = ""
    """Agreed payment terms as a phrase: "Net 30"."""
    expected_date: date | None = None
    salesperson: str = ""
    link: str = ""
    """Where the customer sees and pays it; only http and https are used."""
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What one letter is written from. Lines are in the order of R10; the first is the oldest due."""

    organisation: Organisation
    sender: Sender
    customer: Customer
    invoices: Sequence[InvoiceLine]
    today: date
    recipients: Sequence[Recipient] = ()
    language: str = "en"
    """ISO 639: what the customer is written to in; counts where the text itself names no language."""
    written_on: Sequence[date] = ()
    """Days of earlier messages that listed at least one of these invoices. Empty: no text claims one."""
    attachments: Sequence[Attachment] = ()
    next_step: str = ""
    """The user's own sentence of the step, told in the last letter."""
    reply_by_date: date | None = None
    """Given as a number of working days by the step, counted by the caller."""
    final_date: date | None = None
    promised_date: date | None = None
    """For the two texts about a promise."""

    @property
    def last_message_date(self) -> date | None:
        """Day of the latest message that listed one of these invoices; None: there is none."""
        return max(self.written_on, default=None)


__all__ = ["Attachment", "Customer", "InvoiceLine", "LetterFacts", "Organisation", "Recipient", "Sender"]
