"""A mail server that follows one cut: at a place of the dialogue it hangs up, falls silent, or says no.

A place is before a command is read, after it is read, or somewhere in the content. What the client may then know
is written down as `Cut.expected`, from RFC 5321 and chasing-rules.md 6.4: before the server's 354 nothing has left,
so it is tried again (or refused); after it only the server's clear answer counts, and silence is uncertain.
"""

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from itertools import product
from typing import NamedTuple

SECURITIES = ("plain", "starttls", "tls")
LINES = ("connect", "ehlo", "starttls", "ehlo again", "auth", "mail", "rcpt", "rcpt 2", "rcpt 3", "data")
"""Places of the dialogue before the content, as the server meets them."""
_STARTTLS = ("starttls", "ehlo again")
_OF_A_MESSAGE = ("mail", "rcpt", "rcpt 2", "rcpt 3", "data")
HANG_UPS = ("close", "reset")
SILENT = "silent"
REPLIES = {
    "421": b"421 4.3.2 closing\r\n",
    "451": b"451 4.3.0 later\r\n",
    "452": b"452 4.2.2 full\r\n",
    "550": b"550 5.1.1 no\r\n",
    "554": b"554 5.7.1 never\r\n",
}
MUDDLES = {
    "empty": b"\r\n",
    "nonsense": b"hello?\r\n",
    "half": b"25",
    "first line": b"250-almost\r\n",
    "endless": b"2" * 20_000,
    "999": b"999 what\r\n",
}
RECIPIENTS = ("one@k.example", "two@k.example", "three@k.example")
LETTER = b"Subject: Invoice\r\n\r\n" + b"".join(
    b"Line %04d of the letter.\r\n" % number for number in range(160)
)
_OK = b"250 2.0.0 ok\r\n"


class Cut(NamedTuple):
    """One way in which a dialogue goes wrong."""

    security: str
    place: str
    """One of LINES, `content`, `final` or `rset`."""
    deed: str
    """`close`, `reset`, `silent`, a key of REPLIES or MUDDLES, or `late` and `yes`: the answer is fine after all."""
    before: bool = False
    """Before the command is read, rather than after it."""
    at: int = 0
    """How many bytes of the content are read first."""
    earlier: int = 0
    """Messages that the same connection has taken before."""

    @property
    def expected(self):
        """`later`, `refused`, `uncertain` or `sent`."""
        if self.place == "rset":
            # A connection that went bad between two messages is opened anew.
            return "sent"
        if self.deed in {"yes", "late"}:
            return "sent"
        if self.place in {"content", "final"}:
            return _after_the_go_ahead(self.deed)
        if self.place.startswith("rcpt") and self.deed in {"451", "452", "550", "554"}:
            # The others are taken.
            return "sent"
        if self.place in {"mail", "data"} and self.deed in {"550", "554"}:
            return "refused"
        return "later"


def _after_the_go_ahead(deed):
    if deed in {"550", "554"}:
        return "refused"
    return "later" if deed in {"421", "451", "452"} else "uncertain"


def all_cuts(step=32):
    """Every cut; the content is cut at each `step` bytes."""
    for security in SECURITIES:
        yield from _before_the_content(security)
        yield from _in_the_content(security, step)
        yield from _final(security)


def _before_the_content(security):
    deeds = (*HANG_UPS, SILENT, *REPLIES, *MUDDLES)
    for place in LINES:
        if place in _STARTTLS and security != "starttls":
            continue
        for deed in deeds:
            yield Cut(security, place, deed)
            if place in _OF_A_MESSAGE:
                yield Cut(security, place, deed, earlier=1)
        for deed in (*HANG_UPS, SILENT) if place != "connect" else ():
            yield Cut(security, place, deed, before=True)
    for deed in (*HANG_UPS, SILENT, *REPLIES, *MUDDLES):
        yield Cut(security, "rset", deed, earlier=1)


def _in_the_content(security, step):
    for at, deed in product(range(0, len(LETTER), step), (*HANG_UPS, "554", "451")):
        yield Cut(security, "content", deed, at=at)
    for at, deed in product(range(0, len(LETTER), step * 8), (SILENT, "half", "nonsense")):
        yield Cut(security, "content", deed, at=at)


def _final(security):
    for deed, earlier in product((*HANG_UPS, SILENT, *REPLIES, *MUDDLES, "late", "yes"), (0, 1)):
        yield Cut(security, "final", deed, earlier=earlier)


class Server(socketserver.ThreadingTCPServer):
    """Follows `cut`, and knows what it has taken."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, tls):
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.tls = tls
        self.cut = None
        self.taken = self.begun = self.connections = self.earlier = 0
        self.over = threading.Event()
        """Ends the silence."""

    def follow(self, cut):
        """Behave as this cut says from now on."""
        # Threads of the dialogue before keep the event that they wait for.
        self.over.set()
        self.over = threading.Event()
        self.cut = cut
        self.taken = self.begun = self.connections = 0
        self.earlier = cut.earlier

    def handle_error(self, request, client_address):
        """A client that hangs up is the point."""


class _HungUp(Exception):
    pass


class Dialogue(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self):
        server = self.server
        self.over, self.cut = server.over, server.cut
        self.earlier = server.earlier
        server.connections += 1
        self.is_first = server.connections == 1
        self.rest = b""
        with contextlib.suppress(_HungUp, OSError):
            if self.cut.security == "tls":
                self._wrap()
            self._talk()
        with contextlib.suppress(OSError):
            self.request.close()

    def _wrap(self):
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)

    def _talk(self):
        self._step("connect", b"220 ready\r\n")
        self.hellos = self.recipients = 0
        known = {
            b"EHLO": self._hello,
            b"STARTTLS": self._encrypt,
            b"AUTH": lambda: self._step("auth", b"235 hello\r\n"),
            b"MAIL": self._sender,
            b"RCPT": self._recipient,
            b"DATA": self._data,
            b"RSET": lambda: self._step("rset", _OK, any_time=True),
            b"QUIT": self._goodbye,
        }
        while True:
            known.get(self._line().split(b" ")[0].upper(), self._what)()

    def _hello(self):
        self.hellos += 1
        self._step("ehlo" if self.hellos == 1 else "ehlo again", self._extensions(self.hellos))

    def _encrypt(self):
        self._step("starttls", b"220 go\r\n")
        self._wrap()

    def _sender(self):
        self.recipients = 0
        self._step("mail", _OK)

    def _recipient(self):
        self.recipients += 1
        self._step(f"rcpt {self.recipients}" if self.recipients > 1 else "rcpt", _OK)

    def _data(self):
        if self._step("data", b"354 go ahead\r\n"):
            self._content()

    def _goodbye(self):
        self._say(b"221 bye\r\n")
        raise _HungUp

    def _what(self):
        self._say(b"502 what\r\n")

    def _extensions(self, hellos):
        starttls = self.cut.security == "starttls" and hellos == 1
        return (
            b"250-cuts\r\n"
            + (b"250-STARTTLS\r\n" if starttls else b"")
            + b"250-SIZE 1000000\r\n250 AUTH PLAIN\r\n"
        )

    def _step(self, place, reply, *, any_time=False):
        """Answer a command, unless the cut is here; whether it was answered as it should be."""
        if self.cut.place == place and self.is_first and (any_time or not self.earlier):
            self._cut()
            # A no to one recipient, or another word of a server that goes on.
            return False
        self._say(reply)
        if self._is_before_next(place):
            self._cut()
        return True

    def _is_before_next(self, place):
        """Whether the cut is before the command that follows this one is read."""
        if not self.cut.before or not self.is_first or self.earlier:
            return False
        order = [one for one in LINES if self.cut.security == "starttls" or one not in _STARTTLS]
        at = order.index(self.cut.place)
        return at > 0 and place == order[at - 1]

    def _content(self):
        self.server.begun += 1
        in_content = self.cut.place == "content" and self.is_first and not self.earlier
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            if in_content and len(content) >= self.cut.at:
                self._cut()
                raise _HungUp
            content += self._read(min(4096, max(self.cut.at - len(content), 1)) if in_content else 4096)
        if self.cut.place == "final" and self.is_first and not self.earlier:
            self.server.taken += 1
            if self.cut.deed == "late":
                self.over.wait(0.35)
                self._say(_OK)
            elif self.cut.deed == "yes":
                self._say(b"250-kept\r\n250 as 7\r\n")
            else:
                self._cut()
            return
        self.server.taken += 1
        self.earlier = max(self.earlier - 1, 0)
        self._say(_OK)

    def _cut(self):
        deed = self.cut.deed
        if deed in REPLIES:
            self._say(REPLIES[deed])
            if deed == "421" or self.cut.place == "content":
                self._close()
            return
        if deed in MUDDLES:
            self._say(MUDDLES[deed])
            if deed in {"half", "first line", "endless"} or self.cut.place == "content":
                self._close()
            return
        if deed == SILENT:
            self.over.wait(20)
            raise _HungUp
        if deed == "reset":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HungUp

    def _close(self):
        """Hang up so that what was said last can still be read."""
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(2)
            while self.request.recv(65536):
                pass
        raise _HungUp

    def _line(self):
        while b"\n" not in self.rest:
            self.rest += self._received(4096)
        line, _, self.rest = self.rest.partition(b"\n")
        return line.strip()

    def _read(self, most):
        if self.rest:
            piece, self.rest = self.rest[:most], self.rest[most:]
            return piece
        return self._received(most)

    def _received(self, most):
        piece = self.request.recv(most)
        if not piece:
            raise _HungUp
        return piece

    def _say(self, words):
        self.request.sendall(words)


@contextlib.contextmanager
def running(tls: ssl.SSLContext):
    """A server in a thread."""
    server = Server(tls)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
