"""Connect an organisation to its books: Zoho's own pages, and back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from dunright.connectors.zoho_books.data_centres import data_centres
from dunright.models import Authorisation, Connection, Role, User
from dunright.remote.errors import RemoteError
from dunright.services import connections, sync
from dunright.services.permissions import NotAllowed
from dunright.web.onboarding.forms import ConnectForm
from dunright.web.organisation import OrganisationRequest, organisation_page

EXPECTED = (connections.CannotConnect, RemoteError, NotAllowed, sync.NotConnected)
BAD = 400


def _may_go_to_zoho(view: Callable[..., Any]) -> Callable[..., Any]:
    """Chromium applies `form-action` to the redirect that answers a form: the consent pages' hosts must be in it."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        centres = data_centres(settings.CONFIGURATION.zoho_sandbox_url).values()
        return csp_update({"form-action": [centre.accounts for centre in centres]})(view)(*args, **kwargs)

    return page


@_may_go_to_zoho
@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.MANAGER)
def connect(request: OrganisationRequest) -> HttpResponse:
    """Say what is read and where it stays; then go to Zoho's own consent page."""
    configuration = settings.CONFIGURATION
    form = ConnectForm(
        request.POST if request.method == "POST" else None, sandbox_url=configuration.zoho_sandbox_url
    )
    redirect_uri = request.build_absolute_uri(reverse("onboarding:callback"))
    if request.method == "POST" and form.is_valid():
        try:
            address = connections.begin(
                request.organisation,
                by=request.user,
                location=form.cleaned_data["location"],
                redirect_uri=redirect_uri,
                now=request.now,
            )
        except EXPECTED as error:
            form.add_error(None, str(error))
        else:
            return redirect(address)
    context = {
        "title": "Connect with Zoho Books",
        "form": form,
        "redirect_uri": redirect_uri,
        "has_client": bool(configuration.zoho_client_id and configuration.zoho_client_secret),
        "connection": Connection.objects.filter(organisation=request.organisation).first(),
    }
    return render(request, "onboarding/connect.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Take Zoho's answer; with one set of books connect it at once, with several let the person choose."""
    assert isinstance(request.user, User)
    redirect_uri = request.build_absolute_uri(reverse("onboarding:callback"))
    try:
        pending = connections.come_back(
            request.GET.dict(), by=request.user, redirect_uri=redirect_uri, now=timezone.now()
        )
        assert pending.log_in is not None
        books = connections.reachable_books(pending.log_in, pending.organisation)
        if len(books) == 1:
            return _connect(request, pending, books[0].external_id)
    except EXPECTED as error:
        return _problem(request, str(error))
    return redirect(reverse("onboarding:choose", args=[pending.organisation_id, pending.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.MANAGER)
def choose(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Choose among the sets of books that the log-in reaches."""
    pending = (
        Authorisation.objects.filter(
            organisation=request.organisation, pk=pk, user=request.user, log_in__isnull=False
        )
        .select_related("organisation", "log_in")
        .first()
    )
    if pending is None or pending.log_in is None:
        raise Http404
    try:
        if request.method == "POST":
            return _connect(request, pending, request.POST.get("books", ""))
        books = connections.reachable_books(pending.log_in, request.organisation)
    except EXPECTED as error:
        return _problem(request, str(error))
    return render(request, "onboarding/choose.html", {"title": "Choose your books", "books": books})


def _connect(request: HttpRequest, pending: Authorisation, external_id: str) -> HttpResponse:
    assert pending.log_in is not None
    assert isinstance(request.user, User)
    now = timezone.now()
    made = connections.connect(pending.organisation, pending.log_in, external_id, by=request.user, now=now)
    sync.request(pending.organisation, by=request.user, now=now)
    messages.success(request, f"Connected to the books of {made.books_name}; they are being read now.")
    return redirect(reverse("receivables:index", args=[pending.organisation_id]))


def _problem(request: HttpRequest, sentence: str) -> HttpResponse:
    return render(
        request, "onboarding/problem.html", {"title": "Not connected", "sentence": sentence}, status=BAD
    )
