"""Sync now, and how far it is: the line at the top right of every page."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from dunright.models import Role
from dunright.queries import shell as queries
from dunright.services import sync
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.shell import can_sync, sync_line


@require_safe
@organisation_page()
def status(request: OrganisationRequest) -> HttpResponse:
    """The sync line; while a sync runs the page asks for it every second.

    The last answer carries the event `synced`, so that lists on the page can read themselves again.
    """
    state, _ = queries.books(request.organisation)
    said = "" if state.is_running else "The sync has ended." if not state.problem else state.problem
    response = _line(request, said=said)
    if not state.is_running:
        response["HX-Trigger"] = "synced"
    return response


@require_POST
@organisation_page(Role.CHASER)
def now(request: OrganisationRequest) -> HttpResponse:
    """Ask for a sync; pressed twice it is one sync. Without script: back to the page it was pressed on."""
    refused = ""
    try:
        sync.request(request.organisation, by=request.user, now=request.now)
    except sync.NotConnected as error:
        refused = str(error)
    if request.htmx:
        response = _line(request, said="" if refused else "The sync has begun.")
        if refused:
            response["HX-Trigger"] = json.dumps({"toast": {"text": refused, "level": "error"}})
        return response
    if refused:
        messages.error(request, refused)
    return redirect(_back(request))


def _line(request: OrganisationRequest, *, said: str) -> HttpResponse:
    state, connection = queries.books(request.organisation)
    line = sync_line(
        request.organisation, state, may_sync=can_sync(request.membership, connection), now=request.now
    )
    return render(request, "shell/_sync.html", {"shell": {"sync": line}, "said": said})


def _back(request: OrganisationRequest) -> str:
    referrer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        referrer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referrer if is_ours else "/"
