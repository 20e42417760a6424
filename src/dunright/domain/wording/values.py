"""From the facts of a letter to the value of each placeholder, computed only for those that a text uses."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

from dunright.domain.wording import sentences
from dunright.domain.wording.language import Language
from dunright.domain.wording.letter_facts import InvoiceLine, LetterFacts
from dunright.domain.wording.placeholders import Form, find

_TEXT_AT_MOST: Final = 300
_LINES_AT_MOST: Final = 20
_LINK: Final = re.compile("https?://[^\\s<>\"'\\\\^`{|}\ufdd0-\ufdef\ud800-\udfff]{1,2000}", re.IGNORECASE)
# Marks that turn the direction of what follows could show one amount or address as another.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Gap(str):
    """An empty optional value: false in `{% if %}`, gives way to `default:`, else drops its sentence."""

    __slots__ = ()
    force_liquid_default = True

    def __liquid__(self) -> None:
        """What conditions see: nothing."""


NOTHING: Final = Gap(sentences.GAP)


class _CustomFields(dict[str, object]):
    """Custom fields are known only by the books, so one that is not there is empty, not unknown."""

    def __missing__(self, key: str) -> object:
        return NOTHING


@dataclass(frozen=True, slots=True)
class Letter:
    """The facts with the way they are written."""

    facts: LetterFacts
    language: Language
    form: Form

    @property
    def line(self) -> InvoiceLine:
        """The only invoice of a single text; the oldest of several."""
        return self.facts.invoices[0]


def one_line(text: str) -> str:
    """A value as one line of plain text: control characters, marks and turned writing cannot pass."""
    text = _TURNING.sub("", sentences.MARKS.sub("", text))
    text = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_AT_MOST else f"{text[: _TEXT_AT_MOST - 1]}…"


def several_lines(text: str) -> list[str]:
    """The lines of a value that keeps them (bank details), without empty ones."""
    lines = (one_line(line) for line in text.splitlines())
    return [line for line in lines if line][:_LINES_AT_MOST]


def safe_link(url: str) -> str:
    """The address when it is http or https and nothing but an address; else empty."""
    return url.strip() if _LINK.fullmatch(url.strip()) else ""


def per_currency(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sums by currency, in the order the currencies first appear (R11)."""
    sums: dict[str, Decimal] = {}
    for currency, amount in pairs:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def amount_due(facts: LetterFacts) -> dict[str, Decimal]:
    """What the listed invoices come to, by currency."""
    return per_currency((line.currency, line.balance) for line in facts.invoices)


def values_for(letter: Letter, keys: Iterable[str]) -> dict[str, object]:
    """The render context: nested plain dicts holding only the keys that are asked for.

    Unknown keys are left out, so rendering one fails instead of printing nothing.
    """
    context: dict[str, object] = {}
    for key in keys:
        if (row := find(key)) is None:
            continue
        if row.type == "custom":
            _put_custom(context, row.key, letter)
        else:
            owner, _, name = key.rpartition(".")
            place = context.setdefault(owner, {}) if owner else context
            assert isinstance(place, dict)
            place[name] = value_of(letter, key)
    return context


def value_of(letter: Letter, key: str) -> object:
    """One placeholder's value; NOTHING where there is none."""
    value = _VALUES[key](letter)
    if isinstance(value, Markup):
        return value or NOTHING
    return (one_line(value) or NOTHING) if isinstance(value, str) else value


def _put_custom(context: dict[str, object], key: str, letter: Letter) -> None:
    owner = key.split(".", maxsplit=1)[0]
    fields = letter.facts.customer.custom if owner == "customer" else letter.line.custom
    place = context.setdefault(owner, {})
    assert isinstance(place, dict)
    place["custom"] = _CustomFields({name: one_line(value) or NOTHING for name, value in fields.items()})


def _contact(attribute: str) -> Callable[[Letter], str]:
    def value(letter: Letter) -> str:
        return str(getattr(letter.facts.recipients[0], attribute)) if letter.facts.recipients else ""

    return value


def _full_name(letter: Letter) -> str:
    return f"{_contact('first_name')(letter)} {_contact('last_name')(letter)}"


def _bank_details(letter: Letter) -> Markup:
    return Markup(sentences.LINE).join(several_lines(letter.facts.organisation.bank_details))  # noqa: S704  a fixed mark; join escapes


def payment_link(letter: Letter) -> str:
    """Where this letter's invoices can be paid at once: the invoice's own page, else the company's."""
    own = safe_link(letter.line.link) if letter.form == "single" and letter.facts.invoices else ""
    return own or safe_link(letter.facts.organisation.payment_link)


def how_to_pay(letter: Letter) -> Markup:
    """One way to pay: the link, else the bank details, else where they stand (default-templates.md)."""
    phrases, facts = letter.language.phrases, letter.facts
    several = len(facts.invoices) > 1
    if link := payment_link(letter):
        before, words, after = phrases.pay_online
        return Markup('{}<a href="{}">{}</a>{}').format(before, link, words, after)
    if letter.form == "multi" and facts.invoices and all(safe_link(line.link) for line in facts.invoices):
        return escape(phrases.pay_by_numbers)
    if details := _bank_details(letter):
        return Markup("{}{}{}").format(phrases.pay_by_transfer, Markup(sentences.LINE), details)  # noqa: S704  a fixed mark
    attached = "invoice_pdf" in facts.attachments
    return escape((phrases.pay_as_attached if attached else phrases.pay_as_stated)[several])


def _attached(letter: Letter) -> str:
    phrases, attachments = letter.language.phrases, letter.facts.attachments
    parts = [phrases.copy[len(letter.facts.invoices) > 1]] if "invoice_pdf" in attachments else []
    return letter.language.joined(parts + ([phrases.statement] if "statement" in attachments else []))


def _next_step(letter: Letter) -> str:
    sentence = one_line(letter.facts.next_step)
    return sentence if not sentence or sentence[-1] in ".!?…。" else f"{sentence}."


def _history(letter: Letter) -> str:
    days = sorted(set(letter.facts.written_on))
    today = letter.facts.today
    return letter.language.joined([letter.language.day_of_year(day, today) for day in days[-3:]])


def _beyond(letter: Letter, whole: Mapping[str, Decimal]) -> str:
    """The account's total, where it is more than what the letter lists; else saying it would only repeat."""
    listed = amount_due(letter.facts)
    more = any(amount > listed.get(currency, Decimal(0)) for currency, amount in whole.items())
    return letter.language.moneys(whole) if more else ""


def _net(letter: Letter, *, sign: int) -> str:
    customer = letter.facts.customer
    owed = [*customer.outstanding.items(), *((code, -amount) for code, amount in customer.credits.items())]
    return letter.language.moneys({code: sign * amount for code, amount in per_currency(owed).items()})


def _days_overdue(letter: Letter, *, sign: int = 1) -> str:
    due = letter.line.due_date
    return letter.language.days(sign * (letter.facts.today - due).days) if due else ""


def _listed_numbers(letter: Letter) -> list[str]:
    return [one_line(line.number) for line in letter.facts.invoices]


_VALUES: Final[Mapping[str, Callable[[Letter], object]]] = {
    "greeting": lambda letter: letter.language.greeting(letter.facts.recipients),
    "contact.first_name": _contact("first_name"),
    "contact.last_name": _contact("last_name"),
    "contact.full_name": _full_name,
    "contact.salutation": _contact("salutation"),
    "customer.name": lambda letter: letter.facts.customer.name,
    "customer.company": lambda letter: letter.facts.customer.company or letter.facts.customer.name,
    "customer.credits": lambda letter: letter.language.moneys(letter.facts.customer.credits),
    "our.company": lambda letter: letter.facts.organisation.name,
    "our.bank_details": _bank_details,
    "sender.name": lambda letter: letter.facts.sender.name,
    "sender.title": lambda letter: letter.facts.sender.title,
    "sender.phone": lambda letter: letter.facts.sender.phone,
    "sender.email": lambda letter: letter.facts.sender.email,
    "block.signature": lambda _: Markup(sentences.SIGNATURE),  # noqa: S704  a fixed mark
    "block.invoice_table": lambda _: Markup(sentences.TABLE),  # noqa: S704  a fixed mark
    "payment.how": how_to_pay,
    "payment.link": payment_link,
    "totals.outstanding": lambda letter: letter.language.moneys(letter.facts.customer.outstanding),
    "totals.overdue": lambda letter: letter.language.moneys(letter.facts.customer.overdue),
    "totals.outstanding_beyond": lambda letter: _beyond(letter, letter.facts.customer.outstanding),
    "totals.overdue_beyond": lambda letter: _beyond(letter, letter.facts.customer.overdue),
    "totals.overdue_count": lambda letter: letter.facts.customer.overdue_count or NOTHING,
    "totals.net_owed": lambda letter: _net(letter, sign=1),
    "totals.in_favour": lambda letter: _net(letter, sign=-1),
    "today": lambda letter: letter.language.day(letter.facts.today),
    "message.last_date": lambda letter: letter.language.day_of_year(
        letter.facts.last_message_date, letter.facts.today
    ),
    "message.history": _history,
    "attached": _attached,
    "step.next_step": _next_step,
    "step.reply_by_date": lambda letter: letter.language.day(letter.facts.reply_by_date),
    "step.final_date": lambda letter: letter.language.day(letter.facts.final_date),
    "promise.date": lambda letter: letter.language.day(letter.facts.promised_date),
    "invoice.number": lambda letter: letter.line.number,
    "invoice.reference": lambda letter: letter.line.reference,
    "invoice.order_number": lambda letter: letter.line.order_number,
    "invoice.job": lambda letter: letter.line.project or letter.line.reference,
    "invoice.issue_date": lambda letter: letter.language.day(letter.line.issue_date),
    "invoice.due_date": lambda letter: letter.language.day(letter.line.due_date),
    "invoice.total": lambda letter: letter.language.money(letter.line.total, letter.line.currency),
    "invoice.amount_paid": lambda letter: letter.language.moneys({letter.line.currency: letter.line.paid}),
    "invoice.amount_due": lambda letter: letter.language.money(letter.line.balance, letter.line.currency),
    "invoice.days_overdue": _days_overdue,
    "invoice.days_until_due": lambda letter: _days_overdue(letter, sign=-1),
    "invoice.terms": lambda letter: letter.line.terms,
    "invoice.expected_date": lambda letter: letter.language.day(letter.line.expected_date),
    "invoice.link": lambda letter: safe_link(letter.line.link),
    "invoice.salesperson": lambda letter: letter.line.salesperson,
    "invoices.numbers": lambda letter: letter.language.joined(_listed_numbers(letter)),
    "invoices.oldest_and_others": lambda letter: letter.language.first_and_others(
        one_line(letter.line.number), len(letter.facts.invoices)
    ),
    "invoices.count": lambda letter: len(letter.facts.invoices),
    "invoices.oldest_due_date": lambda letter: letter.language.day(letter.line.due_date),
    "invoices.oldest_days_overdue": _days_overdue,
    "invoices.amount_due": lambda letter: letter.language.moneys(amount_due(letter.facts)),
    "invoices.amount_paid": lambda letter: letter.language.moneys(
        per_currency((line.currency, line.paid) for line in letter.facts.invoices)
    ),
}
