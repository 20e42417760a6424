"""Writing a letter as the bytes of one e-mail (ui-notes.md section 8): the same letter is the same bytes.

No List-Unsubscribe, no tracking, no mailer name: a letter that somebody typed has none.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from dunright.mail.headers import LetterError, Mailbox, mailbox_field, one_line, says_something, text_field

__all__ = ["Attachment", "Letter", "LetterError", "Mailbox", "compose", "new_message_id", "one_line"]

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MESSAGE_ID: Final = re.compile(rf"<{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9._:\[\]-]+>", re.ASCII)
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", re.ASCII)
_NOT_IN_A_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NOT_IN_A_FILE_NAME: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029<>:"/\\|?*]+')
_LONGEST_ID: Final = 250
_POLICY: Final = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the letter. Signs that no file system likes become dashes in its name."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a message says. Names and addresses as people know them, `text` and `html` say the same."""

    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str
    message_id: str
    """From `new_message_id`: fixed before the first try, the same on every try."""
    date: datetime
    """With its time zone: the hour that the reader sees."""
    cc: tuple[Mailbox, ...] = ()
    reply_to: Mailbox | None = None
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread, oldest first."""


def compose(letter: Letter) -> bytes:
    """The letter as RFC 5322 bytes with CRLF line ends, 7-bit unless an address needs SMTPUTF8.

    Raises LetterError for a field that holds a line break or control character, an empty subject, an address that
    is none, a Message-ID of the wrong form, a date without time zone. Control characters in the texts are left out.
    """
    if not letter.to:
        raise LetterError("To: a letter needs at least one recipient.")
    if letter.date.tzinfo is None:
        raise LetterError("Date: the moment has no time zone.")
    lines = [f"Date: {format_datetime(letter.date)}", mailbox_field("From", [letter.sender])]
    if letter.reply_to is not None:
        lines.append(mailbox_field("Reply-To", [letter.reply_to]))
    lines.append(mailbox_field("To", letter.to))
    if letter.cc:
        lines.append(mailbox_field("Cc", letter.cc))
    lines.append(text_field("Subject", letter.subject.strip()))
    if not says_something(letter.subject):
        raise LetterError("Subject: it comes out empty; write words into it that always stand there.")
    lines.append(f"Message-ID: {_message_id('Message-ID', letter.message_id)}")
    if letter.in_reply_to:
        lines.append(f"In-Reply-To: {_message_id('In-Reply-To', letter.in_reply_to)}")
    if letter.references:
        lines.append(
            "References: " + "\r\n ".join(_message_id("References", one) for one in letter.references)
        )
    lines.append("Auto-Submitted: auto-generated")
    return "\r\n".join(lines).encode() + b"\r\n" + bytes(_body(letter))


def new_message_id(domain: str, token: str) -> str:
    """The Message-ID for a domain (the sender's) and a token that is unique to the message; no randomness here.

    An international domain is put into its ASCII form. Raises LetterError for signs that an id cannot hold.
    """
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise LetterError(f'Message-ID: "{one_line(domain)[:80]}" is not a domain name.') from error
    return _message_id("Message-ID", f"<{token}@{ascii_domain.lower()}>")


def _message_id(field: str, text: str) -> str:
    if len(text) > _LONGEST_ID or not _MESSAGE_ID.fullmatch(text):
        raise LetterError(f'{field}: "{one_line(text)[:80]}" does not have the form <token@domain>.')
    return text


def _body(letter: Letter) -> EmailMessage:
    """MIME-Version, Content-Type and all parts: the texts as alternatives, the files beside them."""
    message = EmailMessage(policy=_POLICY)
    message.set_content(_clean(letter.text), charset="utf-8")
    message.add_alternative(_clean(letter.html), subtype="html", charset="utf-8")
    for attachment in letter.attachments:
        media_type = attachment.media_type.lower()
        if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
            raise LetterError(f'Attachment: "{one_line(media_type)[:80]}" is not the media type of a file.')
        main, sub = media_type.split("/")
        message.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=_file_name(attachment.name)
        )
    _fix_boundaries(message, letter)
    return message


def _fix_boundaries(message: EmailMessage, letter: Letter) -> None:
    """Separators that follow from the whole letter: repeatable, yet nobody can write one into a text."""
    seed = hashlib.sha256(
        repr((letter.message_id, letter.subject, letter.text, letter.html)).encode("utf-8", "replace")
    )
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{seed.hexdigest()[:32]}")


def _clean(text: str) -> str:
    return _NOT_IN_A_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _file_name(name: str) -> str:
    cleaned = _NOT_IN_A_FILE_NAME.sub("-", name).strip(" .")[:120]
    if not cleaned:
        raise LetterError("Attachment: a file needs a name.")
    return cleaned
