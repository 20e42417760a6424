"""From a text and the facts to a mail's subject, HTML and typed text.

Liquid, then sentences without gaps, then the allow-list, then the plain shell of a letter; the text part is made from
the same words. No logo, card or button: it should look typed (default-templates.md, ui-notes.md section 8).
"""

import html as html_entities
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import css_inline
from liquid.exceptions import LiquidError

from dunright.domain.wording import blocks, sentences
from dunright.domain.wording.language import Language
from dunright.domain.wording.letter_facts import LetterFacts
from dunright.domain.wording.liquid_text import compiled
from dunright.domain.wording.placeholders import label_of, required_keys
from dunright.domain.wording.safe_html import clean_rendered
from dunright.domain.wording.texts import LetterText, letter_of, missing_values
from dunright.domain.wording.values import Letter, one_line, value_of, values_for

SUBJECT_AT_MOST: Final = 250
_REPLY_MARK: Final = re.compile(r"^(?:\s*(?:re|aw|sv|antw)\s*:)+\s*", re.IGNORECASE)
_STYLE: Final = (
    "body{font-family:Calibri,Carlito,Arial,Helvetica,sans-serif;font-size:15px;line-height:1.45;color:#1a1a1a;margin:0}"
    "p{margin:0 0 1em}ul,ol{margin:0 0 1em;padding-left:1.6em}a{color:#1a4fa3}"
)
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One letter. `subject` is one line of plain text, `html` a whole document, `text` what a person would type."""

    subject: str
    html: str
    text: str


class MissingValue(ValueError):
    """A required placeholder has no value: nothing is written with a gap. `keys` names them."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(f"The letter lacks: {', '.join(map(label_of, keys))}.")
        self.keys = keys


class CannotRender(ValueError):
    """A text that was never checked: it uses something unknown or grows beyond all measure."""


def render(
    text: LetterText, facts: LetterFacts, *, continues: bool = False, first_subject: str = ""
) -> Rendered:
    """Write one letter.

    `continues`: it goes on with a thread to the same people about the same invoices; the subject then is "Re:" and
    `first_subject` (the thread's own, so that mail programs keep it together; else this text's).
    Raises MissingValue, TextFault (no Liquid) or CannotRender (not checked before it was saved).
    """
    if not facts.invoices:
        raise CannotRender("A letter needs at least one invoice.")
    if missing := missing_values(text, facts):
        raise MissingValue(missing)
    letter = letter_of(text, facts)
    template = compiled(text.subject, text.body)
    context = values_for(letter, template.keys)
    try:
        subject = template.subject.render(context)
        body = template.body.render(context)
    except LiquidError as error:
        raise CannotRender(f"The text “{text.name}” cannot be written: {error.message}.") from error
    fragment = clean_rendered(sentences.drop_gaps(body).replace(sentences.LINE, "<br>"))
    line = _subject(subject, continues=continues, first_subject=first_subject)
    if text.kind == "reminder":
        _check_said(f"{subject} {fragment}", letter, template.keys)
    return Rendered(line, _document(fragment, letter), _typed(fragment, letter))


def _check_said(written: str, letter: Letter, keys: frozenset[str]) -> None:
    """The last net under checks at saving: a required value that the text uses stands in what was written."""
    plain = html_entities.unescape(written).casefold()
    for key in keys.intersection(required_keys(letter.form)):
        if str(value_of(letter, key)).casefold() not in plain:
            raise CannotRender(f"The text loses its “{label_of(key)}”; put it in a sentence of its own.")


def _subject(rendered: str, *, continues: bool, first_subject: str) -> str:
    subject = one_line(sentences.drop_subject_gaps(rendered))
    if continues:
        subject = f"Re: {_REPLY_MARK.sub('', one_line(first_subject) or subject)}"
    return subject if len(subject) <= SUBJECT_AT_MOST else f"{subject[: SUBJECT_AT_MOST - 1]}…"


def _alone(mark: str) -> re.Pattern[str]:
    """A block's mark with the paragraph that holds nothing else: a table cannot stand inside one."""
    return re.compile(rf"<(p|div|span)\b[^>]*>(?:\s|<br>)*{mark}(?:\s|<br>)*</\1>|{mark}")


_BLOCKS: Final = (
    (_alone(sentences.TABLE), sentences.TABLE, blocks.invoice_table),
    (_alone(sentences.SIGNATURE), sentences.SIGNATURE, blocks.signature),
)


@lru_cache(maxsize=64)
def _shell(language: Language) -> tuple[str, str]:
    """What stands before and after the letter's own HTML."""
    head = (
        f'<!DOCTYPE html><html lang="{language.code}" dir="{language.direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    )
    return head, "</body></html>"


def _document(fragment: str, letter: Letter) -> str:
    """The HTML part. Blocks come last, so that a signature stays exactly as it was stored."""
    for alone, mark, _ in _BLOCKS:
        fragment = alone.sub(mark, fragment)
    head, tail = _shell(letter.language)
    document = _INLINER.inline(f"{head}{fragment}{tail}")
    for _, mark, made in _BLOCKS:
        if mark in document:
            document = document.replace(mark, made(letter).html)
    return document


_LINKED: Final = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_MAIL_OR_CALL: Final = re.compile(r"^(?:mailto|tel):", re.IGNORECASE)


def _typed(fragment: str, letter: Letter) -> str:
    """The text part: links written out behind their words, blocks in aligned columns."""
    for alone, mark, _ in _BLOCKS:
        fragment = alone.sub(f"<p>{mark}</p>", fragment)
    text = blocks.as_text(_LINKED.sub(_written_out, fragment))
    for _, mark, made in _BLOCKS:
        if mark in text:
            text = text.replace(mark, made(letter).text)
    return f"{text.rstrip()}\n"


def _written_out(link: re.Match[str]) -> str:
    """Write a link as "view it online (https://…)"; the address alone where the words already are the address."""
    address, words = link[1], link[2]
    plain = _TAG.sub("", words).strip()
    if html_entities.unescape(plain) == _MAIL_OR_CALL.sub("", html_entities.unescape(address)):
        return plain
    return f"{words} ({address})" if plain else address
