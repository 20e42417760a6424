"""Sent: what became of every message, and one of them in full."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from dunright.models import MessageState, OutboxMessage, Role
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.services import outbox
from dunright.services.permissions import has_at_least
from dunright.services.previews import Preview, as_it_leaves
from dunright.web.customers.answers import READ_OR_SAVE, back, done, form_answer
from dunright.web.letters import document, letter_of
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.words import MESSAGE_STATES, REASONS

PAGE_SIZE = 50
_ANSWERS = {"sent": True, "not_sent": False}


@require_safe
@organisation_page()
def index(request: OrganisationRequest) -> HttpResponse:
    """Problems first, then the latest; `?state=` narrows the list."""
    asked = request.GET.get("state", "")
    state = asked if asked in outbox_lists.OVER else ""
    counts = outbox_lists.counts(request.organisation)
    found = outbox_lists.over(request.organisation, state=state)
    paginator = Paginator(found, PAGE_SIZE)
    # Counted above, for all states at once.
    paginator.count = counts.get(state, 0) if state else sum(counts.values())
    page = paginator.get_page(request.GET.get("page", "1"))
    states = [
        (str(key), MESSAGE_STATES[key].label, counts[key]) for key in outbox_lists.OVER if key in counts
    ]
    return render(
        request,
        "sent/index.html",
        {
            "title": "Sent",
            "rows": [(one, outbox_lists.amounts(one), reason_of(one)) for one in page],
            "page": page,
            "state": state,
            "all": sum(counts.values()),
            "states": states,
            "problems": sum(counts.get(key, 0) for key in outbox_lists.PROBLEMS),
        },
    )


@require_safe
@organisation_page()
def message(request: OrganisationRequest, message: int) -> HttpResponse:
    """One message with its exact text, wherever it stands."""
    found = _message_or_404(request, message)
    lines = outbox_lists.lines(found)
    return render(
        request,
        "sent/message.html",
        {
            "title": found.subject or f"Message to {found.customer.name}",
            "message": found,
            "lines": lines,
            "letter": letter_of(found, lines, preview=wording_preview(request, found)),
            "amounts": outbox_lists.amounts(found),
            "reason": reason_of(found),
            "is_coming": found.state in COMING,
            "has_source": found.handed_over_at is not None and found.state not in COMING,
            "is_uncertain": found.state == MessageState.UNCERTAIN,
            "may_act": has_at_least(request.membership.role, Role.CHASER),
        },
    )


@require_safe
@organisation_page()
def letter(request: OrganisationRequest, message: int) -> HttpResponseBase:
    """The HTML part alone, for the frame of the pages that show the message."""
    found = _message_or_404(request, message)
    preview = wording_preview(request, found)
    return document(request, preview.rendered.html if preview and preview.rendered else found.html)


@require_safe
@organisation_page()
def source(request: OrganisationRequest, message: int) -> HttpResponse:
    """The message as it was handed over, byte for byte, as a file that mail programs open."""
    found = _message_or_404(request, message)
    content = outbox_lists.content(found)
    if not content:
        raise Http404
    name = f"message-{found.pk}.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="message/rfc822", headers=headers)


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def settle(request: OrganisationRequest, message: int) -> HttpResponse:
    """A person says what became of an uncertain message: `answer` is `sent` or `not_sent`. Asks first."""
    found = _message_or_404(request, message)
    address = reverse("sent:message", args=[request.organisation.pk, found.pk])
    given = (request.POST if request.method == "POST" else request.GET).get("answer", "")
    answer = _ANSWERS.get(given)
    if answer is None:
        messages.error(request, "Say whether the message was sent or not.")
        return back(request, address)
    if found.state != MessageState.UNCERTAIN:
        messages.warning(request, "Nothing was changed: this message is not uncertain any more.")
        return back(request, address)
    if request.method != "POST":
        return _ask_to_settle(request, found, given, address)
    if outbox.settle([found], as_sent=answer, by=request.user, now=request.now):
        return done(
            request, "Noted as sent." if answer else "Noted as not sent; it can be chased again.", address
        )
    messages.warning(request, "Nothing was changed: this message is not uncertain any more.")
    return back(request, address)


def _ask_to_settle(
    request: OrganisationRequest, message: OutboxMessage, answer: str, address: str
) -> HttpResponse:
    """Name the customer, what is known, and what follows."""
    was = "was sent" if _ANSWERS[answer] else "was not sent"
    context = {
        "title": f"The message to {message.customer.name} {was}",
        "message": message,
        "answer": answer,
        "was_sent": _ANSWERS[answer],
        "amounts": outbox_lists.amounts(message),
        "back": address,
        "crumb": "Sent",
        "crumb_url": reverse("sent:index", args=[request.organisation.pk]),
    }
    return form_answer(request, "sent/_settle.html", context)


def wording_preview(request: OrganisationRequest, message: OutboxMessage) -> Preview | None:
    """How a message on its way would leave in the words of a person; None for one in the words of its text."""
    if message.state not in COMING or not message.edited_body:
        return None
    return as_it_leaves(message, subject=message.edited_subject, body=message.edited_body, now=request.now)


def reason_of(message: OutboxMessage) -> str:
    """Why a message stands in its state: the word of a reason code, else the sentence itself."""
    known = REASONS.get(message.reason)
    return known.label if known else message.reason


def _message_or_404(request: OrganisationRequest, pk: int) -> OutboxMessage:
    found = outbox_lists.find(request.organisation, pk)
    if found is None:
        raise Http404
    return found
