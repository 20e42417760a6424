"""How much of the day's calls is Dunright's: a part of the connection page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dunright.domain.settings import SettingError
from dunright.models import Role
from dunright.queries.calls import Meter
from dunright.services import budgets
from dunright.web.organisation import OrganisationRequest, organisation_page


class ShareForm(forms.Form):
    """The share in percent; the service says what is wrong with it."""

    call_share = forms.CharField(max_length=20, strip=True)


@require_POST
@organisation_page(Role.MANAGER)
def share(request: OrganisationRequest) -> HttpResponse:
    """Set how much of the day's calls is Dunright's."""
    form = ShareForm(request.POST)
    given = form.cleaned_data["call_share"] if form.is_valid() else ""
    try:
        percent = budgets.set_share(request.organisation, given, by=request.user, now=request.now)
    except SettingError:
        least, most = budgets.SHARES[0], budgets.SHARES[-1]
        messages.error(
            request, f"The share is a whole number of percent from {least} to {most}; nothing was changed."
        )
    else:
        messages.success(request, f"Dunright now uses at most {percent} % of the day's calls.")
    return redirect("onboarding:connection", organisation=request.organisation.pk)


def shown(found: Meter | None) -> dict[str, Any] | None:
    """The meter as the page draws it: widths in percent of the day's calls."""
    if found is None:
        return None
    day = found.day
    whole = max(day.limit, 1)
    used, others = min(day.used / whole, 1), min(day.others / whole, 1)
    left = min(day.left / whole, max(1 - used - others, 0))
    return {
        "meter": found,
        "day": day,
        "bars": [
            ("fill-button", 0.0, round(used * 100, 2)),
            ("fill-control", round(used * 100, 2), round(others * 100, 2)),
            ("fill-green-mark", round((used + others) * 100, 2), round(left * 100, 2)),
        ],
    }
