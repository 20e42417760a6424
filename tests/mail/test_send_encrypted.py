"""STARTTLS, TLS from the start, and log-in, against a real server (aiosmtpd)."""

import dataclasses

import pytest

from dunright.mail.errors import Refused, Reply, TryLater, Uncertain
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


# aiosmtpd counts only STARTTLS as encryption.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_tls_from_the_start_with_log_in(aiosmtpd_server, keeper, certificate, authenticated):
    ca_file, tls = certificate
    port = aiosmtpd_server(ssl_context=tls, **{**authenticated, "auth_require_tls": False})
    server = MailServer.from_url(f"smtps://ann:secret@localhost:{port}?ca_file={ca_file}")
    assert hand_over(server).reply == Reply(250, "kept")
    assert [envelope.rcpt_tos for envelope in keeper.envelopes] == [["ap@k.example"]]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"greeting": None}, TryLater),
        ({"mail": None}, TryLater),
        ({"rcpt": b"550 no\r\n"}, Refused),
        ({"data": None}, TryLater),
        ({"cut_within_content": True}, Uncertain),
        ({"content": None}, Uncertain),
        ({"content": b"451 later\r\n"}, TryLater),
        ({"content": b"554 no\r\n"}, Refused),
    ],
)
def test_outcomes_are_the_same_under_tls(scripted, certificate, replies, error):
    ca_file, tls = certificate
    plain, _script = scripted(tls=tls, **replies)
    with pytest.raises(error):
        hand_over(MailServer("localhost", plain.port, "tls", ca_file=ca_file))


def test_plain_connection_to_a_tls_port_is_tried_later(scripted, certificate):
    server, script = scripted(tls=certificate[1])
    with SmtpConnection(server, command_seconds=0.3) as connection, pytest.raises(TryLater):
        connection.check()
    assert script.commands == []
