"""Real SMTP servers on loopback: one that takes everything (aiosmtpd) and one that follows a script."""

import contextlib
import socket
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from dunright.mail.provider_connection import ProviderConnection
from dunright.mail.server import MailServer
from tests.mail import certificates
from tests.mail.provider_stand_in import account, started

CUT = None
"""In a script: hang up instead of answering."""


@dataclass
class Script:
    """What to answer at each stage; a reply, CUT, or a callable that is given the socket's file."""

    greeting: Any = b"220 script ready\r\n"
    ehlo: Any = b"250-script\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n"
    mail: Any = b"250 sender ok\r\n"
    rcpt: Any = b"250 recipient ok\r\n"
    rcpt_by_address: dict = field(default_factory=dict)
    data: Any = b"354 go ahead\r\n"
    content: Any = b"250 accepted as 7\r\n"
    rset: Any = b"250 flushed\r\n"
    cut_within_content: bool = False
    commands: list = field(default_factory=list)
    contents: list = field(default_factory=list)
    connections: int = 0
    said_after_go_ahead: list = field(default_factory=list)

    def reply_to(self, line):
        """The scripted reply to one command line, by its verb."""
        verb = line.split(b" ")[0].split(b"\r")[0].upper()
        if verb == b"RCPT":
            address = line.split(b"<")[1].split(b">")[0].decode()
            return self.rcpt_by_address.get(address, self.rcpt)
        replies = {
            b"EHLO": self.ehlo,
            b"HELO": self.ehlo,
            b"MAIL": self.mail,
            b"DATA": self.data,
            b"RSET": self.rset,
        }
        return replies.get(verb, b"221 bye\r\n" if verb == b"QUIT" else b"502 what\r\n")


class ScriptedHandler(socketserver.StreamRequestHandler):
    def handle(self):
        script = self.server.script
        script.connections += 1
        with contextlib.suppress(OSError):
            if not self.answer(script.greeting):
                return
            while line := self.rfile.readline():
                script.commands.append(line.strip().decode())
                reply = script.reply_to(line)
                if not self.answer(reply) or line.upper().startswith(b"QUIT"):
                    return
                if reply == b"354 go ahead\r\n" and not self.take_content(script):
                    return

    def answer(self, reply):
        if reply is CUT:
            return False
        if callable(reply):
            return reply(self)
        self.wfile.write(reply)
        return True

    def take_content(self, script):
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if line:
                script.said_after_go_ahead.append(line)
            if not line or script.cut_within_content:
                return False
            content += line
        script.contents.append(content)
        return self.answer(script.content)


class ScriptedServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    script: Script
    tls: ssl.SSLContext | None = None

    def get_request(self):
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address


@pytest.fixture
def scripted():
    """Start a scripted server: `scripted(mail=b"451 later\\r\\n")` gives (MailServer, Script).

    With `tls`, a server's context, it speaks TLS from the start.
    """
    servers = []

    def start(*, tls=None, **replies):
        server = ScriptedServer(("127.0.0.1", 0), ScriptedHandler)
        server.script = Script(**replies)
        server.tls = tls
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return MailServer("127.0.0.1", server.server_address[1], "starttls_if_offered"), server.script

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Keeper:
    """An aiosmtpd handler that keeps every envelope."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd finds it by this name
        self.envelopes.append(envelope)
        return "250 kept"


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
def aiosmtpd_server(keeper, free_port):
    """Start an aiosmtpd server with the given settings; gives its port."""
    controllers = []

    def start(**settings):
        controller = Controller(keeper, hostname="127.0.0.1", port=free_port, **settings)
        controller.start()
        controllers.append(controller)
        return free_port

    yield start
    for controller in controllers:
        controller.stop()


def authenticator(server, session, envelope, mechanism, data):
    known = {("jörg", "pässword"), ("ann", "secret")}
    return AuthResult(success=(data.login.decode(), data.password.decode()) in known, handled=False)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate for localhost: (its file, which is its own authority; the server's TLS context)."""
    return certificates.made(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def authenticated():
    return {"auth_required": True, "auth_require_tls": True, "authenticator": authenticator}


@pytest.fixture
def provider():
    """A running stand-in: `provider(key, answer)` gives (connection, stand-in)."""
    running, connections = [], []

    def start(key, answer, **fields):
        server, stand_in = started()
        running.append(server)
        stand_in.answer = answer
        connection = ProviderConnection(account(key, server.server_address[1], **fields), answer_seconds=5)
        connections.append(connection)
        return connection, stand_in

    yield start
    for connection in connections:
        connection.close()
    for server in running:
        server.shutdown()
        server.server_close()
