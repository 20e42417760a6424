import pytest

from dunright.mail.server import MailServer, MailServerError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, "starttls_if_offered")),
        ("smtp://mail.n.example", MailServer("mail.n.example", 587, "starttls_if_offered")),
        (
            "smtp://ann:s%40cret@mail.n.example",
            MailServer("mail.n.example", 587, "starttls", "ann", "s@cret"),
        ),
        ("smtp://ann:x@localhost:25", MailServer("localhost", 25, "starttls_if_offered", "ann", "x")),
        ("smtp://ann:x@m.example:25?starttls=never", MailServer("m.example", 25, "plain", "ann", "x")),
        ("SMTPS://ann:x@m.example", MailServer("m.example", 465, "tls", "ann", "x")),
        ("smtps://[::1]:4650/", MailServer("::1", 4650, "tls")),
        (
            "smtp://m.example?starttls=always&ca_file=/etc/ca.pem&hello=me.example",
            MailServer("m.example", 587, "starttls", ca_file="/etc/ca.pem", hello="me.example"),
        ),
    ],
)
def test_from_url(url, expected):
    assert MailServer.from_url(url) == expected


BEHIND = (
    "The mail URL goes on after host and port: write %2F, %23, %3F and %40 "
    "for /, #, ? and @ in user or password."
)
USE = "use smtp://user:password@host:587 or smtps://user:password@host:465."


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", f"The mail URL is empty: {USE}"),
        ("mail.n.example", f"The mail URL has no scheme: {USE}"),
        ("anymail+postmark://hunter2@x", f'"anymail+postmark://" is not supported: {USE}'),
        ("smtp://", f"The mail URL names no host: {USE}"),
        ("smtp://ann:hunter2@", f"The mail URL names no host: {USE}"),
        ("smtp://[::1", f"The mail URL cannot be read: {USE}"),
        ("smtp://a b@m.example", "The mail URL holds a space or a control character: write %20 for a space."),
        ("smtp://m.example:0", "The port in the mail URL must be a whole number from 1 to 65535."),
        ("smtp://m.example:70000", "The port in the mail URL must be a whole number from 1 to 65535."),
        (
            "smtp://ann:hunter2/x@m.example",
            BEHIND,
        ),
        (
            "smtp://ann:hunter2@m.example/x",
            BEHIND,
        ),
        ("smtp://ann@m.example", "The mail URL has no password: give both user and password, or neither."),
        ("smtp://:hunter2@m.example", "The mail URL has no user: give both user and password, or neither."),
        (
            "smtp://m.example?tls=1",
            'The mail URL has an unknown option "tls": known are starttls, ca_file and hello.',
        ),
        ("smtp://m.example?hello=", 'The option "hello" in the mail URL needs exactly one value.'),
        (
            "smtp://m.example?starttls=yes",
            'starttls in the mail URL must be always, if_offered or never, not "yes".',
        ),
        (
            "smtps://m.example?starttls=always",
            "smtps:// is encrypted from the start: leave starttls out, or use smtp://.",
        ),
    ],
)
def test_from_url_refuses(url, sentence):
    with pytest.raises(MailServerError) as caught:
        MailServer.from_url(url)
    assert str(caught.value) == sentence
    assert "hunter2" not in str(caught.value)


def test_secrets_never_show():
    server = MailServer.from_url("smtp://ann:hunter2@m.example")
    assert repr(server) == "MailServer(host='m.example', port=587, security='starttls', ca_file='', hello='')"
    assert (str(server), f"{server}") == ("smtp://m.example:587", "smtp://m.example:587")
