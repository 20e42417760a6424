"""Write to a customer by hand: choose invoices, step and people, then the words; look at it, and send it."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dunright.domain.by_hand import Choice, Warned
from dunright.domain.facts import PersonFacts
from dunright.models import Role
from dunright.services import attachments, by_hand
from dunright.services.by_hand import CannotWrite, Desk
from dunright.web import formats
from dunright.web.customers.answers import READ_OR_SAVE, UNPROCESSABLE, customer_or_404
from dunright.web.letters import Letter, letter_tried, with_tried_letters
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.words import word
from dunright.web.writing.forms import HandForm, choice_of

_KEY_BYTES = 12


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
@with_tried_letters
def write(request: OrganisationRequest, pk: int) -> HttpResponseBase:
    """The choice stands in the address, so that the words alone are sent; `do=look` only shows them."""
    customer = customer_or_404(request, pk)
    desk = by_hand.desk(customer, now=request.now)
    choice = choice_of(request.GET, desk)
    context: dict[str, Any] = {
        "title": f"Write to {customer.name}",
        "customer": customer,
        "back": reverse("customers:page", args=[request.organisation.pk, customer.pk]),
        **_offered(desk, choice),
        "warnings": [_warning(one, request) for one in desk.warnings(choice.invoice_ids)],
        "coming": desk.coming,
    }
    try:
        draft, (text, _) = desk.draft(choice), desk.text(choice)
    except CannotWrite as error:
        return render(request, "writing/page.html", context | {"refusal": str(error)})
    form = HandForm(
        request.POST if request.method == "POST" else None,
        form=draft.form,
        initial={"subject": text.subject, "body": text.body, "key": secrets.token_hex(_KEY_BYTES)},
    )
    context |= {"form": form, "names": ", ".join(_name(person) for person in draft.to)}
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "send":
                return _send(request, desk, choice, form.cleaned_data)
            context["letter"] = _tried(desk, choice, form.cleaned_data)
        except CannotWrite as error:
            form.add_error(None, str(error))
    return render(request, "writing/page.html", context, status=UNPROCESSABLE if form.errors else 200)


def _send(request: OrganisationRequest, desk: Desk, choice: Choice, values: dict[str, str]) -> HttpResponse:
    message = by_hand.send(desk.customer, choice, **values, by=request.user, now=request.now)
    messages.success(request, f"The reminder to {desk.customer.name} leaves now.")
    return redirect("sent:message", organisation=request.organisation.pk, message=message.pk)


def _tried(desk: Desk, choice: Choice, values: dict[str, str]) -> Letter:
    draft = desk.draft(choice)
    return letter_tried(
        desk.render(choice, values["subject"], values["body"]),
        sender=desk.writer.sender_of(draft),
        to=[{"name": _full_name(person), "address": person.email or ""} for person in draft.to],
        files=attachments.names(draft, day=desk.today),
    )


def _offered(desk: Desk, choice: Choice) -> dict[str, Any]:
    """What can be chosen, each with whether it is."""
    return {
        "invoices": [(one, one.id in choice.invoice_ids) for one in desk.invoices],
        "steps": [(step.id, desk.name_of(step), step.id == choice.step) for step in desk.steps],
        "persons": [(one, _name(one), one.id in choice.person_ids) for one in desk.persons],
        "attach": choice.attach,
        "has_step": bool(choice.step),
    }


def _warning(one: Warned, request: OrganisationRequest) -> str:
    """`INV-3293: promised, until 28 November`."""
    label = word(one.reason).label
    about = f"{one.number}: {label[:1].lower()}{label[1:]}" if one.number else label
    return f"{about}, until {formats.day_in_words(one.until, request.today)}" if one.until else about


def _full_name(person: PersonFacts) -> str:
    return f"{person.first_name} {person.last_name}".strip()


def _name(person: PersonFacts) -> str:
    return _full_name(person) or person.email or ""
