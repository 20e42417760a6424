"""The bytes of a letter as the message object that anymail takes apart for a provider.

What was composed and stored stays the one truth: the same letter goes out whichever way it leaves.
"""

from collections.abc import Mapping
from email import message_from_bytes as parse
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import default
from typing import Final, cast

from django.core.mail import EmailMultiAlternatives

from dunright.domain.addresses import same_address_key
from dunright.mail.providers import Provider

_THREAD: Final = ("In-Reply-To", "References", "Auto-Submitted")


def message_from_bytes(
    content: bytes, provider: Provider, *, recipients: Mapping[str, str]
) -> EmailMultiAlternatives:
    """The letter for a provider. `recipients`: same_address_key -> address as it goes out; others are left out.

    A recipient that the letter itself does not name gets it as a further To: providers know no envelope.
    """
    parsed = parse(content, policy=default)
    keys = {same_address_key(wired): wired for wired in recipients.values()} | dict(recipients)
    to, cc = _people(parsed, "To", keys), _people(parsed, "Cc", keys)
    named = {same_address_key(one.addr_spec) for one in (*to, *cc)}
    to += [
        Address(addr_spec=one) for one in dict.fromkeys(keys.values()) if same_address_key(one) not in named
    ]
    headers = {name: _flat(parsed, name) for name in _THREAD if parsed[name]}
    if provider.keeps_message_id:
        headers["Message-ID"] = _flat(parsed, "Message-ID")
    message = EmailMultiAlternatives(
        subject=_flat(parsed, "Subject"),
        body=_text(parsed, "plain"),
        from_email=_spelled(_addresses(parsed, "From")[0]),
        to=[_spelled(one) for one in to],
        cc=[_spelled(one) for one in cc],
        reply_to=[_spelled(one) for one in _addresses(parsed, "Reply-To")],
        headers=headers | dict(provider.extra_headers),
    )
    message.attach_alternative(_text(parsed, "html"), "text/html")
    for part in parsed.iter_attachments():
        message.attach(part.get_filename(), part.get_payload(decode=True), part.get_content_type())
    if provider.can_switch_tracking:
        message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    return message


def _people(parsed: EmailMessage, name: str, keys: Mapping[str, str]) -> list[Address]:
    """The header's addresses that are among the recipients, in the form in which they go out."""
    found = [
        (one.display_name, keys.get(same_address_key(one.addr_spec))) for one in _addresses(parsed, name)
    ]
    return [Address(display_name, addr_spec=wired) for display_name, wired in found if wired]


def _addresses(parsed: EmailMessage, name: str) -> tuple[Address, ...]:
    header = cast("AddressHeader | None", parsed[name])
    return tuple(header.addresses) if header is not None else ()


def _spelled(address: Address) -> str:
    """Name and address as one text, the name in quotation marks so that nothing in it reads as an address."""
    if not address.display_name:
        return address.addr_spec
    quoted = address.display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address.addr_spec}>'


def _flat(parsed: EmailMessage, name: str) -> str:
    return " ".join(str(parsed[name] or "").split())


def _text(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
