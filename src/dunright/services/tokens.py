"""One access token per log-in, shared by all workers: one refreshes it under a lease, the others wait for the new row.

Zoho lets a refresh token be used ten times in ten minutes and keeps ten access tokens: refreshing once per job would
lock the company out (zoho-books-api.md section 2.2). No transaction is open while the other side is asked.
"""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from dunright.connectors.zoho_books import oauth
from dunright.connectors.zoho_books.data_centres import DataCentre, data_centre
from dunright.models import LogIn
from dunright.remote.errors import AuthExpired, Misconfigured, RateLimited, Unavailable

GOOD_FOR = timedelta(minutes=5)
"""A token with less life than this is refreshed before it is used."""
REFRESH_LEASE = timedelta(seconds=60)
WAIT_FOR_OTHERS = 45.0
"""Seconds to wait for another worker's refresh."""


def client_id(redirect_uri: str = "") -> oauth.ClientId:
    """This installation as registered at Zoho. Raises Misconfigured when it is not."""
    configuration = settings.CONFIGURATION
    if not (configuration.zoho_client_id and configuration.zoho_client_secret):
        raise Misconfigured(
            "No Zoho client is set up yet: put its id and secret into DUNRIGHT_ZOHO_CLIENT_ID and "
            "DUNRIGHT_ZOHO_CLIENT_SECRET and start Dunright again."
        )
    return oauth.ClientId(configuration.zoho_client_id, configuration.zoho_client_secret, redirect_uri)


def centre_of(log_in: LogIn) -> DataCentre:
    """The data centre a log-in belongs to; only known hosts."""
    return data_centre(log_in.location, sandbox_url=settings.CONFIGURATION.zoho_sandbox_url)


class SharedToken:
    """The `TokenSource` of one log-in."""

    def __init__(self, log_in_id: int, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._pk = log_in_id
        self._pause = pause
        self._kept: tuple[str, datetime] | None = None
        self._borrowed = ""

    def current(self) -> str:
        """An access token good for some minutes."""
        if self._kept and self._kept[1] > datetime.now(UTC) + GOOD_FOR:
            return self._kept[0]
        return self._token(rejected="")

    def refresh(self, rejected: str) -> str:
        """Another access token than the one the system refused."""
        self._kept = None
        return self._token(rejected=rejected)

    def is_borrowed(self, token: str) -> bool:
        """Tell whether `refresh` returned this token as another worker's."""
        return token == self._borrowed

    def _token(self, *, rejected: str) -> str:
        give_up = time.monotonic() + WAIT_FOR_OTHERS
        is_ours = False
        while True:
            log_in = self._row()
            if log_in.dead_at:
                raise AuthExpired(log_in.dead_reason)
            if _is_good(log_in) and log_in.access_token != rejected:
                assert log_in.access_expires_at is not None
                self._kept = (log_in.access_token, log_in.access_expires_at)
                self._borrowed = "" if is_ours else log_in.access_token
                return log_in.access_token
            if log_in.throttled_until and log_in.throttled_until > datetime.now(UTC):
                seconds = (log_in.throttled_until - datetime.now(UTC)).total_seconds()
                raise RateLimited("Zoho asks to wait before the next log-in.", retry_after=seconds)
            if token := self._lease(log_in.generation):
                self._renew(token)
                is_ours = True
            elif time.monotonic() > give_up:
                raise Unavailable("Another worker is still logging in to Zoho; this is tried again.")
            else:
                self._pause(0.2)

    def _lease(self, generation: int) -> str:
        """Become the one who refreshes; empty when somebody else is, or has just done it."""
        token = secrets.token_hex(16)
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        won = LogIn.objects.filter(free, pk=self._pk, generation=generation).update(
            lease_until=Now() + REFRESH_LEASE, lease_token=token
        )
        return token if won else ""

    def _row(self) -> LogIn:
        log_in = LogIn.objects.filter(pk=self._pk).first()
        if log_in is None:
            # Somebody disconnected while this was under way.
            raise AuthExpired("This log-in was ended here: connect Zoho Books again.")
        return log_in

    def _renew(self, token: str) -> None:
        log_in = self._row()
        mine = LogIn.objects.filter(pk=self._pk, lease_token=token)
        freed = {"lease_until": None, "lease_token": ""}
        try:
            grant = oauth.refresh(client_id(), centre_of(log_in), refresh_token=log_in.refresh_token)
        except AuthExpired as error:
            mine.update(**freed, dead_at=datetime.now(UTC), dead_reason=error.sentence[:300], access_token="")
            raise
        except RateLimited as error:
            until = datetime.now(UTC) + timedelta(seconds=error.retry_after)
            mine.update(**freed, throttled_until=until)
            raise
        except BaseException:
            mine.update(**freed)
            raise
        store_grant(log_in, grant, mine=Q(lease_token=token))


def store_grant(log_in: LogIn, grant: oauth.Grant, *, mine: Q) -> None:
    """Keep a new access token (and refresh token, where one came), by compare-and-swap on `mine`."""
    fields = LogIn(refresh_token=grant.refresh_token or log_in.refresh_token, access_token=grant.access_token)
    LogIn.objects.filter(mine, pk=log_in.pk).update(
        refresh_token=fields.refresh_token,
        access_token=fields.access_token,
        access_expires_at=datetime.now(UTC) + timedelta(seconds=grant.expires_in),
        generation=F("generation") + 1,
        lease_until=None,
        lease_token="",
        throttled_until=None,
    )


def _is_good(log_in: LogIn) -> bool:
    expires = log_in.access_expires_at
    return bool(log_in.access_token) and expires is not None and expires > datetime.now(UTC) + GOOD_FOR
