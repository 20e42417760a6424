"""What a person decides in the same way about a customer and about one invoice: chase or not, which schedule, stop."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from dunright.models import Customer, Invoice
from dunright.services import customers
from dunright.services.customers import Outcome
from dunright.web.customers.answers import REFUSALS, UNPROCESSABLE, attempt, done, form_answer
from dunright.web.customers.forms import ChasingForm, ScheduleForm, StopForm
from dunright.web.organisation import OrganisationRequest


def switched(request: OrganisationRequest, switch: Callable[[bool], Outcome], address: str) -> HttpResponse:
    """Chasing on or off, as the form says; `switch` does it."""
    form = ChasingForm(request.POST)
    if not form.is_valid():
        return redirect(address)
    return attempt(request, lambda: switch(form.cleaned_data["chasing"] == "on"), address)


def schedule_chosen(request: OrganisationRequest, subject: Customer | Invoice, address: str) -> HttpResponse:
    """The schedule that the form names; a name that there cannot be is refused like an unknown one."""
    form = ScheduleForm(request.POST)
    name = form.cleaned_data["schedule"] if form.is_valid() else "?"
    return attempt(
        request,
        lambda: customers.choose_schedule(subject, name, by=request.user, now=request.now),
        address,
    )


def stop_dialog(
    request: OrganisationRequest,
    about: str,
    customer: Customer,
    *,
    stop: Callable[..., Outcome],
    address: str,
) -> HttpResponse:
    """The dialog *Stop chasing* about a customer or one of its invoices; `stop` is the service for it."""
    form = StopForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        try:
            outcome = stop(
                values["how"], until=values["until"], why=values["why"], by=request.user, now=request.now
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return done(request, outcome, address)
    context = {
        "title": f"Stop chasing {about}",
        "form": form,
        "back": address,
        "about": about,
        "once_until": customers.day_after_run(customer, now=request.now),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return form_answer(request, "customers/_stop.html", context, status=status)
