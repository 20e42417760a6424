"""Statements as PDF: archivable (PDF/A-3a) and accessible (PDF/UA-1), about 40 ms each."""

import contextlib
import json
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Final

import typst

from dunright.domain.statements import StatementDocument
from dunright.pdf.logo import LogoError, printable_logo
from dunright.pdf.printed import printed

_HERE: Final = Path(__file__).parent
_STANDARDS: "Final[list[typst.PDFStandard]]" = ["a-3a", "ua-1"]


def statement_pdf(document: StatementDocument) -> bytes:
    """The statement as a PDF; the same document gives the same bytes. A logo that cannot be read is left out.

    Letters that the fonts here lack (Chinese, Arabic and the like) are taken from the machine's own fonts. Where
    those lack them too, they are drawn as boxes and the file claims no standard: a statement that cannot be sent
    at all would be worse.
    """
    data = _data(document)
    with contextlib.suppress(typst.TypstError):
        return _pdf(document, data, _fonts(of_the_machine=False), _STANDARDS)
    with contextlib.suppress(typst.TypstError):
        return _pdf(document, data, _fonts(of_the_machine=True), _STANDARDS)
    return _pdf(document, data, _fonts(of_the_machine=True), [])


def statement_pictures(document: StatementDocument, *, ppi: float = 110) -> list[bytes]:
    """The statement's pages as PNG pictures, for previews on the screen."""
    compiler = typst.Compiler(
        _template(), font_paths=_fonts(of_the_machine=True), sys_inputs={"data": _data(document)}
    )
    pages = compiler.compile(format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages or b""]


def _pdf(
    document: StatementDocument, data: str, fonts: typst.Fonts, standards: "list[typst.PDFStandard]"
) -> bytes:
    return typst.compile(
        _template(),
        format="pdf",
        font_paths=fonts,
        sys_inputs={"data": data},
        pdf_standards=standards,
        timestamp=datetime.combine(document.day, time(), UTC),
    )


def _data(document: StatementDocument) -> str:
    """All texts and the logo's bytes as JSON: read by the template as data, never as code."""
    shown = printed(document)
    shown["logo"] = None
    if document.logo is not None:
        with contextlib.suppress(LogoError):
            shown["logo"] = list(printable_logo(document.logo))
    return json.dumps(shown)


@cache
def _template() -> bytes:
    return (_HERE / "statement.typ").read_bytes()


@cache
def _fonts(*, of_the_machine: bool) -> typst.Fonts:
    """Inter from `fonts/` (put there by the build of the assets), else what Typst itself brings."""
    folder = _HERE / "fonts"
    return typst.Fonts(
        include_system_fonts=of_the_machine,
        include_embedded_fonts=True,
        font_paths=[folder] if folder.is_dir() else [],
    )
