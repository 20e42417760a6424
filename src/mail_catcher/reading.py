"""Reading a message as it came: headers, texts, files. Tolerant, since anything at all may have been sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the message, numbered from 1."""

    number: int
    name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person would see of a message."""

    raw_headers: tuple[tuple[str, str], ...]
    """Name and value as they came, in their order."""
    text: str
    html: str
    attachments: tuple[Attachment, ...]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Name and decoded value."""
        return [(name, _decoded(value)) for name, value in self.raw_headers]

    def header(self, name: str) -> str:
        """The first header of that name, decoded, or an empty text."""
        return _decoded(self._raw(name))

    def people(self, name: str) -> list[tuple[str, str]]:
        """Name and address of everybody in that header; split before decoding, as a name may hold a comma."""
        found = getaddresses([" ".join(self._raw(name).split())])
        return [(_decoded(shown), address) for shown, address in found if shown or address]

    def _raw(self, name: str) -> str:
        return next((value for key, value in self.raw_headers if key.lower() == name.lower()), "")

    @property
    def date(self) -> datetime | None:
        """The moment in the Date header, None when it has none that can be read."""
        try:
            return parsedate_to_datetime(self.header("Date"))
        except (ValueError, OverflowError):
            return None


def read(raw: bytes) -> Letter:
    """Read a message; whatever cannot be decoded is shown as it stands rather than refused."""
    message = message_from_bytes(raw, policy=policy.compat32)
    text = html = None
    attachments: list[Attachment] = []
    for part in _leaves(message):
        media_type = part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or part.get_filename() is not None
        if media_type == "text/plain" and not is_file and text is None:
            text = _text(part)
        elif media_type == "text/html" and not is_file and html is None:
            html = _text(part)
        else:
            attachments.append(_attachment(part, len(attachments) + 1))
    headers = tuple((name, str(value)) for name, value in message.raw_items())
    return Letter(headers, text or "", html or "", tuple(attachments))


def _leaves(message: Message) -> Iterator[Message]:
    """All parts that hold something themselves; a forwarded message counts as one file."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _content(part: Message) -> bytes:
    if part.is_multipart():
        return b"".join(inner.as_bytes() for inner in part.get_payload() if isinstance(inner, Message))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    content = _content(part)
    try:
        text = content.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _attachment(part: Message, number: int) -> Attachment:
    name = _decoded(part.get_filename() or "") or f"part-{number}"
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    return Attachment(number, name, part.get_content_type(), _content(part), content_id)


def _decoded(value: object) -> str:
    """A header's value unfolded and with encoded words read (RFC 2047, and plain UTF-8 of RFC 6532)."""
    text = " ".join(str(value).replace("\r", "").replace("\n", "").split("\t"))
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text
