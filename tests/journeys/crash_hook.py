"""One hook for everything that a worker does to the outside: each SQL write, commit, SMTP command and HTTP call.

Every one of them is a point before it and a point after it, counted from 1; the content of a message has points
between its pieces. `Trap.arm(n, deed)` lets something happen at the n-th point: the process ends, an error is
raised, or the worker stands still while another goes on.
"""

import smtplib
import socket
import threading
from contextlib import contextmanager, suppress

import httpx2
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from dunright.mail.send import SmtpConnection

PIECES = 4
"""Into so many pieces the content of a message is cut."""
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Fault(Exception):
    """An error that nobody foresaw."""


def lost(label):
    """The error that the library raises when this operation fails."""
    kind = label.partition(" ")[0]
    if kind in {"sql", "commit"}:
        return OperationalError(f"the database is gone ({label})")
    if kind == "smtp":
        return smtplib.SMTPServerDisconnected(f"the mail server is gone ({label})")
    return httpx2.ConnectError("nobody there") if "before" in label else httpx2.ReadError("cut off")


def fault(label):
    """The error that something of ours raises there. A commit itself fails as the database does, in no other way."""
    return lost(label) if label.startswith("commit") else Fault(label)


class Trap:
    """Counts the points that one thread passes, and springs at one of them."""

    def __init__(self):
        self.labels = []
        """Of the points passed, in order."""
        self.sprung_at = ""
        self._owner = 0
        self._number = 0
        self._deed = None
        self._again = False

    def arm(self, number, deed, *, again=False):
        """From now on count what this thread does, and at the point `number` do `deed(label)`; 0 only counts.

        With `again` also at every point that follows.
        """
        self.labels, self.sprung_at = [], ""
        self._owner, self._number, self._deed, self._again = threading.get_ident(), number, deed, again

    def disarm(self):
        """Count nothing more."""
        self._owner = 0

    def passed(self, label):
        """A point is passed."""
        if threading.get_ident() != self._owner:
            return
        self.labels.append(label)
        count = len(self.labels)
        if count == self._number or (self._again and count > self._number > 0):
            self.sprung_at = self.sprung_at or label
            self._deed(label)


@contextmanager
def installed(trap, tape):
    """Put the points into the libraries; HTTP calls are answered from `tape(request)`."""
    kept = [
        (BaseDatabaseWrapper, "_commit", _around_commit(trap)),
        (smtplib.SMTP, "connect", _around_command(trap, smtplib.SMTP.connect, lambda *_: "connect")),
        (smtplib.SMTP, "send", _around_command(trap, smtplib.SMTP.send, _command)),
        (SmtpConnection, "_final_reply", _around_content(trap)),
        (httpx2.HTTPTransport, "handle_request", _around_call(trap, tape)),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in kept]
    for owner, name, stepped in kept:
        setattr(owner, name, stepped)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)


@contextmanager
def watched_writes(trap):
    """Put the points around this thread's SQL writes."""

    def stepped(execute, sql, parameters, many, context):
        if not sql.startswith(_WRITES):
            return execute(sql, parameters, many, context)
        label = sql.replace('"', "").split(" WHERE")[0][:60]
        if (
            sql.startswith("UPDATE")
            and '"handed_over_at" = ' in sql
            and '"state" = ' not in sql.split(" WHERE")[0]
        ):
            label = f"attempt {label}"
        trap.passed(f"sql before {label}")
        done = execute(sql, parameters, many, context)
        trap.passed(f"sql after {label}")
        return done

    with connection.execute_wrapper(stepped):
        yield


def _around_commit(trap):
    commit = BaseDatabaseWrapper._commit

    def stepped(self):
        trap.passed("commit before")
        commit(self)
        trap.passed("commit after")

    return stepped


def _around_command(trap, step, name_of):
    def stepped(self, *arguments, **named):
        name = name_of(*arguments)
        with _cut_off(self.sock):
            trap.passed(f"smtp before {name}")
        done = step(self, *arguments, **named)
        with _cut_off(self.sock):
            trap.passed(f"smtp after {name}")
        return done

    return stepped


@contextmanager
def _cut_off(sock):
    """An error at a point of the dialogue cuts the connection for the other side, too."""
    try:
        yield
    except BaseException:
        with suppress(OSError, AttributeError):
            sock.shutdown(socket.SHUT_RDWR)
        raise


def _command(line):
    words = line if isinstance(line, str) else line.decode("ascii", "replace")
    return words.split()[0].upper()


class _Pieces:
    """A socket that sends the content piece by piece."""

    def __init__(self, sock, trap):
        self._sock, self._trap = sock, trap

    def sendall(self, block):
        size = -(-len(block) // PIECES)
        with _cut_off(self._sock):
            for start in range(0, len(block), size):
                self._trap.passed(f"smtp before content {start // size + 1}")
                self._sock.sendall(block[start : start + size])
            self._trap.passed("smtp after content")

    def __getattr__(self, name):
        return getattr(self._sock, name)


def _around_content(trap):
    final_reply = SmtpConnection._final_reply

    def stepped(self, smtp, block):
        sock = smtp.sock
        smtp.sock = _Pieces(sock, trap)
        try:
            reply = final_reply(self, smtp, block)
        finally:
            # Hung up meanwhile: then there is nothing to put back.
            if smtp.sock is not None:
                smtp.sock = sock
        trap.passed("smtp after final reply")
        return reply

    return stepped


def _around_call(trap, tape):
    def stepped(_transport, request):
        name = f"{request.method} {request.url.path}"
        trap.passed(f"http before {name}")
        answer = tape(request)
        trap.passed(f"http after {name}")
        return answer

    return stepped
