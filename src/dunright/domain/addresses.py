"""What counts as one usable e-mail address, and when two are the same (chasing-rules.md R12)."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS: Final = 254
"""RFC 5321, erratum 1690: what fits a path of 256 octets with its angle brackets."""

# Nearly every address in real books looks like this; all pass the full check, which costs 50 times as much.
# Left to the full check: two dashes in a row, reserved top-level domains, anything unusual before the @.
_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_+-]{1,40}(?:\.[A-Za-z0-9_+-]{1,20})?"
    r"@(?:[A-Za-z0-9]{1,40}(?:-[A-Za-z0-9]{1,20})?\.){1,3}"
    r"(?:com|net|org|eu|de|ie|uk|fr|nl|es|it|at|ch|be|io|in|us|ca|au|nz|example)",
    re.ASCII,
)


@lru_cache(maxsize=65_536)
def usable_address(text: str) -> str | None:
    """The one e-mail address that a text holds, trimmed and as first spelled; None when it holds none.

    Several addresses, a name beside the address, or an address on a reserved domain such as `localhost`
    count as none (R12). `.example` and `.test` are accepted, as demo books use them. DNS is not asked.
    """
    trimmed = text.strip()
    if _PLAIN.fullmatch(trimmed):
        return trimmed
    if not trimmed or len(trimmed) > LONGEST_ADDRESS or "@" not in trimmed:
        return None
    try:
        validate_email(trimmed, strict=True, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return None
    return trimmed


def same_address_key(text: str) -> str:
    """What two spellings of one address have in common: trimmed, without case, one Unicode form (R12)."""
    return unicodedata.normalize("NFC", text.strip()).casefold()
