"""Opening a connection to a mail server: greeting, EHLO, encryption, log-in. Nothing of a message yet.

Whatever goes wrong here raises TryLater: a wrong password is no fault of a message or an address.
"""

import base64
import smtplib
import ssl

from dunright.mail.errors import CLOSING, Reply, Stage, TryLater
from dunright.mail.server import MailServer
from dunright.mail.trouble import trouble_of, words_about
from dunright.mail.wire import own_name

_TLS_READY = 220
_LOGGED_IN = 235


def open_connection(server: MailServer, *, tls: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    """A connection on which MAIL can be said; each reply may take `seconds`. Raises TryLater."""
    stage: Stage = "connect"
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _connect(server, tls, seconds)
        stage = "hello"
        _hello(smtp)
        stage = "tls"
        _encrypt(smtp, server, tls)
        stage = "login"
        _log_in(smtp, server)
    except BaseException as error:
        if smtp is not None:
            smtp.close()
        if isinstance(error, OSError):  # smtplib's errors are OSErrors too
            raise TryLater(reply_of(error, server), stage=stage) from error
        raise
    return smtp


def reply_of(error: OSError, server: MailServer) -> Reply:
    """The server's own answer where the error carries one, else a sentence on what went wrong."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Reply.read(error.smtp_code, error.smtp_error)
    return Reply(0, f"{server} could not be used: {words_of(error)}.")


def words_of(error: OSError) -> str:
    """What happened to the connection, in plain words, without a full stop."""
    if trouble_of(error) != "other":
        return words_about(error)
    return " ".join((error.strerror or str(error) or type(error).__name__).split()).rstrip(".")


def _connect(server: MailServer, tls: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    name = server.hello or own_name()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=seconds, context=tls)
    return smtplib.SMTP(server.host, server.port, name, timeout=seconds)


def _hello(smtp: smtplib.SMTP) -> None:
    reply = Reply.read(*smtp.ehlo())
    if not reply.is_yes and reply.code != CLOSING:
        reply = Reply.read(*smtp.helo())
    if not reply.is_yes:
        raise TryLater(reply, stage="hello")


def _encrypt(smtp: smtplib.SMTP, server: MailServer, tls: ssl.SSLContext) -> None:
    if server.security not in {"starttls", "starttls_if_offered"}:
        return
    if not smtp.has_extn("starttls"):
        if server.security == "starttls" or (server.password and not server.is_local):
            said = f"{server} does not offer encryption (STARTTLS), so nothing was sent to it."
            raise TryLater(Reply(523, said), stage="tls")
        return
    reply = Reply.read(*smtp.starttls(context=tls))
    if reply.code != _TLS_READY:
        raise TryLater(reply, stage="tls")
    _hello(smtp)


def _log_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    if not server.username:
        return
    if not smtp.has_extn("auth"):
        said = f"{server} offers no log-in: leave user and password out of the mail URL."
        raise TryLater(Reply(503, said), stage="login")
    if (server.username + server.password).isascii():
        smtp.login(server.username, server.password)
        return
    # smtplib's log-in knows ASCII only; RFC 4616 says UTF-8.
    secret = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode("ascii")
    reply = Reply.read(*smtp.docmd("AUTH", f"PLAIN {secret}"))
    if reply.code != _LOGGED_IN:
        raise TryLater(reply, stage="login")
