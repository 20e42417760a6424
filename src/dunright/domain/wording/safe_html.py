"""What HTML may stand in a letter: one allow-list for texts, a wider one for signatures, and checked addresses.

Cleaning is done by nh3. Liquid marks are put aside while it looks, so that `{{ a | default: "b" }}` survives.
"""

import re
from collections.abc import Callable
from typing import Final

import nh3

from dunright.domain.wording import sentences

TAGS: Final = frozenset(
    ""  # noqa: SIM905  words in a row read better than a list of strings
    "p br div span a strong b em i u s sub sup ul ol li h1 h2 h3 blockquote hr pre code "
    "table thead tbody tfoot tr td th".split()
)
SIGNATURE_TAGS: Final = TAGS | {"img", "font", "small", "h4", "center"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "*": {"lang", "dir"},
}
_SIGNATURE_ATTRIBUTES: Final[dict[str, set[str]]] = {
    **_ATTRIBUTES,
    "img": {"src", "alt", "width", "height", "border"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "align"},
    "*": {"lang", "dir", "style", "class"},
}
_STYLES: Final = frozenset(
    ""  # noqa: SIM905  words in a row read better than a list of strings
    "color background-color font font-family font-size font-style font-weight line-height text-align text-decoration "
    "vertical-align white-space letter-spacing margin margin-top margin-right margin-bottom margin-left padding "
    "padding-top padding-right padding-bottom padding-left border border-top border-right border-bottom border-left "
    "border-collapse border-radius width height max-width display".split()
)
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_IMAGE_SCHEMES: Final = frozenset({"https", "cid"})
_LIQUID: Final = re.compile(r"\{\{.{0,400}?\}\}|\{%.{0,400}?%\}", re.DOTALL)


def _only(schemes: frozenset[str]) -> Callable[[str, str, str], str | None]:
    """Keep an address only when it names one of the schemes: a relative one leads nowhere in a mail."""

    def kept(_tag: str, attribute: str, value: str) -> str | None:
        if attribute not in ("href", "src"):
            return value
        found = _SCHEME.match(value.strip())
        allowed = _IMAGE_SCHEMES if attribute == "src" else schemes
        return value if found and found[1].lower() in allowed else None

    return kept


def clean_rendered(html: str) -> str:
    """A rendered letter by the allow-list, with every address checked now that its value stands in it."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_only(SCHEMES),
        link_rel=None,
        url_schemes=set(SCHEMES),
    )


def clean_signature(html: str) -> str:
    """A signature by the wider allow-list (images over https, styles); cleaning twice changes nothing more."""
    return nh3.clean(
        sentences.MARKS.sub("", html),
        tags=set(SIGNATURE_TAGS),
        attributes=_SIGNATURE_ATTRIBUTES,
        attribute_filter=_only(SCHEMES),
        link_rel=None,
        url_schemes=set(SCHEMES | _IMAGE_SCHEMES),
        filter_style_properties=set(_STYLES),
    )


def clean_body(body: str) -> str:
    """A text as it may be stored: Liquid untouched, HTML by the allow-list."""
    body = sentences.MARKS.sub("", body).replace("\r\n", "\n").replace("\r", "\n")
    return _cleaned(body, tags=set(TAGS), attributes=_ATTRIBUTES)


def taken_out(body: str) -> tuple[str, ...]:
    """Names of the elements, attributes and addresses that `clean_body` takes out of a text, in plain words."""
    cleaned = clean_body(body)
    taken = _parts(body) - _parts(cleaned)
    if not taken and len(_LIQUID.findall(body)) != len(_LIQUID.findall(cleaned)):
        taken = {"an HTML mark that swallows what follows it"}
    return tuple(sorted(taken))


_OPEN_TAG: Final = re.compile(
    r"""<([a-zA-Z][a-zA-Z0-9-]*+)((?:"[^"]{0,2100}"|'[^']{0,2100}'|[^<>"']++){0,80}+)>"""
)
_ATTRIBUTE: Final = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?")
_COMMENT: Final = re.compile(r"<!--|<!|<\?")


def _parts(html: str) -> set[str]:
    """Elements, attributes and links of an HTML text by name, to compare before and after cleaning."""
    html, (stem, *_) = _aside(html)
    parts = {"a comment"} if _COMMENT.search(html) else set()
    for tag, attributes in _OPEN_TAG.findall(html):
        parts.add(f"<{tag.lower()}>")
        for name, value in _ATTRIBUTE.findall(attributes):
            if name.startswith(stem):
                parts.add(f"a placeholder inside the mark <{tag.lower()}>")
                continue
            if name.lower() == "href" and (scheme := _SCHEME.match(value.strip("\"' \t\n"))):
                parts.add(f"{scheme[1].lower()}: addresses")
            else:
                parts.add(f"{name.lower()} on <{tag.lower()}>")
    return parts


def _aside(html: str) -> tuple[str, list[str]]:
    """The text with its Liquid marks replaced by words that HTML leaves alone, and the marks."""
    stem = "liquid"
    while stem in html:
        stem += "x"
    marks: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        marks.append(found.group())
        return f"{stem}{len(marks) - 1:05d}"

    return _LIQUID.sub(put_aside, html), [stem, *marks]


def _cleaned(html: str, *, tags: set[str], attributes: dict[str, set[str]]) -> str:
    bare, (stem, *marks) = _aside(html)
    cleaned = nh3.clean(bare, tags=tags, attributes=attributes, link_rel=None, url_schemes=set(SCHEMES))
    return re.sub(rf"{stem}(\d{{5}})", lambda found: marks[int(found[1])], cleaned)
