"""Lines of a message's head: folded, encoded (RFC 2047), and closed to line breaks from any field.

Written out here rather than left to `email.policy`: which Python folds an encoded name right depends on its
release (a comma inside an encoded name could end one address and begin another).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from typing import Final

from dunright.domain.addresses import usable_address
from dunright.mail.errors import Reply
from dunright.mail.wire import wire_address

_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", re.ASCII)
_LINE: Final = 76
_LONGEST: Final = 900
"""Of one field's text; RFC 5322 allows 998 in a line, and no honest name or subject comes near."""


class LetterError(ValueError):
    """A letter that cannot be written as it is; the sentence says which field is wrong and why."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown beside it."""

    address: str
    name: str = ""


def one_line(text: str) -> str:
    """The text as it may stand in a header: control characters and line breaks become single spaces."""
    return " ".join("".join(character if _is_shown(character) else " " for character in text).split())


def says_something(text: str) -> bool:
    """Whether a reader sees anything: a letter, digit, punctuation mark or symbol."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def text_field(name: str, text: str) -> str:
    """A line of free text, such as a subject, without its line end."""
    _check(name, text)
    if text.isascii() and "=?" not in text:
        return _fold(f"{name}: {text}")
    return f"{name}: {_encoded(text, len(name) + 2)}"


def mailbox_field(name: str, mailboxes: Iterable[Mailbox]) -> str:
    """A line of addresses, one to a folded line. Raises LetterError for what is not one usable address."""
    return f"{name}: " + ",\r\n ".join(_mailbox(name, mailbox) for mailbox in mailboxes)


def _mailbox(field: str, mailbox: Mailbox) -> str:
    address = usable_address(mailbox.address)
    if address is None:
        shown = one_line(mailbox.address)[:80]
        raise LetterError(f'{field}: "{shown}" is not one usable e-mail address.')
    # A domain in its ASCII form reads right everywhere; a local part outside ASCII has no such form (RFC 6532).
    wired = wire_address(address, international=True)
    assert not isinstance(wired, Reply)
    _check(field, mailbox.name)
    shown_name = mailbox.name.strip()
    if not shown_name:
        return wired
    if not shown_name.isascii() or "=?" in shown_name:
        return f"{_encoded(shown_name, len(field) + 2)} <{wired}>"
    if _ATOMS.fullmatch(shown_name):
        return f"{shown_name} <{wired}>"
    quoted = shown_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{wired}>'


def _encoded(text: str, indent: int) -> str:
    """RFC 2047 encoded words, split between characters and folded."""
    return Header(text, charset="utf-8", maxlinelen=_LINE, header_name="x" * max(indent - 2, 1)).encode(
        linesep="\r\n"
    )


def _fold(line: str) -> str:
    """Break a long line of words before spaces; a line of one long word stays as it is."""
    if len(line) <= _LINE:
        return line
    folded, current = [], ""
    for word in re.findall(r"^\S+:| +[^ ]*", line):
        if (
            current.strip()
            and not current.endswith(":")
            and len(current) + len(word) > _LINE
            and word.strip()
        ):
            folded.append(current)
            current = word
        else:
            current += word
    return "\r\n".join([*folded, current])


def _check(field: str, text: str) -> None:
    if len(text) > _LONGEST:
        raise LetterError(f"{field} is {len(text)} characters long; at most {_LONGEST} are possible.")
    for character in text:
        if not _is_shown(character):
            raise LetterError(f"{field} holds a line break or control character (U+{ord(character):04X}).")


def _is_shown(character: str) -> bool:
    """Neither control character, line or paragraph separator, nor half a surrogate pair."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
