"""Organizations, currencies and users (zoho-books-api.md sections 5 and 9)."""

from typing import Any

import msgspec

from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.lists import joined, page_size
from zoho_sandbox.store.identity import base
from zoho_sandbox.wire import Response, encode, success

# Filters of users, and whether anybody of this company fits.
USER_FILTERS = {
    "Status.All": True,
    "Status.Active": True,
    "Status.Inactive": False,
    "Status.Invited": False,
    "Status.Deleted": False,
}
ORGANISATIONS = (
    "SELECT o.row, m.is_default, m.role, u.name, u.email FROM members m JOIN organisations o ON o.org = m.org "
    "JOIN users u ON u.id = m.user WHERE m.user = ?"
)


def _organisation(row: tuple[Any, ...]) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(row[0])
    return body | {
        "is_default_org": bool(row[1]),
        "user_role": row[2].lower(),
        "user_status": "1",
        "contact_name": row[3],
        "email": row[4],
    }


def organizations(call: Call) -> Response:
    """`GET /organizations`: all organisations of the user; no paging."""
    rows = call.db.execute(f"{ORGANISATIONS} ORDER BY m.org", (call.user,))
    return success(organizations=[_organisation(row) for row in rows])


def organization(call: Call) -> Response:
    """`GET /organizations/{id}`."""
    wanted = call.id("Organization")
    found = call.db.execute(f"{ORGANISATIONS} AND m.org = ?", (call.user, wanted)).fetchone()
    if found is None:
        raise does_not_exist("Organization")
    return success(organization=_organisation(found))


def currencies(call: Call) -> Response:
    """`GET /settings/currencies`: a page without sort keys, as live."""
    page, per_page = max(1, call.number("page", 1)), page_size(call)
    rows = call.db.execute(
        "SELECT row FROM currencies WHERE org = ? ORDER BY id LIMIT ? OFFSET ?",
        (call.org.id, per_page + 1, (page - 1) * per_page),
    ).fetchall()
    return joined(
        "currencies",
        [row for (row,) in rows[:per_page]],
        {
            "page": page,
            "per_page": per_page,
            "has_more_page": len(rows) > per_page,
            "report_name": "Currencies",
            "applied_filter": "Currencies.All",
            "custom_fields": [],
        },
    )


def _user(call: Call, user: int, name: str, email: str, role: str) -> dict[str, Any]:
    return {
        "user_id": str(base(call.org.id) + user % 10**6 * 10 + 3),
        "role_id": str(base(call.org.id) + (631 if role == "Admin" else 633)),
        "name": name,
        "email": email,
        "user_role": role.lower(),
        "status": "active",
        "is_current_user": user == call.user,
        "photo_url": "",
        "user_type": "zoho",
    }


def users(call: Call) -> Response:
    """`GET /users`: all are active."""
    wanted = call.get("filter_by") or "Status.All"
    if wanted not in USER_FILTERS:
        raise invalid("filter_by")
    page, per_page = max(1, call.number("page", 1)), page_size(call)
    rows = call.db.execute(
        "SELECT u.id, u.name, u.email, m.role FROM members m JOIN users u ON u.id = m.user "
        "WHERE m.org = ? AND ? ORDER BY u.id LIMIT ? OFFSET ?",
        (call.org.id, USER_FILTERS[wanted], per_page + 1, (page - 1) * per_page),
    ).fetchall()
    return joined(
        "users",
        [encode(_user(call, *row)) for row in rows[:per_page]],
        {
            "page": page,
            "per_page": per_page,
            "has_more_page": len(rows) > per_page,
            "report_name": "Users",
            "applied_filter": wanted,
            "custom_fields": [],
            "sort_column": "name",
            "sort_order": "A",
        },
    )


def me(call: Call) -> Response:
    """`GET /users/me`."""
    found = call.db.execute(
        "SELECT u.id, u.name, u.email, m.role FROM members m JOIN users u ON u.id = m.user "
        "WHERE m.org = ? AND u.id = ?",
        (call.org.id, call.user),
    ).fetchone()
    return success(user=_user(call, *found))
