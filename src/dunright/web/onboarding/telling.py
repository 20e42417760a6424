"""Tell Zoho Books, and be called by it: both off until somebody switches them on."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dunright.models import Connection, Role, SourceHook, SourceWrite
from dunright.queries import telling as queries
from dunright.remote.errors import RemoteError
from dunright.services import hooks, onboarding, source_writes
from dunright.services.permissions import has_at_least
from dunright.web.onboarding.regions import LOCAL, redirect_address
from dunright.web.organisation import OrganisationRequest, organisation_page

WORDS = {
    "expected_dates": (
        "The day of a promise",
        "The invoice’s expected payment date follows the promise, and is taken back with it.",
    ),
    "reminders": (
        "Stop Zoho’s own reminders",
        "For customers whom Dunright chases, so that nobody is reminded twice. They stay off when you untick this.",
    ),
    "comments": (
        "A comment when a reminder was sent",
        "On each invoice that it listed. Your customers do not see it.",
    ),
}
"""What a person knows each kind of telling as."""


class Kind(NamedTuple):
    """One kind of telling, as the page shows it."""

    name: str
    label: str
    note: str
    is_on: bool
    lacks: bool
    """It is on, and the log-in gives no permission for it."""


class TellForm(forms.Form):
    """What is to be told."""

    tell = forms.MultipleChoiceField(
        choices=[(name, label) for name, (label, _) in WORDS.items()], required=False
    )


class AddressForm(forms.Form):
    """What is to become of the address that Zoho calls."""

    do = forms.ChoiceField(choices=[("make", "Make"), ("end", "Switch off")])


def section(request: OrganisationRequest, connection: Connection) -> dict[str, Any] | None:
    """What the section shows; None while the books are not connected."""
    if connection.state != "connected":
        return None
    organisation = request.organisation
    told = source_writes.told(organisation)
    lacking = source_writes.lacking(organisation, told) if told else ()
    may_change = has_at_least(request.membership.role, Role.MANAGER)
    hook = queries.hook_of(organisation) if may_change else None
    return {
        "kinds": [
            Kind(name, label, note, is_on=name in told, lacks=name in lacking)
            for name, (label, note) in WORDS.items()
        ],
        "told": bool(told),
        "lacking": bool(lacking),
        "story": queries.story(organisation),
        "may_change": may_change,
        "hook": hook,
        "address": _address_of(request, hook) if hook else "",
        "is_local": urlsplit(settings.BASE_URL).hostname in LOCAL,
    }


@require_POST
@organisation_page(Role.MANAGER)
def tell(request: OrganisationRequest) -> HttpResponse:
    """Switch what is told; where the log-in gives no permission, ask for it at Zoho first and change nothing."""
    form = TellForm(request.POST)
    connection = Connection.objects.filter(organisation=request.organisation, state="connected").first()
    if connection is None or not form.is_valid():
        messages.error(request, "Nothing was changed: choose from the list, while the books are connected.")
        return _back(request)
    wanted = form.cleaned_data["tell"]
    if source_writes.lacking(request.organisation, wanted):
        try:
            return redirect(
                onboarding.begin(
                    request.organisation,
                    by=request.user,
                    location=connection.location,
                    redirect_uri=redirect_address(request),
                    now=request.now,
                    tells=wanted,
                )
            )
        except RemoteError as error:
            messages.error(request, error.sentence)
            return _back(request)
    source_writes.switch(request.organisation, wanted, by=request.user, now=request.now)
    messages.success(
        request,
        "Saved. What is told is written to Zoho Books within minutes."
        if wanted
        else "Saved. Nothing is written to Zoho Books.",
    )
    return _back(request)


@require_POST
@organisation_page(Role.MANAGER)
def again(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Try again to write what failed."""
    write = SourceWrite.objects.filter(organisation=request.organisation, pk=pk).first()
    if write is None:
        raise Http404
    if source_writes.again(write, by=request.user, now=request.now):
        messages.success(request, "It is tried again now.")
    return _back(request)


@require_POST
@organisation_page(Role.MANAGER)
def address(request: OrganisationRequest) -> HttpResponse:
    """Make the address that Zoho calls, make it anew, or take it away."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose to make the address or to switch it off.")
    elif form.cleaned_data["do"] == "end":
        hooks.turn_off(request.organisation, by=request.user, now=request.now)
        messages.success(request, "The address no longer works; what changes is read hourly.")
    else:
        hooks.turn_on(request.organisation, by=request.user, now=request.now)
        messages.success(
            request, "The address is ready: enter it in Zoho Books. An older one no longer works."
        )
    return _back(request)


def _address_of(request: OrganisationRequest, hook: SourceHook) -> str:
    """Where Zoho calls; it follows DUNRIGHT_BASE_URL, as the redirect address does."""
    path = reverse("hooks:zoho_books", args=[hook.secret])
    base = urlsplit(settings.BASE_URL)
    if base.hostname in LOCAL:
        return request.build_absolute_uri(path)
    return f"{base.scheme}://{base.netloc}{path}"


def _back(request: OrganisationRequest) -> HttpResponse:
    return redirect(f"{reverse('onboarding:connection', args=[request.organisation.pk])}#tell")
