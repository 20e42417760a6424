"""The inbox as pages, without script: a list, one message in its several views, its files."""

import hashlib
import re
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from liquid import CachingFileSystemLoader, Environment, StrictUndefined

from mail_catcher.api import filter_of
from mail_catcher.reading import Attachment, Letter, read
from mail_catcher.store import Caught, Filter, Store
from mail_catcher.web import BadRequest, NotFound, Request, Response

PER_PAGE: Final = 50
_HERE: Final = Path(__file__).parent
_VIEWS: Final = ("text", "html", "headers", "source")
_HTML_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_FILE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"
_OPENED: Final = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}
)
"""Media types that a browser may show in its own window; everything else is only ever saved."""
_KEPT_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

_templates = Environment(
    loader=CachingFileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    extra=True,
)


def inbox(request: Request, store: Store) -> Response:
    """The list of messages, the latest first, with search and pages."""
    chosen = filter_of(request)
    total = store.count(chosen)
    last = max(1, -(-total // PER_PAGE))
    number = request.query.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - enough pages
        raise BadRequest("page: a whole number is needed.")
    page = min(max(int(number), 1), last)
    return _page(
        "inbox.html",
        title="Inbox",
        search=chosen.search,
        filtered=chosen != Filter(),
        total=total,
        everything=store.count(),
        rows=[_row(one) for one in store.find(chosen, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)],
        page=page,
        last=last,
        newer=_inbox_address(request, page - 1) if page > 1 else "",
        older=_inbox_address(request, page + 1) if page < last else "",
    )


def message(request: Request, store: Store, number: int) -> Response:
    """One message; `view` is text, html, headers or source (default: HTML where it has one)."""
    caught, raw, letter = _found(store, number)
    view = request.query.get("view", "html" if letter.html else "text")
    if view not in _VIEWS:
        raise BadRequest(f"view: one of {', '.join(_VIEWS)} is needed.")
    newer, older = store.neighbours(number)
    return _page(
        "message.html",
        title=caught.subject or "(no subject)",
        one=_row(caught),
        letter={
            "from": caught.sender or caught.mail_from,
            "to": caught.to,
            "cc": letter.header("Cc"),
            "reply_to": letter.header("Reply-To"),
            "text": letter.text,
            "has_html": bool(letter.html),
            "headers": [{"name": name, "value": value} for name, value in letter.headers],
            "source": raw.decode("utf-8", "replace").replace("\r\n", "\n") if view == "source" else "",
        },
        files=[_file(number, one) for one in letter.attachments],
        views=[{"key": key, "label": key.capitalize() if key != "html" else "HTML"} for key in _VIEWS],
        view=view,
        newer=newer or "",
        older=older or "",
    )


def message_html(store: Store, number: int) -> Response:
    """The HTML part alone, for a sandboxed frame: no script, nothing from elsewhere; links open a new window."""
    _caught, _raw, letter = _found(store, number)
    html = letter.html
    for one in letter.attachments:
        if one.content_id:
            html = html.replace(f"cid:{one.content_id}", _file_address(number, one))
    head = '<!doctype html><meta name="color-scheme" content="light"><base target="_blank">'
    return Response((head + html).encode(errors="replace"), policy=_HTML_POLICY)


def raw_message(store: Store, number: int) -> Response:
    """The message byte for byte, to save."""
    _caught, raw, _letter = _found(store, number)
    return Response(raw, "message/rfc822", headers=_saved_as(f"message-{number}.eml"), policy=_FILE_POLICY)


def attachment(store: Store, number: int, file_number: int, *, opened: bool) -> Response:
    """One file of a message, to save, or to open where its kind is harmless."""
    letter = _found(store, number)[2]
    if not 1 <= file_number <= len(letter.attachments):
        raise NotFound(f"Message {number} has no file {file_number}.")
    one = letter.attachments[file_number - 1]
    if not opened or one.media_type not in _OPENED:
        return Response(
            one.content, "application/octet-stream", headers=_saved_as(one.name), policy=_FILE_POLICY
        )
    content_type = "text/plain; charset=utf-8" if one.media_type == "text/plain" else one.media_type
    headers = {"Content-Disposition": "inline", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(one.content, content_type, headers=headers, policy=_FILE_POLICY)


def delete_all(store: Store) -> Response:
    """Forget everything and go back to the (empty) inbox."""
    store.delete_all()
    return Response(b"", status=303, headers={"Location": "/"})


def error_page(status: int, sentence: str) -> Response:
    """What went wrong, in one sentence, with a way back."""
    title = "Not found" if status == HTTPStatus.NOT_FOUND else "This did not work"
    return _page("error.html", status=status, title=title, sentence=sentence)


def stylesheet() -> Response:
    """The one style sheet; its address changes with its content."""
    return Response(_style()[0], "text/css; charset=utf-8", headers=_KEPT_FOR_EVER)


def icon() -> Response:
    """The sign in the browser's tab."""
    return Response((_HERE / "static" / "icon.svg").read_bytes(), "image/svg+xml", headers=_KEPT_FOR_EVER)


@cache
def _style() -> tuple[bytes, str]:
    content = (_HERE / "static" / "catcher.css").read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


def _page(template: str, *, status: int = 200, **shown: Any) -> Response:
    html = _templates.get_template(template).render(style=_style()[1], **shown)
    return Response(html.encode(errors="replace"), status=status)


def _found(store: Store, number: int) -> tuple[Caught, bytes, Letter]:
    found = store.get(number)
    if found is None:
        raise NotFound(f"There is no message {number}. It may have been deleted.")
    return *found, read(found[1])


def _row(one: Caught) -> dict[str, Any]:
    hidden = [address for address in one.recipients if address.casefold() not in one.to.casefold()]
    return {
        "id": one.id,
        "sender": one.sender_name,
        "to": one.to or ", ".join(one.recipients),
        "people": [
            {"name": name, "address": address}
            for name, address in one.people or [("", each) for each in one.recipients]
        ],
        "recipients": ", ".join(one.recipients),
        "hidden": ", ".join(hidden),
        "subject": one.subject or "(no subject)",
        "when": _moment(one.when),
        "day": f"{one.when.day} {one.when:%b}",
        "year": f"{one.when:%Y}",
        "time": f"{one.when:%H:%M}",
        "when_iso": one.when.isoformat(),
        "received": _moment(one.received_at) + " UTC",
        "files": one.files,
        "size": _size(one.size),
        "message_id": one.message_id,
    }


def _moment(when: datetime) -> str:
    return f"{when.day} {when:%b %Y, %H:%M}"


def _file(number: int, one: Attachment) -> dict[str, Any]:
    address = _file_address(number, one)
    return {
        "name": one.name,
        "kind": one.media_type,
        "size": _size(len(one.content)),
        "save": address.removesuffix("?open=1"),
        "open": address if one.media_type in _OPENED else "",
    }


def _file_address(number: int, one: Attachment) -> str:
    name = re.sub(r"[/\\]", "-", one.name)
    return f"/messages/{number}/files/{one.number}/{quote(name, safe='', errors='replace')}?open=1"


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}"}


def _inbox_address(request: Request, page: int) -> str:
    return "/?" + urlencode({**request.query, "page": page})


def _size(count: int) -> str:
    if count < 1024:  # noqa: PLR2004 - what a kilobyte is
        return f"{count} bytes"
    return f"{count / 1024:.0f} kB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
