"""A statement as the finished texts that are printed: words, dates and amounts in the reader's language.

Everything is a string by the time Typst sees it, handed over as JSON: no text can become Typst's own code.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision

from dunright.domain.statements import (
    AGE_BANDS,
    AgeBand,
    StatementAccount,
    StatementCredit,
    StatementDocument,
    StatementLine,
    StatementParty,
)
from dunright.pdf.words import WORDS

_LETTER_PAPER: Final = frozenset({"US", "CA", "MX", "CL", "CO", "CR", "GT", "PA", "PH", "PR", "SV", "VE"})
"""Countries that print on US letter."""
_LETTER_BEFORE_DIGIT: Final = re.compile(r"([A-Za-z])(?=[0-9])", re.ASCII)
_LONGEST_NUMBER: Final = 60
_SMALLEST_SHARE: Final = 0.015
"""Of the ageing bar: a band with any money in it stays visible."""


def printed(document: StatementDocument) -> dict[str, Any]:
    """All texts of the statement, as plain JSON values, in the structure that statement.typ expects."""
    writer = _Writer.for_locale(document.locale)
    owed = document.is_owed
    return {
        "language": writer.language,
        "paper": "us-letter" if writer.locale.territory in _LETTER_PAPER else "a4",
        "words": dict(writer.words),
        "title": f"{writer.words['title']} – {clean(document.customer.name)} – {document.day.isoformat()}",
        "as_of": writer.words["as_of"].format(date=writer.day(document.day)),
        "seller": _party(document.seller),
        "customer": _party(document.customer),
        "customer_number": clean(document.customer_number),
        "has_logo": document.logo is not None,
        "accounts": [_account(account, writer) for account in document.accounts],
        "how_to_pay": [clean(line) for line in document.how_to_pay if clean(line)] if owed else [],
        "pay_link": clean(document.pay_link) if owed and document.pay_link.startswith("https://") else "",
        "contact": clean(document.contact),
    }


def clean(text: str, *, longest: int = 300) -> str:
    """The text on one line, cut with an ellipsis after `longest` characters.

    Control, private-use and unassigned characters, which no font shows, are left out.
    """
    shown = (" " if one.isspace() else one for one in text if one.isspace() or _is_shown(one))
    line = " ".join("".join(shown).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Co", "Cn", "Cs"}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Words, dates and amounts of one language."""

    locale: Locale
    language: str
    words: Mapping[str, str]

    @classmethod
    def for_locale(cls, name: str) -> "_Writer":
        """English words and dates for a language that has no words here, with the country's paper."""
        try:
            locale = Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse("en")
        if locale.language not in WORDS:
            try:
                locale = Locale("en", locale.territory)
            except UnknownLocaleError:
                locale = Locale("en")
        return cls(locale, locale.language, WORDS[locale.language])

    def day(self, day: date | None) -> str:
        return format_date(day, "medium", self.locale) if day else "–"

    def amount(self, amount: Decimal, currency: str) -> str:
        """With the currency's decimals, more where the amount has more; without the currency."""
        digits = get_currency_precision(currency)
        # The part before the decimal sign is the language's own: India groups by two.
        whole = self.locale.decimal_formats[None].pattern.split(";")[0].split(".")[0]
        pattern = f"{whole}.{'0' * digits}" if digits else whole
        return format_decimal(amount.normalize(), pattern, self.locale, decimal_quantization=False)

    def money(self, amount: Decimal, currency: str) -> str:
        """With the currency, as the language writes it; as many decimals as `amount` shows."""
        text = format_currency(amount.normalize(), currency, locale=self.locale, decimal_quantization=False)
        # CLDR's rule for a sign of letters, which babel leaves out: KWD 1.500, not KWD1.500.
        return _LETTER_BEFORE_DIGIT.sub("\\1\u00a0", text)


def _party(party: StatementParty) -> dict[str, Any]:
    return {
        "name": clean(party.name),
        "short_name": clean(party.name, longest=90),
        "address": [clean(line) for line in party.address if clean(line)],
        "email": clean(party.email),
        "phone": clean(party.phone),
        "tax_number": clean(party.tax_number),
    }


def _account(account: StatementAccount, writer: _Writer) -> dict[str, Any]:
    currency = account.currency
    paid = sum((line.paid for line in account.lines), Decimal(0))
    return {
        "currency": currency,
        "heading": writer.words["amounts_in"].format(currency=currency),
        "sum": writer.words["sum"].format(currency=currency),
        "figures": _figures(account, writer),
        "ageing": _ageing(account, writer) if account.lines else [],
        "lines": [_line(line, writer) for line in account.lines],
        "totals": {
            "total": writer.amount(sum((line.invoice.total for line in account.lines), Decimal(0)), currency),
            "paid": writer.amount(paid, currency) if paid else "–",
            "open": writer.amount(account.outstanding, currency),
        },
        "credits": [_credit(credit, writer) for credit in account.credits],
        "credit_total": writer.amount(account.credit, currency),
        "net": {
            "label": _net_label(account, writer),
            "amount": writer.money(abs(account.net), currency),
            "owed": account.net > 0,
        },
        "sentence": _sentence(account, writer),
    }


def _net_label(account: StatementAccount, writer: _Writer) -> str:
    """A balance in the customer's favour is never called one to pay."""
    return writer.words["in_favour"] if account.net < 0 else writer.words["to_pay"]


def _figures(account: StatementAccount, writer: _Writer) -> list[dict[str, Any]]:
    """The few numbers that stand on top, each with its label."""
    words, currency = writer.words, account.currency
    if not account.lines:
        return [
            {"label": words["unapplied"], "amount": writer.money(account.credit, currency), "tone": "good"}
        ]
    figures = [
        {"label": words["outstanding"], "amount": writer.money(account.outstanding, currency), "tone": "ink"}
    ]
    if account.overdue:
        figures.append(
            {"label": words["overdue"], "amount": writer.money(account.overdue, currency), "tone": "late"}
        )
    if account.credit:
        figures.append(
            {"label": words["unapplied"], "amount": writer.money(account.credit, currency), "tone": "good"}
        )
        label = _net_label(account, writer)
        tone = "ink" if account.net > 0 else "good"
        figures.append({"label": label, "amount": writer.money(abs(account.net), currency), "tone": tone})
    return figures


def _ageing(account: StatementAccount, writer: _Writer) -> list[dict[str, Any]]:
    bands = []
    for band in AGE_BANDS:
        amount = account.ageing[band]
        share = float(amount / account.outstanding) if account.outstanding else 0.0
        bands.append(
            {
                "band": band,
                "label": _band_label(band, writer),
                "amount": writer.amount(amount, account.currency),
                "share": max(share, _SMALLEST_SHARE) if amount else 0.0,
            }
        )
    return bands


def _band_label(band: AgeBand, writer: _Writer) -> str:
    if band == "current":
        return writer.words["current"]
    return writer.words["days"].format(band=band.replace("-", "–").replace("90+", "> 90"))


def _line(line: StatementLine, writer: _Writer) -> dict[str, Any]:
    invoice = line.invoice
    return {
        "number": clean(invoice.number, longest=_LONGEST_NUMBER) or "–",
        "reference": clean(invoice.reference, longest=_LONGEST_NUMBER),
        "issued": writer.day(invoice.issued),
        "due": writer.day(invoice.due),
        "late": str(line.days_overdue) if line.days_overdue else "–",
        "band": line.band,
        "total": writer.amount(invoice.total, invoice.currency),
        "paid": writer.amount(line.paid, invoice.currency) if line.paid else "–",
        "open": writer.amount(invoice.balance, invoice.currency),
    }


def _credit(credit: StatementCredit, writer: _Writer) -> dict[str, Any]:
    return {
        "kind": writer.words[credit.kind],
        "number": clean(credit.number, longest=_LONGEST_NUMBER),
        "reference": clean(credit.reference, longest=_LONGEST_NUMBER),
        "dated": writer.day(credit.dated),
        "amount": writer.amount(credit.amount, credit.currency),
    }


def _sentence(account: StatementAccount, writer: _Writer) -> str:
    """What to tell a customer who owes nothing in this currency; empty where something is to be paid."""
    if account.net > 0:
        return ""
    amount = writer.money(account.credit, account.currency)
    if not account.lines:
        return writer.words["nothing_to_pay"].format(currency=account.currency)
    key = "covered_sentence" if account.net == 0 else "favour_sentence"
    return writer.words[key].format(amount=amount, currency=account.currency)
