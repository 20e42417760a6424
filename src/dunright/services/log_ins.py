"""Log-ins that nobody uses any more: taken back at the accounting system and deleted.

A log-in is used by every organisation that is connected through it, and by a consent whose person has not chosen the
books yet. Zoho keeps 20 refresh tokens a user: one left behind by every abandoned attempt would end a good one.
"""

from datetime import datetime, timedelta

import structlog

from dunright.connectors.zoho_books import oauth
from dunright.models import Authorisation, Connection, LogIn, Organisation
from dunright.remote.errors import RemoteError
from dunright.services.tokens import centre_of

log = structlog.get_logger("dunright.log_ins")

CONSENTS_KEPT = timedelta(days=7)
"""So long an answer that comes late, or twice, is told what became of its attempt."""


def forget_unused(log_in: LogIn, *, revoke: bool = True) -> bool:
    """Delete a log-in unless something uses it. True when it was taken back at the source as well.

    Asks the source: call it with no transaction open.
    """
    if _is_used(log_in):
        return False
    revoked = False
    if revoke and not log_in.dead_at:
        try:
            oauth.revoke(centre_of(log_in), refresh_token=log_in.refresh_token)
            revoked = True
        except RemoteError as error:
            # Ours is deleted all the same: nothing here can use it any more.
            log.warning("revoke failed", error=type(error).__name__)
    log_in.delete()
    return revoked


def drop(pending: Authorisation) -> None:
    """End a consent: whose choice of books was given up or cannot be made has no use for its log-in."""
    log_in = pending.log_in
    if log_in is None:
        return
    mine = Authorisation.objects.filter(organisation=pending.organisation, pk=pending.pk, log_in=log_in)
    # Whoever takes the log-in off the row has it: a choice made in this moment keeps it.
    if mine.update(log_in=None):
        forget_unused(log_in)


def forget_abandoned(organisation: Organisation, *, now: datetime) -> int:
    """Drop the log-ins of choices whose time is over, and consents long past; the number of log-ins dropped."""
    over = Authorisation.objects.filter(organisation=organisation, expires_at__lte=now)
    abandoned = list(over.exclude(log_in=None).select_related("organisation", "log_in"))
    for pending in abandoned:
        drop(pending)
    over.filter(expires_at__lte=now - CONSENTS_KEPT, log_in=None).delete()
    return len(abandoned)


def _is_used(log_in: LogIn) -> bool:
    """Whether a company is connected through it, or a person is still choosing."""
    return (
        Connection.objects.filter(log_in=log_in).exists()
        or Authorisation.objects.filter(log_in=log_in).exists()
    )
