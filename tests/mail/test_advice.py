"""What `dunright check` says about the mail server, for each thing that commonly goes wrong, over real sockets."""

import contextlib
import dataclasses
import socket
import threading

import pytest

from dunright.mail.advice import what_to_do
from dunright.mail.errors import Reply, TryLater, Uncertain
from dunright.mail.provider_connection import ProviderConnection
from dunright.mail.providers import PROVIDERS, ProviderAccount
from dunright.mail.send import SmtpConnection
from dunright.mail.server import MailServer
from tests.mail.provider_stand_in import account, started

VARIABLE = "DUNRIGHT_EMAIL_URL"


def advice(server):
    connection = (
        SmtpConnection(server, command_seconds=0.5)
        if isinstance(server, MailServer)
        else ProviderConnection(server, connect_seconds=2, answer_seconds=2)
    )
    with connection, pytest.raises(TryLater) as caught:
        connection.check()
    return what_to_do(caught.value, server, variable=VARIABLE)


def test_wrong_password(aiosmtpd_server, certificate, authenticated):
    ca_file, tls = certificate
    port = aiosmtpd_server(tls_context=tls, require_starttls=True, **authenticated)
    assert advice(MailServer("localhost", port, "starttls", "ann", "wrong", ca_file)) == (
        "Correct user and password in DUNRIGHT_EMAIL_URL; characters such as @ or / are written as %40 or %2F, "
        "and some services want a password made for apps."
    )


def test_certificate_that_is_not_trusted(aiosmtpd_server, certificate):
    port = aiosmtpd_server(tls_context=certificate[1])
    assert advice(MailServer("localhost", port, "starttls")) == (
        "Write the host name that the certificate is made out to; for an authority of your own "
        "give its file: ?ca_file=/path/authority.pem."
    )


def test_tls_to_a_plain_port(aiosmtpd_server):
    assert advice(MailServer("127.0.0.1", aiosmtpd_server(), "tls")) == (
        "smtps:// is for a port that is encrypted from the first byte (465), smtp:// for one that switches (587): "
        "correct DUNRIGHT_EMAIL_URL."
    )


def test_no_encryption_offered(scripted):
    server, _script = scripted()
    assert advice(dataclasses.replace(server, security="starttls")) == (
        "Use smtps:// where the server has a port that is encrypted from the first byte; "
        "?starttls=never only where nobody can listen in between."
    )


def test_port_closed(free_port):
    assert advice(MailServer("127.0.0.1", free_port, "plain")) == (
        "Correct the port in DUNRIGHT_EMAIL_URL (usual: 587 for smtp://, 465 for smtps://), or start that server."
    )


def test_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert advice(MailServer("127.0.0.1", silent.getsockname()[1], "plain")) == (
            "Correct host and port in DUNRIGHT_EMAIL_URL; if they are right, a firewall on the way is closed: "
            "many hosting companies block port 25, and open 587 or 465."
        )


def test_host_unknown(monkeypatch):
    # The tests' guard lets no name be looked up: the failure is the resolver's own.
    def unknown(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    server = MailServer("mial.example", 587, "plain")
    with SmtpConnection(server) as connection, pytest.raises(TryLater) as caught:
        connection.check()
    assert str(caught.value) == "smtp://mial.example:587 could not be used: no machine has that name."
    assert what_to_do(caught.value, server, variable=VARIABLE) == (
        "Correct the host name in DUNRIGHT_EMAIL_URL, or this machine's DNS."
    )


def test_server_that_hangs_up(scripted):
    server, _script = scripted(greeting=None)
    assert advice(server) == (
        "Look into that server's log: it may not let this machine connect, or expect encryption "
        "from the first byte (smtps://, port 465)."
    )


def test_server_that_says_no(scripted):
    server, _script = scripted(greeting=b"554 no service for you\r\n")
    assert advice(server) == "Look into that server's log for why it turns this machine away."


def test_log_in_wanted_but_none_given():
    error = TryLater(Reply(530, "5.7.0 Authentication required"), stage="login")
    assert what_to_do(error, MailServer("m.example", 587, "plain"), variable=VARIABLE) == (
        "Put user and password into DUNRIGHT_EMAIL_URL: smtp://user:password@host:port."
    )


def test_log_in_that_cannot_be_checked_now():
    error = TryLater(Reply(454, "4.7.0 Temporary authentication failure"), stage="login")
    assert what_to_do(error, MailServer("m.example", 587, "plain", "ann", "x"), variable=VARIABLE) == (
        "Try again; the server could not check the password at the moment."
    )


def test_error_that_no_check_raises():
    assert (
        what_to_do(Uncertain("x"), MailServer("m.example", 587, "plain"), variable=VARIABLE) == "Try again."
    )


@pytest.fixture
def stand_in():
    server, kept = started()
    kept.port = server.server_address[1]
    yield kept
    server.shutdown()
    server.server_close()


def test_wrong_key_of_a_provider(stand_in):
    stand_in.answer = (401, {"ErrorCode": 10, "Message": "Bad token"})
    assert advice(account("postmark", stand_in.port)) == (
        "Correct the key in DUNRIGHT_EMAIL_URL, or put your account at Postmark in order."
    )
    assert advice(account("mailgun", stand_in.port)) == (
        "Correct the key in DUNRIGHT_EMAIL_URL and the domain mg.example (with ?region=eu for an account there), "
        "or put your account at Mailgun in order."
    )


def test_provider_in_trouble(stand_in):
    stand_in.answer = (503, {})
    assert (
        advice(account("brevo", stand_in.port)) == "Try again; if it stays so, look at Brevo's status page."
    )


def test_provider_out_of_reach(free_port):
    assert advice(account("resend", free_port)) == "Open the way out of this machine to port 443."


def test_provider_behind_a_certificate_that_is_not_trusted(certificate):
    provider = PROVIDERS["postmark"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def shake_hands():
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                certificate[1].wrap_socket(connection, server_side=True).close()

        threading.Thread(target=shake_hands, daemon=True).start()
        reached = dataclasses.replace(provider, addresses={"": f"https://localhost:{port}/"})
        assert advice(ProviderAccount(reached, "hunter2")) == (
            "Something on the way presents its own certificate: let this machine reach the provider directly."
        )
