"""Connect an organisation to its books: Zoho's own pages, and back; the choice among several."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dunright.connectors.zoho_books.data_centres import data_centres
from dunright.models import Authorisation, Connection, Role, User
from dunright.remote.errors import RemoteError
from dunright.services import onboarding
from dunright.services.connections import CannotConnect
from dunright.services.permissions import NotAllowed
from dunright.web.onboarding.connection import connection_page
from dunright.web.onboarding.forms import ConnectForm
from dunright.web.onboarding.problems import problem
from dunright.web.onboarding.regions import likely_region, redirect_address, regions
from dunright.web.organisation import OrganisationRequest, organisation_page

UNPROCESSABLE = 422
GONE = (
    "These books are in a sandbox that this installation no longer names; set DUNRIGHT_ZOHO_SANDBOX_URL to its address "
    "and start Dunright again."
)


def may_go_to_zoho(view: Callable[..., Any]) -> Callable[..., Any]:
    """Chromium applies `form-action` to the redirect that answers a form: the consent pages' hosts must be in it."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        centres = data_centres(settings.CONFIGURATION.zoho_sandbox_url).values()
        return csp_update({"form-action": [centre.accounts for centre in centres]})(view)(*args, **kwargs)

    return page


@may_go_to_zoho
@require_safe
@organisation_page()
def connection(request: OrganisationRequest) -> HttpResponse:
    """How the books are connected; before the first time, the way to connect them."""
    if answer := connection_page(request):
        return answer
    if request.membership.role in {Role.MANAGER, Role.OWNER}:
        return redirect("onboarding:connect", organisation=request.organisation.pk)
    return render(request, "onboarding/no_books.html", {"title": "Connection"})


@may_go_to_zoho
@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.MANAGER)
def connect(request: OrganisationRequest) -> HttpResponse:
    """Say what is read and where it stays; then go to Zoho's own consent page."""
    before = Connection.objects.filter(organisation=request.organisation).first()
    form = ConnectForm(_given(request, before), regions=regions())
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                onboarding.begin(
                    request.organisation,
                    by=request.user,
                    location=form.cleaned_data["location"],
                    redirect_uri=redirect_address(request),
                    now=request.now,
                )
            )
        except (CannotConnect, RemoteError) as error:
            refused = str(error)
    elif request.method == "POST":
        refused = GONE if before else "Choose the region that your Zoho account is kept in from the list."
    status = UNPROCESSABLE if refused else 200
    if answer := connection_page(request, refused=refused, status=status):
        return answer
    known = regions()
    chosen = known.get(request.GET.get("location", "")) or known[likely_region(request.settings.country)]
    configuration = settings.CONFIGURATION
    context = {
        "title": "Set up your account",
        "refused": refused,
        "region": chosen,
        "regions": list(known.values()),
        "redirect_uri": redirect_address(request),
        "has_client": bool(configuration.zoho_client_id and configuration.zoho_client_secret),
        "host": request.get_host(),
    }
    return render(request, "onboarding/connect.html", context, status=status)


def _given(request: OrganisationRequest, before: Connection | None) -> dict[str, str] | None:
    """What was sent; who reconnects has no choice of region, the books are where they are."""
    if request.method != "POST":
        return None
    return {"location": before.location if before else request.POST.get("location", "")}


@may_go_to_zoho
@require_safe
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Take Zoho's answer; with one set of books connect it at once, with several let the person choose."""
    assert isinstance(request.user, User)
    by, now, pending = request.user, timezone.now(), None
    try:
        pending = onboarding.come_back(
            request.GET.dict(), by=by, redirect_uri=redirect_address(request), now=now
        )
        offer = onboarding.offer(pending, by=by, now=now)
        if offer.only:
            return _finish(request, pending, offer.only)
    except CannotConnect as error:
        return problem(request, error, pending=_fresh(pending))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    return redirect("onboarding:choose", organisation=pending.organisation_id, pk=pending.pk)


@may_go_to_zoho
@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.MANAGER)
def choose(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Choose among the sets of books that the log-in reaches."""
    pending = _pending(request, pk)
    refused = ""
    if request.method == "POST":
        try:
            return _finish(request, pending, request.POST.get("books", ""))
        except CannotConnect as error:
            if error.reason not in {"taken", "not_reached", "inactive"}:
                return problem(request, error, pending=_fresh(pending))
            refused = str(error) if request.POST.get("books") else "Choose the books to connect."
    try:
        offer = onboarding.offer(pending, by=request.user, now=request.now)
        if offer.only:
            return _finish(request, pending, offer.only)
    except CannotConnect as error:
        return problem(request, error, pending=_fresh(pending))
    open_ones = [one for one in offer.choices if not one.obstacle]
    context = {
        "title": "Set up your account",
        "choices": offer.choices,
        "chosen": _preferred(request, open_ones),
        "refused": refused,
        "pending": pending,
    }
    return render(request, "onboarding/choose.html", context, status=UNPROCESSABLE if refused else 200)


@require_POST
@organisation_page(Role.MANAGER)
def give_up(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Connect nothing: the log-in that was made is taken back."""
    onboarding.give_up(_pending(request, pk), by=request.user)
    messages.info(request, "Nothing was connected, and Zoho’s access was taken back.")
    return redirect("onboarding:connection", organisation=request.organisation.pk)


def _pending(request: OrganisationRequest, pk: int) -> Authorisation:
    found = Authorisation.objects.filter(organisation=request.organisation, pk=pk, user=request.user)
    pending = found.select_related("organisation", "log_in").first()
    if pending is None:
        raise Http404
    return pending


def _fresh(pending: Authorisation | None) -> Authorisation | None:
    if pending is not None:
        pending.refresh_from_db()
    return pending


def _preferred(request: HttpRequest, choices: list[onboarding.Choice]) -> str:
    """The id to tick: what was chosen before, or the default of the person at Zoho."""
    given = request.POST.get("books", "")
    ids = [one.books.external_id for one in choices]
    default = next((one.books.external_id for one in choices if one.books.is_default), "")
    return given if given in ids else default


def _finish(request: HttpRequest, pending: Authorisation, external_id: str) -> HttpResponse:
    assert isinstance(request.user, User)
    is_first = not Connection.objects.filter(organisation=pending.organisation).exists()
    made = onboarding.finish(pending, external_id, by=request.user, now=timezone.now())
    if pending.tells:
        messages.success(request, "Zoho has given the permission: what you ticked is told from now on.")
        return redirect(f"{reverse('onboarding:connection', args=[pending.organisation_id])}#tell")
    what = "Connected to" if is_first else "Connected again to"
    messages.success(request, f"{what} the books of {made.books_name}; they are being read now.")
    return redirect(reverse("receivables:index", args=[pending.organisation_id]))
