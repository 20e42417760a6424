"""Control of the running sandbox: clock, switches, faults, what was asked, and tokens."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from zoho_sandbox import faults as faults_
from zoho_sandbox import stamps
from zoho_sandbox.oauth import tokens
from zoho_sandbox.oauth.consent import new_client_id
from zoho_sandbox.switches import changed

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

DAY = 86_400
# The first moments of 2000 and 2100.
EARLIEST, LATEST = 946_684_800, 4_102_444_800
READ_ALL = ",".join(
    f"ZohoBooks.{module}.READ"
    for module in ("settings", "contacts", "invoices", "customerpayments", "creditnotes")
)


def clock(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001 all control calls look alike
    """The clock: `now` in UTC, and whether it is stopped."""
    return {
        "now": datetime.fromtimestamp(sandbox.clock.now(), UTC).isoformat(),
        "is_stopped": sandbox.clock.stopped_at is not None,
        "offset_seconds": sandbox.clock.offset,
    }


def move_clock(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Move the clock.

    Takes `now` (ISO; without an offset in the first organisation's time), `days`, `seconds`, `real` (true: show real
    time again), and `stopped` (true or false).
    """
    if not given.keys() <= {"now", "days", "seconds", "real", "stopped"}:
        message = "The clock takes now, days, seconds, real and stopped."
        raise ValueError(message)
    try:
        ahead = float(given.get("days", 0)) * DAY + float(given.get("seconds", 0))
    except (TypeError, ValueError):
        message = "Give days and seconds as numbers."
        raise ValueError(message) from None
    wanted = sandbox.clock.real() if given.get("real") else sandbox.clock.now()
    if "now" in given:
        wanted = stamps.parse_moment(str(given["now"]), sandbox.zone()).timestamp()
    # Also false for what is no number: books of another century would only break the calendar.
    if not EARLIEST <= wanted + ahead <= LATEST:
        message = "The clock can be set to moments between 2000 and 2100."
        raise ValueError(message)
    if given.get("real"):
        sandbox.clock.follow_real_time()
    if ahead or "now" in given:
        sandbox.clock.move_to(wanted + ahead)
    if "stopped" in given:
        (sandbox.clock.stop if given["stopped"] else sandbox.clock.start)()
    sandbox.keep_clock()
    sandbox.plans_changed()
    sandbox.catch_up()
    return clock(sandbox, {})


def switches(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001
    """All switches."""
    return sandbox.switches


def set_switches(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Change switches by name."""
    sandbox.switches = changed(sandbox.switches, msgspec.json.encode(given))
    return sandbox.switches


def faults(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001
    """The faults still to strike."""
    return {"faults": sandbox.faults.listed()}


def add_faults(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Add one fault, or several as `faults`."""
    wanted = given.get("faults", given)
    sandbox.faults.add(faults_.read(msgspec.json.encode(wanted)))
    return faults(sandbox, {})


def clear_faults(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Take all faults back."""
    sandbox.faults.clear()
    return faults(sandbox, given)


def unknown(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001
    """Calls and parameters that Zoho does not know."""
    return {"unknown": sandbox.unknown.listed()}


def forget_unknown(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Forget what was unknown."""
    sandbox.unknown.forget()
    return unknown(sandbox, given)


def usage(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001
    """How many counted calls came since the start or the last reset, and how many of them were refused, by code."""
    refused = {str(code): times for code, times in sorted(sandbox.limits.refused.items())}
    return {"calls": sandbox.limits.calls, "refused": refused}


def forget_usage(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Count afresh."""
    sandbox.limits.forget()
    return usage(sandbox, given)


def _grant(sandbox: "Sandbox", given: dict[str, Any]) -> tokens.Grant:
    """Client, user and scope of a call: the first registered client, the first user, and reading, unless named."""
    with sandbox.database.reading() as db:
        client = given.get("client_id") or db.execute("SELECT id FROM clients LIMIT 1").fetchone()[0]
        if db.execute("SELECT 1 FROM clients WHERE id = ?", (client,)).fetchone() is None:
            message = "This client id is not registered here."
            raise ValueError(message)
        user = db.execute(
            "SELECT id FROM users WHERE ? IN ('', id, email) ORDER BY id LIMIT 1", (given.get("user", ""),)
        ).fetchone()
    if user is None:
        message = "There is no user with this id or e-mail address."
        raise ValueError(message)
    return tokens.Grant(client, user[0], str(given.get("scope") or READ_ALL), "", offline=True)


def refresh_token(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """A refresh token straight away, as a self-client would get one. Optional: user, client_id, scope."""
    grant = _grant(sandbox, given)
    with sandbox.database.writing() as db:
        token = tokens.make_refresh_token(db, grant, now=sandbox.clock.now())
    return {"refresh_token": token, "user": grant.user, "client_id": grant.client, "scope": grant.scope}


def self_client_code(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """A code for a self-client, good for three minutes and exchanged without a redirect address."""
    grant = _grant(sandbox, given)
    with sandbox.database.writing() as db:
        code = tokens.make_code(db, grant, now=sandbox.clock.now(), seconds=tokens.SELF_CLIENT_CODE_SECONDS)
    return {"code": code, "client_id": grant.client, "scope": grant.scope}


def register_client(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Register an app: name, secret, redirect_uris; returns its client id."""
    client = str(given.get("client_id") or new_client_id())
    redirects = given.get("redirect_uris", [])
    if not isinstance(redirects, list):
        raise ValueError("Give redirect_uris as a list.")  # noqa: TRY004 the caller is told in one way
    sandbox.register_client(
        client, str(given["client_secret"]), tuple(map(str, redirects)), str(given.get("name", "App"))
    )
    return {"client_id": client}


def connections(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001
    """The refresh tokens that live, newest first."""
    with sandbox.database.reading() as db:
        rows = db.execute(
            "SELECT r.token, r.client, c.name, u.email, r.scope FROM refresh_tokens r JOIN users u ON "
            "u.id = r.user JOIN clients c ON c.id = r.client ORDER BY r.rowid DESC"
        ).fetchall()
    return {
        "connections": [
            dict(zip(("refresh_token", "client_id", "app", "user", "scope"), row, strict=True))
            for row in rows
        ]
    }


def revoke(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Revoke one refresh token, or all of them; returns how many."""
    wanted = given.get("refresh_token")
    with sandbox.database.writing() as db:
        held = [
            token for (token,) in db.execute("SELECT token FROM refresh_tokens") if wanted in {None, token}
        ]
        for token in held:
            tokens.end_refresh_token(db, token)
        if not wanted:
            db.execute("DELETE FROM access_tokens")
    return {"revoked": len(held)}
