"""Connect an organisation to its books, open a connector, and end the connection when it has died.

A token belongs to a log-in at the accounting system, which may serve many organisations. Hosts come from the table of
data centres only; the `state` of a consent is stored as a digest and works once.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from dunright.connectors.base import Connector
from dunright.connectors.registry import connector_class
from dunright.connectors.zoho_books import oauth
from dunright.connectors.zoho_books.data_centres import SANDBOX, data_centre
from dunright.domain.records import OrganisationRecord
from dunright.models import Authorisation, CallBudget, Connection, LogIn, Organisation, Role, User
from dunright.remote.errors import (
    AuthExpired,
    BadData,
    Misconfigured,
    PermissionMissing,
    RemoteError,
    WrongOrganisation,
)
from dunright.services import budgets, timeline, todos
from dunright.services.budgets import SharedBudget
from dunright.services.permissions import require
from dunright.services.tokens import SharedToken, centre_of, client_id, store_grant

log = structlog.get_logger("dunright.connections")

CONSENT_TIME = timedelta(minutes=15)
SYSTEM = "zoho_books"


class CannotConnect(Exception):
    """The books cannot be connected; the message says why and what to do."""


def begin(organisation: Organisation, *, by: User, location: str, redirect_uri: str, now: datetime) -> str:
    """Start a consent; the address of the source's own page to send the person to."""
    require(organisation, by, Role.MANAGER)
    state = oauth.new_state()
    address = oauth.authorize_url(
        client_id(redirect_uri), location=location, state=state, sandbox_url=_sandbox()
    )
    Authorisation.objects.create(
        digest=_digest(state),
        organisation=organisation,
        user=by,
        system=SYSTEM,
        location=location,
        created_at=now,
        expires_at=now + CONSENT_TIME,
    )
    return address


def come_back(query: Mapping[str, str], *, by: User, redirect_uri: str, now: datetime) -> Authorisation:
    """Take the person's answer: the code becomes a log-in. Raises CannotConnect, RemoteError."""
    state = query.get("state", "")
    pending = Authorisation.objects.filter(digest=_digest(state), user=by).select_related("organisation")
    # Used up before anything else: a replayed answer finds it used.
    if not pending.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise CannotConnect(
            "This answer from Zoho belongs to no attempt of yours, or to one that is over; start again."
        )
    authorisation = pending.get()
    require(authorisation.organisation, by, Role.MANAGER)
    callback = oauth.read_callback(
        query, state=state, location=authorisation.location, sandbox_url=_sandbox()
    )
    made = oauth.exchange(client_id(redirect_uri), callback)
    log_in = _keep_log_in(made.centre.key, made.grant, by=by)
    Authorisation.objects.filter(pk=authorisation.pk).update(log_in=log_in, location=made.centre.key)
    authorisation.refresh_from_db()
    return authorisation


def reachable_books(log_in: LogIn, organisation: Organisation) -> tuple[OrganisationRecord, ...]:
    """Every set of books the log-in reaches."""
    CallBudget.objects.get_or_create(
        organisation=organisation,
        # A sandbox on one's own machine says itself when it is too much.
        defaults={"minute_limit": 0 if log_in.location == SANDBOX else budgets.CAREFUL_PACE},
    )
    with _connector(SYSTEM, log_in, "", SharedBudget(organisation)) as connector:
        return connector.organisations()


def connect(
    organisation: Organisation, log_in: LogIn, external_id: str, *, by: User | None, now: datetime
) -> Connection:
    """Connect (or reconnect) an organisation to one set of the log-in's books.

    Raises CannotConnect when the log-in does not reach them, when the organisation had other books before, or when
    another organisation has them.
    """
    require(organisation, by, Role.MANAGER)
    found = {one.external_id: one for one in reachable_books(log_in, organisation)}
    books = found.get(external_id)
    if books is None:
        raise CannotConnect(
            f"This Zoho log-in does not reach the books {external_id[:40]!r}; log in as somebody who does."
        )
    before = Connection.objects.filter(organisation=organisation).select_related("log_in").first()
    if before and (before.external_id, before.location) != (external_id, log_in.location):
        raise CannotConnect(
            f"{organisation.name} is connected to the books of {before.books_name}; "
            f"{books.name} are other books and need an organisation of their own."
        )
    try:
        with transaction.atomic():
            connection = _write_connection(organisation, log_in, books, now=now)
            timeline.record(
                organisation, "connected", f"Connected to {books.name} in Zoho Books", at=now, by=by
            )
            todos.close(organisation, "disconnected", now=now)
    except IntegrityError as error:
        raise CannotConnect(
            f"The books of {books.name} are connected to another organisation here; disconnect them there first."
        ) from error
    if before and before.log_in and before.log_in_id != log_in.pk:
        _forget_unused(before.log_in)
    return connection


def connect_with_token(
    organisation: Organisation, *, location: str, external_id: str, refresh_token: str, now: datetime
) -> Connection:
    """Connect headless with a self-client's refresh token. Raises CannotConnect, RemoteError."""
    data_centre(location, sandbox_url=_sandbox())
    if not refresh_token or not refresh_token.isascii() or not refresh_token.isprintable():
        raise CannotConnect(
            "The refresh token is empty or holds characters that no token has; paste it again."
        )
    same = [
        one
        for one in LogIn.objects.filter(system=SYSTEM, location=location)
        if one.refresh_token == refresh_token
    ]
    log_in = same[0] if same else new_log_in(location, refresh_token, by=None)
    try:
        return connect(organisation, log_in, external_id, by=None, now=now)
    except (CannotConnect, RemoteError):
        _forget_unused(log_in, revoke=False)
        raise


def open_connector(connection: Connection, budget: SharedBudget) -> Connector:
    """The connector of an organisation's books. Raises AuthExpired when there is no log-in any more."""
    if connection.log_in is None or connection.state != "connected":
        raise AuthExpired(connection.sentence or "The books are not connected; connect them again.")
    return _connector(
        connection.system, connection.log_in, connection.external_id, budget, probes=connection.probes
    )


def mark_disconnected(connection: Connection, error: RemoteError, *, now: datetime) -> None:
    """The source refuses us for good: chasing pauses by itself until somebody reconnects."""
    reasons: dict[type[RemoteError], str] = {
        AuthExpired: "revoked",
        PermissionMissing: "permission",
        WrongOrganisation: "left_organisation",
        Misconfigured: "misconfigured",
    }
    with transaction.atomic():
        if not Connection.objects.filter(
            organisation=connection.organisation, pk=connection.pk, state="connected"
        ).update(
            state="disconnected",
            reason=reasons.get(type(error), "revoked"),
            sentence=error.sentence[:500],
            changed_at=now,
        ):
            return
        organisation = connection.organisation
        timeline.record(organisation, "disconnected", error.sentence, at=now)
        todos.open_todo(organisation, "disconnected", f"Reconnect to Zoho Books. {error.sentence}", now=now)
    connection.refresh_from_db()


def disconnect(organisation: Organisation, *, by: User | None, now: datetime) -> bool:
    """End the connection on request; the mirror stays. True when the log-in was revoked at the source as well."""
    require(organisation, by, Role.MANAGER)
    connection = Connection.objects.filter(organisation=organisation).select_related("log_in").first()
    if connection is None or connection.state != "connected":
        raise CannotConnect(f"{organisation.name} is not connected; there is nothing to disconnect.")
    log_in = connection.log_in
    with transaction.atomic():
        Connection.objects.filter(organisation=organisation, pk=connection.pk).update(
            state="disconnected",
            reason="by_person",
            sentence="Disconnected on request.",
            changed_at=now,
            log_in=None,
        )
        timeline.record(
            organisation, "disconnected", "Disconnected from Zoho Books on request", at=now, by=by
        )
    return _forget_unused(log_in) if log_in else False


def _write_connection(
    organisation: Organisation, log_in: LogIn, books: OrganisationRecord, *, now: datetime
) -> Connection:
    fields = {
        "log_in": log_in,
        "books_name": books.name[:200],
        "state": "connected",
        "reason": "",
        "sentence": "",
        "changed_at": now,
    }
    connection, is_new = Connection.objects.get_or_create(
        organisation=organisation,
        defaults={
            **fields,
            "system": SYSTEM,
            "location": log_in.location,
            "external_id": books.external_id,
            "connected_at": now,
        },
    )
    if not is_new:
        Connection.objects.filter(organisation=organisation, pk=connection.pk).update(**fields)
        connection.refresh_from_db()
    return connection


def _connector(
    system: str,
    log_in: LogIn,
    external_id: str,
    budget: SharedBudget,
    *,
    probes: Mapping[str, bool] | None = None,
) -> Connector:
    return connector_class(system)(
        location=log_in.location,
        external_id=external_id,
        tokens=SharedToken(log_in.pk),
        budget=budget,
        sandbox_url=_sandbox(),
        probes=probes,
    )


def _keep_log_in(location: str, grant: oauth.Grant, *, by: User) -> LogIn:
    log_in = new_log_in(location, grant.refresh_token, by=by)
    store_grant(log_in, grant, mine=Q())
    log_in.refresh_from_db()
    return log_in


def new_log_in(location: str, refresh_token: str, *, by: User | None) -> LogIn:
    """Keep a refresh token; its access token comes with the first use."""
    centre = data_centre(location, sandbox_url=_sandbox())
    return LogIn.objects.create(
        system=SYSTEM,
        location=location,
        accounts_url=centre.accounts,
        api_url=centre.api,
        scopes=" ".join(oauth.SCOPES),
        refresh_token=refresh_token,
        created_by=by,
    )


def _forget_unused(log_in: LogIn, *, revoke: bool = True) -> bool:
    """Revoke and delete a log-in that no organisation uses any more."""
    if Connection.objects.filter(log_in=log_in).exists():
        return False
    revoked = False
    if revoke and not log_in.dead_at:
        try:
            oauth.revoke(centre_of(log_in), refresh_token=log_in.refresh_token)
            revoked = True
        except (RemoteError, BadData) as error:
            # Ours is deleted all the same: nothing here can use it any more.
            log.warning("revoke failed", error=type(error).__name__)
    log_in.delete()
    return revoked


def _sandbox() -> str:
    return str(settings.CONFIGURATION.zoho_sandbox_url)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
