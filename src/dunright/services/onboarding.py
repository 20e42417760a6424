"""Connect books in the browser: to the accounting system's consent page and back, the choice, the first sync.

The `state` of a consent is stored as a digest and works once, for the person it was made for. A consent that comes to
nothing leaves nothing: its log-in is taken back at the source and deleted.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from dunright.connectors.zoho_books import oauth
from dunright.domain.records import OrganisationRecord
from dunright.models import Authorisation, Connection, LogIn, Organisation, Role, User
from dunright.remote.errors import (
    AuthExpired,
    ConsentRefused,
    Misconfigured,
    PermissionMissing,
    RateLimited,
    RemoteError,
    Unavailable,
)
from dunright.services import connections, source_writes, sync
from dunright.services.connections import SYSTEM, CannotConnect, Reason
from dunright.services.log_ins import drop, forget_unused
from dunright.services.permissions import require
from dunright.services.tokens import client_id, store_grant

CONSENT_TIME = timedelta(minutes=15)
CHOICE_TIME = timedelta(minutes=30)

AREAS = {
    "zohobooks.settings.read": "settings",
    "zohobooks.contacts.read": "customers",
    "zohobooks.invoices.read": "invoices",
    "zohobooks.customerpayments.read": "payments",
    "zohobooks.creditnotes.read": "credit notes",
}
"""What a person knows each permission as."""
EVERYTHING = "zohobooks.fullaccess.all"


class Choice(NamedTuple):
    """One set of books on offer."""

    books: OrganisationRecord
    obstacle: str
    """Why it cannot be chosen, a short phrase; empty: it can."""


class Offer(NamedTuple):
    """What a log-in reaches."""

    choices: tuple[Choice, ...]
    only: str
    """The id of the books to connect without asking; empty: the person chooses."""


def begin(
    organisation: Organisation,
    *,
    by: User,
    location: str,
    redirect_uri: str,
    now: datetime,
    tells: Collection[str] = (),
) -> str:
    """Start a consent; the address of the source's own page to send the person to.

    `tells`: what the books are to be told once it is given, as a whole; none: that stays as it is. Only what is told
    is asked for beside reading. Raises Misconfigured without a client or for an unknown data centre.
    """
    require(organisation, by, Role.MANAGER)
    state = oauth.new_state()
    address = oauth.authorize_url(
        client_id(redirect_uri),
        location=location,
        state=state,
        sandbox_url=_sandbox(),
        tells=_asked(organisation, tells),
    )
    Authorisation.objects.create(
        digest=_digest(state),
        organisation=organisation,
        user=by,
        system=SYSTEM,
        location=location,
        created_at=now,
        expires_at=now + CONSENT_TIME,
        tells=_asked(organisation, tells) if tells else [],
    )
    return address


def come_back(query: Mapping[str, str], *, by: User, redirect_uri: str, now: datetime) -> Authorisation:
    """Take the person's answer: the code becomes a log-in. Raises CannotConnect, NotAllowed."""
    state = query.get("state", "")
    pending = _answered(state, by=by, now=now)
    organisation = pending.organisation
    require(organisation, by, Role.MANAGER)
    try:
        callback = oauth.read_callback(query, state=state, location=pending.location, sandbox_url=_sandbox())
        made = oauth.exchange(client_id(redirect_uri), callback)
    except AuthExpired as error:
        raise CannotConnect(
            "Zoho's answer was used before or came too late: it is good for two minutes and once. Connect again.",
            "code",
            organisation,
        ) from error
    except RemoteError as error:
        raise _refusal(error, organisation) from error
    asked = oauth.scopes_for(_asked(organisation, pending.tells))
    log_in = _keep_log_in(made.centre.key, made.grant, asked=asked, by=by)
    if missing := _missing(made.grant.scope):
        forget_unused(log_in)
        raise CannotConnect(
            f"Zoho gave no permission to read {missing}. Connect again and leave every permission ticked.",
            "scopes",
            organisation,
        )
    if not all(source_writes.granted(log_in, one) for one in pending.tells):
        forget_unused(log_in)
        raise CannotConnect(
            "Zoho gave no permission to write what it is to be told, so everything stays as it was. Switch it on once "
            "more and leave every permission ticked.",
            "scopes",
            organisation,
        )
    Authorisation.objects.filter(organisation=organisation, pk=pending.pk).update(
        log_in=log_in, location=made.centre.key, expires_at=now + CHOICE_TIME
    )
    pending.refresh_from_db()
    return pending


def offer(pending: Authorisation, *, by: User, now: datetime) -> Offer:
    """What there is to choose from; once connected, the books of before and no others.

    Raises CannotConnect. What cannot come to anything is ended at once; while Zoho is out of order the consent stays
    good, to ask again.
    """
    log_in = _log_in_of(pending, now=now)
    try:
        return _offer(pending.organisation, log_in, by=by)
    except CannotConnect:
        drop(pending)
        raise
    except RemoteError as error:
        if error.permanent:
            drop(pending)
        raise _refusal(error, pending.organisation) from error


def finish(pending: Authorisation, external_id: str, *, by: User, now: datetime) -> Connection:
    """Connect the chosen books and ask for a sync, together or not at all. Raises CannotConnect, NotAllowed."""
    organisation = pending.organisation
    require(organisation, by, Role.MANAGER)
    log_in = _log_in_of(pending, now=now)
    try:
        books = connections.chosen_books(organisation, log_in, external_id)
    except RemoteError as error:
        raise _refusal(error, organisation) from error
    with transaction.atomic():
        # Two pages of one choice, or its end in this moment: one of them takes the log-in off the row.
        mine = Authorisation.objects.filter(organisation=organisation, pk=pending.pk, log_in=log_in)
        if not mine.update(log_in=None):
            raise _over(organisation)
        made = connections.attach(organisation, log_in, books, by=by, now=now)
        if pending.tells:
            source_writes.switch(organisation, pending.tells, by=by, now=now)
        sync.request(organisation, by=by, now=now)
    if made.replaced:
        forget_unused(made.replaced)
    return made.connection


def give_up(pending: Authorisation, *, by: User) -> None:
    """End a choice that was not made: its log-in is taken back."""
    require(pending.organisation, by, Role.MANAGER)
    drop(pending)


def _offer(organisation: Organisation, log_in: LogIn, *, by: User) -> Offer:
    found = connections.reachable_books(log_in, organisation)
    before = Connection.objects.filter(organisation=organisation).select_related("organisation").first()
    if before:
        same = next((one for one in found if one.external_id == before.external_id), None)
        connections.require_same_books(before, log_in, same)
        return Offer((), before.external_id)
    if not found:
        raise CannotConnect(
            "This Zoho log-in belongs to no organisation in Zoho Books. Log in at Zoho as somebody who belongs to the "
            "books, or have that person add you there.",
            "no_books",
            organisation,
        )
    if len(found) > 1:
        return Offer(tuple(_choice(one, log_in, organisation) for one in found), "")
    (books,) = found
    if holder := connections.holder_of(log_in.location, books.external_id, besides=organisation):
        raise connections.taken(books, holder, organisation, by=by)
    if not books.active:
        raise CannotConnect(
            f"The books of {books.name} are not active in Zoho Books. Make them active there, then connect again.",
            "inactive",
            organisation,
        )
    return Offer((), books.external_id)


def _choice(books: OrganisationRecord, log_in: LogIn, organisation: Organisation) -> Choice:
    if connections.holder_of(log_in.location, books.external_id, besides=organisation):
        return Choice(books, "connected to another company here")
    return Choice(books, "" if books.active else "not active in Zoho Books")


def _refusal(error: RemoteError, organisation: Organisation) -> CannotConnect:
    """What an error of the other side means for an attempt to connect."""
    reasons: tuple[tuple[type[RemoteError], Reason], ...] = (
        (ConsentRefused, "refused"),
        (PermissionMissing, "scopes"),
        (AuthExpired, "code"),
        (Misconfigured, "set_up"),
        (RateLimited, "not_now"),
        (Unavailable, "not_now"),
    )
    reason: Reason = next((word for kind, word in reasons if isinstance(error, kind)), "not_understood")
    return CannotConnect(error.sentence, reason, organisation)


def _answered(state: str, *, by: User, now: datetime) -> Authorisation:
    """The consent that an answer belongs to, used up by this. Raises CannotConnect."""
    asked = Authorisation.objects.filter(digest=_digest(state), user=by).select_related("organisation")
    pending = asked.first()
    if pending is None:
        raise CannotConnect(
            "This answer from Zoho belongs to no attempt of yours. Perhaps somebody else began it, or you did in "
            "another account. Begin again from the connection page of your company.",
            "forged",
        )
    # Used up before anything else: an answer that comes twice finds it used.
    if asked.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        return pending
    pending.refresh_from_db()
    if pending.used_at is not None:
        raise CannotConnect(
            "This answer from Zoho was taken already; it works once. The connection page shows whether the books are "
            "connected.",
            "used",
            pending.organisation,
        )
    minutes = int(CONSENT_TIME.total_seconds()) // 60
    raise CannotConnect(
        f"More than {minutes} minutes went by at Zoho, and the attempt has ended. Connect again.",
        "late",
        pending.organisation,
    )


def _log_in_of(pending: Authorisation, *, now: datetime) -> LogIn:
    # Asked afresh: the row in hand may name a log-in that was dropped since.
    log_in = None if pending.log_in_id is None else LogIn.objects.filter(pk=pending.log_in_id).first()
    if log_in is None:
        raise _over(pending.organisation)
    if pending.expires_at <= now:
        drop(pending)
        raise _over(pending.organisation)
    return log_in


def _over(organisation: Organisation) -> CannotConnect:
    minutes = int(CHOICE_TIME.total_seconds()) // 60
    return CannotConnect(
        f"This choice is over: it was made already, given up, or open for more than {minutes} minutes. Connect again "
        "to choose.",
        "choice_over",
        organisation,
    )


def _missing(granted: tuple[str, ...]) -> str:
    """In words what was not granted; empty when all was, or when the source did not say."""
    given = {one.lower() for one in granted}
    if not given or EVERYTHING in given:
        return ""
    lacking = [AREAS[one.lower()] for one in oauth.SCOPES if one.lower() not in given]
    return " and ".join(part for part in (", ".join(lacking[:-1]), *lacking[-1:]) if part)


def _asked(organisation: Organisation, tells: Collection[str]) -> list[str]:
    """What a consent asks to tell: what is newly wanted, else what is told already, so that a new log-in can go on."""
    wanted = set(tells) or source_writes.told(organisation)
    return [one for one in source_writes.TELLS if one in wanted]


def _keep_log_in(location: str, grant: oauth.Grant, *, asked: tuple[str, ...], by: User) -> LogIn:
    log_in = connections.new_log_in(location, grant.refresh_token, by=by)
    # Zoho says in its answer what was given, though no document promises that.
    scopes = " ".join(grant.scope or asked)
    LogIn.objects.filter(pk=log_in.pk).update(scopes=scopes[:1000])
    store_grant(log_in, grant, mine=Q())
    log_in.refresh_from_db()
    return log_in


def _sandbox() -> str:
    return str(settings.CONFIGURATION.zoho_sandbox_url)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
