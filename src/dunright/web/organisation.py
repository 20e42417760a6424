"""The pages of one organisation: every address under `/o/<organisation>/` goes through here.

Who is not logged in is sent to the log-in, a stranger gets 404 (as if nothing were there), a member without the role
gets 403. Inside, the organisation's time zone is in force.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from dunright.domain.settings import OrganisationSettings
from dunright.models import Membership, Organisation, Role, User
from dunright.queries.local_time import settings_of
from dunright.queries.shell import membership as membership_of
from dunright.services.permissions import NotAllowed, has_at_least

Arguments = ParamSpec("Arguments")


class OrganisationRequest(HttpRequest):
    """A request as the views of an organisation's pages see it."""

    user: User
    htmx: HtmxDetails
    organisation: Organisation
    membership: Membership
    settings: OrganisationSettings
    now: datetime
    """The moment of the request, read once."""
    today: date
    """The organisation's local date at that moment."""


View = Callable[Concatenate[OrganisationRequest, Arguments], HttpResponseBase]


def organisation_page(
    role: Role = Role.VIEWER,
) -> Callable[[View[Arguments]], Callable[..., HttpResponseBase]]:
    """Decorate a view under `/o/<int:organisation>/`: members with at least this role come in.

    The view is called with the request and the address's other values; the organisation stands on the request.
    """

    def decorate(view: View[Arguments]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(
            request: HttpRequest, organisation: int, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return log_in_first(request)
            membership = membership_of(organisation, request.user)
            if membership is None:
                raise Http404
            # The row read above carries the organisation; the user is the one of the session.
            membership.user = request.user
            if not has_at_least(membership.role, role):
                raise PermissionDenied(_refusal(membership, role))
            return _answer(view, _equip(request, membership), args, kwargs)

        page.needed_role = role  # type: ignore[attr-defined]  # read by the test that walks every address
        return page

    return decorate


def _equip(request: HttpRequest, membership: Membership) -> OrganisationRequest:
    equipped = cast("OrganisationRequest", request)
    settings = settings_of(membership.organisation)
    equipped.membership, equipped.organisation = membership, membership.organisation
    equipped.settings = settings
    equipped.now = timezone.now()
    equipped.today = timezone.localdate(equipped.now, ZoneInfo(settings.timezone))
    return equipped


def _answer(
    view: Callable[..., Any], request: OrganisationRequest, args: Any, kwargs: Any
) -> HttpResponseBase:
    with timezone.override(ZoneInfo(request.settings.timezone)):
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        # A template response must be written while the organisation's time zone is in force.
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response = response.render()
    # Customers' data must not stay behind in a shared browser's cache.
    add_never_cache_headers(response)
    return response


def log_in_first(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the log-in and back; a fragment makes the whole page go there."""
    if getattr(request, "htmx", False):
        address = cast("OrganisationRequest", request).htmx.current_url_abs_path or "/"
        return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(address).url})
    return redirect_to_login(request.get_full_path())


def _refusal(membership: Membership, role: Role) -> str:
    return (
        f"You are {membership.get_role_display().lower()} of {membership.organisation.name}; this page needs the "
        f"role {role.label.lower()} or a higher one. An owner of the company can change yours."
    )
