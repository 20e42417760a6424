"""Statements of account: what a customer owes on a day, line by line, one account for each currency.

Source: chasing-rules.md section 7. Currencies are never added; a balance in the customer's favour is shown as a
credit and never demanded. Dates are the organisation's local dates, amounts stand in the account's currency.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

AgeBand = Literal["current", "1-30", "31-60", "61-90", "90+"]
AGE_BANDS: Final[tuple[AgeBand, ...]] = ("current", "1-30", "31-60", "61-90", "90+")
CreditKind = Literal["credit_note", "payment"]

_LAST_DAYS: Final[tuple[tuple[int, AgeBand], ...]] = (
    (0, "current"),
    (30, "1-30"),
    (60, "31-60"),
    (90, "61-90"),
)


@dataclass(frozen=True, slots=True)
class StatementInvoice:
    """One open invoice as the books have it."""

    number: str
    issued: date | None
    due: date | None
    total: Decimal
    balance: Decimal
    """What is still owed of it."""
    currency: str
    reference: str = ""
    """The customer's own order number or the like."""


@dataclass(frozen=True, slots=True)
class StatementCredit:
    """Money of the customer that settles no invoice yet: the unapplied part of a credit note or payment."""

    kind: CreditKind
    number: str
    dated: date | None
    amount: Decimal
    currency: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """An invoice on the statement's day."""

    invoice: StatementInvoice
    days_overdue: int
    """0 while not overdue; an invoice due today is not."""
    band: AgeBand

    @property
    def paid(self) -> Decimal:
        """What payments and credits took off its total."""
        return self.invoice.total - self.invoice.balance


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """All of one currency."""

    currency: str
    lines: tuple[StatementLine, ...]
    """By due date (none last), then number."""
    credits: tuple[StatementCredit, ...]
    """By date (none last), then number."""

    @property
    def outstanding(self) -> Decimal:
        """Sum of the invoices' balances, credits not taken off."""
        return sum((line.invoice.balance for line in self.lines), Decimal(0))

    @property
    def overdue(self) -> Decimal:
        """The part of `outstanding` that is past its due date."""
        return sum((line.invoice.balance for line in self.lines if line.days_overdue), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """Sum of the unapplied credits."""
        return sum((credit.amount for credit in self.credits), Decimal(0))

    @property
    def net(self) -> Decimal:
        """`outstanding` less `credit`; below zero it is in the customer's favour."""
        return self.outstanding - self.credit

    @property
    def ageing(self) -> Mapping[AgeBand, Decimal]:
        """`outstanding` by days overdue, every band present."""
        amounts = dict.fromkeys(AGE_BANDS, Decimal(0))
        for line in self.lines:
            amounts[line.band] += line.invoice.balance
        return amounts


@dataclass(frozen=True, slots=True)
class StatementParty:
    """Who writes or gets the statement."""

    name: str
    address: tuple[str, ...] = ()
    """Lines of the postal address, without the name."""
    email: str = ""
    phone: str = ""
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """Everything that a printed statement says."""

    seller: StatementParty
    customer: StatementParty
    day: date
    """All balances and days overdue are those of this day."""
    accounts: tuple[StatementAccount, ...]
    locale: str = "en"
    """Language, and where known country, of words, dates and numbers: `de`, `en_IE`."""
    logo: bytes | None = None
    """PNG, JPEG, GIF, WebP or SVG."""
    how_to_pay: tuple[str, ...] = ()
    """Lines such as bank details; left out where nothing is owed."""
    pay_link: str = ""
    """An https address; left out where nothing is owed."""
    contact: str = ""
    """Whom to ask, as one line: name, phone, address."""
    customer_number: str = ""

    @property
    def is_owed(self) -> bool:
        """Whether any account has something to pay once credits are taken off."""
        return any(account.net > 0 for account in self.accounts)


def age_band(due: date | None, *, today: date) -> AgeBand:
    """The band of an invoice by days overdue; without a due date it counts as current."""
    days = days_overdue(due, today=today)
    return next((band for last, band in _LAST_DAYS if days <= last), "90+")


def days_overdue(due: date | None, *, today: date) -> int:
    """Whole days past the due date; 0 on it, before it and without one."""
    return max((today - due).days, 0) if due else 0


def build_accounts(
    invoices: Iterable[StatementInvoice],
    spare: Iterable[StatementCredit] = (),
    *,
    today: date,
    first_currency: str = "",
) -> tuple[StatementAccount, ...]:
    """One account for each currency with something open, `first_currency` (the customer's) before the others.

    Lists every invoice with a positive balance, whatever the tolerance, and every credit of `spare` with something
    unapplied.
    """
    lines: dict[str, list[StatementLine]] = {}
    for invoice in invoices:
        if invoice.balance > 0:
            line = StatementLine(
                invoice, days_overdue(invoice.due, today=today), age_band(invoice.due, today=today)
            )
            lines.setdefault(invoice.currency, []).append(line)
    unapplied: dict[str, list[StatementCredit]] = {}
    for credit in spare:
        if credit.amount > 0:
            unapplied.setdefault(credit.currency, []).append(credit)
    currencies = sorted(lines.keys() | unapplied.keys(), key=lambda code: (code != first_currency, code))
    return tuple(
        StatementAccount(
            currency,
            tuple(
                sorted(
                    lines.get(currency, ()), key=lambda line: _order(line.invoice.due, line.invoice.number)
                )
            ),
            tuple(sorted(unapplied.get(currency, ()), key=lambda one: _order(one.dated, one.number))),
        )
        for currency in currencies
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment's part of one invoice; `amount` is None while the books have not told how the payment was split."""

    dated: date | None
    amount: Decimal | None


def balance_on(
    day: date, *, total: Decimal, balance: Decimal, settled: Iterable[Settled] = ()
) -> Decimal | None:
    """What was owed of an invoice at the end of a day, from what is owed of it now.

    Payments dated after the day are taken back. Credits and payments without a date count as applied before it, since
    the books do not tell the day. None: payments whose parts are not known lie on both sides of the day.
    """
    settled = tuple(settled)
    later = [one for one in settled if one.dated is not None and one.dated > day]
    earlier = [one for one in settled if one.dated is None or one.dated <= day]
    if all(one.amount is not None for one in later):
        return min(total, balance + _sum(later))
    if all(one.amount is not None for one in earlier):
        return max(balance, total - _sum(earlier))
    return None


def _sum(parts: Iterable[Settled]) -> Decimal:
    return sum((one.amount for one in parts if one.amount is not None), Decimal(0))


def _order(day: date | None, number: str) -> tuple[date, str]:
    return day or date.max, number
