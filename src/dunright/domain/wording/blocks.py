"""The two blocks of a letter, each in HTML and as typed text: the invoice table and the signature."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup, escape

from dunright.domain.wording import sentences
from dunright.domain.wording.safe_html import clean_signature
from dunright.domain.wording.values import Letter, amount_due, one_line, safe_link

_CELL: Final = "padding:3px 18px 3px 0;vertical-align:top"
_RIGHT: Final = "padding:3px 0;text-align:right;white-space:nowrap;vertical-align:top"


@dataclass(frozen=True, slots=True)
class Block:
    """The same thing for both parts of a mail."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, str, str]
    link: str = ""


def _rows(letter: Letter) -> list[_Row]:
    language = letter.language
    return [
        _Row(
            (
                one_line(line.number),
                language.short_day(line.due_date),
                language.money(line.balance, line.currency),
            ),
            safe_link(line.link),
        )
        for line in letter.facts.invoices
    ]


def _totals(letter: Letter) -> list[_Row]:
    """One total row for each currency; amounts of two currencies are never added (R11)."""
    language = letter.language
    return [
        _Row((language.phrases.total, "", language.money(amount, currency)))
        for currency, amount in sorted(amount_due(letter.facts).items())
    ]


def invoice_table(letter: Letter) -> Block:
    """Number, due date and balance of each listed invoice, with a total per currency.

    In HTML a number links to its invoice; as text the columns are aligned and the link stands below its row.
    """
    headings, rows, totals = letter.language.phrases.headings, _rows(letter), _totals(letter)
    return Block(_table_html(headings, rows, totals), _table_text(headings, rows, totals))


def _table_html(headings: tuple[str, str, str], rows: list[_Row], totals: list[_Row]) -> str:
    parts = [
        '<table cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 1em"><thead><tr>'
    ]
    for index, heading in enumerate(headings):
        style = (_RIGHT if index == len(headings) - 1 else f"{_CELL};text-align:left") + ";font-weight:bold"
        parts.append(f'<th scope="col" style="{style}">{escape(heading)}</th>')
    parts.append("</tr></thead><tbody>")
    for row in rows:
        number, day, amount = map(escape, row.cells)
        if row.link:
            number = Markup('<a href="{}">{}</a>').format(row.link, number)
        parts.append(
            f'<tr><td style="{_CELL}">{number}</td><td style="{_CELL};white-space:nowrap">{day}</td>'
        )
        parts.append(f'<td style="{_RIGHT}">{amount}</td></tr>')
    for row in totals:
        name, _, amount = map(escape, row.cells)
        parts.append(f'<tr><td style="{_CELL};font-weight:bold" colspan="2">{name}</td>')
        parts.append(f'<td style="{_RIGHT};font-weight:bold">{amount}</td></tr>')
    return "".join([*parts, "</tbody></table>"])


def _table_text(headings: tuple[str, str, str], rows: list[_Row], totals: list[_Row]) -> str:
    every = [_Row(headings), *rows, *totals]
    first, second, third = (max(len(row.cells[column]) for row in every) for column in range(3))
    lines: list[str] = []
    for row in every:
        number, day, amount = row.cells
        lines.append(f"{number:<{first}}   {day:<{second}}   {amount:>{third}}")
        if row.link:
            lines.append(f"  {row.link}")
    return "\n".join(lines)


def signature(letter: Letter) -> Block:
    """The sender's signature exactly as it stands, else one made of name, title, company, phone and address."""
    sender = letter.facts.sender
    html, text = safe_signature(sender.signature_html), sentences.MARKS.sub("", sender.signature_text)
    if not html and not text.strip():
        made = (sender.name, sender.title, letter.facts.organisation.name, sender.phone, sender.email)
        text = "\n".join(filter(None, map(one_line, made)))
    if not html:
        html = f"<div>{'<br>'.join(map(str, map(escape, text.splitlines())))}</div>"
    return Block(html, text if text.strip() else _text_of(html))


@lru_cache(maxsize=256)
def safe_signature(html: str) -> str:
    """A signature as it stands when cleaning leaves it unchanged (what was stored cleaned), else cleaned."""
    return clean_signature(html) if html.strip() else ""


@lru_cache(maxsize=256)
def _text_of(html: str) -> str:
    return as_text(html)


@lru_cache(maxsize=1)
def _text_rules() -> Any:
    from inscriptis.css_profiles import STRICT_CSS_PROFILE  # noqa: PLC0415 - as in `as_text`
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415 - the same

    return ParserConfig(css=STRICT_CSS_PROFILE)


def as_text(html: str) -> str:
    """HTML as a person would type it."""
    # With the first letter and not before: it brings lxml along, and a start writes no letter.
    from inscriptis import get_text  # noqa: PLC0415 - see above

    # inscriptis decodes twice: without this, "&copy=1" in an address would become "©=1".
    html = html.replace("&amp;", "&amp;amp;")
    lines = (line.rstrip() for line in str(get_text(f"<body>{html}</body>", _text_rules())).splitlines())
    return "\n".join(lines).strip()
