"""The bytes of a letter as the message object that anymail takes apart for a provider.

What was composed and stored stays the one truth: the same letter goes out whichever way it leaves.
"""

import re
from collections.abc import Mapping
from email import message_from_bytes as parse
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Final

from django.core.mail import EmailMultiAlternatives

from dunright.domain.addresses import same_address_key
from dunright.mail.headers import Mailbox
from dunright.mail.providers import Provider

_THREAD: Final = ("In-Reply-To", "References", "Auto-Submitted")
_FOLD: Final = re.compile(r"\r\n(?=[ \t])")


def message_from_bytes(
    content: bytes, provider: Provider, *, recipients: Mapping[str, str]
) -> EmailMultiAlternatives:
    """The letter for a provider. `recipients`: same_address_key -> address as it goes out; others are left out.

    A recipient that the letter itself does not name gets it as a further To: providers know no envelope.
    """
    parsed, head = parse(content, policy=default), _head(content)
    keys = {same_address_key(wired): wired for wired in recipients.values()} | dict(recipients)
    to, cc = _people(head, "To", keys), _people(head, "Cc", keys)
    named = {same_address_key(one.address) for one in (*to, *cc)}
    to += [Mailbox(one) for one in dict.fromkeys(keys.values()) if same_address_key(one) not in named]
    headers: dict[str, str] = {name: head[name] for name in _THREAD if name in head}
    if provider.keeps_message_id:
        headers["Message-ID"] = head["Message-ID"]
    message = EmailMultiAlternatives(
        subject=_decoded(head["Subject"]),
        body=_text(parsed, "plain"),
        from_email=_spelled(_mailboxes(head, "From")[0]),
        to=[_spelled(one) for one in to],
        cc=[_spelled(one) for one in cc],
        reply_to=[_spelled(one) for one in _mailboxes(head, "Reply-To")],
        headers=headers | dict(provider.extra_headers),
    )
    message.attach_alternative(_text(parsed, "html"), "text/html")
    for part in parsed.iter_attachments():
        message.attach(part.get_filename(), part.get_payload(decode=True), part.get_content_type())
    if provider.can_switch_tracking:
        message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    return message


def _head(content: bytes) -> dict[str, str]:
    """The lines of a composed letter's head, unfolded and not decoded.

    Not as `email.policy` reads them: it puts a space between the encoded words of one long name.
    """
    block = content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    lines = (line.partition(": ") for line in _FOLD.sub("", block).split("\r\n"))
    return {name: " ".join(value.split()) if name == "References" else value for name, _, value in lines}


def _people(head: Mapping[str, str], name: str, keys: Mapping[str, str]) -> list[Mailbox]:
    """The line's people that are among the recipients, with the address in the form in which it goes out."""
    found = [(keys.get(same_address_key(one.address)), one.name) for one in _mailboxes(head, name)]
    return [Mailbox(wired, shown) for wired, shown in found if wired]


def _mailboxes(head: Mapping[str, str], name: str) -> list[Mailbox]:
    line = head.get(name, "")
    return [Mailbox(address, _decoded(shown)) for shown, address in getaddresses([line]) if address]


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


def _spelled(mailbox: Mailbox) -> str:
    """Name and address as one text, the name in quotation marks so that nothing in it reads as an address."""
    if not mailbox.name:
        return mailbox.address
    quoted = mailbox.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{mailbox.address}>'


def _text(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
