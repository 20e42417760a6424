"""The way into the API: token, scope, organisation, limits; and the way out with its headers."""

import sqlite3
from typing import TYPE_CHECKING

from zoho_sandbox.api import routes
from zoho_sandbox.api.call import BAD_TOKEN, BAD_URL, NOT_AUTHORIZED, Call
from zoho_sandbox.company import organisations
from zoho_sandbox.oauth.tokens import Access, find_access
from zoho_sandbox.store.rows import Organisation
from zoho_sandbox.wire import Request, Response, ZohoError

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

PREFIXES = ("zoho-oauthtoken ", "bearer ")


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Answer a call of the API."""
    try:
        return _admitted(sandbox, request)
    except ZohoError as error:
        return error.response()


def _admitted(sandbox: "Sandbox", request: Request) -> Response:
    now = sandbox.clock.now()
    with sandbox.database.reading() as db:
        # Read before the rows: a change in between makes the page mark useless, never wrong.
        version = sandbox.database.version
        access = _access(db, request, now)
        found = routes.find(request.path)
        if found is None or request.method not in {"GET", "HEAD"}:
            sandbox.unknown.record("call", f"{request.method} {request.path}")
            raise BAD_URL
        route, ids = found
        query = request.query
        org = _organisation(db, access, query.get("organization_id", ""))
        call = Call(db, org, access.user, now, query, request.origin, sandbox.switches, version, ids)
        response = (
            _counted(sandbox, route, access, call) if route.is_counted else _handled(route, access, call)
        )
        for name in query.keys() - call.asked:
            sandbox.unknown.record("parameter", f"{name} on {request.path}")
        return response


def _counted(sandbox: "Sandbox", route: routes.Route, access: Access, call: Call) -> Response:
    try:
        sandbox.limits.begin(call.org, call.now, sandbox.switches)
        response = _handled(route, access, call)
    except ZohoError as error:
        response = error.response()
    finally:
        sandbox.limits.end(call.org)
    response.headers += sandbox.limits.headers(call.org, call.now, sandbox.switches)
    return response


def _handled(route: routes.Route, access: Access, call: Call) -> Response:
    if not _allows(access.scope, route.scope):
        raise NOT_AUTHORIZED
    return route.handler(call)


def _access(db: sqlite3.Connection, request: Request, now: float) -> Access:
    given = request.headers.get("authorization", "")
    token = next(
        (given[len(prefix) :].strip() for prefix in PREFIXES if given.lower().startswith(prefix)), ""
    )
    if not token:
        raise BAD_TOKEN
    access = find_access(db, token, now=now)
    if access is None:
        # Live replies to a token that once was one say 57, to anything else 14.
        raise NOT_AUTHORIZED if token.startswith("1000.") else BAD_TOKEN
    return access


def _organisation(db: sqlite3.Connection, access: Access, wanted: str) -> Organisation:
    """The organisation asked for, or the user's default one when none is named."""
    if wanted:
        unknown = ZohoError(
            400, 6041, f"This user is not associated with the CompanyID/CompanyName:{wanted}."
        )
        if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 18:  # noqa: PLR2004 a signed 64-bit number
            raise unknown
        found = db.execute(
            "SELECT org FROM members WHERE user = ? AND org = ?", (access.user, int(wanted))
        ).fetchone()
    else:
        unknown = ZohoError(400, 6041, "This user is not associated with the CompanyID/CompanyName:.")
        found = db.execute(
            "SELECT org FROM members WHERE user = ? ORDER BY is_default DESC, org", (access.user,)
        ).fetchone()
    org = organisations.load(db, found[0]) if found else None
    if org is None:
        raise unknown
    return org


def _allows(scope: str, module: str) -> bool:
    """Whether a token's scopes allow reading a module."""
    for each in scope.lower().replace(",", " ").split():
        _, name, right = (*each.split("."), "", "")[:3]
        if name in {module, "fullaccess"} and right in {"read", "all"}:
            return True
    return False
