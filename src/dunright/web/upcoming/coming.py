"""Messages before their run: read in full, approved, worded anew, put off (chasing-rules.md section 5)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dunright.models import Customer, Role
from dunright.services import coming, customers
from dunright.services.coming import CannotDecideYet, Foreseen
from dunright.services.permissions import has_at_least
from dunright.services.previews import Preview, before_its_run
from dunright.web import formats
from dunright.web.customers.answers import (
    READ_OR_SAVE,
    REFUSALS,
    UNPROCESSABLE,
    back,
    customer_or_404,
    done,
    form_answer,
)
from dunright.web.customers.stories import reason_list
from dunright.web.letters import Letter, letter_tried, with_tried_letters
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.upcoming.forms import LaterForm, TextForm

_A_DAY = timedelta(days=1)


@require_safe
@organisation_page()
@with_tried_letters
def page(request: OrganisationRequest, customer: int, day: date) -> HttpResponse:
    """One message as the run of its day would plan it, and what was decided about it."""
    subject = customer_or_404(request, customer)
    found = coming.foresee(subject, day, now=request.now)
    if found is None:
        return _nothing_there(request, subject, day)
    shown = before_its_run(found)
    context = {
        "title": f"{found.draft.step.template or found.draft.step.id} to {subject.name}",
        "found": found,
        "customer": subject,
        "day": day,
        "letter": _letter(found, shown),
        "stop": reason_list(shown.stop),
        "lines": [
            (one, (day - one.invoice.due).days if one.invoice.due else None) for one in found.draft.lines
        ],
        "amounts": sorted(found.draft.totals.items()),
        "may_act": has_at_least(request.membership.role, Role.CHASER),
        "own_words": found.own_words is not None,
        "is_approved": bool(found.decision and found.decision.approved_at and not found.changed),
    }
    return render(request, "upcoming/coming.html", context)


@require_POST
@organisation_page(Role.CHASER)
def approve(request: OrganisationRequest, customer: int, day: date) -> HttpResponse:
    """Let it leave at its run, as it was on the page."""
    seen = request.POST.get("seen", "")
    said = f"It leaves with the run of {formats.day_in_words(day, request.today)}, if nothing of it changes."
    return _decide(
        request,
        customer,
        day,
        lambda found: coming.approve(found, seen=seen, by=request.user, now=request.now),
        said,
    )


@require_POST
@organisation_page(Role.CHASER)
def forget(request: OrganisationRequest, customer: int, day: date) -> HttpResponse:
    """Take approval and wording back."""
    return _decide(
        request,
        customer,
        day,
        lambda found: coming.forget(found, by=request.user, now=request.now),
        "Approval and wording are taken back; the run decides as if nobody had.",
    )


def _decide(
    request: OrganisationRequest, customer: int, day: date, decide: Callable[[Foreseen], object], said: str
) -> HttpResponse:
    subject = customer_or_404(request, customer)
    found = coming.foresee(subject, day, now=request.now)
    if found is None:
        return _nothing_there(request, subject, day)
    try:
        decide(found)
    except CannotDecideYet as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(_address(request, customer, day))


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
@with_tried_letters
def edit(request: OrganisationRequest, customer: int, day: date) -> HttpResponse:
    """Write its subject and text anew: look at it as it would leave, or keep it."""
    subject = customer_or_404(request, customer)
    found = coming.foresee(subject, day, now=request.now)
    if found is None:
        return _nothing_there(request, subject, day)
    text = found.text
    form = TextForm(
        request.POST if request.method == "POST" else None,
        form=found.draft.form,
        initial={"subject": text.subject, "body": text.body},
    )
    tried: Preview | None = None
    if request.method == "POST" and form.is_valid():
        words = {"subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
        tried = before_its_run(found, **words)
        if request.POST.get("do", "keep") == "keep" and _kept(request, found, form, words):
            return redirect(_address(request, customer, day))
    context = {
        "title": f"Message to {subject.name}",
        "form": form,
        "seen": request.POST.get("seen", found.seen),
        "letter": _letter(found, tried) if tried else None,
        "stop": reason_list(tried.stop) if tried else "",
        "back": _address(request, customer, day),
    }
    return render(request, "upcoming/edit.html", context, status=UNPROCESSABLE if form.errors else 200)


def _kept(request: OrganisationRequest, found: Foreseen, form: TextForm, words: dict[str, str]) -> bool:
    try:
        coming.word(found, **words, seen=request.POST.get("seen", ""), by=request.user, now=request.now)
    except CannotDecideYet as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"The message to {found.customer.name} has your wording.")
    return True


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def later(request: OrganisationRequest, customer: int, day: date) -> HttpResponse:
    """Not this time: a hold until the day after the run; not before: one until its date."""
    subject = customer_or_404(request, customer)
    form = LaterForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"] or max(day, request.today) + _A_DAY
        why = form.cleaned_data["why"] or (
            "not before a date" if form.cleaned_data["until"] else "not this time"
        )
        try:
            outcome = customers.stop(subject, "date", until=until, why=why, by=request.user, now=request.now)
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return done(request, outcome, _page(request))
    context = {
        "title": f"No message to {subject.name} this time",
        "form": form,
        "customer": subject,
        "again_from": max(day, request.today) + _A_DAY,
        "back": _page(request),
        "crumb": "Upcoming",
        "crumb_url": _page(request),
    }
    return form_answer(request, "upcoming/_later.html", context, status=UNPROCESSABLE if form.errors else 200)


def _letter(found: Foreseen, shown: Preview) -> Letter | None:
    if shown.rendered is None:
        return None
    return letter_tried(shown.rendered, sender=found.sender, to=found.to, cc=found.cc, files=shown.files)


def _nothing_there(request: OrganisationRequest, customer: Customer, day: date) -> HttpResponse:
    """What stood on a page may have been paid, held or sent meanwhile."""
    when = formats.day_in_words(day, request.today)
    messages.warning(request, f"As things stand the run of {when} sends {customer.name} nothing.")
    return back(request, _page(request))


def _address(request: OrganisationRequest, customer: int, day: date) -> str:
    keys: dict[str, Any] = {"organisation": request.organisation.pk, "customer": customer, "day": day}
    return reverse("upcoming:coming", kwargs=keys)


def _page(request: OrganisationRequest) -> str:
    return reverse("upcoming:index", args=[request.organisation.pk])
