"""Whatever messages leave by: a mail server or a provider, as `DUNRIGHT_EMAIL_URL` names it."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from dunright.mail import providers
from dunright.mail.providers import ProviderAccount
from dunright.mail.send import Accepted, SmtpConnection
from dunright.mail.server import SUPPORTED, MailServer, MailServerError, split_url

USE: Final = f"{SUPPORTED}, or a mail provider: {providers.SUPPORTED}"


class MailConnection(Protocol):
    """A way out for one message after another: `SmtpConnection` or `ProviderConnection`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def close(self) -> None:
        """Let go; a later hand-over connects again."""

    def check(self) -> None:
        """Connect and log in, and send nothing. Raises TryLater."""

    def hand_over(
        self, *, sender: str, recipients: Sequence[str], content: bytes, before_content: Callable[[], None]
    ) -> Accepted:
        """Hand one message over, calling `before_content` when nothing but silence can make it uncertain.

        Raises TryLater, Refused or Uncertain.
        """


def read_mail_url(url: str) -> MailServer | ProviderAccount:
    """What a mail URL names. Raises MailServerError with a sentence that never repeats a secret."""
    scheme = split_url(url).scheme
    if scheme.startswith(providers.SCHEME):
        return ProviderAccount.from_url(url)
    if scheme and scheme not in {"smtp", "smtps"}:
        raise MailServerError(f'"{scheme[:40]}://" is not supported: use {USE}.')
    return MailServer.from_url(url)


def open_mail(url: str) -> MailConnection:
    """A way out by this URL; nothing is connected before it is needed. Raises MailServerError."""
    named = read_mail_url(url)
    if isinstance(named, MailServer):
        return SmtpConnection(named)
    # anymail and requests take a while to load, and most installations have a mail server.
    from dunright.mail.provider_connection import ProviderConnection  # noqa: PLC0415

    return ProviderConnection(named)
