"""POST /oauth/v2/token, its revocation, and /oauth/serverinfo."""

import base64
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from zoho_sandbox.oauth import tokens
from zoho_sandbox.wire import Request, Response, json_response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

TOO_MANY = "You have made too many requests continuously. Please try again after some time."


def token(sandbox: "Sandbox", request: Request) -> Response:
    """Exchange a code or a refresh token. Parameters come as query or form; a JSON body is not read, as at Zoho."""
    given = request.query | request.form
    if request.body and not request.form:
        sandbox.unknown.record("call", f"POST {request.path} with a body that is no form")
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
    tokens.check_client(db, client, given.get("client_secret", ""), request.centre)
    grant = tokens.use_code(
        db,
        code=given.get("code", ""),
        client=client,
        redirect=given.get("redirect_uri", ""),
        centre=request.centre,
        now=now,
    )
    refresh = tokens.make_refresh_token(db, grant, now=now) if grant.offline else ""
    access = tokens.make_access_token(db, grant, refresh=refresh, now=now, switches=sandbox.switches)
    return _granted(sandbox, request, access, grant.scope, refresh)


def _refresh(sandbox: "Sandbox", db: sqlite3.Connection, request: Request, given: dict[str, str]) -> Response:
    client = given.get("client_id", "")
    tokens.check_client(db, client, given.get("client_secret", ""), request.centre)
    access, scope = tokens.refresh(
        db,
        token=given.get("refresh_token", ""),
        client=client,
        centre=request.centre,
        now=sandbox.clock.now(),
        switches=sandbox.switches,
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
        return json_response(
            {"error_description": TOO_MANY, "error": error, "status": "failure"},
            status=sandbox.switches.access_denied_status,
        )
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


def revoke_by_client(sandbox: "Sandbox", request: Request) -> Response:
    """`POST /oauth/v2/revoke/token`, the newer way: the client names itself by Basic authentication."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        with sandbox.database.reading() as db:
            tokens.check_client(db, client if scheme.lower() == "basic" else "", secret, request.centre)
    except tokens.TokenError as error:
        return _error(sandbox, error.error)
    except ValueError:
        return _error(sandbox, "invalid_client")
    return revoke(sandbox, request)


def serverinfo(sandbox: "Sandbox", request: Request) -> Response:
    """The data centres; the one that is asked names itself by the address it was asked at."""
    locations = sandbox.centres.listed() | {request.centre: request.origin}
    return json_response({"result": "success", "locations": locations})


CALLS: dict[tuple[str, str], Callable[["Sandbox", Request], Response]] = {
    ("POST", "/oauth/v2/token"): token,
    ("POST", "/oauth/v2/token/revoke"): revoke,
    ("POST", "/oauth/v2/revoke/token"): revoke_by_client,
    ("GET", "/oauth/serverinfo"): serverinfo,
}
