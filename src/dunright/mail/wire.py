"""How things look on the line to a mail server: addresses, this machine's name, the message behind DATA."""

import re
import socket
from functools import lru_cache

from email_validator import validate_email

from dunright.domain.addresses import usable_address
from dunright.mail.errors import Reply

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


def wire_address(text: str, *, international: bool) -> str | Reply:
    """The address as MAIL and RCPT name it, or the reply that stands for why the server was not even asked.

    An international domain goes out in its ASCII form, which every server takes; other non-ASCII addresses
    only to a server that is `international` (offers SMTPUTF8).
    """
    address = usable_address(text)
    if address is None:
        return Reply(553, "5.1.3 This is not one usable e-mail address; the mail server was not asked.")
    if address.isascii():
        return address
    checked = validate_email(address, strict=True, check_deliverability=False, test_environment=True)
    if checked.ascii_email is not None:
        return checked.ascii_email
    if international:
        return checked.normalized
    return Reply(
        553, "5.6.7 The mail server does not take addresses with letters outside ASCII (no SMTPUTF8)."
    )


@lru_cache(maxsize=1)
def own_name() -> str:
    """The name for EHLO: this machine's full name, else its loopback address, without asking DNS (can hang)."""
    name = socket.gethostname()
    return name if "." in name and _NAME.fullmatch(name) else "[127.0.0.1]"


def data_block(content: bytes) -> bytes:
    """The message as it goes out after DATA: CRLF line ends, leading dots doubled, the closing dot behind."""
    lines = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\r\n", content))
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return lines + b".\r\n"
