"""What a person does about messages on their way: approve, edit, not this time; pause and resume all chasing."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dunright.domain.other_mail import OTHER_KINDS, OTHER_NAMES
from dunright.models import MessageState, OutboxMessage, Role
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.services import customers, organisations, outbox
from dunright.services.outbox import CannotChangeMessage
from dunright.services.previews import Preview, as_it_leaves
from dunright.web import formats
from dunright.web.customers.answers import READ_OR_SAVE, UNPROCESSABLE, back, done, form_answer
from dunright.web.customers.stories import reason_list
from dunright.web.letters import Letter, letter_tried, with_tried_letters
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.upcoming.forms import MOST_AT_ONCE, LaterForm, PauseForm, WordingForm, keys_of
from dunright.web.upcoming.views import is_paused


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def approve(request: OrganisationRequest) -> HttpResponse:
    """Approve the messages named; only those that were on the page, so that nothing unread is approved."""
    if request.method != "POST":
        return _ask_to_approve(request)
    found = outbox_lists.waiting(request.organisation, keys_of(request.POST.getlist("message")))
    try:
        count = outbox.approve(found, by=request.user, now=request.now)
    except CannotChangeMessage as error:
        messages.error(request, str(error))
        return _back(request)
    if count:
        messages.success(request, f"{formats.count(count, 'message')} approved.")
    else:
        messages.warning(request, "Nothing was approved: what you chose no longer waits for approval.")
    return _back(request)


def _ask_to_approve(request: OrganisationRequest) -> HttpResponse:
    """Name who would get a message, before all of them are approved at once."""
    found = [
        one for one in outbox_lists.on_their_way(request.organisation) if one.state == MessageState.PENDING
    ]
    if not found:
        messages.warning(request, "Nothing waits for approval.")
        return back(request, _page(request))
    context = {
        "title": f"Approve {formats.count(len(found), 'message')}",
        "waiting": [(one, outbox_lists.amounts(one)) for one in found[:MOST_AT_ONCE]],
        "sums": outbox_lists.sums(found),
        "is_paused": is_paused(request),
        **_crumb(request),
    }
    return form_answer(request, "upcoming/_approve.html", context)


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
@with_tried_letters
def edit(request: OrganisationRequest, message: int) -> HttpResponse:
    """Write a message's subject and text anew: look at it as it would leave, keep it, or go back to the template."""
    found = _coming_or_404(request, message)
    wanted = request.POST.get("do", "keep")
    form = WordingForm(request.POST if request.method == "POST" and wanted != "drop" else None, message=found)
    tried: Preview | None = None
    if wanted == "drop":
        return _dropped(request, found)
    if request.method == "POST" and form.is_valid():
        words = {"subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
        tried = as_it_leaves(found, **words, now=request.now)
        if wanted == "keep" and _kept(request, found, form, words):
            return _back(request, found)
    context = {
        "title": f"Message to {found.customer.name}",
        "form": form,
        "message": found,
        "letter": _tried_letter(found, tried),
        "stop": reason_list(tried.stop) if tried else "",
        "may_drop": bool(found.edited_body) and found.kind != "by_hand",
        "back": f"{_page(request)}?message={found.pk}",
    }
    return render(request, "upcoming/edit.html", context, status=UNPROCESSABLE if form.errors else 200)


def _kept(
    request: OrganisationRequest, message: OutboxMessage, form: WordingForm, words: dict[str, str]
) -> bool:
    try:
        outbox.edit(message, **words, by=request.user, now=request.now)
    except CannotChangeMessage as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"The message to {message.customer.name} has your wording.")
    return True


def _dropped(request: OrganisationRequest, message: OutboxMessage) -> HttpResponse:
    try:
        outbox.drop_wording(message, by=request.user, now=request.now)
    except CannotChangeMessage as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The message to {message.customer.name} has the words of its text again.")
    return _back(request, message)


def _tried_letter(message: OutboxMessage, tried: Preview | None) -> Letter | None:
    if tried is None or tried.rendered is None:
        return None
    return letter_tried(
        tried.rendered, sender=message.sender, to=message.to, cc=message.cc, files=tried.files
    )


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def cancel(request: OrganisationRequest, message: int) -> HttpResponse:
    """Not this time, not before: withdrawn, and the customer left alone until the day after its run, or the one given.

    A reminder by hand, a thank-you and a statement are only withdrawn: the schedule goes on as if there were none.
    """
    found = _coming_or_404(request, message)
    is_only_withdrawn = found.kind == "by_hand" or found.kind in OTHER_KINDS
    noun = OTHER_NAMES.get(found.kind, "reminder").lower()
    form = LaterForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method != "POST" or not form.is_valid():
        name = found.customer.name
        context = {
            "title": f"Withdraw the {noun} to {name}"
            if is_only_withdrawn
            else f"No message to {name} this time",
            "message": found,
            "form": form,
            "amounts": outbox_lists.amounts(found),
            "is_only_withdrawn": is_only_withdrawn,
            "again_from": customers.day_after_run(found.customer, now=request.now),
            **_crumb(request, found),
        }
        status = UNPROCESSABLE if form.errors else 200
        return form_answer(request, "upcoming/_cancel.html", context, status=status)
    until = form.cleaned_data["until"]
    why = "withdrawn by a person" if is_only_withdrawn else "not before a date" if until else "not this time"
    with transaction.atomic():
        if not is_only_withdrawn:
            # First the hold, which looks at the message for its day; it may withdraw the message by itself.
            how: customers.How = "date" if until else "once"
            customers.stop(
                found.customer,
                how,
                until=until,
                why=form.cleaned_data["why"] or why,
                by=request.user,
                now=request.now,
            )
        outbox.cancel([found], by=request.user, now=request.now, reason=why)
    said = (
        f"The {noun} is withdrawn."
        if is_only_withdrawn
        else f"{found.customer.name} gets no message this time."
    )
    return done(request, said, _page(request))


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def pause(request: OrganisationRequest) -> HttpResponse:
    """Stop all chasing until a day, or until somebody resumes it; what is planned stays where it is."""
    form = PauseForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        organisations.pause(
            request.organisation, until=until, why=form.cleaned_data["why"], by=request.user, now=request.now
        )
        again = f"until {formats.day_in_words(until, request.today)}" if until else "until it is resumed"
        return done(request, f"Chasing is paused. Nothing leaves {again}.", _page(request))
    context = {
        "title": f"Pause chasing for {request.organisation.name}",
        "form": form,
        "coming": len(outbox_lists.on_their_way(request.organisation)),
        **_crumb(request),
    }
    return form_answer(request, "upcoming/_pause.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@organisation_page(Role.MANAGER)
def resume(request: OrganisationRequest) -> HttpResponse:
    """Let reminders leave again; the first time, what was overdue before is asked about first (R5a)."""
    if request.organisation.first_resumed_at is None:
        return redirect("resume:index", organisation=request.organisation.pk)
    organisations.resume(request.organisation, by=request.user, now=request.now)
    messages.success(request, "Chasing is resumed.")
    return _back(request)


def _coming_or_404(request: OrganisationRequest, pk: int) -> OutboxMessage:
    found = outbox_lists.find(request.organisation, pk)
    if found is None or found.state not in COMING:
        raise Http404
    return found


def _crumb(request: OrganisationRequest, message: OutboxMessage | None = None) -> dict[str, str]:
    address = f"{_page(request)}?message={message.pk}" if message else _page(request)
    return {"back": address, "crumb": "Upcoming", "crumb_url": _page(request)}


def _page(request: OrganisationRequest) -> str:
    return reverse("upcoming:index", args=[request.organisation.pk])


def _back(request: OrganisationRequest, message: OutboxMessage | None = None) -> HttpResponse:
    return redirect(f"{_page(request)}?message={message.pk}" if message else _page(request))
