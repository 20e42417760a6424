"""How the actions on customers and invoices answer: a dialog or a page for a form, a toast and a redirect when done."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from dunright.models import Customer
from dunright.queries import one_customer
from dunright.services.customers import CannotDecide, Outcome
from dunright.services.holds import CannotHold
from dunright.web.organisation import OrganisationRequest

REFUSALS = (CannotDecide, CannotHold)
READ_OR_SAVE = ["GET", "HEAD", "POST"]
UNPROCESSABLE = 422


def customer_or_404(request: OrganisationRequest, pk: int) -> Customer:
    """A customer of the organisation being looked at."""
    customer = one_customer.find(request.organisation, pk)
    if customer is None:
        raise Http404
    return customer


def form_answer(
    request: OrganisationRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a form: in a dialog when a page asks for it, else as a page of its own (no script needed)."""
    frame = "customers/form_dialog.html" if request.htmx else "customers/form_page.html"
    shown = {
        **context,
        "form_template": template,
        "in_dialog": bool(request.htmx),
        "address": request.get_full_path(),
    }
    return render(request, frame, shown, status=status)


def done(request: OrganisationRequest, outcome: Outcome | str, address: str) -> HttpResponse:
    """Say what was done, on the page where it was asked for, else at `address`."""
    messages.success(request, outcome if isinstance(outcome, str) else outcome.sentence)
    return back(request, address)


def back(request: OrganisationRequest, address: str) -> HttpResponse:
    """Go back to the page where a dialog stands, else to `address`."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": request.htmx.current_url_abs_path or address})
    return redirect(address)


def attempt(request: OrganisationRequest, decide: Callable[[], Outcome | str], address: str) -> HttpResponse:
    """Do something that may be refused with a sentence, then go back."""
    try:
        outcome = decide()
    except REFUSALS as error:
        messages.error(request, str(error))
        return back(request, address)
    return done(request, outcome, address)
