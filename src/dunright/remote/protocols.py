"""What a caller lends to the code that talks to another system: the log-in and the allowance of calls."""

from typing import NamedTuple, Protocol

from dunright.remote.errors import RateLimited


class Allowance(NamedTuple):
    """What an answer says about the calls that are left; None where it says nothing."""

    limit: int | None = None
    """Calls a day."""
    remaining: int | None = None
    resets_in: int | None = None
    """Seconds until the count starts again."""


class TokenSource(Protocol):
    """Keeps one log-in's access token, shared by every worker."""

    def current(self) -> str:
        """Return an access token that should be good for some minutes, refreshing it first when it is old.

        Raises `AuthExpired`, `Misconfigured`, `RateLimited` or `Unavailable`.
        """
        ...

    def refresh(self, rejected: str) -> str:
        """Return another access token than `rejected`, which the system did not take.

        When another worker has replaced `rejected` meanwhile, its new token is returned and nothing is
        called.
        """
        ...

    def is_borrowed(self, token: str) -> bool:
        """Tell whether `refresh` returned `token` as another worker's: when it is refused too, it may just be old."""
        ...


class Budget(Protocol):
    """Paces the calls of one connection, over all workers."""

    def take(self, calls: int = 1) -> None:
        """Wait until `calls` calls may be made. Raises `RateLimited` or `DailyLimit` when that is far off."""
        ...

    def note(self, allowance: Allowance) -> None:
        """Remember what the system itself says is left."""
        ...

    def refuse(self, error: RateLimited) -> None:
        """Learn that the system called it too much: it is raised next, and no worker should call meanwhile."""
        ...

    def give_back(self) -> None:
        """Return what was taken and not used: reading is over."""
        ...
