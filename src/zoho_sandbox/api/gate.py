"""The way into the API: token, scope, organisation, limits; and the way out with its headers."""

import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec

from zoho_sandbox.api import routes
from zoho_sandbox.api.call import BAD_TOKEN, BAD_URL, NOT_AUTHORIZED, Call, InvalidValue
from zoho_sandbox.company import organisations
from zoho_sandbox.oauth import centres
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
        if centres.home(db, access.user) != request.centre:
            # A token of another data centre is as good as none.
            raise NOT_AUTHORIZED
        found = routes.find(request.method, request.path)
        if found is None:
            sandbox.unknown.record("call", f"{request.method} {request.path}")
            raise BAD_URL
        route, ids = found
        query = request.query
        org = _organisation(db, access, query.get("organization_id", ""))
        call = Call(db, org, access.user, now, query, request.origin, sandbox.switches, version, ids)
        if route.is_counted and "organization_id" not in query:
            call.mistakes.append(("missing", "organization_id"))
        try:
            answer_it = _counted if route.is_counted else _handled
            return answer_it(sandbox, request, route, access, call)
        finally:
            _report(sandbox, call, request.path)


def _report(sandbox: "Sandbox", call: Call, path: str) -> None:
    """Tell of all that was asked wrongly in a call."""
    for name in call.query.keys() - call.asked:
        sandbox.unknown.record("parameter", f"{name} on {path}")
    for kind, what in call.mistakes:
        sandbox.unknown.record(kind, f"{what} on {path}")


def _counted(
    sandbox: "Sandbox", request: Request, route: routes.Route, access: Access, call: Call
) -> Response:
    try:
        sandbox.limits.begin(call.org, call.now, sandbox.switches)
        if sandbox.switches.answer_seconds:
            sandbox.sleep(sandbox.switches.answer_seconds)
        response = _handled(sandbox, request, route, access, call)
    except ZohoError as error:
        response = error.response()
    finally:
        sandbox.limits.end(call.org)
    response.headers += sandbox.limits.headers(call.org, call.now, sandbox.switches)
    return response


def _handled(
    sandbox: "Sandbox", request: Request, route: routes.Route, access: Access, call: Call
) -> Response:
    if not _allows(access.scope, route.scope) or _is_denied(call, route.scope):
        # Refused before the parameters are looked at, so none of them is unknown.
        call.asked.update(call.query)
        raise NOT_AUTHORIZED
    try:
        if route.method == "GET":
            return route.handler(call)
        call.body = _body(request)
        with sandbox.database.writing() as call.db:
            return route.handler(call)
    except InvalidValue as error:
        # Parameters after the refused one were not looked at, and may well be known.
        call.asked.update(call.query)
        given = call.query.get(error.name, call.body.get(error.name, ""))
        call.mistakes.append(("value", f"{error.name}={given}"))
        raise


def _body(request: Request) -> dict[str, Any]:
    """The body of a call that writes: JSON, or the form field `JSONString`; empty when there is none."""
    text = request.form["JSONString"].encode() if "JSONString" in request.form else request.body
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ZohoError(400, 1038, "JSON is not well formed") from None


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


def _is_denied(call: Call, wanted: str) -> bool:
    """Whether the user's role in the organisation lacks a module."""
    found = call.db.execute(
        "SELECT 1 FROM denied WHERE user = ? AND org = ? AND module = ?",
        (call.user, call.org.id, wanted.partition(".")[0]),
    )
    return found.fetchone() is not None


def _allows(scope: str, wanted: str) -> bool:
    """Whether a token's scopes allow what a route needs, such as `invoices.read`."""
    module, right = wanted.split(".")
    for each in scope.lower().replace(",", " ").split():
        _, name, given = (*each.split("."), "", "")[:3]
        if name in {module, "fullaccess"} and given in {right, "all"}:
            return True
    return False
