"""STARTTLS, TLS from the start, and log-in, against a real server (aiosmtpd)."""

import dataclasses

import pytest

from dunright.mail.errors import Reply, TryLater
from dunright.mail.send import SmtpConnection
from dunright.mail.server import MailServer


def hand_over(server):
    with SmtpConnection(server, command_seconds=5) as connection:
        return connection.hand_over(
            sender="anna@n.example",
            recipients=["ap@k.example"],
            content=b"Subject: x\r\n\r\nPlease pay.\r\n",
            before_content=lambda: None,
        )


def test_starttls_with_log_in(aiosmtpd_server, keeper, certificate, authenticated):
    ca_file, tls = certificate
    port = aiosmtpd_server(tls_context=tls, require_starttls=True, **authenticated)
    server = MailServer.from_url(f"smtp://ann:secret@localhost:{port}?starttls=always&ca_file={ca_file}")
    assert hand_over(server).reply == Reply(250, "kept")
    assert [envelope.rcpt_tos for envelope in keeper.envelopes] == [["ap@k.example"]]


def test_log_in_with_letters_outside_ascii(aiosmtpd_server, keeper, certificate, authenticated):
    ca_file, tls = certificate
    port = aiosmtpd_server(tls_context=tls, require_starttls=True, **authenticated)
    server = MailServer.from_url(
        f"smtp://j%C3%B6rg:p%C3%A4ssword@localhost:{port}?starttls=always&ca_file={ca_file}"
    )
    assert hand_over(server).reply == Reply(250, "kept")


@pytest.mark.parametrize("password", ["wrong", "wröng"])
def test_refused_log_in_is_a_matter_of_settings(
    aiosmtpd_server, keeper, certificate, authenticated, password
):
    ca_file, tls = certificate
    port = aiosmtpd_server(tls_context=tls, require_starttls=True, **authenticated)
    server = MailServer("localhost", port, "starttls", "ann", password, ca_file)
    with pytest.raises(TryLater) as caught:
        hand_over(server)
    assert (caught.value.stage, caught.value.reply.code, caught.value.is_settings) == ("login", 535, True)
    assert password not in str(caught.value)
    assert keeper.envelopes == []


def test_certificate_of_an_unknown_authority_is_not_trusted(aiosmtpd_server, keeper, certificate):
    port = aiosmtpd_server(tls_context=certificate[1])
    with pytest.raises(TryLater) as caught:
        hand_over(MailServer("localhost", port, "starttls_if_offered"))
    assert caught.value.stage == "tls"
    assert str(caught.value) == (
        f"smtp://localhost:{port} could not be used: its certificate is not trusted (self-signed certificate)."
    )
    assert keeper.envelopes == []


def test_unreadable_file_of_certificates(scripted, tmp_path):
    server, _script = scripted()
    with pytest.raises(TryLater) as caught:
        hand_over(dataclasses.replace(server, ca_file=str(tmp_path / "none.pem")))
    assert caught.value.reply.text.startswith("The file of trusted certificates (")


@pytest.mark.parametrize(
    ("security", "host", "password"),
    [("starttls", "127.0.0.1", ""), ("starttls", "127.0.0.1", "secret")],
)
def test_server_without_encryption_is_sent_nothing_where_encryption_is_required(
    scripted, security, host, password
):
    server, script = scripted()
    wanted = dataclasses.replace(
        server, security=security, password=password, username="ann" if password else ""
    )
    with pytest.raises(TryLater) as caught:
        hand_over(wanted)
    assert caught.value.stage == "tls"
    assert [line.split()[0] for line in script.commands] == ["ehlo"]


def test_log_in_where_the_server_offers_none(scripted):
    server, script = scripted()
    with pytest.raises(TryLater) as caught:
        hand_over(dataclasses.replace(server, username="ann", password="secret"))
    assert (caught.value.stage, caught.value.is_settings) == ("login", True)
    assert [line.split()[0] for line in script.commands] == ["ehlo"]


@pytest.mark.parametrize("reply", [b"454 TLS not available\r\n", None])
def test_refused_starttls_is_tried_later(scripted, reply):
    server, script = scripted(ehlo=b"250-script\r\n250 STARTTLS\r\n")
    original = script.reply_to
    script.reply_to = lambda line: reply if line.upper().startswith(b"STARTTLS") else original(line)
    with pytest.raises(TryLater) as caught:
        hand_over(server)
    assert (caught.value.stage, script.contents) == ("tls", [])
