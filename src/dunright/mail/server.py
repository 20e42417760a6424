"""The mail server that letters are handed to, as a URL describes it (as in `DUNRIGHT_EMAIL_URL`)."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Security = Literal["tls", "starttls", "starttls_if_offered", "plain"]

SUPPORTED: Final = "smtp://user:password@host:587 or smtps://user:password@host:465"
_STARTTLS_WORDS: Final[dict[str, Security]] = {
    "always": "starttls",
    "if_offered": "starttls_if_offered",
    "never": "plain",
}


class MailServerError(ValueError):
    """A mail server's URL that cannot be used; the sentence says why and never repeats the password."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how to reach one mail server. User and password never show in `repr` or `str`."""

    host: str
    port: int
    security: Security
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca_file: str = ""
    """PEM file of the authority that signed the server's certificate; empty: the system's authorities."""
    hello: str = ""
    """The name given in EHLO; empty: this machine's."""

    def __str__(self) -> str:
        scheme = "smtps" if self.security == "tls" else "smtp"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether it runs on this very machine, where nobody can listen in between."""
        return is_loopback(self.host)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `smtp://user:password@host:port?starttls=always|if_offered|never` or `smtps://…`.

        User and password are percent-encoded. Further options: `ca_file`, `hello`. Without `starttls`, a
        server elsewhere that wants a log-in must offer encryption; others are used as they are.
        Raises MailServerError.
        """
        parts = split_url(url)
        if parts.scheme not in {"smtp", "smtps"}:
            shown = f'"{parts.scheme}://" is not supported' if parts.scheme else "The mail URL has no scheme"
            raise MailServerError(f"{shown}: use {SUPPORTED}.")
        if not parts.hostname:
            raise MailServerError(f"The mail URL names no host: use {SUPPORTED}.")
        if parts.path not in {"", "/"} or parts.fragment:
            raise MailServerError(
                "The mail URL goes on after host and port: write %2F, %23, %3F and %40 "
                "for /, #, ? and @ in user or password."
            )
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(username) != bool(password):
            missing = "password" if username else "user"
            raise MailServerError(f"The mail URL has no {missing}: give both user and password, or neither.")
        options = options_of(parts, ("starttls", "ca_file", "hello"))
        host = parts.hostname
        return cls(
            host=host,
            port=_port(parts),
            security=_security(
                parts, options.pop("starttls", ""), may_be_plain=not username or is_loopback(host)
            ),
            username=username,
            password=password,
            **options,
        )


def split_url(url: str) -> SplitResult:
    """The parts of the URL; a text that is no URL at all is refused without repeating it."""
    text = url.strip()
    if not text:
        raise MailServerError(f"The mail URL is empty: use {SUPPORTED}.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise MailServerError("The mail URL holds a space or a control character: write %20 for a space.")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise MailServerError(f"The mail URL cannot be read: use {SUPPORTED}.") from error


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise MailServerError("The port in the mail URL must be a whole number from 1 to 65535.") from error
    if port == 0:
        raise MailServerError("The port in the mail URL must be a whole number from 1 to 65535.")
    return port or (465 if parts.scheme == "smtps" else 587)


def options_of(parts: SplitResult, known: Sequence[str]) -> dict[str, str]:
    """What stands behind the question mark; an unknown or doubled name is an error, not a surprise later."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            listed = " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))
            remedy = f"known are {listed}" if known else "it takes none"
            raise MailServerError(f'The mail URL has an unknown option "{name[:40]}": {remedy}.')
        if name in options or not value:
            raise MailServerError(f'The option "{name}" in the mail URL needs exactly one value.')
        options[name] = value
    return options


def _security(parts: SplitResult, word: str, *, may_be_plain: bool) -> Security:
    if parts.scheme == "smtps":
        if word:
            raise MailServerError("smtps:// is encrypted from the start: leave starttls out, or use smtp://.")
        return "tls"
    if not word:
        return "starttls_if_offered" if may_be_plain else "starttls"
    if word not in _STARTTLS_WORDS:
        raise MailServerError(f'starttls in the mail URL must be always, if_offered or never, not "{word}".')
    return _STARTTLS_WORDS[word]


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine, whatever machine it is read on."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
