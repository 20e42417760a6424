"""What can go wrong with another system, as types a service can act on.

Each error carries one plain sentence for the people who use Dunright: what is wrong and what to do. A
sentence never holds a token, a secret or a whole answer of the other side.
"""

from typing import ClassVar


class RemoteError(Exception):
    """Another system did not do what it was asked."""

    permanent: ClassVar[bool] = False
    """Trying the same again later cannot help."""
    ends_connection: ClassVar[bool] = False
    """Someone must reconnect or set something right before anything else is read."""
    retry_after: float | None = None
    """Seconds to leave the system alone, where it says so or its rules are known."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AuthExpired(RemoteError):
    """The log-in was revoked, removed or has died: only a new consent helps."""

    permanent = True
    ends_connection = True


class ConsentRefused(RemoteError):
    """The person said no on the other system's page, or the page answered with an error."""

    permanent = True


class PermissionMissing(RemoteError):
    """The log-in is good but may not read this: a scope or the person's role is missing."""

    permanent = True
    ends_connection = True


class WrongOrganisation(RemoteError):
    """The log-in does not reach these books (any more)."""

    permanent = True
    ends_connection = True


class Misconfigured(RemoteError):
    """This installation is set up wrongly (client id, secret, redirect address, host): its operator must act."""

    permanent = True
    ends_connection = True


class NotFound(RemoteError):
    """This one record is gone or never was. Says nothing about the connection."""

    permanent = True


class RateLimited(RemoteError):
    """Too many calls: leave the system alone for `retry_after` seconds."""

    def __init__(self, sentence: str, *, retry_after: float) -> None:
        super().__init__(sentence)
        self.retry_after: float = retry_after


class Crowded(RateLimited):
    """Too many calls are under way at the same time: fewer at once, after a short pause."""


class DailyLimit(RateLimited):
    """The day's calls are used up; `retry_after` is the number of seconds until the count starts again."""


class Unavailable(RemoteError):
    """The system cannot be reached or is out of order for the moment."""

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class BadData(RemoteError):
    """An answer came, but it cannot be understood or believed."""
