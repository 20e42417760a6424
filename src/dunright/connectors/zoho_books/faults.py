"""What Zoho's error answers mean (zoho-books-api.md section 4)."""

from collections.abc import Mapping

from dunright.remote.errors import (
    AuthExpired,
    BadData,
    Crowded,
    DailyLimit,
    NotFound,
    PermissionMissing,
    RateLimited,
    RemoteError,
    Unavailable,
    WrongOrganisation,
)
from dunright.remote.protocols import Allowance

SYSTEM = "Zoho Books"

BAD_PARAMETER = frozenset({2, 4})
NOT_AUTHORISED = 57
BAD_TOKEN = 14
WRONG_ORGANISATION = 6041
GONE = 1002
WRONG_ADDRESS = 5
BURST_BLOCK = 43
MINUTE_LIMIT = 44
DAY_LIMIT = 45
TOO_MANY_AT_ONCE = 1070

PAUSE_AFTER_MINUTE_LIMIT = 60.0
PAUSE_AFTER_BURST_BLOCK = 180.0
PAUSE_WHEN_CROWDED = 3.0
DAY = 24 * 3600
LONGEST_NUMBER = 12


class TokenRefused(Exception):
    """The API did not take the access token: it is old, or a right is missing. Only a fresh token tells which."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def after_refresh(self, path: str, *, writing: bool = False) -> RemoteError:
        """Return what it means when a fresh token was refused too."""
        area = path.split("/", 1)[0]
        if self.code == NOT_AUTHORISED and writing:
            return PermissionMissing(
                f"Zoho Books does not let this log-in change “{area}”: give the permission once more, with a user "
                "whose role may change it."
            )
        if self.code == NOT_AUTHORISED:
            return PermissionMissing(
                f"Zoho Books does not let this log-in read “{area}”: connect again and accept all permissions, "
                "with a user whose role may see it."
            )
        return AuthExpired("Zoho Books no longer accepts this log-in: connect it again.")


def allowance_of(headers: Mapping[str, str]) -> Allowance:
    """Read the rate headers of an answer (names in lower case); what is missing or no number is None."""
    return Allowance(
        _number(headers.get("x-rate-limit-limit")),
        _number(headers.get("x-rate-limit-remaining")),
        _number(headers.get("x-rate-limit-reset")),
    )


def fault(
    status: int, code: object, message: object, *, allowance: Allowance, organisation: str
) -> RemoteError | TokenRefused | None:
    """Return what an answer means; None when it is a success (`code` 0 with a good status)."""
    number = code if isinstance(code, int) else _number(code if isinstance(code, str) else None)
    text = message if isinstance(message, str) else ""
    if status < 400 and number in {0, None}:  # noqa: PLR2004 - the statuses of HTTP
        return None
    if status == 429 or number in {BURST_BLOCK, MINUTE_LIMIT, DAY_LIMIT, TOO_MANY_AT_ONCE}:  # noqa: PLR2004 - as above
        return _limit(number, allowance)
    if number == WRONG_ORGANISATION:
        return WrongOrganisation(
            f"This Zoho log-in does not reach the books {organisation}: the user may have left them. "
            "Connect again with a user who belongs to them."
        )
    if status == 401 or number in {NOT_AUTHORISED, BAD_TOKEN}:  # noqa: PLR2004 - as above
        return TokenRefused(NOT_AUTHORISED if number == NOT_AUTHORISED else BAD_TOKEN)
    if number == WRONG_ADDRESS:
        return BadData(
            "Zoho Books does not know the address that was asked (code 5): this is a fault in Dunright."
        )
    if number == GONE or status == 404 or text.rstrip(" .").endswith("does not exist"):  # noqa: PLR2004 - as above
        return NotFound("Zoho Books no longer has this record.")
    if status >= 500:  # noqa: PLR2004 - as above
        return Unavailable(f"Zoho Books is out of order for the moment (HTTP {status}).")
    return BadData(f"Zoho Books refused a call (HTTP {status}, code {number}): “{_shown(text)}”.")


def _limit(code: int | None, allowance: Allowance) -> RateLimited:
    match code:
        case 45:
            wait = min(max(allowance.resets_in or DAY // 24, 60), DAY + DAY // 24)
            return DailyLimit(
                "The day's calls to Zoho Books are used up; reading goes on when Zoho counts anew.",
                retry_after=float(wait),
            )
        case 1070:
            return Crowded(
                "Zoho Books is answering too many calls at once; it is asked again shortly.",
                retry_after=PAUSE_WHEN_CROWDED,
            )
        case 43:
            pause = PAUSE_AFTER_BURST_BLOCK
        case _:
            pause = PAUSE_AFTER_MINUTE_LIMIT
    return RateLimited("Zoho Books was called too often; it is left alone for a while.", retry_after=pause)


def _number(text: str | None) -> int | None:
    if text is None or len(text) > LONGEST_NUMBER or not text.isascii() or not text.isdigit():
        return None
    return int(text)


def _shown(text: str) -> str:
    return "".join(letter for letter in text[:160] if letter.isprintable())
