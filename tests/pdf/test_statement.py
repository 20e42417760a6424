"""The statement as a file: what it says, that it is tagged and archivable, that no text becomes code."""

import io

import pytest
from pypdf import PdfReader

from dunright.domain.statements import StatementParty
from dunright.pdf import statement
from dunright.pdf.logo import LogoError, printable_logo
from dunright.pdf.statement import statement_pdf, statement_pictures

HOSTILE = [
    '#panic("x")',
    "$ sum_1^2 $ *bold* _slanted_ `raw` ~ \\",
    '#eval("1+1") #import "@preview/x:0.1.0"',
    "<label> @reference // comment /* more */",
    '"}; #read("/etc/passwd")',
    "[content] {code} = Heading - list + list",
    "https://evil.example/x",
]


def test_statement_says_everything(document, invoice, credit, read_words):
    words = read_words(
        statement_pdf(
            document(
                invoices=[invoice(reference="PO 9"), invoice("INV-2", days=200, currency="GBP")],
                unapplied=[credit()],
                how_to_pay=("IBAN IE12 BOFI 9000",),
                contact="Anna Byrne, anna@northwind.example",
                customer_number="C-1029",
            )
        )
    )
    expected = [
        *(
            "Northwind Parts Ltd",
            "14 Harbour Row",
            "IE1234567T",
            "Statement of account",
            "Balances as of 24 Nov 2026",
        ),
        *(
            "Kellys & Sons",
            "C-1029",
            "Amounts in EUR",
            "€960.00",
            "INV-1",
            "PO 9",
            "24 Oct 2026",
            "31",
            "1,100.00",
        ),
        *(
            "Credit note CN-7",
            "Amounts in GBP",
            "£1,000.00",
            "INV-2",
            "200",
            "IBAN IE12 BOFI 9000",
            "Anna Byrne",
        ),
        "Page 1 of",
    ]
    assert [text for text in expected if text not in words] == []


@pytest.mark.parametrize("locale", ["en_IE", "de_AT"])
def test_statement_is_tagged_and_archivable(document, picture, locale):
    reader = PdfReader(io.BytesIO(statement_pdf(document(locale=locale, logo=picture()))))
    catalogue = reader.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_object().get_data().decode()
    assert catalogue["/Lang"][:2] == locale[:2]
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in catalogue
    assert ("<pdfaid:part>3<" in metadata, "<pdfaid:conformance>A<" in metadata) == (True, True)
    assert "<pdfuaid:part>1<" in metadata
    assert reader.metadata.title.endswith("– Kellys & Sons – 2026-11-24")
    assert reader.metadata.author == "Northwind Parts Ltd"


def test_statement_is_the_same_bytes_for_the_same_document(document, picture):
    assert statement_pdf(document(logo=picture())) == statement_pdf(document(logo=picture()))


@pytest.mark.parametrize("text", HOSTILE)
def test_statement_prints_code_as_text(document, invoice, credit, read_words, text):
    party = StatementParty(text, (text,), text, text, text)
    pdf = statement_pdf(
        document(
            seller=party,
            customer=party,
            invoices=[invoice(text, reference=text)],
            unapplied=[credit(number=text, reference=text)],
            how_to_pay=(text,),
            contact=text,
            customer_number=text,
        )
    )
    found = "".join(read_words(pdf).split())
    # Party names and addresses, number and reference of invoice and credit, how to pay, contact, number.
    assert found.count("".join(text.split())) >= 11
    assert "/Annots" not in PdfReader(io.BytesIO(pdf)).pages[0]


def test_statement_of_many_pages_repeats_its_head_and_counts(document, invoice, read_words):
    pdf = statement_pdf(document(invoices=[invoice(f"INV-{number:03}") for number in range(90)]))
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 3
    assert [f"Page {number} of 3" in page for number, page in enumerate(pages, 1)] == [True, True, True]
    assert ["Days late" in page for page in pages] == [True, True, True]
    assert [number for number in range(90) if f"INV-{number:03}" not in " ".join(pages)] == []


def test_statement_of_nothing(document, read_words):
    assert "Nothing is open on this day." in read_words(statement_pdf(document(invoices=[])))


def test_statement_in_scripts_that_no_font_has_is_still_written(document, read_words):
    pdf = statement_pdf(document(customer=StatementParty("株式会社ノースウィンド \U0001f3df")))
    assert PdfReader(io.BytesIO(pdf)).metadata.title.endswith(
        "株式会社ノースウィンド \U0001f3df – 2026-11-24"
    )
    assert "€1,000.00" in read_words(pdf)


def test_statement_without_inter_falls_back_to_the_fonts_of_typst(
    document, read_words, monkeypatch, tmp_path
):
    monkeypatch.setattr(statement, "_HERE", tmp_path)
    (tmp_path / "statement.typ").write_bytes(statement._template())
    statement._fonts.cache_clear()
    pdf = statement_pdf(document())
    statement._fonts.cache_clear()
    assert ("INV-1" in read_words(pdf), b"Libertinus" in pdf) == (True, True)


def test_statement_with_the_greatest_amounts_keeps_columns_apart(document, invoice, read_words):
    most = "922337203685477.58"
    words = read_words(statement_pdf(document(invoices=[invoice("X" * 200, total=most, balance=most)])))
    assert words.count("922,337,203,685,477.58") >= 6


def test_statement_with_a_logo_that_cannot_be_read_goes_without(document):
    assert statement_pdf(document(logo=b"\x89PNG nonsense")) == statement_pdf(document())


def test_statement_pictures(document):
    (page,) = statement_pictures(document(), ppi=50)
    assert page.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("format", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGBA")],
)
def test_printable_logo(picture, format, mode):
    logo = printable_logo(picture((1400, 700), format=format, mode=mode))
    assert logo.startswith(b"\x89PNG")
    assert int.from_bytes(logo[16:20]) == 700
    assert int.from_bytes(logo[20:24]) == 350


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The logo cannot be read: use a PNG, JPEG, GIF or WebP picture."),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "The logo cannot be read: use a PNG, JPEG, GIF or WebP picture.",
        ),
        (b"x" * (5 * 1024 * 1024 + 1), "The logo is larger than 5 MB: save it smaller."),
    ],
)
def test_printable_logo_refuses(content, sentence):
    with pytest.raises(LogoError) as caught:
        printable_logo(content)
    assert str(caught.value) == sentence


def test_printable_logo_refuses_a_cut_file_and_a_bomb(picture):
    for content in (picture()[:45], picture((12_000, 12_000), mode="1")):
        with pytest.raises(LogoError):
            printable_logo(content)
