"""Compile stored texts: Liquid with few tags, few filters and hard limits (ui-notes.md section 7).

There is nothing to loop over, so loops, includes and assignments do not exist here and rendering time follows the
length of the text, which `texts.check_text` bounds. The limits below hold should a tag ever be added.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from liquid import BoundTemplate, Environment, Mode, StrictDefaultUndefined
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.token import TOKEN_CONTENT, TOKEN_ILLEGAL, TOKEN_OUTPUT

from dunright.domain.wording import language, placeholders, sentences

ALLOWED_TAGS: Final = frozenset({"if", "unless", "case", "comment"})
ALLOWED_FILTERS: Final = frozenset(
    {"default", "upcase", "downcase", "capitalize", "strip", "possessive", "plural"}
)
_OPENING: Final = re.compile(r"\{\{|\{%")
_SENTENCE_KEYS: Final = placeholders.of_types((row.key for row in placeholders.PLACEHOLDERS), "sentence")


class LetterEnvironment(Environment):
    """Limits for one letter: 256 kB of output, 1,000 rounds of a loop, ten levels of nesting."""

    output_stream_limit = 256 * 1024
    loop_iteration_limit = 1000
    local_namespace_limit = 64 * 1024
    block_nesting_limit = 10
    context_depth_limit = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Keep the tags and filters a letter needs; the rest cannot even be parsed."""
        super().setup_tags_and_filters(extra=extra)
        kept = ALLOWED_TAGS | {TOKEN_CONTENT, TOKEN_OUTPUT, TOKEN_ILLEGAL}
        self.tags = {name: tag for name, tag in self.tags.items() if name in kept}
        self.filters = {name: found for name, found in self.filters.items() if name in ALLOWED_FILTERS}
        self.filters["possessive"] = _possessive
        self.filters["plural"] = _plural


def _possessive(name: object) -> str:
    """`{{ customer.company | possessive }}`: "Acme’s", "Brown Brothers’"."""
    text = str(name)
    return text if sentences.GAP in text else language.possessive(text)


def _plural(count: object, one: object, many: object) -> str:
    """`{{ invoices.count | plural: "invoice", "invoices" }}`."""
    return str(count) if sentences.GAP in str(count) else str(one if count == 1 else many)


def _environment(*, autoescape: bool) -> LetterEnvironment:
    return LetterEnvironment(undefined=StrictDefaultUndefined, tolerance=Mode.STRICT, autoescape=autoescape)


_BODIES: Final = _environment(autoescape=True)
_SUBJECTS: Final = _environment(autoescape=False)  # plain text: an ampersand in a name stays one


class TextFault(ValueError):
    """A stored text that cannot be compiled: says where and why in one sentence."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A subject and a body ready to render, and the placeholders each of them uses."""

    subject: BoundTemplate
    body: BoundTemplate
    subject_keys: frozenset[str]
    body_keys: frozenset[str]
    sentences: tuple[dict[str, bool], ...]
    """Of the body: see `sentences.sentence_keys`."""

    @property
    def keys(self) -> frozenset[str]:
        """All placeholders of the text."""
        return self.subject_keys | self.body_keys


@lru_cache(maxsize=1024)
def compiled(subject: str, body: str) -> CompiledText:
    """Compile once per text. Raises TextFault when a part is no Liquid that letters may use."""
    for place, source in (("subject", subject), ("body", body)):
        _check_bounds(place, source)
        _parse(
            _SUBJECTS, place, source
        )  # as it was typed, so that a complaint's line number is the person's own
    subject_template = _parse(_SUBJECTS, "subject", sentences.mark_subject(sentences.MARKS.sub("", subject)))
    marked = sentences.mark_sentences(sentences.MARKS.sub("", body), _SENTENCE_KEYS)
    body_template = _parse(_BODIES, "body", marked)
    return CompiledText(
        subject_template,
        body_template,
        _keys(subject_template),
        _keys(body_template),
        tuple(sentences.sentence_keys(marked)),
    )


def _check_bounds(place: str, source: str) -> None:
    """Every `{{` and `{%` closes soon: so that Liquid and the sentences see the same marks, and neither toils."""
    for found in _OPENING.finditer(source):
        closing = "}}" if found.group() == "{{" else "%}"
        if source.find(closing, found.end(), found.end() + sentences.MARKUP_AT_MOST) < 0:
            what = f"a {found.group()} that is not closed by {closing} within {sentences.MARKUP_AT_MOST} characters"
            raise TextFault(place, f"{_where(place, source, found.start())} has {what}.")


def _where(place: str, source: str, index: int) -> str:
    """Say the place of a fault: "Line 3 of the body", or just "The body" of a text of one line."""
    line = source.count("\n", 0, max(index, 0)) + 1
    return f"Line {line} of the {place}" if "\n" in source else f"The {place}"


def _parse(environment: LetterEnvironment, place: str, source: str) -> BoundTemplate:
    try:
        return environment.from_string(source)
    except LiquidError as error:
        raise TextFault(place, _complaint(place, source, error)) from error


def _complaint(place: str, source: str, error: LiquidError) -> str:
    """Liquid's words as one sentence of ours, with the line."""
    message = str(error.message or error).strip().rstrip(".")
    where = _where(place, source, error.token.start_index if error.token else 0)
    if isinstance(error, LiquidSyntaxError) and message.startswith("unexpected tag"):
        allowed = ", ".join(sorted(ALLOWED_TAGS))
        return f"{where} uses a tag that letters may not use ({message}); allowed are {allowed}."
    return f"{where} has a mistake in its placeholders: {message}."


def _keys(template: BoundTemplate) -> frozenset[str]:
    segments: list[Any] = template.global_variable_segments()
    return frozenset(".".join(map(str, path)) for path in segments)


def unknown_filters(subject: str, body: str) -> tuple[str, ...]:
    """Names of filters in a compiled text that do not exist here, in order."""
    text = compiled(subject, body)
    used = {*text.subject.filter_names(), *text.body.filter_names()}
    return tuple(sorted(used - ALLOWED_FILTERS))
