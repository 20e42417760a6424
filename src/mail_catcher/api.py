"""The JSON side, for tests and scripts: messages, copies by Message-ID, faults."""

import json
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from mail_catcher.faults import Faults, FaultsError
from mail_catcher.reading import read
from mail_catcher.store import Caught, Filter, Store
from mail_catcher.web import BadRequest, NotFound, Request, Response

LONGEST_LIST = 10_000


class Settings(Protocol):
    """Whoever holds the faults in force."""

    faults: Faults


def messages(request: Request, store: Store) -> Response:
    """`GET /api/messages?to=&since=&search=&message_id=&after=&limit=`: the latest first; `total` counts all."""
    chosen = filter_of(request)
    limit = _number(request, "limit", 1000)
    if not 1 <= limit <= LONGEST_LIST:
        raise BadRequest(f"limit: a whole number from 1 to {LONGEST_LIST} is needed.")
    found = store.find(chosen, limit=limit)
    return as_json({"total": store.count(chosen), "messages": [_summary(one) for one in found]})


def message(store: Store, number: int) -> Response:
    """`GET /api/messages/7`: everything about one message but its raw source."""
    found = store.get(number)
    if found is None:
        raise NotFound(f"There is no message {number}.")
    caught, raw = found
    return as_json(details(caught, raw))


def details(caught: Caught, raw: bytes) -> dict[str, Any]:
    """All that is known of a message, as JSON values."""
    letter = read(raw)
    return {
        **_summary(caught),
        "cc": letter.header("Cc"),
        "reply_to": letter.header("Reply-To"),
        "text": letter.text,
        "html": letter.html,
        "headers": [list(pair) for pair in letter.headers],
        "attachments": [
            {
                "number": one.number,
                "name": one.name,
                "media_type": one.media_type,
                "size": len(one.content),
                "path": f"/messages/{caught.id}/files/{one.number}/{quote(one.name, safe='')}",
            }
            for one in letter.attachments
        ],
    }


def delete_messages(store: Store) -> Response:
    """`DELETE /api/messages`."""
    return as_json({"deleted": store.delete_all()})


def copies(store: Store) -> Response:
    """`GET /api/copies`: how many times each Message-ID was accepted."""
    return as_json({"copies": store.copies()})


def faults(settings: Settings) -> Response:
    """`GET /api/faults`."""
    return as_json(settings.faults.as_json())


def set_faults(request: Request, settings: Settings) -> Response:
    """`PUT /api/faults`: replaces all; `{}` means that nothing goes wrong."""
    try:
        settings.faults = Faults.from_json(json.loads(request.body))
    except FaultsError as error:
        raise BadRequest(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("faults: this is not JSON.") from error
    return faults(settings)


def filter_of(request: Request) -> Filter:
    """What the address asks for. Raises BadRequest."""
    since = request.query.get("since", "")
    try:
        moment = datetime.fromisoformat(since) if since else None
    except ValueError as error:
        raise BadRequest("since: a moment such as 2026-11-24T11:00:00+00:00 is needed.") from error
    if moment is not None and moment.tzinfo is None:
        raise BadRequest("since: the moment needs its offset, such as +00:00 (in an address: %2B00:00).")
    return Filter(
        search=request.query.get("search", "")[:200],
        to=request.query.get("to", ""),
        since=moment,
        after=_number(request, "after", 0),
        message_id=request.query.get("message_id", ""),
    )


def as_json(value: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(
        json.dumps(value, ensure_ascii=False).encode(errors="replace"), "application/json", status
    )


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):  # noqa: PLR2004 - fits SQLite's integers
        raise BadRequest(f"{name}: a whole number is needed.")
    return int(text) if text else default


def _summary(caught: Caught) -> dict[str, Any]:
    return {
        "id": caught.id,
        "received_at": caught.received_at.isoformat(),
        "mail_from": caught.mail_from,
        "recipients": list(caught.recipients),
        "message_id": caught.message_id,
        "from": caught.sender,
        "to": caught.to,
        "subject": caught.subject,
        "date": caught.date.isoformat() if caught.date else None,
        "files": caught.files,
        "size": caught.size,
    }
