"""The start page: where a person goes who just came in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from dunright.queries.shell import memberships
from dunright.web import navigation
from dunright.web.organisation import log_in_first


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first company's first page, to set-up when there is no company yet, or to the log-in."""
    if not request.user.is_authenticated:
        return log_in_first(request)
    for membership in memberships(request.user):
        if address := navigation.first_page(membership.organisation_id):
            return redirect(address)
    return redirect(reverse("onboarding:index"))
