"""How a language and a country write dates, money, lists and the few phrases that are made, not stored.

Dates and money come from Babel's CLDR tables. The phrases exist in English, German, French, Spanish and Dutch; another
language gets its own dates and money and English phrases.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency

from dunright.domain.wording.letter_facts import Recipient


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words that stand around values. `{}` is the value."""

    hello: str
    day: tuple[str, str]
    other: tuple[str, str]
    """For two, for more."""
    headings: tuple[str, str, str]
    total: str
    pay_online: tuple[str, str, str]
    """Before the link, the words of the link, after it."""
    pay_by_numbers: str
    pay_by_transfer: str
    pay_as_attached: tuple[str, str]
    pay_as_stated: tuple[str, str]
    copy: tuple[str, str]
    statement: str


PHRASES: Final[Mapping[str, Phrases]] = {
    "en": Phrases(
        hello="Hello",
        day=("{} day", "{} days"),
        other=("{} and 1 other", "{} and {n} others"),
        headings=("Invoice", "Due date", "Amount due"),
        total="Total",
        pay_online=("You can ", "pay online here", "."),
        pay_by_numbers="Each number in the table links to online payment.",
        pay_by_transfer="Our bank details are:",
        pay_as_attached=("How to pay is on the attached invoice.", "How to pay is on the attached invoices."),
        pay_as_stated=("How to pay is on the invoice.", "How to pay is on the invoices."),
        copy=("a copy of the invoice", "copies of the invoices"),
        statement="a statement of your account",
    ),
    "de": Phrases(
        hello="Guten Tag",
        day=("{} Tag", "{} Tage"),
        other=("{} und 1 weitere", "{} und {n} weitere"),
        headings=("Rechnung", "Fällig am", "Offener Betrag"),
        total="Summe",
        pay_online=("Sie können ", "hier online bezahlen", "."),
        pay_by_numbers="Jede Nummer in der Tabelle führt zu ihrer Rechnung, die Sie dort online bezahlen können.",
        pay_by_transfer="Unsere Bankverbindung:",
        pay_as_attached=(
            "Wie Sie bezahlen können, steht auf der beigefügten Rechnung.",
            "Wie Sie bezahlen können, steht auf den beigefügten Rechnungen.",
        ),
        pay_as_stated=(
            "Wie Sie bezahlen können, steht auf der Rechnung.",
            "Wie Sie bezahlen können, steht auf den Rechnungen.",
        ),
        copy=("eine Kopie der Rechnung", "Kopien der Rechnungen"),
        statement="einen Kontoauszug",
    ),
    "fr": Phrases(
        hello="Bonjour",
        day=("{} jour", "{} jours"),
        other=("{} et 1 autre", "{} et {n} autres"),
        headings=("Facture", "Échéance", "Montant dû"),
        total="Total",
        pay_online=("Vous pouvez ", "payer en ligne ici", "."),
        pay_by_numbers="Chaque numéro est un lien pour consulter et payer la facture en ligne.",
        pay_by_transfer="Nos coordonnées bancaires :",
        pay_as_attached=(
            "Les modalités de paiement figurent sur la facture jointe.",
            "Les modalités de paiement figurent sur les factures jointes.",
        ),
        pay_as_stated=(
            "Les modalités de paiement figurent sur la facture.",
            "Les modalités de paiement figurent sur les factures.",
        ),
        copy=("une copie de la facture", "une copie des factures"),
        statement="un relevé de votre compte",
    ),
    "es": Phrases(
        hello="Hola",
        day=("{} día", "{} días"),
        other=("{} y 1 más", "{} y {n} más"),
        headings=("Factura", "Vencimiento", "Importe pendiente"),
        total="Total",
        pay_online=("Puede ", "pagar en línea aquí", "."),
        pay_by_numbers="Cada número es un enlace para consultar y pagar la factura en línea.",
        pay_by_transfer="Nuestros datos bancarios:",
        pay_as_attached=(
            "La forma de pago figura en la factura adjunta.",
            "La forma de pago figura en las facturas adjuntas.",
        ),
        pay_as_stated=("La forma de pago figura en la factura.", "La forma de pago figura en las facturas."),
        copy=("una copia de la factura", "copias de las facturas"),
        statement="un extracto de su cuenta",
    ),
    "nl": Phrases(
        hello="Hallo",
        day=("{} dag", "{} dagen"),
        other=("{} en 1 andere", "{} en {n} andere"),
        headings=("Factuur", "Vervaldatum", "Openstaand"),
        total="Totaal",
        pay_online=("U kunt ", "hier online betalen", "."),
        pay_by_numbers="Elk factuurnummer is een link waarmee u de factuur online bekijkt en betaalt.",
        pay_by_transfer="Onze bankgegevens:",
        pay_as_attached=(
            "Hoe u betaalt, staat op de bijgevoegde factuur.",
            "Hoe u betaalt, staat op de bijgevoegde facturen.",
        ),
        pay_as_stated=("Hoe u betaalt, staat op de factuur.", "Hoe u betaalt, staat op de facturen."),
        copy=("een kopie van de factuur", "kopieën van de facturen"),
        statement="een rekeningoverzicht",
    ),
}

_NAME_AT_MOST: Final = 40
_CODE_AT_FIGURE: Final = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Language:
    """One letter's way of writing; `locale` is never left to the machine it runs on."""

    locale: Locale
    phrases: Phrases

    @property
    def code(self) -> str:
        """For the `lang` attribute: `en-NL`; the international form is just `en`."""
        return str(self.locale).replace("_", "-").removesuffix("-001")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with the currency's own number of decimals."""
        # CLDR sets a code apart from the figure ("CHF 12", not "CHF12"); Babel does not do so yet.
        return _CODE_AT_FIGURE.sub("\u00a0", str(format_currency(amount, currency, locale=self.locale)))

    def moneys(self, amounts: Mapping[str, Decimal]) -> str:
        """One amount per currency, joined and never added; empty when there is none above zero."""
        return self.joined(
            [self.money(amount, code) for code, amount in sorted(amounts.items()) if amount > 0]
        )

    def day(self, day: date | None) -> str:
        """A date as one writes it in a letter; empty for None."""
        return str(format_date(day, "long", locale=self.locale)) if day else ""

    def day_of_year(self, day: date | None, today: date) -> str:
        """A past day as one mentions it: without the year when that is this year's."""
        if day is None or day.year != today.year:
            return self.day(day)
        return str(format_skeleton("MMMMd", day, locale=self.locale))

    def short_day(self, day: date | None) -> str:
        """A date for a column of a table."""
        return str(format_date(day, "medium", locale=self.locale)) if day else ""

    def days(self, count: int) -> str:
        """A number of days in words: "1 day", "12 days"; empty below one."""
        return self.phrases.day[count != 1].format(count) if count > 0 else ""

    def joined(self, parts: Sequence[str]) -> str:
        """A list in this language: "a, b and c"."""
        return str(format_list(list(parts), locale=self.locale)) if len(parts) > 1 else "".join(parts)

    def first_and_others(self, first: str, count: int) -> str:
        """The first of several things and how many more: "INV-1 and 3 others"."""
        if count < 2:  # noqa: PLR2004  one thing has no others
            return first
        return self.phrases.other[count > 2].format(first, n=count - 1)  # noqa: PLR2004  "1 other", "2 others"

    def greeting(self, recipients: Iterable[Recipient]) -> str:
        """One first name, two joined, else the plain word (default-templates.md)."""
        people = {(person.first_name.strip(), person.last_name.strip()): None for person in recipients}
        names = [first for first, _ in people]
        if len(names) not in (1, 2) or not all(map(_is_a_name, names)):
            return self.phrases.hello
        return f"{self.phrases.hello} {self.joined(names)}"


def _is_a_name(text: str) -> bool:
    """An address, a number or a sentence in the first-name field greets nobody."""
    return len(text) <= _NAME_AT_MOST and any(map(str.isalpha, text)) and not re.search(r"[@\d<>]", text)


@lru_cache(maxsize=256)
def language_for(language: str, country: str = "") -> Language:
    """The way of writing of a language in a country.

    An unknown country falls back to the language alone (English: the international form, `en_001`), an unknown
    language to international English.
    """
    code = re.split(r"[-_]", language.strip().lower() or "en")[0]
    tries = [f"{code}_{country.strip().upper()}"] if country.strip() else []
    tries += ["en_001"] if code == "en" else [code, "en_001"]
    for name in tries:
        try:
            locale = Locale.parse(name)
        except (ValueError, UnknownLocaleError):
            continue
        return Language(locale, PHRASES.get(locale.language, PHRASES["en"]))
    raise AssertionError("en_001 is always known")


def possessive(name: str) -> str:
    """Make the English possessive: "Acme’s", "Brown Brothers’"."""
    name = name.rstrip()
    return f"{name}’" if name[-1:] in ("s", "S") else f"{name}’s" if name else ""
