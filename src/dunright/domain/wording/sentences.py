"""Leave a sentence out whole when a value it uses is empty (default-templates.md).

How it works on the stored form, Liquid in HTML, without asking anybody to write `{% if %}`:

1. `mark_sentences` runs once per text. It walks through the *stored* text, where a placeholder is one unit, and puts an
   invisible BOUNDARY after each sentence. So a full stop inside a value ("Acme Ltd. & Co") can never cut a sentence.
2. While Liquid renders, an empty optional value renders as an invisible GAP (`values.Gap`). A fall-back given with
   `default:`, or an `{% if %}` around it, takes the gap away, as people expect.
3. `drop_gaps` runs on the rendered HTML. A sentence reaches from one boundary, line break or edge of a block
   (paragraph, list item, table row) to the next; where it holds a gap its words go, its tags stay, so nesting cannot
   break. Lines, list items, rows and paragraphs that became empty by this go too; those left empty on purpose stay.

`sentence_keys` reads the same sentences from the stored text, so that a text whose required values could vanish with
such a sentence is refused when it is saved.

The marks are Unicode noncharacters: they cannot stand in mail, and are taken out of every value and stored text.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

BOUNDARY: Final = "\ufdd0"
GAP: Final = "\ufdd1"
DROPPED: Final = "\ufdd2"
LINE: Final = "\ufdd3"
"""A line break inside a value: not the end of a sentence."""
TABLE: Final = "\ufdd4"
SIGNATURE: Final = "\ufdd5"
MARKS: Final = re.compile("[\ufdd0-\ufdef\ud800-\udfff]")
"""Also halves of characters, which no mail can carry."""

Token = tuple[Literal["text", "tag", "output", "liquid"], str]

# Every repetition is bounded and possessive: a hostile text must not make the search quadratic.
MARKUP_AT_MOST: Final = 400
"""Characters inside one `{{ }}` or `{% %}`."""
_MARKUP: Final = r"\{\{.{0,400}?\}\}|\{%.{0,400}?%\}"
_QUOTED: Final = r"\"[^\"]{0,2100}\"|'[^']{0,2100}'"
_INNER_TAG: Final = rf"</?[a-zA-Z](?:{_MARKUP}|{_QUOTED}|[^<>\"'{{]++|\{{){{0,80}}+>"
_COMMENT: Final = r"<!--.{0,4000}?-->"
_SOURCE: Final = re.compile(
    rf"(?P<liquid>\{{%.{{0,400}}?%\}})|(?P<output>\{{\{{.{{0,400}}?\}}\}})|(?P<tag>{_INNER_TAG}|{_COMMENT})",
    re.DOTALL,
)
_BLOCKS: Final = "p|div|br|hr|li|ul|ol|h[1-6]|blockquote|pre|table|thead|tbody|tfoot|tr"
# A table cell is no edge: "Order number | {{ … }}" is one sentence, or the label would stay behind.
_BLOCK_TAG: Final = re.compile(rf"</?(?:{_BLOCKS})\b", re.IGNORECASE)

_SPACE: Final = r"(?:\s|&nbsp;)"
_CLOSERS: Final = r"[\"'”’»)\]]*"
_END: Final = re.compile(rf"(?:[.!?…]{_CLOSERS}(?P<space>{_SPACE}+)|[。！？]{_CLOSERS})")
_ENDS_HERE: Final = re.compile(rf"[.!?…]{_CLOSERS}$")
_LEADING_SPACE: Final = re.compile(rf"^{_SPACE}+")
_LAST_WORD: Final = re.compile(r"([^\W\d_]+(?:\.[^\W\d_]+)*)\.$")
_ABBREVIATIONS: Final = frozenset(
    ""  # noqa: SIM905  words in a row read better than a list of strings
    "no nos nr nrs ref inv mr mrs ms mx dr prof st jr sr tel fax approx ca e.g i.e incl excl resp vs attn dept ext "
    "z.b d.h bzw inkl evtl ggf str art abs p.ej pág núm sra dña mme mlle dhr mevr bijv o.a".split()
)


def tokens(source: str) -> Iterator[Token]:
    """Cut a stored text into text, HTML tags, `{{ }}` and `{% %}`, losing nothing."""
    at = 0
    for found in _SOURCE.finditer(source):
        if found.start() > at:
            yield "text", source[at : found.start()]
        kind = found.lastgroup
        assert kind in ("liquid", "output", "tag")
        yield kind, found.group()  # type: ignore[misc]  # lastgroup is one of the three names
        at = found.end()
    if at < len(source):
        yield "text", source[at:]


def mark_sentences(source: str, ending: frozenset[str] = frozenset()) -> str:
    """Put a BOUNDARY after each sentence of a stored text.

    `ending` are the placeholders whose value is a sentence of its own and so ends one. An abbreviation, an
    initial, or a small letter after the full stop is no end.
    """
    marked: list[str] = []
    ended = False
    for kind, token in tokens(source):
        if kind == "text":
            marked.append(_mark_text(token, after_end=ended))
            ended = bool(_ENDS_HERE.search(token)) and not _is_abbreviated(token)
        else:
            marked.append(token)
            if kind == "output":
                ended = token.strip("{}- \n\t").split("|")[0].strip() in ending
            elif _BLOCK_TAG.match(token):
                ended = False
    return "".join(marked)


def _mark_text(text: str, *, after_end: bool) -> str:
    """Mark one run of text; `after_end`: the text before it ended a sentence."""
    out: list[str] = []
    at = 0
    if after_end and (lead := _LEADING_SPACE.match(text)) and not text[lead.end() : lead.end() + 1].islower():
        out += [lead.group(), BOUNDARY]
        at = lead.end()
    for end in _END.finditer(text, at):
        upto = text[: end.start() + 1]
        if text[end.end() : end.end() + 1].islower() or _is_abbreviated(upto):
            continue
        out += [text[at : end.end()], BOUNDARY]
        at = end.end()
    return "".join([*out, text[at:]])


def _is_abbreviated(text: str) -> bool:
    """Whether the full stop at the end of this text belongs to its last word."""
    found = _LAST_WORD.search(text[-24:])
    if found is None:
        return False
    word = found[1]
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


_KEY: Final = re.compile(r"\{\{-?\s*([\w.]+)\s*(\|.*?)?-?\}\}", re.DOTALL)


def sentence_keys(marked: str) -> Iterator[dict[str, bool]]:
    """For each sentence of a marked text its placeholders: whether each has a fall-back by `default:`."""
    keys: dict[str, bool] = {}
    for kind, token in tokens(marked):
        if kind == "text" and BOUNDARY not in token:
            continue
        if kind == "text" or (kind == "tag" and _BLOCK_TAG.match(token)):
            if keys:
                yield keys
            keys = {}
        elif kind in ("output", "tag"):
            for found in _KEY.finditer(token):
                keys[found[1]] = keys.get(found[1], True) and "default:" in (found[2] or "")
    if keys:
        yield keys


_RENDERED: Final = re.compile(rf"({_COMMENT}|</?[a-zA-Z](?:{_QUOTED}|[^<>\"']++){{0,80}}+>)", re.DOTALL)
_D: Final = rf"(?:\s|&nbsp;|{DROPPED})*{DROPPED}(?:\s|&nbsp;|{DROPPED})*"
_EMPTY_INLINE: Final = re.compile(rf"<(a|strong|b|em|i|u|s|span|code|sub|sup)\b[^>]*>{_D}</\1>")
_CELL: Final = rf"(?:\s|{DROPPED}|</?t[dh]\b[^>]*>)*"
_EMPTY_ROW: Final = re.compile(rf"<tr\b[^>]*>{_CELL}{DROPPED}{_CELL}</tr>")
_EMPTY_BLOCK: Final = re.compile(
    rf"<(p|div|li|ul|ol|h[1-6]|blockquote|pre|table|thead|tbody|tfoot)\b[^>]*>{_D}</\1>"
)
_LINE_START: Final = re.compile(rf"(^|<br\s*/?>|<(?:p|div|li|blockquote)\b[^>]*>){_D}<br\s*/?>")
_LINE_END: Final = re.compile(rf"<br\s*/?>{_D}(</(?:p|div|li|blockquote)>|$)")
_SPACE_AT_END: Final = re.compile(r"[ \t]+(</(?:p|div|li|blockquote|td|th)>|<br\s*/?>)")


def drop_gaps(html: str) -> str:
    """Take every sentence that holds a GAP out of rendered HTML, and all marks of sentences with them."""
    if GAP not in html:
        return html.replace(BOUNDARY, "")
    pieces: list[str] = []
    segment: list[str] = []
    for part in _RENDERED.split(html):
        if part.startswith("<") and _BLOCK_TAG.match(part):
            pieces += [*_without_gap(segment), part]
            segment = []
        elif part.startswith("<"):
            segment.append(part)
        else:
            first, *others = part.split(BOUNDARY)
            segment.append(first)
            for other in others:
                pieces += _without_gap(segment)
                segment = [other]
    pieces += _without_gap(segment)
    return _tidy("".join(pieces))


def _without_gap(segment: list[str]) -> list[str]:
    """One sentence: as it is, or its tags alone with DROPPED where words were."""
    if not any(GAP in part for part in segment):
        return segment
    return [
        part.replace(GAP, "") if part.startswith("<") else DROPPED
        for part in segment
        if part and not part.isspace()
    ]


def _tidy(html: str) -> str:
    """Remove the elements and lines that became empty, innermost first, then the marks."""
    before = ""
    while before != html:
        before = html
        for pattern in (_EMPTY_INLINE, _EMPTY_ROW, _EMPTY_BLOCK):
            html = pattern.sub(DROPPED, html)
        html = _LINE_START.sub(rf"\1{DROPPED}", html)
        html = _LINE_END.sub(rf"{DROPPED}\1", html)
    return _SPACE_AT_END.sub(r"\1", html.replace(DROPPED, ""))


_SUBJECT_PARTS: Final = re.compile(r"(\s*[,;:|–—]\s*|\s+-\s+|\s*[()\[\]]\s*)")


def mark_subject(source: str) -> str:
    """Put a BOUNDARY around the separators of a subject: there a part is left out, not a sentence."""
    return "".join(
        _SUBJECT_PARTS.sub(rf"{BOUNDARY}\1{BOUNDARY}", token) if kind == "text" else token
        for kind, token in tokens(source)
    )


def drop_subject_gaps(subject: str) -> str:
    """Take out the parts of a rendered subject that hold a GAP, and separators left at either end or doubled."""
    if GAP not in subject:
        return subject.replace(BOUNDARY, "")
    kept: list[str] = []
    pending: list[str] = []
    for index, part in enumerate(subject.split(BOUNDARY)):
        if index % 2:
            pending.append(part)
        elif part.strip() and GAP not in part:
            kept += [_one_separator(pending) if kept else "", part]
            pending = []
    return "".join([*kept, ")" if _open_brackets(pending) < 0 else ""]).strip()


def _open_brackets(separators: list[str]) -> int:
    joined = "".join(separators)
    return joined.count("(") + joined.count("[") - joined.count(")") - joined.count("]")


def _one_separator(pending: list[str]) -> str:
    """What stands between two parts once those between them are gone: brackets stay in pairs or go in pairs."""
    balance = _open_brackets(pending)
    brackets = [separator for separator in pending if re.search(r"[()\[\]]", separator)]
    if balance > 0:
        return brackets[-1]
    if balance < 0:
        return brackets[0]
    return " " if brackets else "".join(pending[:1])
