from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_catcher.reading import Attachment, read


def test_read_decodes_headers_and_people():
    letter = read(
        b"From: =?utf-8?b?TcO8bGxlciwgSsO2cmc=?= <j@k.example>\r\n"
        b'To: "Kelly, Pat" <pat@k.example>,\r\n ann@k.example\r\n'
        b"Subject: =?utf-8?q?f=C3=BCr?=\r\n =?utf-8?q?_Pat?=\r\n\r\nHello\r\n"
    )
    assert letter.header("from") == "Müller, Jörg <j@k.example>"
    assert letter.people("From") == [("Müller, Jörg", "j@k.example")]
    assert letter.people("To") == [("Kelly, Pat", "pat@k.example"), ("", "ann@k.example")]
    assert (letter.header("Subject"), letter.text) == ("für Pat", "Hello\n")


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Jörg".encode(), "Jörg"),
        (b"\xff", "\ufffd"),
        (b"=?nonsense?q?x?=", "=?nonsense?q?x?="),
        (b"=?utf-8?b?x?=", "=?utf-8?b?x?="),
        (b"", ""),
    ],
)
def test_read_shows_a_header_that_cannot_be_decoded_as_it_stands(header, subject):
    assert read(b"Subject: " + header + b"\r\n\r\n").header("Subject") == subject


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Tue, 24 Nov 2026 10:05:00 +0000", datetime(2026, 11, 24, 10, 5, tzinfo=UTC)),
        ("tomorrow", None),
        ("Tue, 99 Nov 2026 10:05:00 +0000", None),
        ("", None),
    ],
)
def test_read_date(date, expected):
    assert read(f"Date: {date}\r\n\r\n".encode()).date == expected


def test_read_finds_texts_and_files():
    letter = read(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
        b"--c\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nJ\xf6rg\r\n"
        b"--c\r\nContent-Type: text/html; charset=made-up\r\n\r\n<p>J\xc3\xb6rg</p>\r\n--c--\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <logo@n>\r\n\r\nPNG\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''M%C3%A4rz.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nHi\r\n"
        b"--b--\r\n"
    )
    assert (letter.text, letter.html) == ("Jörg", "<p>Jörg</p>")
    assert letter.attachments == (
        Attachment(1, "part-1", "image/png", b"PNG", "logo@n"),
        Attachment(2, "März.pdf", "application/pdf", b"%PDF"),
        Attachment(3, "part-3", "message/rfc822", b"Subject: inner\n\nHi"),
    )


@given(st.binary(max_size=300))
def test_read_takes_anything(raw):
    letter = read(raw)
    shown = [letter.text, letter.html, *(value for pair in letter.headers for value in pair)]
    assert all(text.encode("utf-8", "surrogatepass") is not None for text in shown)
    assert letter.date is None or letter.date.year >= 1
