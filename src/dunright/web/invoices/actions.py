"""What a person decides about one invoice. Disputes and promises are set by *They answered* of its customer."""

from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dunright.models import Invoice, Role
from dunright.queries import one_invoice
from dunright.services import customers
from dunright.web.customers.alike import schedule_chosen, stop_dialog, switched
from dunright.web.customers.answers import READ_OR_SAVE, attempt
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

    def switch(is_on: bool) -> customers.Outcome:  # noqa: FBT001 - called with what the form says, and nothing else
        return customers.set_invoice_chasing(invoice, chasing=is_on, by=request.user, now=request.now)

    return switched(request, switch, page_of(request, pk))


@require_POST
@organisation_page(Role.CHASER)
def schedule(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Choose the invoice's schedule."""
    return schedule_chosen(request, invoice_or_404(request, pk), page_of(request, pk))


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
    return stop_dialog(
        request,
        invoice.number,
        invoice.customer,
        stop=partial(customers.stop_invoice, invoice),
        address=page_of(request, pk),
    )
