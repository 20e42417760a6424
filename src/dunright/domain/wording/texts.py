"""Texts as people write and save them: what is wrong with one, and what it still needs before it can leave."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from dunright.domain.wording import sentences
from dunright.domain.wording.language import language_for
from dunright.domain.wording.letter_facts import LetterFacts
from dunright.domain.wording.liquid_text import CompiledText, TextFault, compiled, unknown_filters
from dunright.domain.wording.placeholders import Form, find, fits, label_of, may_be_empty, required_keys
from dunright.domain.wording.safe_html import clean_body, clean_signature, taken_out
from dunright.domain.wording.values import NOTHING, Letter, value_of

TextKind = Literal["reminder", "thank_you", "statement", "promise_confirmed", "promise_missed"]
KINDS: Final[tuple[TextKind, ...]] = (
    "reminder",
    "thank_you",
    "statement",
    "promise_confirmed",
    "promise_missed",
)
FORMS: Final[tuple[Form, ...]] = ("single", "multi")
SUBJECT_AT_MOST: Final = 200
BODY_AT_MOST: Final = 20_000
_FORM_NAMES: Final = {"single": "one invoice", "multi": "several invoices"}
_NOT_IN_SUBJECT: Final = ("block", "sentence", "link")
_ABOUT_A_PROMISE: Final = ("promise_confirmed", "promise_missed")
_PROMISE_DATE: Final = "promise.date"
# What the table and the signature say, so that a text which has them need not say it again.
_SAID_BY: Final = {
    "block.invoice_table": ("invoices.amount_due",),
    "block.signature": ("our.company", "sender.name"),
}


@dataclass(frozen=True, slots=True)
class LetterText:
    """One text: a subject and a body (Liquid in HTML) for one or for several invoices."""

    subject: str
    body: str
    form: Form
    kind: TextKind = "reminder"
    name: str = ""
    """Shared by the two forms of one text; steps name their texts by it."""
    language: str = "en"
    """Of its words, so also of the dates and amounts in them. Empty: the letter's own."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be saved, in one sentence that says what to do."""

    place: Literal["subject", "body"]
    sentence: str


def check_text(
    subject: str,
    body: str,
    form: Form,
    *,
    kind: TextKind = "reminder",
    custom_fields: Collection[str] | None = None,
) -> list[Problem]:
    """Everything that is wrong with a text; empty when it may be saved.

    `custom_fields` are the keys that exist (`customer.custom.region`); None takes any well-formed one. A reminder must
    say number, amount, due date, our company and the sender's name (default-templates.md).
    """
    if too_long := _lengths(subject, body):
        return too_long
    problems = _html_problems(body) + _subject_problems(subject)
    try:
        text = compiled(subject, body)
    except TextFault as fault:
        place: Literal["subject", "body"] = "subject" if fault.place == "subject" else "body"
        return [*problems, Problem(place, fault.sentence)]
    for name in unknown_filters(subject, body):
        allowed = "default, plural, possessive, upcase, downcase, capitalize and strip"
        problems.append(Problem("body", f"There is no filter called “{name}”; use {allowed}."))
    for key in sorted(text.subject_keys):
        problems += _key_problems("subject", key, form, custom_fields)
    for key in sorted(text.body_keys):
        problems += _key_problems("body", key, form, custom_fields)
    if kind == "reminder":
        problems += _unsaid(text, form) + _unsafe_sentences(text, form)
    return problems


def _lengths(subject: str, body: str) -> list[Problem]:
    problems: list[Problem] = []
    if not subject.strip():
        problems.append(Problem("subject", "The subject is empty; write one, with the invoice number in it."))
    if not body.strip():
        problems.append(Problem("body", "The text is empty; write what the letter should say."))
    if len(subject) > SUBJECT_AT_MOST:
        sentence = f"The subject has {len(subject)} characters; shorten it to {SUBJECT_AT_MOST}."
        problems.append(Problem("subject", sentence))
    if len(body) > BODY_AT_MOST:
        problems.append(
            Problem("body", f"The text has {len(body)} characters; shorten it to {BODY_AT_MOST}.")
        )
    return problems


def _subject_problems(subject: str) -> list[Problem]:
    if any(character in subject for character in "\r\n\v\f\u0085\u2028\u2029"):
        return [Problem("subject", "The subject has a line break; write it on one line.")]
    return []


def _html_problems(body: str) -> list[Problem]:
    problems = [
        Problem("body", f"The text contains {part}, which letters may not use; take it out.")
        for part in taken_out(body)
    ]
    if sentences.MARKS.search(body):
        problems.append(
            Problem("body", "The text contains invisible marks that mail cannot carry; type it anew.")
        )
    return problems


def _key_problems(
    place: Literal["subject", "body"], key: str, form: Form, custom_fields: Collection[str] | None
) -> list[Problem]:
    row = find(key)
    if row is None or (row.type == "custom" and custom_fields is not None and key not in custom_fields):
        return [Problem(place, f"There is no placeholder called “{key}”; choose one from the list.")]
    if not fits(row, form):
        other = _FORM_NAMES["multi" if form == "single" else "single"]
        sentence = f"“{row.label}” ({key}) belongs to texts for {other}; this one is for {_FORM_NAMES[form]}."
        return [Problem(place, sentence)]
    if place == "subject" and row.type in _NOT_IN_SUBJECT:
        return [Problem(place, f"“{row.label}” ({key}) cannot stand in a subject; use it in the text.")]
    return []


def _unsaid(text: CompiledText, form: Form) -> list[Problem]:
    """What every reminder has to say and this one does not."""
    said = set(text.keys)
    for block, keys in _SAID_BY.items():
        if block in said:
            said.update(keys)
    return [
        Problem("body", f"A reminder has to say “{label_of(key)}”; add {{{{ {key} }}}}.")
        for key in required_keys(form)
        if key not in said
    ]


def _unsafe_sentences(text: CompiledText, form: Form) -> list[Problem]:
    """Required values that would vanish with the only sentence they stand in, when another value of it is empty."""
    problems: list[Problem] = []
    for key in required_keys(form):
        holding = [sentence for sentence in text.sentences if key in sentence]
        risks = [
            [other for other, has_fallback in sentence.items() if may_be_empty(other) and not has_fallback]
            for sentence in holding
        ]
        if risks and all(risks) and key not in text.subject_keys:
            other = risks[0][0]
            sentence = (
                f"“{label_of(key)}” stands in a sentence that is left out when there is no “{label_of(other)}”; "
                f"give the two a sentence each."
            )
            problems.append(Problem("body", sentence))
    return problems


def letter_of(text: LetterText, facts: LetterFacts) -> Letter:
    """The facts with the text's way of writing them."""
    return Letter(facts, language_for(text.language or facts.language, facts.organisation.country), text.form)


def missing_values(text: LetterText, facts: LetterFacts) -> tuple[str, ...]:
    """Keys of required placeholders that have no value, so that the message must wait (R13 `missing_value`).

    Of a reminder all required ones count, of another text those it uses. For several invoices the table has no value
    when an invoice of it has no number or no due date. An empty result means the text can be rendered.
    """
    used = compiled(text.subject, text.body).keys
    if text.kind in _ABOUT_A_PROMISE and facts.promised_date is None:
        return (_PROMISE_DATE,)
    letter = letter_of(text, facts)
    return tuple(
        key
        for key in required_keys(text.form)
        if (text.kind == "reminder" or key in used) and not _has_value(letter, key)
    )


def _has_value(letter: Letter, key: str) -> bool:
    lines = letter.facts.invoices
    if key == "block.invoice_table":
        return bool(lines) and all(line.number.strip() and line.due_date for line in lines)
    if key.startswith("invoice.") and not lines:
        return False
    return value_of(letter, key) is not NOTHING


__all__ = [
    "FORMS",
    "KINDS",
    "Form",
    "LetterText",
    "Problem",
    "TextFault",
    "TextKind",
    "check_text",
    "clean_body",
    "clean_signature",
    "letter_of",
    "missing_values",
]
