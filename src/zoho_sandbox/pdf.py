"""An invoice as a one-page PDF, written by hand: plain text in a built-in font needs no library."""

from typing import Any

PAGE_WIDTH, PAGE_HEIGHT = 595, 842
LEFT, RIGHT, TOP = 56, 539, 780
LINES_AT_MOST = 24


def _escaped(text: str) -> bytes:
    """Text for a PDF string in the Windows Latin encoding; what it lacks becomes a question mark."""
    out = text.encode("cp1252", "replace")
    return out.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _text(x: float, y: float, size: int, text: str, *, bold: bool = False) -> bytes:
    return b"BT /%s %d Tf %.1f %.1f Td (%s) Tj ET\n" % (b"F2" if bold else b"F1", size, x, y, _escaped(text))


def _right(x: float, y: float, size: int, text: str, *, bold: bool = False) -> bytes:
    """Text that ends at x; digits of this font are 0.556 of its size wide, points and commas half of that."""
    width = sum(0.278 if each in ".,: " else 0.556 for each in text) * size
    return _text(x - width, y, size, text, bold=bold)


def invoice_pdf(seller: str, invoice: dict[str, Any]) -> bytes:
    """The PDF of an invoice in the shape of the API's detail."""
    y, out = TOP, [_text(LEFT, TOP, 20, seller, bold=True), _right(RIGHT, TOP, 20, "INVOICE", bold=True)]
    symbol, address = invoice["currency_symbol"], invoice["billing_address"]
    to = [
        invoice["customer_name"],
        address["address"],
        address["street2"],
        address["city"],
        address["zipcode"],
        address["country"],
    ]
    for place, line in enumerate(filter(None, to)):
        out.append(_text(LEFT, y - 50 - 14 * place, 10, line))
    facts = (
        ("Number", invoice["invoice_number"]),
        ("Date", invoice["date"]),
        ("Due", invoice["due_date"]),
        ("Your reference", invoice["reference_number"]),
    )
    for place, (name, value) in enumerate(facts):
        out += [_text(350, y - 50 - 14 * place, 10, name), _right(RIGHT, y - 50 - 14 * place, 10, value)]
    y -= 170
    out.append(_text(LEFT, y, 9, "Item", bold=True) + _right(RIGHT, y, 9, "Amount", bold=True))
    out.append(b"%d %d m %d %d l S\n" % (LEFT, y - 6, RIGHT, y - 6))
    for line in invoice["line_items"][:LINES_AT_MOST]:
        y -= 20
        out += [
            _text(LEFT, y, 10, f"{line['quantity']} x {line['name']}"),
            _right(RIGHT, y, 10, f"{line['item_total']:,.2f}"),
        ]
    y -= 14
    out.append(b"%d %d m %d %d l S\n" % (LEFT, y, RIGHT, y))
    totals = [
        ("Net", invoice["sub_total"]),
        ("VAT", invoice["tax_total"]),
        ("Total", invoice["total"]),
        ("Paid and credited", invoice["total"] - invoice["balance"]),
        ("To pay", invoice["balance"]),
    ]
    for name, amount in totals:
        y -= 18
        out += [
            _text(350, y, 11, name, bold=name == "To pay"),
            _right(RIGHT, y, 11, f"{symbol}{amount:,.2f}", bold=name == "To pay"),
        ]
    return _document(b"".join(out))


def _document(content: bytes) -> bytes:
    """A PDF file with one page of that content, its cross-reference table included."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 6 0 R "
        b"/Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
