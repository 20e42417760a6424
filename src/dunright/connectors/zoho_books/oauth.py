"""Log-in at Zoho (zoho-books-api.md section 2): consent, callback, tokens."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dunright.connectors.zoho_books.data_centres import (
    DataCentre,
    centre_of_accounts_server,
    centre_of_api_domain,
    data_centre,
)
from dunright.remote import oauth
from dunright.remote.errors import (
    AuthExpired,
    BadData,
    ConsentRefused,
    Misconfigured,
    RateLimited,
    RemoteError,
    Unavailable,
)
from dunright.remote.http import MEGABYTE, Http
from dunright.remote.oauth import ClientId, Grant, Provider, new_state

__all__ = [
    "SCOPES",
    "WRITE_SCOPES",
    "Callback",
    "ClientId",
    "Grant",
    "LogIn",
    "authorize_url",
    "exchange",
    "new_state",
    "read_callback",
    "refresh",
    "revoke",
    "scopes_for",
]

SCOPES = (
    "ZohoBooks.settings.READ",
    "ZohoBooks.contacts.READ",
    "ZohoBooks.invoices.READ",
    "ZohoBooks.customerpayments.READ",
    "ZohoBooks.creditnotes.READ",
)
"""Reading only: what every connection asks for."""
WRITE_SCOPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # An invoice that Zoho only changes as a whole takes the date with a comment.
        "expected_dates": ("ZohoBooks.invoices.UPDATE", "ZohoBooks.invoices.CREATE"),
        "reminders": ("ZohoBooks.contacts.CREATE", "ZohoBooks.invoices.CREATE"),
        "comments": ("ZohoBooks.invoices.CREATE",),
    }
)
"""What each kind of telling needs beside; asked for where a person switches it on, and never before."""

LONGEST_CODE = 512
PAUSE_AFTER_TOO_MANY_REFRESHES = 660.0
"""Seconds: Zoho counts ten refreshes in ten minutes."""


class Callback(NamedTuple):
    """What Zoho sent back with the person who gave consent."""

    code: str
    centre: DataCentre
    """Where the code must be exchanged: the person's own data centre."""


class LogIn(NamedTuple):
    """A log-in that was just made."""

    centre: DataCentre
    grant: Grant
    """With a refresh token, always."""


def scopes_for(tells: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the scopes of a consent: reading, and what these kinds of telling (keys of `WRITE_SCOPES`) need."""
    return tuple(dict.fromkeys([*SCOPES, *(scope for one in tells for scope in WRITE_SCOPES[one])]))


def authorize_url(
    client: ClientId, *, location: str, state: str, sandbox_url: str = "", tells: Iterable[str] = ()
) -> str:
    """Return the address of Zoho's consent page at the data centre `location`."""
    centre = data_centre(location, sandbox_url=sandbox_url)
    # Without prompt=consent Zoho gives no refresh token to a person who consented before.
    extra = {"access_type": "offline", "prompt": "consent"}
    return oauth.authorize_url(_provider(centre), client, scopes=scopes_for(tells), state=state, extra=extra)


def read_callback(query: Mapping[str, str], *, state: str, location: str, sandbox_url: str = "") -> Callback:
    """Read the query of the redirect back from Zoho.

    `state` and `location` are what consent was asked with. Raises `ConsentRefused` when the person said no,
    `BadData` when the state is another or the code is missing, `Misconfigured` when the query names a host
    that is not Zoho's.
    """
    given = query.get("state", "")
    if not state or not hmac.compare_digest(given.encode(), state.encode()):
        raise BadData("This answer from Zoho belongs to another attempt to connect; start connecting again.")
    if query.get("error"):
        raise _refusal(query["error"])
    code = query.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise BadData("Zoho's answer carries no usable code; start connecting again.")
    server = query.get("accounts-server", "")
    if server:
        centre = centre_of_accounts_server(server, sandbox_url=sandbox_url)
    else:
        centre = data_centre(query.get("location") or location, sandbox_url=sandbox_url)
    return Callback(code, centre)


def exchange(client: ClientId, callback: Callback) -> LogIn:
    """Trade the code for tokens at the person's own data centre.

    Raises `AuthExpired` for a used or old code, `BadData` without a refresh token, `Misconfigured`,
    `RateLimited`, `Unavailable`.
    """
    with _accounts(callback.centre) as accounts:
        grant = oauth.exchange(accounts, _provider(callback.centre), client, code=callback.code)
    if not grant.refresh_token:
        raise BadData(
            "Zoho gave no lasting access. Remove Dunright under Connected Apps in your Zoho account, "
            "then connect again."
        )
    return LogIn(_centre_of(grant, callback.centre), grant)


def refresh(client: ClientId, centre: DataCentre, *, refresh_token: str) -> Grant:
    """Get a new access token.

    Raises `AuthExpired` when the refresh token is dead, `RateLimited` after ten refreshes in ten minutes,
    `Misconfigured`.
    """
    with _accounts(centre) as accounts:
        grant = oauth.refresh(accounts, _provider(centre), client, refresh_token=refresh_token)
    _centre_of(grant, centre)
    return grant


def revoke(centre: DataCentre, *, refresh_token: str) -> None:
    """Make Zoho forget the log-in; its access tokens die with it."""
    with _accounts(centre) as accounts:
        oauth.revoke(accounts, _provider(centre), refresh_token=refresh_token)


def _accounts(centre: DataCentre) -> Http:
    return Http("Zoho", frozenset({centre.accounts}), deadline=30.0, largest_body=MEGABYTE)


def _centre_of(grant: Grant, centre: DataCentre) -> DataCentre:
    """Return where the grant's API is; `centre` when the answer does not say."""
    if not grant.api_domain or grant.api_domain.rstrip("/") == centre.api:
        return centre
    named = centre_of_api_domain(grant.api_domain)
    if named.key != centre.key:
        # Zoho keeps log-in and books in one region; two would mean that one of them is forged.
        raise Misconfigured(
            f"Zoho gave a log-in of “{centre.label}” for books in “{named.label}”; start connecting again."
        )
    return named


def _refusal(word: str) -> RemoteError:
    if word == "access_denied":
        return ConsentRefused(
            "Zoho says that access was not granted. Connect again and choose “Accept” to go on."
        )
    shown = "".join(letter for letter in word[:60] if letter.isprintable())
    return ConsentRefused(f"Zoho did not connect and answered “{shown}”; start connecting again.")


def _provider(centre: DataCentre) -> Provider:
    base = f"{centre.accounts}/oauth/v2"
    return Provider(
        label="Zoho",
        authorize_url=f"{base}/auth",
        token_url=f"{base}/token",
        revoke_url=f"{base}/token/revoke",
        scope_separator=",",
        has_pkce=False,
        errors=_ERRORS,
    )


def _dead(_label: str) -> RemoteError:
    return AuthExpired("Zoho no longer accepts this log-in: connect Zoho Books again.")


def _unknown_client(_label: str) -> RemoteError:
    return Misconfigured(
        "Zoho does not know this client id at this data centre: check DUNRIGHT_ZOHO_CLIENT_ID, "
        "and switch on Multi-DC for the client in Zoho's API console."
    )


def _wrong_secret(_label: str) -> RemoteError:
    return Misconfigured(
        "Zoho refuses the client secret: check DUNRIGHT_ZOHO_CLIENT_SECRET (it may differ by data centre)."
    )


def _wrong_redirect(_label: str) -> RemoteError:
    return Misconfigured(
        "Zoho refuses the redirect address: register exactly the one that the connect page shows in Zoho's API console."
    )


def _too_many(_label: str) -> RemoteError:
    return RateLimited(
        "Zoho was asked for access tokens too often; it is left alone for some minutes.",
        retry_after=PAUSE_AFTER_TOO_MANY_REFRESHES,
    )


def _general(_label: str) -> RemoteError:
    return Unavailable("Zoho could not give a token just now (general_error); it is asked again later.")


_ERRORS: Mapping[str, Callable[[str], RemoteError]] = MappingProxyType(
    {
        "invalid_code": _dead,
        "invalid_grant": _dead,
        "invalid_client": _unknown_client,
        "invalid_client_secret": _wrong_secret,
        "invalid_redirect_uri": _wrong_redirect,
        # Not a refusal of the person: this is how Zoho says "more than ten refreshes in ten minutes".
        "Access Denied": _too_many,
        "general_error": _general,
    }
)
