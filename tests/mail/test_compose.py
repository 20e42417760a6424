import dataclasses
import email
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.policy import SMTP, default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunright.mail.compose import Attachment, Letter, LetterError, Mailbox, compose, new_message_id, one_line
from dunright.mail.headers import says_something

LETTER = Letter(
    sender=Mailbox("anna@northwind.example", "Anna Byrne"),
    to=(Mailbox("ap@k.example", "Pat Kelly"),),
    subject="Invoice INV-0042 of 1 October",
    text="Hello Pat,\n\nplease pay.\n",
    html="<p>Hello Pat,</p><p>please pay.</p>",
    message_id="<t0ken@northwind.example>",
    date=datetime(2026, 11, 24, 11, 5, tzinfo=timezone(timedelta(hours=1))),
)


def head(content):
    """The unfolded, undecoded lines before the first part, as a dict."""
    block = content.split(b"\r\n\r\n")[0].decode("utf-8").replace("\r\n ", " ")
    return dict(line.split(": ", 1) for line in block.split("\r\n"))


def changed(**changes):
    return dataclasses.replace(LETTER, **changes)


def test_compose_writes_the_whole_letter():
    boundary = head(compose(LETTER))["Content-Type"].split('"')[1]
    assert compose(LETTER).decode("ascii") == (
        "Date: Tue, 24 Nov 2026 11:05:00 +0100\r\n"
        "From: Anna Byrne <anna@northwind.example>\r\n"
        "To: Pat Kelly <ap@k.example>\r\n"
        "Subject: Invoice INV-0042 of 1 October\r\n"
        "Message-ID: <t0ken@northwind.example>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        f' boundary="{boundary}"\r\n'
        "\r\n"
        f"--{boundary}\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "Hello Pat,\r\n\r\nplease pay.\r\n\r\n"
        f"--{boundary}\r\n"
        'Content-Type: text/html; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "MIME-Version: 1.0\r\n"
        "\r\n"
        "<p>Hello Pat,</p><p>please pay.</p>\r\n\r\n"
        f"--{boundary}--\r\n"
    )


def test_compose_gives_the_same_bytes_for_the_same_letter():
    assert compose(LETTER) == compose(changed())


def test_compose_with_copies_reply_address_and_thread():
    letter = changed(
        cc=(Mailbox("cfo@k.example"), Mailbox("b@k.example", "B")),
        reply_to=Mailbox("office@northwind.example"),
        in_reply_to="<two@northwind.example>",
        references=("<one@northwind.example>", "<two@northwind.example>"),
    )
    lines = head(compose(letter))
    assert {name: lines[name] for name in ("Cc", "Reply-To", "In-Reply-To", "References")} == {
        "Cc": "cfo@k.example, B <b@k.example>",
        "Reply-To": "office@northwind.example",
        "In-Reply-To": "<two@northwind.example>",
        "References": "<one@northwind.example> <two@northwind.example>",
    }


def test_compose_with_attachments():
    letter = changed(
        attachments=(
            Attachment("INV/2026/0042.pdf", "application/pdf", b"%PDF-1.7\x00\xff"),
            Attachment("Kontoauszug März.pdf", "application/pdf", b"%PDF"),
        )
    )
    message = email.message_from_bytes(compose(letter), policy=default)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
        "application/pdf",
    ]
    assert [(part.get_filename(), part.get_content()) for part in message.iter_attachments()] == [
        ("INV-2026-0042.pdf", b"%PDF-1.7\x00\xff"),
        ("Kontoauszug März.pdf", b"%PDF"),
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("", "ap@k.example"),
        ("O'Brien", "O'Brien <ap@k.example>"),
        ("Kelly, Pat", '"Kelly, Pat" <ap@k.example>'),
        ('Pat "PK" Kelly \\', '"Pat \\"PK\\" Kelly \\\\" <ap@k.example>'),
        ("eve@evil.example", '"eve@evil.example" <ap@k.example>'),
        ("Müller, Jörg", "=?utf-8?b?TcO8bGxlciwgSsO2cmc=?= <ap@k.example>"),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <ap@k.example>"),
    ],
)
def test_compose_writes_a_name_so_that_it_cannot_be_read_as_an_address(name, line):
    content = compose(changed(to=(Mailbox("ap@k.example", name),)))
    assert head(content)["To"] == line
    message = email.message_from_bytes(content, policy=default)
    assert [(one.display_name, one.addr_spec) for one in message["To"].addresses] == [(name, "ap@k.example")]


@given(st.text(max_size=300))
def test_compose_keeps_any_subject_and_name_on_lines_that_fit(text):
    shown = one_line(text)
    # A subject of nothing has a test of its own.
    subject = shown if says_something(shown) else f"{shown}-"
    content = compose(changed(subject=subject, to=(Mailbox("ap@k.example", shown),)))
    lines = head(content)
    assert set(lines) == {
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert str(make_header(decode_header(lines["Subject"]))) == subject
    assert lines["To"].endswith("ap@k.example" if not shown else "<ap@k.example>")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


@given(st.text(max_size=500))
def test_compose_keeps_any_text_but_its_control_characters(text):
    message = email.message_from_bytes(compose(changed(text=text)), policy=SMTP)
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in kept if one in "\t\n" or not (ord(one) < 32 or ord(one) == 127))
    body = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert body.rstrip("\n") == kept.rstrip("\n")


def test_compose_folds_a_long_subject_between_words():
    content = compose(changed(subject="a b " * 60))
    assert head(content)["Subject"] == ("a b " * 60).strip()
    assert max(len(line) for line in content.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 78


def test_compose_writes_international_domains_in_their_ascii_form():
    content = compose(changed(to=(Mailbox("ap@müller.example"),)))
    assert (head(content)["To"], content.isascii()) == ("ap@xn--mller-kva.example", True)


def test_compose_keeps_an_address_outside_ascii_as_it_is():
    assert head(compose(changed(to=(Mailbox("jörg@k.example"),))))["To"] == "jörg@k.example"


@pytest.mark.parametrize(
    "character", ["\r", "\n", "\r\n", "\0", "\t", "\x0b", "\x85", "\u2028", "\u2029", "\x7f"]
)
@pytest.mark.parametrize("field", ["subject", "sender", "to", "cc", "reply_to"])
def test_compose_refuses_line_breaks_and_control_characters_in_fields(field, character):
    text = f"Pat{character}Bcc: eve@evil.example"
    box = Mailbox("ap@k.example", text)
    values = {"subject": text, "sender": box, "to": (box,), "cc": (box,), "reply_to": box}
    names = {"subject": "Subject", "sender": "From", "to": "To", "cc": "Cc", "reply_to": "Reply-To"}
    with pytest.raises(LetterError) as caught:
        compose(changed(**{field: values[field]}))
    assert str(caught.value) == (
        f"{names[field]} holds a line break or control character (U+{ord(character[0]):04X})."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"to": ()}, "To: a letter needs at least one recipient."),
        (
            {"to": (Mailbox("a@k.example, b@k.example"),)},
            'To: "a@k.example, b@k.example" is not one usable e-mail address.',
        ),
        (
            {"sender": Mailbox("a@k.example\nBcc: b@k.example")},
            'From: "a@k.example Bcc: b@k.example" is not one usable e-mail address.',
        ),
        ({"subject": "x" * 901}, "Subject is 901 characters long; at most 900 are possible."),
        (
            {"to": (Mailbox("ap@k.example", "x" * 901),)},
            "To is 901 characters long; at most 900 are possible.",
        ),
        ({"sender": Mailbox("", "Anna")}, 'From: "" is not one usable e-mail address.'),
        ({"reply_to": Mailbox("anna")}, 'Reply-To: "anna" is not one usable e-mail address.'),
        ({"subject": "\ud800"}, "Subject holds a line break or control character (U+D800)."),
        ({"date": datetime(2026, 11, 24)}, "Date: the moment has no time zone."),  # noqa: DTZ001
        ({"message_id": "t@x"}, 'Message-ID: "t@x" does not have the form <token@domain>.'),
        (
            {"message_id": "<t@x>\r\nBcc: b"},
            'Message-ID: "<t@x> Bcc: b" does not have the form <token@domain>.',
        ),
        ({"in_reply_to": "<a b@x>"}, 'In-Reply-To: "<a b@x>" does not have the form <token@domain>.'),
        ({"references": ("<a@x>\n",)}, 'References: "<a@x>" does not have the form <token@domain>.'),
        (
            {"attachments": (Attachment("x.pdf", "application/pdf\r\nX: y", b""),)},
            'Attachment: "application/pdf x: y" is not the media type of a file.',
        ),
        (
            {"attachments": (Attachment("x.eml", "message/rfc822", b""),)},
            'Attachment: "message/rfc822" is not the media type of a file.',
        ),
        ({"attachments": (Attachment(" . ", "text/plain", b""),)}, "Attachment: a file needs a name."),
    ],
)
def test_compose_refuses(changes, sentence):
    with pytest.raises(LetterError) as caught:
        compose(changed(**changes))
    assert str(caught.value) == sentence


def test_compose_file_names_lose_what_no_file_system_likes():
    letter = changed(attachments=(Attachment('../a\r\nb"c\u2028.pdf', "application/pdf", b""),))
    message = email.message_from_bytes(compose(letter), policy=default)
    assert [part.get_filename() for part in message.iter_attachments()] == ["-a-b-c-.pdf"]


@pytest.mark.parametrize(
    ("domain", "token", "expected"),
    [
        ("northwind.example", "o7-2026-11-24", "<o7-2026-11-24@northwind.example>"),
        ("Müller.example", "t.1", "<t.1@xn--mller-kva.example>"),
    ],
)
def test_new_message_id(domain, token, expected):
    assert new_message_id(domain, token) == expected


@pytest.mark.parametrize(
    ("domain", "token"),
    [("n.example", "a b"), ("n.example", "a>\r\n"), ("n example", "t"), ("", "t"), ("ü" * 70, "t")],
)
def test_new_message_id_refuses(domain, token):
    with pytest.raises(LetterError, match=r"^Message-ID: "):
        new_message_id(domain, token)


def test_one_line():
    assert one_line("  Pat\r\n\tKelly\x00\u2028x ") == "Pat Kelly x"


def test_compose_takes_any_time_zone():
    assert (
        head(compose(changed(date=datetime(2026, 1, 2, tzinfo=UTC))))["Date"]
        == "Fri, 02 Jan 2026 00:00:00 +0000"
    )


@pytest.mark.parametrize("subject", ["", "   ", "\u200b", "\u00a0\u2007", "\u00ad\ufeff", "\u0301"])
def test_compose_refuses_a_subject_that_says_nothing(subject):
    with pytest.raises(LetterError) as caught:
        compose(changed(subject=subject))
    assert str(caught.value) == "Subject: it comes out empty; write words into it that always stand there."


@pytest.mark.parametrize("subject", ["?", "€", "🙂", "7", "发票", "\u200bx"])
def test_compose_takes_any_subject_that_says_something(subject):
    assert str(make_header(decode_header(head(compose(changed(subject=subject)))["Subject"]))) == subject


@pytest.mark.parametrize("length", [76, 150, 899])
@pytest.mark.parametrize("sign", ["x", "é", "发", "🙂"])
def test_compose_folds_the_longest_names_into_lines_that_every_server_takes(length, sign):
    content = compose(changed(to=(Mailbox("ap@k.example", sign * length),)))
    name, address = parseaddr(head(content)["To"])
    assert (str(make_header(decode_header(name))), address) == (sign * length, "ap@k.example")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
