"""OAuth 2.0, authorization-code grant (RFC 6749 section 4.1, PKCE of RFC 7636), as a client of any provider.

Authlib builds the requests and the code challenge. Its session classes are not used: they are made for
`requests` and the older `httpx`, follow redirects, read bodies without a limit and know no list of hosts;
`remote.http` does those.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from dunright.remote.errors import (
    AuthExpired,
    BadData,
    ConsentRefused,
    Misconfigured,
    RateLimited,
    RemoteError,
    Unavailable,
)
from dunright.remote.http import Http, Reply, parsed

LONGEST_TOKEN = 4096


class Provider(NamedTuple):
    """Where a provider does OAuth, and how it differs from the standard."""

    label: str
    """What people call it, for sentences."""
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    scope_separator: str = " "
    has_pkce: bool = True
    errors: Mapping[str, Callable[[str], RemoteError]] = {}
    """Error words of its own, each with what it means; called with the label."""


class ClientId(NamedTuple):
    """This installation, as registered at the provider."""

    id: str
    secret: str
    redirect_uri: str

    def __repr__(self) -> str:
        """Leave the secret out: representations end up in logs."""
        return f"ClientId(id={self.id!r}, redirect_uri={self.redirect_uri!r})"


class Grant(NamedTuple):
    """What a provider gave for a code or a refresh token."""

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str = ""
    """Empty in most answers to a refresh: the old one stays good."""
    scope: tuple[str, ...] = ()
    api_domain: str = ""
    """As the provider names it: to be looked up among known hosts before use."""

    def __repr__(self) -> str:
        """Leave the tokens out: representations end up in logs."""
        return f"Grant(expires_in={self.expires_in}, scope={self.scope!r}, api_domain={self.api_domain!r})"


class _TokenAnswer(msgspec.Struct):
    access_token: Any = ""
    refresh_token: Any = ""
    expires_in: Any = None
    scope: Any = ""
    api_domain: Any = ""
    error: Any = ""


_ANSWER = msgspec.json.Decoder(_TokenAnswer)


def new_state() -> str:
    """Return a fresh value for `state`, to be kept with the person's session."""
    state: str = generate_token(43)
    return state


def new_code_verifier() -> str:
    """Return a fresh PKCE code verifier, to be kept with the state."""
    verifier: str = generate_token(64)
    return verifier


def authorize_url(
    provider: Provider,
    client: ClientId,
    *,
    scopes: tuple[str, ...],
    state: str,
    code_verifier: str = "",
    extra: Mapping[str, str] | None = None,
) -> str:
    """Return the address where a person gives consent; `code_verifier` is used when the provider knows PKCE."""
    parts = dict(extra or {})
    if code_verifier and provider.has_pkce:
        parts |= {
            "code_challenge": create_s256_code_challenge(code_verifier),
            "code_challenge_method": "S256",
        }
    url: str = prepare_grant_uri(
        provider.authorize_url,
        client_id=client.id,
        response_type="code",
        redirect_uri=client.redirect_uri,
        scope=provider.scope_separator.join(scopes),
        state=state,
        **parts,
    )
    return url


def exchange(
    http: Http, provider: Provider, client: ClientId, *, code: str, code_verifier: str = ""
) -> Grant:
    """Trade the code of a callback for tokens.

    Raises `AuthExpired` for a used or old code, `Misconfigured` for a wrong client, `RateLimited`,
    `Unavailable`, `BadData`.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client.id,
        "client_secret": client.secret,
        "redirect_uri": client.redirect_uri,
    }
    if code_verifier and provider.has_pkce:
        form["code_verifier"] = code_verifier
    return _grant(http.post_form(provider.token_url, form), provider)


def refresh(http: Http, provider: Provider, client: ClientId, *, refresh_token: str) -> Grant:
    """Trade a refresh token for a new access token. Raises `AuthExpired` when the refresh token is dead."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client.id,
        "client_secret": client.secret,
    }
    return _grant(http.post_form(provider.token_url, form), provider)


def revoke(http: Http, provider: Provider, *, refresh_token: str) -> None:
    """Tell the provider to forget the log-in. A token that is already dead counts as revoked."""
    reply = http.post_form(provider.revoke_url, {"token": refresh_token})
    if reply.status >= 500 or reply.is_html:  # noqa: PLR2004 - the statuses of HTTP
        raise Unavailable(f"{provider.label} could not take the access back just now; try again in a minute.")
    if reply.status not in {200, 400, 401, 404}:
        raise BadData(
            f"{provider.label} did not confirm that the access was taken back (HTTP {reply.status})."
        )


def _grant(reply: Reply, provider: Provider) -> Grant:
    """Read a token answer. Errors may come with HTTP 200: the body is looked at before the status."""
    answer = parsed(reply, _ANSWER.decode, system=provider.label)
    if answer.error:
        raise _meaning(str(answer.error), provider)
    if reply.status >= 500:  # noqa: PLR2004 - the statuses of HTTP
        raise Unavailable(f"{provider.label} is out of order for the moment (HTTP {reply.status}).")
    if reply.status >= 400 or not _is_token(answer.access_token):  # noqa: PLR2004 - the statuses of HTTP
        raise BadData(f"{provider.label} sent no access token (HTTP {reply.status}).")
    refresh_token = answer.refresh_token or ""
    if refresh_token and not _is_token(refresh_token):
        raise BadData(f"{provider.label} sent a refresh token that cannot be one.")
    return Grant(
        answer.access_token,
        _lifetime(answer.expires_in),
        refresh_token,
        tuple(str(answer.scope or "").replace(",", " ").split()),
        str(answer.api_domain or "")[:200],
    )


def _is_token(value: object) -> bool:
    """Tell whether `value` can stand in a header: printable ASCII without blanks."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_TOKEN
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _lifetime(value: object) -> int:
    """Return the seconds an access token lives; one hour, as is usual, when the provider does not say."""
    try:
        seconds = int(str(value))
    except ValueError:
        return 3600
    return min(max(seconds, 60), 24 * 3600)


def _meaning(word: str, provider: Provider) -> RemoteError:
    label = provider.label
    if word in provider.errors:
        return provider.errors[word](label)
    match word:
        case "invalid_grant":
            return AuthExpired(f"{label} no longer accepts this log-in: connect again.")
        case (
            "invalid_client"
            | "unauthorized_client"
            | "invalid_request"
            | "unsupported_grant_type"
            | "invalid_scope"
        ):
            return Misconfigured(
                f"{label} refuses this installation ({word}): check client id, secret and redirect address."
            )
        case "access_denied":
            return ConsentRefused(f"The access to {label} was refused.")
        case "temporarily_unavailable" | "server_error":
            return Unavailable(f"{label} cannot give a token just now; it is asked again later.")
        case "slow_down":
            return RateLimited(
                f"{label} was asked for tokens too often; it is left alone for a while.", retry_after=60
            )
        case _:
            shown = "".join(letter for letter in word[:60] if letter.isprintable())
            return BadData(f"{label} answered a token call with an error it does not explain: “{shown}”.")
