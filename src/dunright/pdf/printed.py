"""A statement as the finished texts that are printed: words, dates and amounts in the reader's language.

Everything is a string by the time Typst sees it, handed over as JSON: no text can become Typst's own code.
"""

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
_LONGEST_TEXT: Final = 400
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


def clean(text: str) -> str:
    """The text on one line, without what no font shows: control, private-use and unassigned characters."""
    shown = (" " if one.isspace() else one for one in text if one.isspace() or _is_shown(one))
    return " ".join("".join(shown).split())[:_LONGEST_TEXT]


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
            territory = locale.territory
            locale = Locale("en")
            try:
                locale = Locale("en", territory)
            except UnknownLocaleError:
                pass
        return cls(locale, locale.language, WORDS[locale.language])

    def day(self, day: date | None) -> str:
        return format_date(day, "medium", self.locale) if day else "–"

    def amount(self, amount: Decimal, currency: str) -> str:
        """With the currency's decimals, more where the amount has more; without the currency."""
        digits = _digits(amount, currency)
        return format_decimal(amount, f"#,##0.{'0' * digits}" if digits else "#,##0", self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """With the currency, as the language writes it."""
        digits = _digits(amount, currency)
        pattern = self.locale.currency_formats["standard"].pattern
        return format_currency(
            amount.quantize(Decimal(1).scaleb(-digits)), currency, pattern, self.locale, currency_digits=False,
        ) if digits != get_currency_precision(currency) else format_currency(amount, currency, locale=self.locale)


def _digits(amount: Decimal, currency: str) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(get_currency_precision(currency), -exponent if isinstance(exponent, int) else 0)


def _party(party: StatementParty) -> dict[str, Any]:
    return {
        "name": clean(party.name),
        "address": [clean(line) for line in party.address if clean(line)],
        "email": clean(party.email),
        "phone": clean(party.phone),
        "tax_number": clean(party.tax_number),
    }


def _account(account: StatementAccount, writer: _Writer) -> dict[str, Any]:
    currency = account.currency
    words = {key: text.format(currency=currency) for key, text in writer.words.items() if text.count("{") == 1 and "{currency}" in text}
    return {
        "currency": currency,
        "amounts_in": words["amounts_in"],
        "sum": words["sum"],
        "figures": _figures(account, writer),
        "ageing": _ageing(account, writer) if account.lines else [],
        "lines": [_line(line, writer) for line in account.lines],
        "totals": {
            "total": writer.amount(sum((line.invoice.total for line in account.lines), Decimal(0)), currency),
            "paid": writer.amount(sum((line.paid for line in account.lines), Decimal(0)), currency),
            "open": writer.amount(account.outstanding, currency),
        },
        "credits": [_credit(credit, writer) for credit in account.credits],
        "credit_total": writer.amount(account.credit, currency),
        "net": {
            "label": writer.words["to_pay"] if account.net > 0 else writer.words["in_favour"],
            "amount": writer.money(abs(account.net), currency),
            "owed": account.net > 0,
        },
        "less_credit": writer.amount(-account.credit, currency),
        "sentence": _sentence(account, writer),
    }


def _figures(account: StatementAccount, writer: _Writer) -> list[dict[str, Any]]:
    """The few numbers that stand on top, each with its label."""
    words, currency = writer.words, account.currency
    figures = [{"label": words["outstanding"], "amount": writer.money(account.outstanding, currency), "tone": "ink"}]
    if account.overdue:
        figures.append({"label": words["overdue"], "amount": writer.money(account.overdue, currency), "tone": "late"})
    if account.credit:
        figures.append({"label": words["unapplied"], "amount": writer.money(account.credit, currency), "tone": "good"})
        label = words["to_pay"] if account.net > 0 else words["in_favour"]
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
        "number": clean(invoice.number) or "–",
        "reference": clean(invoice.reference),
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
        "number": clean(credit.number),
        "reference": clean(credit.reference),
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
