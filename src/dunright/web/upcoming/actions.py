"""What a person does about messages on their way: approve, edit, not this time; pause and resume all chasing."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dunright.models import OutboxMessage, Role
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.services import customers, organisations, outbox
from dunright.services.outbox import CannotChangeMessage
from dunright.web import formats
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.upcoming.forms import WordingForm, keys_of

UNPROCESSABLE = 422


@require_POST
@organisation_page(Role.CHASER)
def approve(request: OrganisationRequest) -> HttpResponse:
    """Approve the messages named; only those that were on the page, so that nothing unread is approved."""
    found = outbox_lists.waiting(request.organisation, keys_of(request.POST.getlist("message")))
    count = outbox.approve(found, by=request.user, now=request.now)
    if count:
        messages.success(request, f"{formats.count(count, 'message')} approved.")
    else:
        messages.warning(request, "Nothing was approved: what you chose no longer waits for approval.")
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
@organisation_page(Role.CHASER)
def edit(request: OrganisationRequest, message: int) -> HttpResponse:
    """Write a message's subject and text anew."""
    found = _coming_or_404(request, message)
    form = WordingForm(request.POST or None, message=found)
    if request.method == "POST" and form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        try:
            outbox.edit(found, subject=subject, body=body, by=request.user, now=request.now)
        except CannotChangeMessage as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The message to {found.customer.name} has your wording.")
            return _back(request, found)
    back = f"{_page(request)}?message={found.pk}"
    context = {"title": f"Message to {found.customer.name}", "form": form, "message": found, "back": back}
    return render(request, "upcoming/edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@organisation_page(Role.CHASER)
def cancel(request: OrganisationRequest, message: int) -> HttpResponse:
    """Not this time: the message is withdrawn and the customer left alone until the day after its run (section 5)."""
    found = _coming_or_404(request, message)
    why = "not this time"
    with transaction.atomic():
        # First the hold, which looks at the message for its day; it may withdraw the message by itself.
        customers.stop(found.customer, "once", until=None, why=why, by=request.user, now=request.now)
        outbox.cancel([found], by=request.user, now=request.now, reason=why)
    messages.success(request, f"{found.customer.name} gets no message this time.")
    return _back(request)


@require_POST
@organisation_page(Role.CHASER)
def pause(request: OrganisationRequest) -> HttpResponse:
    """Stop all chasing until somebody resumes it."""
    organisations.pause(request.organisation, by=request.user, now=request.now)
    messages.success(request, "Chasing is paused. Nothing leaves until it is resumed.")
    return _back(request)


@require_POST
@organisation_page(Role.MANAGER)
def resume(request: OrganisationRequest) -> HttpResponse:
    """Let reminders leave again."""
    organisations.resume(request.organisation, by=request.user, now=request.now)
    messages.success(request, "Chasing is resumed.")
    return _back(request)


def _coming_or_404(request: OrganisationRequest, pk: int) -> OutboxMessage:
    found = outbox_lists.find(request.organisation, pk)
    if found is None or found.state not in COMING:
        raise Http404
    return found


def _page(request: OrganisationRequest) -> str:
    return reverse("upcoming:index", args=[request.organisation.pk])


def _back(request: OrganisationRequest, message: OutboxMessage | None = None) -> HttpResponse:
    return redirect(f"{_page(request)}?message={message.pk}" if message else _page(request))
