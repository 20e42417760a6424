"""GET /oauth/v2/auth: the page on which a person allows an app to read the books, and what becomes of it."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from zoho_sandbox.html import Page, escape
from zoho_sandbox.oauth import centres, endpoints, tokens
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox
    from zoho_sandbox.switches import Switches

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
MODULES = {
    "settings": "Settings: organisations, users, currencies",
    "contacts": "Customers and their contact persons",
    "invoices": "Invoices",
    "customerpayments": "Payments received",
    "creditnotes": "Credit notes",
    "reports": "Reports",
    "estimates": "Estimates",
    "fullaccess": "Everything in Zoho Books",
}
PARAMETERS = {"client_id", "redirect_uri", "response_type", "scope", "access_type", "prompt", "state"}
# Without these the second consent of a user, or the first, gives no refresh token.
LASTING = {"access_type": "offline", "prompt": "consent"}
RIGHTS = {
    "READ": "read",
    "CREATE": "create",
    "UPDATE": "change",
    "DELETE": "delete",
    "ALL": "read and change",
}


class Refused(Exception):
    """An authorisation request that Zoho answers with an error page and no redirect."""

    def __init__(self, title: str, text: str) -> None:
        """Say what is wrong with the request and what to do."""
        super().__init__(text)
        self.title, self.text = title, text


@dataclass(frozen=True, slots=True)
class Ask:
    """A checked authorisation request. `prompted` says that the consent page was asked for."""

    client: str
    app: str
    redirect: str
    scope: str
    offline: bool
    prompted: bool
    state: str

    def is_lasting(self, db: sqlite3.Connection, user: int, switches: "Switches") -> bool:
        """Whether a refresh token is given: asked for, and to a user who consented before only when prompted."""
        if not self.offline or self.prompted:
            return self.offline
        if switches.lasting_without_prompt == "never":
            return False
        held = db.execute(
            "SELECT 1 FROM refresh_tokens WHERE user = ? AND client = ?", (user, self.client)
        ).fetchone()
        return held is None


def check(db: sqlite3.Connection, given: dict[str, str]) -> Ask:
    """Read an authorisation request; Refused when client, address, scope or response type are wrong."""
    found = db.execute(
        "SELECT name, redirects FROM clients WHERE id = ?", (given.get("client_id", ""),)
    ).fetchone()
    if found is None:
        raise Refused(
            "Invalid Client ID", "The client id in this request is not registered here. Check it in the app."
        )
    redirect = given.get("redirect_uri", "")
    registered = found[1].split()
    if not (redirect in registered if registered else _is_loopback(redirect)):
        raise Refused(
            "Invalid Redirect Uri", "The redirect address in this request does not match the registered one."
        )
    if given.get("response_type") != "code":
        raise Refused("Invalid Response Type", "This request must carry response_type=code.")
    scope = given.get("scope", "").strip()
    if not scope or not all(_known(each) for each in scope.split(",")):
        raise Refused("Invalid OAuth Scope", "Scope does not exist.")
    return Ask(
        given["client_id"],
        found[0],
        redirect,
        scope,
        given.get("access_type") == "offline",
        given.get("prompt", "").lower() == "consent",
        given.get("state", ""),
    )


def _is_loopback(redirect: str) -> bool:
    """Whether an address leads to this machine, and is clean enough to stand in a header."""
    try:
        parts = urlsplit(redirect)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and parts.hostname in LOOPBACK
        and parts.username is None
        and redirect.isascii()
        and redirect.isprintable()
        and " " not in redirect
    )


def _known(scope: str) -> bool:
    service, _, rest = scope.strip().partition(".")
    module, _, right = rest.partition(".")
    return service == "ZohoBooks" and module.lower() in MODULES and right.upper() in RIGHTS


def scope_words(scope: str) -> list[str]:
    """What each scope means, in words."""
    words = []
    for each in scope.split(","):
        _, module, right = [*each.strip().split("."), "", ""][:3]
        words.append(f"{MODULES.get(module.lower(), module)}: {RIGHTS.get(right.upper(), right)}")
    return words


def _report(sandbox: "Sandbox", request: Request) -> None:
    """Report what Zoho does not know in a request, and what leaves an app without a lasting token."""
    given = request.query
    for name in given.keys() - PARAMETERS:
        sandbox.unknown.record("parameter", f"{name} on {request.path}")
    for name, value in LASTING.items():
        if given.get(name, "").lower() != value:
            sandbox.unknown.record("missing", f"{name}={value} on {request.path}")


def show(sandbox: "Sandbox", request: Request) -> Response:
    """The consent page, or an error page without redirect."""
    _report(sandbox, request)
    with sandbox.database.reading() as db:
        try:
            ask = check(db, request.query)
        except Refused as refused:
            return _error_page(refused)
        users = db.execute(
            "SELECT u.id, u.name, u.email, group_concat(o.name, ', ') FROM users u "
            "LEFT JOIN members m ON m.user = u.id LEFT JOIN organisations o ON o.org = m.org "
            "GROUP BY u.id ORDER BY u.id"
        ).fetchall()
    choices = "".join(
        f'<label class="choice"><input type="radio" name="user" value="{user}"{" checked" if place == 0 else ""}>'
        f"<span><strong>{escape(name)}</strong><small>{escape(email)}</small>"
        f"<small>{escape(orgs or 'no organisation')}</small></span></label>"
        for place, (user, name, email, orgs) in enumerate(users)
    )
    scopes = "".join(f"<li>{escape(words)}</li>" for words in scope_words(ask.scope))
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.query.items()
    )
    length = (
        "It keeps this access until you revoke it under Connected apps."
        if ask.offline and ask.prompted
        else "It keeps this access for one hour."
    )
    body = f"""<main class="narrow card consent">
<p class="muted">Zoho Books sandbox</p>
<h1>{escape(ask.app)} would like to access your books</h1>
<form method="post" action="/oauth/v2/consent">{kept}
<fieldset><legend>Continue as</legend>{choices}</fieldset>
<h2>It will be able to see</h2><ul class="scopes">{scopes}</ul>
<p class="muted">{length} You return to <code>{escape(ask.redirect)}</code>.</p>
<div class="actions"><button class="primary" type="submit" name="answer" value="accept">Accept</button>
<button type="submit" name="answer" value="reject">Reject</button></div></form></main>"""
    target = urlsplit(ask.redirect)
    # Browsers hold the redirect that follows a form to the page's form-action.
    return Page("Allow access", body, form_action=f"{target.scheme}://{target.netloc}").response()


def decide(sandbox: "Sandbox", request: Request) -> Response:
    """Accept or reject: back to the app with a code, or with access_denied."""
    given = request.form
    with sandbox.database.writing() as db:
        try:
            ask = check(db, given)
        except Refused as refused:
            return _error_page(refused)
        if given.get("answer") != "accept":
            return _redirect(ask, {"error": "access_denied"})
        user = db.execute("SELECT id FROM users WHERE id = ?", (given.get("user", ""),)).fetchone()
        if user is None:
            return _error_page(Refused("No user chosen", "Go back and choose as whom to continue."))
        lasting = ask.is_lasting(db, user[0], sandbox.switches)
        grant = tokens.Grant(ask.client, user[0], ask.scope, ask.redirect, lasting)
        if sandbox.switches.throttle_codes:
            try:
                tokens.check_codes(db, ask.client, now=sandbox.clock.now())
            except tokens.TokenError:
                return _error_page(Refused("Access Denied", endpoints.TOO_MANY))
        code = tokens.make_code(db, grant, now=sandbox.clock.now())
        location = centres.home(db, user[0])
    # A user of another data centre is led there; the callback names whose tokens these will be.
    server = request.origin if location == request.centre else sandbox.centres.url(location)
    return _redirect(ask, {"code": code, "location": location, "accounts-server": server})


def _redirect(ask: Ask, fields: dict[str, str]) -> Response:
    if ask.state:
        fields["state"] = ask.state
    joint = "&" if "?" in ask.redirect else "?"
    return Response(
        303,
        headers=[("Location", f"{ask.redirect}{joint}{urlencode(fields)}"), ("Cache-Control", "no-store")],
    )


def _error_page(refused: Refused) -> Response:
    body = f"""<main class="narrow card"><p class="muted">Zoho Books sandbox</p><h1>{escape(refused.title)}</h1>
<p>{escape(refused.text)}</p><p class="muted">An error occurred. Nothing was shared with the app.</p></main>"""
    return Page("Error", body).response(400)


def new_client_id() -> str:
    """A client id that looks like Zoho's."""
    return "1000." + secrets.token_hex(15).upper()
