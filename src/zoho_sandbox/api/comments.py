"""Comments on invoices and contacts, with the history that Zoho writes itself (zoho-books-api.md sections 6.4, 7.3)."""

from datetime import datetime
from typing import Any

from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.writes import books, day_or_empty, known_keys
from zoho_sandbox.life import invoices
from zoho_sandbox.store.identity import next_id
from zoho_sandbox.wire import Response, json_response, success

LONGEST = 2000
KEYS = {"description", "payment_expected_date", "show_comment_to_clients"}
TABLES = {"invoice": "invoices", "contact": "contacts"}


def _record(call: Call, kind: str) -> tuple[int, int]:
    """Id and moment of creation of the invoice or contact of a call."""
    identity = call.id(kind.capitalize())
    found = call.db.execute(
        f"SELECT created FROM {TABLES[kind]} WHERE id = ? AND org = ?",  # noqa: S608 the table is one of ours
        (identity, call.org.id),
    ).fetchone()
    if found is None:
        raise does_not_exist(kind.capitalize())
    return identity, int(found[0])


def _shown(call: Call, comment: dict[str, Any], kind: str, record: int) -> dict[str, Any]:
    at = datetime.fromtimestamp(comment["at"], call.org.zone)
    return {
        "comment_id": str(comment["id"]),
        f"{kind}_id": str(record),
        "description": comment["text"],
        "commented_by_id": str(call.org.owner_id),
        "commented_by": comment["author"],
        "comment_type": comment["kind"],
        "operation_type": comment["operation"],
        "date": at.date().isoformat(),
        "date_description": "",
        "time": f"{at:%I:%M %p}".lstrip("0"),
        "transaction_id": str(record),
        "transaction_type": kind,
        "is_entity_deleted": False,
    }


def _listed(call: Call, kind: str, key: str) -> Response:
    record, created = _record(call, kind)
    made = {
        "id": record + 60, "text": f"{kind.capitalize()} created", "author": call.org.owner, "kind": "system",
        "operation": "Added", "at": created,
    }  # fmt: skip
    rows = call.db.execute(
        "SELECT id, text, author, at FROM comments WHERE kind = ? AND record = ? ORDER BY at DESC, id DESC",
        (kind, record),
    )
    written = [
        {"id": each, "text": text, "author": author, "kind": "internal", "operation": "Added", "at": at}
        for each, text, author, at in rows
    ]
    return success(**{key: [_shown(call, each, kind, record) for each in [*written, made]]})


def of_invoice(call: Call) -> Response:
    """`GET /invoices/{id}/comments`: newest first."""
    return _listed(call, "invoice", "comments")


def of_contact(call: Call) -> Response:
    """`GET /contacts/{id}/comments`: newest first."""
    return _listed(call, "contact", "contact_comments")


def _add(call: Call, kind: str) -> tuple[int, int]:
    record, _ = _record(call, kind)
    text = call.body.get("description")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise invalid("description")
    identity = next_id(call.db, call.org.id, "other")
    author = call.db.execute("SELECT name FROM users WHERE id = ?", (call.user,)).fetchone()[0]
    call.db.execute(
        "INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?)",
        (identity, call.org.id, kind, record, int(call.now), author, text),
    )
    return record, identity


def add_to_invoice(call: Call) -> Response:
    """`POST /invoices/{id}/comments`: description; may have payment_expected_date and show_comment_to_clients."""
    known_keys(call, KEYS)
    expected = day_or_empty(call, "payment_expected_date")
    record, identity = _add(call, "invoice")
    if expected:
        invoices.edit(books(call), record, {"payment_expected_date": expected})
    elif call.switches.comment_moves_invoice:
        invoices.edit(books(call), record, {})
    return _added(call, record, identity, "invoice")


def add_to_contact(call: Call) -> Response:
    """`POST /contacts/{id}/comments`: description."""
    known_keys(call, {"description"})
    record, identity = _add(call, "contact")
    return _added(call, record, identity, "contact")


def _added(call: Call, record: int, identity: int, kind: str) -> Response:
    text, author, at = call.db.execute(
        "SELECT text, author, at FROM comments WHERE id = ?", (identity,)
    ).fetchone()
    made = {
        "id": identity,
        "text": text,
        "author": author,
        "kind": "internal",
        "operation": "Added",
        "at": at,
    }
    body = {"code": 0, "message": "Comments added.", "comment": _shown(call, made, kind, record)}
    return json_response(body, status=201)


def delete_from_invoice(call: Call) -> Response:
    """`DELETE /invoices/{id}/comments/{comment_id}`."""
    record, _ = _record(call, "invoice")
    gone = call.db.execute(
        "DELETE FROM comments WHERE id = ? AND kind = 'invoice' AND record = ?",
        (call.id("Comment", 1), record),
    ).rowcount
    if not gone:
        raise does_not_exist("Comment")
    return json_response({"code": 0, "message": "The comment has been deleted."})
