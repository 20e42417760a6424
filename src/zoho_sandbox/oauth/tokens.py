"""Codes, refresh tokens and access tokens, and what ends them (zoho-books-api.md sections 2.2 and 2.3)."""

import secrets
import sqlite3
from dataclasses import dataclass

from zoho_sandbox.oauth import centres
from zoho_sandbox.switches import Switches

CODE_SECONDS = 120
SELF_CLIENT_CODE_SECONDS = 180
REFRESH_TOKENS_PER_USER = 20
REFRESHES, REFRESH_WINDOW = 10, 600
CODES, CODE_WINDOW = 10, 600


class TokenError(Exception):
    """An OAuth error; `error` is the body's error code."""

    def __init__(self, error: str) -> None:
        """Name the error as Zoho does."""
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed: the user, the client, the scopes."""

    client: str
    user: int
    scope: str
    redirect: str
    offline: bool


@dataclass(frozen=True, slots=True)
class Access:
    """A valid access token."""

    user: int
    scope: str
    client: str


def _secret() -> str:
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


def make_code(db: sqlite3.Connection, grant: Grant, *, now: float, seconds: int = CODE_SECONDS) -> str:
    """Give out a code for one use."""
    code = _secret()
    db.execute(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (code, grant.client, grant.user, grant.scope, grant.redirect, grant.offline, now + seconds),
    )
    return code


def check_codes(db: sqlite3.Connection, client: str, *, now: float, seconds: int = CODE_SECONDS) -> None:
    """TokenError when a client has had ten codes in the last ten minutes."""
    recent = db.execute(
        "SELECT count(*) FROM codes WHERE client = ? AND expires > ? AND expires <= ?",
        (client, now - CODE_WINDOW + seconds, now + seconds),
    ).fetchone()[0]
    if recent >= CODES:
        error = "Access Denied"
        raise TokenError(error)


def check_client(db: sqlite3.Connection, client: str, secret: str, centre: str) -> None:
    """TokenError when the client is unknown or its secret, which may differ by data centre, is wrong."""
    found = db.execute(
        "SELECT coalesce(s.secret, c.secret) FROM clients c LEFT JOIN centre_secrets s ON s.client = c.id "
        "AND s.centre = ? WHERE c.id = ?",
        (centre, client),
    ).fetchone()
    if found is None:
        error = "invalid_client"
        raise TokenError(error)
    if not secrets.compare_digest(found[0].encode(), secret.encode()):
        error = "invalid_client_secret"
        raise TokenError(error)


def _check_centre(db: sqlite3.Connection, user: int, centre: str) -> None:
    """TokenError when a user of another data centre is meant: the right client at the wrong host."""
    if centres.home(db, user) != centre:
        error = "invalid_client"
        raise TokenError(error)


def use_code(
    db: sqlite3.Connection, *, code: str, client: str, redirect: str, centre: str, now: float
) -> Grant:
    """Take a code, once, in time and at the user's own data centre; TokenError otherwise."""
    found = db.execute(
        "SELECT client, user, scope, redirect, offline, expires, used FROM codes WHERE code = ?", (code,)
    ).fetchone()
    if found is None or found[0] != client or found[6] or found[5] <= now:
        error = "invalid_code"
        raise TokenError(error)
    _check_centre(db, found[1], centre)
    if found[3] != redirect:
        error = "invalid_redirect_uri"
        raise TokenError(error)
    db.execute("UPDATE codes SET used = 1 WHERE code = ?", (code,))
    return Grant(found[0], found[1], found[2], found[3], bool(found[4]))


def make_refresh_token(db: sqlite3.Connection, grant: Grant, *, now: float) -> str:
    """Give out a refresh token; a user's twenty-first silently ends the oldest, in use or not."""
    token = _secret()
    db.execute(
        "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?)",
        (token, grant.client, grant.user, grant.scope, now),
    )
    held = [
        each
        for (each,) in db.execute(
            "SELECT token FROM refresh_tokens WHERE user = ? AND client = ? ORDER BY rowid DESC",
            (grant.user, grant.client),
        )
    ]
    for old in held[REFRESH_TOKENS_PER_USER:]:
        end_refresh_token(db, old)
    return token


def make_access_token(
    db: sqlite3.Connection, grant: Grant, *, refresh: str, now: float, switches: Switches
) -> str:
    """Give out an access token; of one refresh token only the newest live, ten unless switched otherwise."""
    token = _secret()
    db.execute(
        "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?, ?, ?)",
        (token, refresh, grant.client, grant.user, grant.scope, now, now + switches.access_token_seconds),
    )
    if refresh:
        db.execute(
            "UPDATE access_tokens SET expires = 0 WHERE refresh = ? AND expires > ? AND rowid NOT IN "
            "(SELECT rowid FROM access_tokens WHERE refresh = ? ORDER BY rowid DESC LIMIT ?)",
            (refresh, now, refresh, switches.live_access_tokens),
        )
    return token


def refresh(
    db: sqlite3.Connection, *, token: str, client: str, centre: str, now: float, switches: Switches
) -> tuple[str, str]:
    """A new access token and its scope for a refresh token; TokenError when it is dead or asked too often."""
    found = db.execute("SELECT client, user, scope FROM refresh_tokens WHERE token = ?", (token,)).fetchone()
    if found is None or found[0] != client:
        error = "invalid_code"
        raise TokenError(error)
    _check_centre(db, found[1], centre)
    recent = db.execute(
        "SELECT count(*) FROM access_tokens WHERE refresh = ? AND created > ? AND created <= ?",
        (token, now - REFRESH_WINDOW, now),
    ).fetchone()[0]
    if recent >= REFRESHES:
        error = "Access Denied"
        raise TokenError(error)
    grant = Grant(found[0], found[1], found[2], "", offline=True)
    return make_access_token(db, grant, refresh=token, now=now, switches=switches), found[2]


def end_refresh_token(db: sqlite3.Connection, token: str) -> bool:
    """End a refresh token and all its access tokens; False when there was none."""
    db.execute("DELETE FROM access_tokens WHERE refresh = ?", (token,))
    return db.execute("DELETE FROM refresh_tokens WHERE token = ?", (token,)).rowcount > 0


def end_access_token(db: sqlite3.Connection, token: str) -> bool:
    """End one access token."""
    return db.execute("DELETE FROM access_tokens WHERE token = ?", (token,)).rowcount > 0


def find_access(db: sqlite3.Connection, token: str, *, now: float) -> Access | None:
    """What an access token allows; None when it is unknown or expired."""
    found = db.execute(
        "SELECT user, scope, client FROM access_tokens WHERE token = ? AND expires > ?", (token, now)
    ).fetchone()
    return Access(*found) if found else None
