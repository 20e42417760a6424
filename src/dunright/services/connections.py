"""Connect an organisation to its books, open a connector, and end the connection when it has died.

A token belongs to a log-in at the accounting system, which may serve many organisations. Hosts come from the table of
data centres only. How a person gives consent in the browser is in `onboarding`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction

from dunright.connectors.base import Connector
from dunright.connectors.registry import connector_class
from dunright.connectors.zoho_books import oauth
from dunright.connectors.zoho_books.data_centres import SANDBOX, data_centre, data_centres
from dunright.domain.records import OrganisationRecord
from dunright.models import CallBudget, Connection, LogIn, Membership, Organisation, Role, User
from dunright.remote.errors import (
    AuthExpired,
    Misconfigured,
    PermissionMissing,
    RemoteError,
    WrongOrganisation,
)
from dunright.services import budgets, notices, timeline, todos
from dunright.services.budgets import SharedBudget
from dunright.services.log_ins import forget_unused
from dunright.services.permissions import require
from dunright.services.tokens import SharedToken

SYSTEM = "zoho_books"

Reason = Literal[
    "choice_over",
    "code",
    "forged",
    "inactive",
    "late",
    "no_books",
    "not_connected",
    "not_now",
    "not_reached",
    "not_understood",
    "other_books",
    "refused",
    "scopes",
    "set_up",
    "taken",
    "token",
    "used",
]
"""Why books cannot be connected: each has a page of its own."""


class CannotConnect(Exception):
    """The books cannot be connected; the message says why and what to do."""

    def __init__(self, sentence: str, reason: Reason, organisation: Organisation | None = None) -> None:
        super().__init__(sentence)
        self.reason: Reason = reason
        self.organisation = organisation
        """Whose books they were to be, where that is known."""


class Attached(NamedTuple):
    """What came of attaching books."""

    connection: Connection
    replaced: LogIn | None
    """The log-in of before, which this organisation uses no more."""


def reachable_books(log_in: LogIn, organisation: Organisation) -> tuple[OrganisationRecord, ...]:
    """Every set of books the log-in reaches; none for a user who belongs to no organisation."""
    CallBudget.objects.get_or_create(
        organisation=organisation,
        # A sandbox on one's own machine says itself when it is too much.
        defaults={"minute_limit": 0 if log_in.location == SANDBOX else budgets.CAREFUL_PACE},
    )
    budget = SharedBudget(organisation, use=budgets.Use.LOOK)
    with _connector(SYSTEM, log_in, "", budget) as connector:
        try:
            return connector.organisations()
        except WrongOrganisation:
            # Zoho says so of a user without any books too: no books were named in this question.
            return ()


def connect(
    organisation: Organisation, log_in: LogIn, external_id: str, *, by: User | None, now: datetime
) -> Connection:
    """Connect (or reconnect) an organisation to one set of the log-in's books.

    Raises CannotConnect when the log-in does not reach them, when the organisation had other books before, or when
    another organisation has them.
    """
    require(organisation, by, Role.MANAGER)
    books = chosen_books(organisation, log_in, external_id)
    made = attach(organisation, log_in, books, by=by, now=now)
    if made.replaced:
        forget_unused(made.replaced)
    return made.connection


def chosen_books(organisation: Organisation, log_in: LogIn, external_id: str) -> OrganisationRecord:
    """The books of that id, asked of the source. Raises CannotConnect, RemoteError."""
    found = {one.external_id: one for one in reachable_books(log_in, organisation)}
    if external_id not in found:
        shown = "".join(letter for letter in external_id[:40] if letter.isprintable())
        raise CannotConnect(
            f"This Zoho log-in does not reach the books “{shown}”; log in as somebody who does.",
            "not_reached",
            organisation,
        )
    return found[external_id]


def attach(
    organisation: Organisation,
    log_in: LogIn,
    books: OrganisationRecord,
    *,
    by: User | None,
    now: datetime,
) -> Attached:
    """Write the connection, all or nothing; asks nobody. Raises CannotConnect.

    The log-in that was replaced is the caller's to forget, once no transaction is open.
    """
    before = (
        Connection.objects.filter(organisation=organisation).select_related("log_in", "organisation").first()
    )
    if before:
        require_same_books(before, log_in, books)
    if holder := holder_of(log_in.location, books.external_id, besides=organisation):
        raise taken(books, holder, organisation, by=by)
    try:
        with transaction.atomic():
            connection = _write_connection(organisation, log_in, books, now=now)
            timeline.record(
                organisation, "connected", f"Connected to {books.name} in Zoho Books", at=now, by=by
            )
            todos.close(organisation, "disconnected", now=now)
    except IntegrityError as error:
        # Another company took them in this moment.
        raise taken(books, None, organisation, by=by) from error
    replaced = before.log_in if before and before.log_in_id != log_in.pk else None
    return Attached(connection, replaced)


def require_same_books(before: Connection, log_in: LogIn, books: OrganisationRecord | None) -> None:
    """An organisation keeps to its books: settings and history belong to them. Raises CannotConnect.

    `books`: None when the log-in does not reach the ones of before.
    """
    organisation = before.organisation
    if before.location != log_in.location:
        kept, given = (_region(one) for one in (before.location, log_in.location))
        raise CannotConnect(
            f"{organisation.name} is connected to the books of {before.books_name} in “{kept}”, and this Zoho log-in "
            f"belongs to “{given}”. Log in at Zoho with the account that these books are kept in.",
            "other_books",
            organisation,
        )
    if books is None:
        raise CannotConnect(
            f"{organisation.name} is connected to the books of {before.books_name}, and this Zoho log-in does not "
            "reach them. Log in at Zoho as somebody who belongs to them.",
            "other_books",
            organisation,
        )
    if before.external_id != books.external_id:
        raise CannotConnect(
            f"{organisation.name} is connected to the books of {before.books_name}; "
            f"{books.name} are other books and need a company of their own here.",
            "other_books",
            organisation,
        )


def holder_of(location: str, external_id: str, *, besides: Organisation) -> Organisation | None:
    """Another organisation here that has these books, connected or not."""
    held = Connection.objects.filter(system=SYSTEM, location=location, external_id=external_id)
    found = held.exclude(organisation=besides).select_related("organisation").first()
    return found.organisation if found else None


def taken(
    books: OrganisationRecord, holder: Organisation | None, organisation: Organisation, *, by: User | None
) -> CannotConnect:
    """The refusal of books that another organisation has; named only to its members.

    Books stay with their company even while it is disconnected: what was sent is known there, and a second company
    would write to the same customers again.
    """
    where, what = "another company here", "Ask its owner to add you there, or connect other books."
    if holder and by and Membership.objects.filter(organisation=holder, user=by).exists():
        where, what = f"{holder.name}, where you are a member", "Go on there, or connect other books."
    return CannotConnect(
        f"The books of {books.name} belong to {where}; what was sent to their customers is known there. {what}",
        "taken",
        organisation,
    )


def connect_with_token(
    organisation: Organisation, *, location: str, external_id: str, refresh_token: str, now: datetime
) -> Connection:
    """Connect headless with a self-client's refresh token. Raises CannotConnect, RemoteError."""
    data_centre(location, sandbox_url=_sandbox())
    if not refresh_token or not refresh_token.isascii() or not refresh_token.isprintable():
        raise CannotConnect(
            "The refresh token is empty or holds characters that no token has; paste it again.",
            "token",
            organisation,
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
        forget_unused(log_in, revoke=False)
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
        notices.connection_lost(connection, now=now)
    connection.refresh_from_db()


def disconnect(organisation: Organisation, *, by: User | None, now: datetime) -> bool:
    """End the connection on request; the mirror stays. True when the log-in was revoked at the source as well.

    A connection that died by itself can be ended too while its log-in is kept here.
    """
    require(organisation, by, Role.OWNER)
    connection = Connection.objects.filter(organisation=organisation).select_related("log_in").first()
    if connection is None or (connection.state != "connected" and connection.log_in is None):
        raise CannotConnect(
            f"{organisation.name} is not connected; there is nothing to disconnect.",
            "not_connected",
            organisation,
        )
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
        todos.close(organisation, "disconnected", now=now)
    return forget_unused(log_in) if log_in else False


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
        # Somebody else may have connected this organisation in the meantime.
        require_same_books(connection, log_in, books)
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


def _region(location: str) -> str:
    centres = data_centres(_sandbox())
    return centres[location].label if location in centres else location


def _sandbox() -> str:
    return str(settings.CONFIGURATION.zoho_sandbox_url)
