"""A message as pages show it: its head, and its HTML in a frame that can run nothing and load nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, ParamSpec, cast

from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from dunright.domain.wording.render import Rendered
from dunright.models import OutboxLine, OutboxMessage, Sender
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.services.previews import Preview

Arguments = ParamSpec("Arguments")

FRAME_POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'none'"],
    # A letter carries its style on its elements, as mail programs want it.
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    # No script, no form, no way out; the page around it may measure its height.
    "sandbox": ["allow-same-origin"],
}
"""For a document that is nothing but a letter."""
PREVIEW_POLICY = {"style-src-attr": ["'unsafe-inline'"]}
"""For a page with a letter that is stored nowhere yet: its frame inherits the policy of the page (ui-notes 4)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the template parts/letter.html draws."""

    sender: Sender | None
    to: Sequence[Mapping[str, str]]
    subject: str
    text: str
    cc: Sequence[Mapping[str, str]] = ()
    reply_to: str = ""
    files: Sequence[str] = ()
    frame: str = ""
    """Where the HTML part is; empty: `html` holds it."""
    html: str = ""


def letter_of(
    message: OutboxMessage, lines: Sequence[OutboxLine], *, preview: Preview | None = None
) -> Letter:
    """A message as it left, or as it stands; `preview` says how one that a person has worded would leave."""
    rendered = preview.rendered if preview else None
    content = b"" if message.state in COMING else outbox_lists.content(message)
    if content:
        reply_to, files = _said_by(content)
    else:
        reply_to = message.sender.reply_to if message.sender else ""
        files = list(preview.files) if preview and rendered else outbox_lists.files(message, lines)
    return Letter(
        sender=message.sender,
        to=message.to,
        cc=message.cc,
        reply_to=reply_to,
        subject=rendered.subject if rendered else message.subject,
        text=rendered.text if rendered else message.text,
        files=files,
        frame=reverse("sent:letter", args=[message.organisation_id, message.pk]),
    )


def letter_tried(
    rendered: Rendered,
    *,
    sender: Sender | None,
    to: Sequence[Mapping[str, str]],
    cc: Sequence[Mapping[str, str]] = (),
    files: Sequence[str] = (),
) -> Letter:
    """A letter in words that are stored nowhere yet."""
    return Letter(
        sender=sender,
        to=to,
        cc=cc,
        reply_to=sender.reply_to if sender else "",
        subject=rendered.subject,
        text=rendered.text,
        files=files,
        html=rendered.html,
    )


def document(request: HttpRequest, html: str) -> HttpResponseBase:
    """A letter's HTML part as a document of its own, under its own policy."""
    return csp(dict(FRAME_POLICY))(lambda _request: HttpResponse(html))(request)


def with_tried_letters(view: Callable[Arguments, HttpResponseBase]) -> Callable[Arguments, HttpResponseBase]:
    """Decorate the view of a page that shows `letter_tried`."""
    relaxed: Any = csp_update(dict(PREVIEW_POLICY))
    return cast("Callable[Arguments, HttpResponseBase]", relaxed(view))


def _said_by(content: bytes) -> tuple[str, list[str]]:
    """(where answers go, names of the files) as the bytes say that left."""
    parsed = message_from_bytes(content, policy=policy.default)
    files = [part.get_filename() or "file" for part in parsed.iter_attachments()]
    return str(parsed["Reply-To"] or ""), files
