"""Handing one message to a mail server so that it is always known how far it got (chasing-rules.md 6.4).

On smtplib's single commands: its `sendmail` raises the same error for a connection lost before the content,
which is safe to try again, and after it, which is not. All that can fail comes first; at the server's 354
the caller commits the attempt, and only then the first byte of the message goes out.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, NoReturn, Self

from dunright.domain.addresses import same_address_key
from dunright.mail.errors import CLOSING, NotAccepted, Refused, Reply, Stage, TryLater, Uncertain
from dunright.mail.opening import open_connection, reply_of, words_of
from dunright.mail.server import MailServer
from dunright.mail.wire import data_block, wire_address

COMMAND_SECONDS: Final = 30.0
"""How long one reply to a command may take."""
CONTENT_SECONDS: Final = 600.0
"""How long the message itself may take to go out."""
FINAL_REPLY_SECONDS: Final = 600.0
"""RFC 5321, 4.5.3.2.6: giving up earlier would make uncertain sends of one's own."""
TRANSMISSION_SECONDS: Final = CONTENT_SECONDS + FINAL_REPLY_SECONDS
"""The longest that a message is under way after its attempt was committed: a lease must outlive it."""

_GO_AHEAD: Final = 354
_AUTHENTICATION_REQUIRED: Final = 530


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the message for at least one recipient."""

    reply: Reply
    refused: dict[str, Reply] = field(default_factory=dict)
    """Addresses it did not take it for, as given; `is_permanent` tells dead ones from passing trouble."""
    provider_id: str = ""
    """What a mail provider calls the message; empty for a mail server."""


class SmtpConnection:
    """A connection to one mail server, opened when first needed, used for one message after another.

    Not for several threads at once. The seconds are given in tests only.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        command_seconds: float = COMMAND_SECONDS,
        content_seconds: float = CONTENT_SECONDS,
        final_reply_seconds: float = FINAL_REPLY_SECONDS,
    ) -> None:
        self.server = server
        self._command_seconds = command_seconds
        self._content_seconds = content_seconds
        self._final_reply_seconds = final_reply_seconds
        self._smtp: smtplib.SMTP | None = None
        self._tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye and hang up. Safe at any time; a later hand-over connects again."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError):
                smtp.quit()
            smtp.close()

    def check(self) -> None:
        """Connect, encrypt and log in, and send nothing: for settings pages and `check`. Raises TryLater."""
        self._ready()

    def hand_over(
        self, *, sender: str, recipients: Sequence[str], content: bytes, before_content: Callable[[], None]
    ) -> Accepted:
        """Hand one message over, calling `before_content` at the server's 354, before any of it goes out.

        Raises TryLater (certainly not accepted), Refused (certainly not accepted, for good) or Uncertain (the
        content went out and nobody knows); what `before_content` raises comes out unchanged, nothing sent.
        A recipient that is refused among several does not stop the message for the others.
        """
        unique = {same_address_key(recipient): recipient for recipient in reversed(recipients)}
        if not unique:
            raise ValueError("A message needs at least one recipient.")
        try:
            smtp = self._ready()
            refused = self._envelope(smtp, sender, list(reversed(unique.values())), content)
            self._announce(smtp, refused)
            before_content()
            reply = self._final_reply(smtp, data_block(content))
            if not reply.is_yes:
                self._give_up(reply, "content", refused)
        except NotAccepted:
            raise
        except BaseException:
            # `before_content` failed, or this process is told to stop. Anything said now, even QUIT, could
            # count as part of the message: hang up without a word.
            self._hang_up()
            raise
        return Accepted(reply, refused)

    def _ready(self) -> smtplib.SMTP:
        """A connection on which MAIL can be said: the one at hand if it still answers, else a new one."""
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                if Reply.read(*self._smtp.rset()).is_yes:
                    return self._smtp
            self._hang_up()
        if self._tls is None:
            try:
                self._tls = ssl.create_default_context(cafile=self.server.ca_file or None)
            except OSError as error:
                said = f"The file of trusted certificates ({self.server.ca_file}) cannot be used"
                raise TryLater(Reply(0, f"{said}: {words_of(error)}."), stage="tls") from error
        self._smtp = open_connection(self.server, tls=self._tls, seconds=self._command_seconds)
        return self._smtp

    def _envelope(
        self, smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], content: bytes
    ) -> dict[str, Reply]:
        """Say MAIL and each RCPT; returns the recipients that were refused while others were taken."""
        smtp.command_encoding = "ascii"
        international = smtp.has_extn("smtputf8")
        from_address = wire_address(sender, international=international)
        if isinstance(from_address, Reply):
            raise Refused(from_address, stage="sender")
        addresses = {one: wire_address(one, international=international) for one in recipients}
        spoken = [from_address, *(one for one in addresses.values() if isinstance(one, str))]
        unspeakable = {one: answer for one, answer in addresses.items() if isinstance(answer, Reply)}
        options = self._mail_options(smtp, spoken, content, unspeakable)
        reply = self._command(smtp, f"MAIL FROM:<{from_address}>{options}", "sender")
        if reply.code == _AUTHENTICATION_REQUIRED:
            raise TryLater(reply, stage="login")
        if not reply.is_yes:
            self._give_up(reply, "sender")
        refused: dict[str, Reply] = {}
        for recipient, address in addresses.items():
            answer = address
            if isinstance(answer, str):
                answer = self._command(smtp, f"RCPT TO:<{answer}>", "recipients")
            if answer.code == CLOSING or not (answer.is_yes or answer.is_for_now or answer.is_permanent):
                # After a muddle nobody knows which recipients the server counts: from the start again.
                self._give_up(answer, "recipients", refused)
            if not answer.is_yes:
                refused[recipient] = answer
        if len(refused) == len(addresses):
            # One that may be taken later is worth another try for all.
            later = [answer for answer in refused.values() if not answer.is_permanent]
            self._give_up((later or list(refused.values()))[0], "recipients", refused)
        return refused

    def _mail_options(
        self, smtp: smtplib.SMTP, addresses: Sequence[str], content: bytes, unspeakable: dict[str, Reply]
    ) -> str:
        options = f" SIZE={len(content)}" if smtp.has_extn("size") else ""
        if not all(address.isascii() for address in addresses):
            smtp.command_encoding = "utf-8"
            options += " SMTPUTF8"
        if not content.isascii():
            if not smtp.has_extn("8bitmime"):
                said = f"{self.server} takes only messages of 7-bit text, and this one holds other bytes."
                # An address outside ASCII in the head may be why: flagged, it does not stand in the way again.
                raise Refused(Reply(554, said), stage="sender", refused=unspeakable)
            options += " BODY=8BITMIME"
        return options

    def _announce(self, smtp: smtplib.SMTP, refused: dict[str, Reply]) -> None:
        reply = self._command(smtp, "DATA", "data")
        if reply.code != _GO_AHEAD:
            self._give_up(reply, "data", refused)

    def _command(self, smtp: smtplib.SMTP, line: str, stage: Stage) -> Reply:
        """One command and its reply. Before the content, silence is always safe to try again."""
        try:
            return Reply.read(*smtp.docmd(line))
        except OSError as error:
            self._hang_up()
            raise TryLater(reply_of(error, self.server), stage=stage) from error

    def _final_reply(self, smtp: smtplib.SMTP, block: bytes) -> Reply:
        """Send the message and read the server's yes or no. From here on silence means Uncertain."""
        sock = smtp.sock
        assert sock is not None
        broken: OSError | None = None
        try:
            sock.settimeout(self._content_seconds)
            sock.sendall(block)
        except OSError as error:
            # A server that dislikes the message may say so and hang up: its no can still be read.
            broken = error
        try:
            sock.settimeout(self._command_seconds if broken else self._final_reply_seconds)
            reply = Reply.read(*smtp.getreply())
            sock.settimeout(self._command_seconds)
        except OSError as error:
            self._hang_up()
            said = f"{self.server} gave no answer after the message began to go out: {words_of(error)}."
            raise Uncertain(said) from (broken or error)
        if reply.is_permanent or reply.is_for_now or (reply.is_yes and broken is None):
            return reply
        self._hang_up()
        raise Uncertain(f'{self.server} answered the message with "{reply}", which is neither yes nor no.')

    def _give_up(self, reply: Reply, stage: Stage, refused: dict[str, Reply] | None = None) -> NoReturn:
        """Turn a reply that is no yes into its error; after 421 or a muddle the connection is of no use."""
        if reply.code == CLOSING or not (reply.is_permanent or reply.is_for_now):
            self._hang_up()
        if reply.is_permanent:
            raise Refused(reply, stage=stage, refused=refused)
        raise TryLater(reply, stage=stage, refused=refused)

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()
