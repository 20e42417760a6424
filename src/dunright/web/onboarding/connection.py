"""The connection as it stands, and its end on request."""

from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dunright.connectors.zoho_books.data_centres import data_centres
from dunright.models import Connection, Role
from dunright.queries.calls import meter
from dunright.queries.connections import Story, story
from dunright.queries.shell import books
from dunright.services import connections
from dunright.services.permissions import has_at_least
from dunright.web import formats
from dunright.web.onboarding.calls import shown
from dunright.web.onboarding.regions import regions
from dunright.web.onboarding.telling import section
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.shell import STALE

REASONS = {
    "revoked": "The access was taken back at Zoho, or the password was changed with all log-ins removed.",
    "permission": "A permission is missing: give all of them when you reconnect.",
    "left_organisation": "The person who connected has left the books: somebody who belongs to them must reconnect.",
    "misconfigured": "The client at Zoho does not fit this installation: its operator must look at it first.",
}
"""What lies behind the reason of a connection that ended by itself."""


def connection_page(
    request: OrganisationRequest, *, refused: str = "", status: int = 200
) -> HttpResponse | None:
    """The page of an organisation's connection; None before the first."""
    found = story(request.organisation)
    if found is None:
        return None
    is_connected = found.connection.state == "connected"
    role = request.membership.role
    context = {
        "title": "Connection",
        "story": found,
        "connection": found.connection,
        "is_connected": is_connected,
        "region": regions().get(found.connection.location),
        "books_url": books_url(found.connection),
        "kept": _kept(found),
        "worry": _worry(request, found) if is_connected else "",
        "calls": shown(meter(request.organisation, now=request.now)),
        "telling": section(request, found.connection),
        "cause": REASONS.get(found.connection.reason, ""),
        "refused": refused,
        "may_connect": has_at_least(role, Role.MANAGER),
        "may_end": has_at_least(role, Role.OWNER)
        and (is_connected or found.connection.log_in_id is not None),
        "host": request.get_host(),
    }
    return render(request, "onboarding/connection.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.OWNER)
def disconnect(request: OrganisationRequest) -> HttpResponse:
    """Ask whether it is meant, with the name of the books; then end the connection. Everything read stays."""
    connection = Connection.objects.filter(organisation=request.organisation).first()
    back = reverse("onboarding:connection", args=[request.organisation.pk])
    if request.method == "POST":
        try:
            revoked = connections.disconnect(request.organisation, by=request.user, now=request.now)
        except connections.CannotConnect as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _ended(revoked=revoked))
        return redirect(back)
    if connection is None or (connection.state != "connected" and connection.log_in_id is None):
        return redirect(back)
    context = {"title": f"Disconnect {connection.books_name}", "connection": connection, "back": back}
    name = "disconnect_dialog" if request.htmx else "disconnect"
    return render(request, f"onboarding/{name}.html", context)


def books_url(connection: Connection) -> str:
    """Where people open these books (zoho-books-api.md section 11); empty for a sandbox that is no more."""
    centre = data_centres(settings.CONFIGURATION.zoho_sandbox_url).get(connection.location)
    return f"{centre.web}/app/{quote(connection.external_id, safe='')}" if centre else ""


def _worry(request: OrganisationRequest, found: Story) -> str:
    """What is wrong with the age of the books, though they are connected; empty: nothing."""
    state, _ = books(request.organisation)
    said = f"The last sync did not finish. {state.problem}" if state.problem else ""
    fresh_at = found.connection.complete_sync_at
    if fresh_at is not None and request.now - fresh_at > STALE:
        said = (
            f"The books here are more than a day old: no reminder leaves before they were read again. {said}"
        )
    return said.strip()


def _kept(found: Story) -> str:
    parts = [formats.count(number, one) for one, number in found.counts if number]
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _ended(*, revoked: bool) -> str:
    if revoked:
        return "Disconnected, and Zoho has taken the access back. Everything that was read is kept."
    return (
        "Disconnected. Everything that was read is kept. Zoho was not told: another company here uses the same log-in, "
        "or Zoho did not answer. To take the access back there, remove Dunright under Connected Apps of your account."
    )
