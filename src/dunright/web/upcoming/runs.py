"""Start a run by hand after seeing what it would send; stop everything now (chasing-rules.md sections 1 and 5)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dunright.models import Role
from dunright.queries import messages as outbox_lists
from dunright.services import organisations, run_by_hand
from dunright.services.run_by_hand import CannotStart, Look, WouldSend
from dunright.web import formats
from dunright.web.customers.answers import READ_OR_SAVE, UNPROCESSABLE, done, form_answer
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.upcoming.forms import StopForm

MOST_SHOWN = 200
"""Messages listed one by one: a page that can still be read."""


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def start(request: OrganisationRequest) -> HttpResponse:
    """What a run started now would send; then start it."""
    if request.method == "POST":
        try:
            run_by_hand.start(request.organisation, by=request.user, now=request.now)
        except CannotStart as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The run has started. Its messages stand here in a minute.")
        return redirect(_page(request))
    context: dict[str, object] = {"title": "Start a run", "back": _page(request)}
    try:
        seen = run_by_hand.look(request.organisation, now=request.now)
    except CannotStart as error:
        context["refusal"] = str(error)
    else:
        context |= _shown(seen)
    return render(request, "upcoming/run.html", context)


def _shown(seen: Look) -> dict[str, object]:
    waits = [one for one in seen.messages if one.review.waits]
    leaves = [one for one in seen.messages if not one.review.waits]
    return {
        "look": seen,
        "groups": [
            (title, tone, _rows(found[:MOST_SHOWN]), len(found), max(len(found) - MOST_SHOWN, 0))
            for title, tone, found in (("Wait for approval", "amber", waits), ("Leave", "green", leaves))
            if found
        ],
        "customers_left_out": formats.count(seen.left_out, "customer"),
    }


def _rows(found: list[WouldSend]) -> list[dict[str, object]]:
    return [
        {
            "customer": one.customer,
            "step": one.draft.step.template or one.draft.step.id,
            "invoices": len(one.draft.lines),
            "to": ", ".join(f"{p.first_name} {p.last_name}".strip() or p.email or "" for p in one.draft.to),
            "amounts": sorted(one.draft.totals.items()),
            "waits": one.review.waits,
        }
        for one in found
    ]


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def stop(request: OrganisationRequest) -> HttpResponse:
    """Stop everything now: pause, and hold what has not been handed over until a person has read it again."""
    form = StopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = organisations.stop_everything(
            request.organisation, why=form.cleaned_data["why"], by=request.user, now=request.now
        )
        kept = f" {formats.count(count, 'message')} that had not left wait for approval." if count else ""
        return done(request, f"Everything is stopped.{kept}", _page(request))
    context = {
        "title": "Stop everything now",
        "form": form,
        "coming": len(outbox_lists.on_their_way(request.organisation)),
        "back": _page(request),
        "crumb": "Upcoming",
        "crumb_url": _page(request),
    }
    return form_answer(request, "upcoming/_stop.html", context, status=UNPROCESSABLE if form.errors else 200)


def _page(request: OrganisationRequest) -> str:
    return reverse("upcoming:index", args=[request.organisation.pk])
