"""What a person decides about one invoice. Disputes and promises are set by *They answered* of its customer."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dunright.models import Invoice, Role
from dunright.queries import one_invoice
from dunright.services import customers
from dunright.web.customers.answers import REFUSALS, attempt, done, form_answer
from dunright.web.customers.dialogs import READ_OR_SAVE, UNPROCESSABLE
from dunright.web.customers.forms import ChasingForm, ScheduleForm, StopForm
from dunright.web.organisation import OrganisationRequest, organisation_page


def invoice_or_404(request: OrganisationRequest, pk: int) -> Invoice:
    """An invoice of the organisation being looked at."""
    invoice = one_invoice.find(request.organisation, pk)
    if invoice is None:
        raise Http404
    return invoice


def page_of(request: OrganisationRequest, pk: int) -> str:
    """The address of an invoice's page."""
    return reverse("invoices:page", kwargs={"organisation": request.organisation.pk, "pk": pk})


@require_POST
@organisation_page(Role.CHASER)
def chasing(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Switch chasing of this invoice on or off."""
    invoice = invoice_or_404(request, pk)
    form = ChasingForm(request.POST)
    if not form.is_valid():
        return redirect(page_of(request, pk))
    is_on = form.cleaned_data["chasing"] == "on"
    return attempt(
        request,
        lambda: customers.set_invoice_chasing(invoice, chasing=is_on, by=request.user, now=request.now),
        page_of(request, pk),
    )


@require_POST
@organisation_page(Role.CHASER)
def schedule(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Choose the invoice's schedule."""
    invoice = invoice_or_404(request, pk)
    form = ScheduleForm(request.POST)
    name = form.cleaned_data["schedule"] if form.is_valid() else "?"
    return attempt(
        request,
        lambda: customers.choose_schedule(invoice, name, by=request.user, now=request.now),
        page_of(request, pk),
    )


@require_POST
@organisation_page(Role.CHASER)
def resume(request: OrganisationRequest, pk: int) -> HttpResponse:
    """End everything that holds this invoice back."""
    invoice = invoice_or_404(request, pk)
    return attempt(
        request,
        lambda: customers.resume_invoice(invoice, by=request.user, now=request.now),
        page_of(request, pk),
    )


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def stop(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Stop chasing this invoice: this time, until a date, until resumed, never."""
    invoice = invoice_or_404(request, pk)
    form = StopForm(request.POST if request.method == "POST" else None, today=request.today)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            outcome = customers.stop_invoice(
                invoice,
                values["how"],
                until=values["until"],
                why=values["why"],
                by=request.user,
                now=request.now,
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return done(request, outcome, page_of(request, pk))
    context = {
        "title": f"Stop chasing {invoice.number}",
        "form": form,
        "back": page_of(request, pk),
        "about": invoice.number,
        "once_until": customers.day_after_run(invoice.customer, now=request.now),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return form_answer(request, "customers/_stop.html", context, status=status)
