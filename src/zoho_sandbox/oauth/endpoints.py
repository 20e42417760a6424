"""POST /oauth/v2/token, its revocation, and /oauth/serverinfo."""

import sqlite3
from typing import TYPE_CHECKING

from zoho_sandbox.oauth import tokens
from zoho_sandbox.wire import Request, Response, json_response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

LOCATION = "sandbox"
TOO_MANY = "You have made too many requests continuously. Please try again after some time."


def token(sandbox: "Sandbox", request: Request) -> Response:
    """Exchange a code or a refresh token. Parameters come as query or form; a JSON body is not read, as at Zoho."""
    given = request.query | request.form
    kind = given.get("grant_type", "")
    try:
        with sandbox.database.writing() as db:
            if kind == "authorization_code":
                return _exchange(sandbox, db, request, given)
            if kind == "refresh_token":
                return _refresh(sandbox, db, request, given)
        return _error(sandbox, "general_error")
    except tokens.TokenError as error:
        return _error(sandbox, error.error)


def _exchange(
    sandbox: "Sandbox", db: sqlite3.Connection, request: Request, given: dict[str, str]
) -> Response:
    now = sandbox.clock.now()
    client = given.get("client_id", "")
    tokens.check_client(db, client, given.get("client_secret", ""))
    grant = tokens.use_code(
        db, code=given.get("code", ""), client=client, redirect=given.get("redirect_uri", ""), now=now
    )
    refresh = tokens.make_refresh_token(db, grant, now=now) if grant.offline else ""
    seconds = sandbox.switches.access_token_seconds
    access = tokens.make_access_token(db, grant, refresh=refresh, now=now, seconds=seconds)
    return _granted(sandbox, request, access, grant.scope, refresh)


def _refresh(sandbox: "Sandbox", db: sqlite3.Connection, request: Request, given: dict[str, str]) -> Response:
    client = given.get("client_id", "")
    tokens.check_client(db, client, given.get("client_secret", ""))
    access, scope = tokens.refresh(
        db,
        token=given.get("refresh_token", ""),
        client=client,
        now=sandbox.clock.now(),
        seconds=sandbox.switches.access_token_seconds,
    )
    return _granted(sandbox, request, access, scope, "")


def _granted(sandbox: "Sandbox", request: Request, access: str, scope: str, refresh: str) -> Response:
    body: dict[str, object] = {"access_token": access}
    if refresh:
        body["refresh_token"] = refresh
    body |= {
        "scope": scope.replace(",", " "),
        "api_domain": request.origin,
        "token_type": "Bearer",
        "expires_in": sandbox.switches.access_token_seconds,
    }
    return json_response(body)


def _error(sandbox: "Sandbox", error: str) -> Response:
    if error == "Access Denied":
        # Seen with 400 in two reports and with 200 in one.
        return json_response({"error_description": TOO_MANY, "error": error, "status": "failure"}, status=400)
    return json_response({"error": error}, status=sandbox.switches.token_error_status)


def revoke(sandbox: "Sandbox", request: Request) -> Response:
    """End a refresh token with its access tokens, or one access token."""
    wanted = (request.query | request.form).get("token", "")
    with sandbox.database.writing() as db:
        if wanted and (tokens.end_refresh_token(db, wanted) or tokens.end_access_token(db, wanted)):
            return json_response({"status": "success"})
    return json_response(
        {"error": "invalid_token", "status": "failure"}, status=sandbox.switches.token_error_status
    )


def serverinfo(request: Request) -> Response:
    """The data centres: here there is one."""
    return json_response({"result": "success", "locations": {LOCATION: request.origin}})
