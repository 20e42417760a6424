"""How a hand-over ends when the mail server did not plainly take the message (chasing-rules.md 6.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Stage = Literal["connect", "hello", "tls", "login", "sender", "recipients", "data", "content"]

CLOSING = 421
"""The server is about to hang up, whatever it was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a mail server answered, or why there is no answer."""

    code: int
    """The three digits of RFC 5321; 0 when nothing readable came."""
    text: str

    @classmethod
    def read(cls, code: int, text: bytes | str) -> "Reply":
        """From smtplib's pair, with the text on one line and of bounded length."""
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return cls(max(code, 0), " ".join(words.split())[:1000])

    @property
    def is_yes(self) -> bool:
        """2xx: done as asked."""
        return self.code // 100 == 2  # noqa: PLR2004 - the first digit, as RFC 5321 defines it

    @property
    def is_for_now(self) -> bool:
        """4xx: the server asks to try again later."""
        return self.code // 100 == 4  # noqa: PLR2004 - as above

    @property
    def is_permanent(self) -> bool:
        """5xx: asking again will not help."""
        return self.code // 100 == 5  # noqa: PLR2004 - as above

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text


class NotAccepted(Exception):
    """The mail server did not take the message, or nobody knows whether it did."""


class _Declined(NotAccepted):
    def __init__(self, reply: Reply, *, stage: Stage, refused: Mapping[str, Reply] | None = None) -> None:
        super().__init__(str(reply))
        self.reply = reply
        self.stage = stage
        self.refused = dict(refused or {})


class TryLater(_Declined):
    """Certainly not accepted: safe to hand over again later, with the same Message-ID.

    `is_settings` tells trouble that needs a person first. `refused` holds the addresses that were refused
    on this try, for good or for now (`reply.is_permanent` of each).
    """

    @property
    def is_settings(self) -> bool:
        """A firm no before the message came up: log-in refused, no encryption. No address is at fault."""
        return self.reply.is_permanent


class Refused(_Declined):
    """Certainly not accepted, and for good.

    At stage `recipients` all addresses are at fault and stand in `refused`; at any other stage the sender or
    the message itself is, and `refused` holds at most addresses that were turned away besides.
    """


class Uncertain(NotAccepted):
    """The content may or may not have arrived: only a person or a bounce can say. Never again by itself."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
