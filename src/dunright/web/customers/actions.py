"""What a person switches or chooses on a customer's page, each a small form that works without script."""

import json

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from dunright.models import ContactPerson, Hold, Role
from dunright.queries.customers import row_of
from dunright.services import customers, holds
from dunright.web.customers.alike import schedule_chosen, switched
from dunright.web.customers.answers import attempt, customer_or_404, done
from dunright.web.customers.forms import ChasingForm, LevelForm
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.receivables.books import Books
from dunright.web.receivables.views import customer_line, start_of


def page_of(request: OrganisationRequest, pk: int) -> str:
    """The address of a customer's page."""
    return reverse("customers:page", kwargs={"organisation": request.organisation.pk, "pk": pk})


@require_POST
@organisation_page(Role.CHASER)
def chasing(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Switch chasing on or off; a list gets its row back."""
    customer = customer_or_404(request, pk)

    def switch(is_on: bool) -> customers.Outcome:  # noqa: FBT001 - called with what the form says, and nothing else
        return customers.set_chasing(customer, chasing=is_on, by=request.user, now=request.now)

    if not (request.htmx and request.htmx.target == f"customer-{pk}"):
        return switched(request, switch, page_of(request, pk))
    form = ChasingForm(request.POST)
    if not form.is_valid():
        return redirect(page_of(request, pk))
    try:
        said, level_of_toast = switch(form.cleaned_data["chasing"] == "on").sentence, "success"
    except customers.CannotDecide as error:
        said, level_of_toast = str(error), "error"
    return _row(request, pk, said, level_of_toast)


@require_POST
@organisation_page(Role.CHASER)
def schedule(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Choose the customer's schedule."""
    return schedule_chosen(request, customer_or_404(request, pk), page_of(request, pk))


@require_POST
@organisation_page(Role.CHASER)
def resume(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Chase the customer again."""
    customer = customer_or_404(request, pk)
    return attempt(
        request,
        lambda: customers.resume(customer, by=request.user, now=request.now),
        page_of(request, pk),
    )


@require_POST
@organisation_page(Role.CHASER)
def level(request: OrganisationRequest, pk: int, person: int) -> HttpResponse:
    """Choose which reminders a person gets."""
    found = ContactPerson.objects.filter(
        organisation=request.organisation, customer=pk, pk=person, gone_at=None
    )
    chosen = found.select_related("customer", "organisation", "customer__organisation").first()
    form = LevelForm(request.POST)
    if chosen is None:
        raise Http404
    if not form.is_valid():
        return redirect(page_of(request, pk))
    return attempt(
        request,
        lambda: customers.choose_level(chosen, form.cleaned_data["level"], by=request.user, now=request.now),
        page_of(request, pk),
    )


@require_POST
@organisation_page(Role.CHASER)
def end_hold(request: OrganisationRequest, pk: int, hold: int) -> HttpResponse:
    """End one hold of the customer or of an invoice."""
    rows = Hold.objects.filter(organisation=request.organisation, customer=pk, pk=hold)
    found = rows.select_related("organisation", "customer", "customer__organisation", "invoice").first()
    if found is None:
        raise Http404
    address = page_of(request, pk)
    if found.invoice is not None and request.POST.get("from") == "invoice":
        address = reverse(
            "invoices:page", kwargs={"organisation": request.organisation.pk, "pk": found.invoice.pk}
        )
    was_open = holds.end(found, by=request.user, now=request.now)
    about = found.invoice.number if found.invoice else found.customer.name
    said = f"{found.get_kind_display()} of {about} ended." if was_open else "That was ended already."
    return done(request, said, address)


def _row(request: OrganisationRequest, pk: int, said: str, kind: str) -> HttpResponse:
    row, default = row_of(request.organisation, pk, base=request.settings.currency, now=request.now)
    if row is None:
        raise Http404
    books = Books(request.organisation)
    line = customer_line(request, books, row, start_of(request, "customers"))
    response = render(
        request,
        "receivables/_customer_row.html",
        {
            "row": row,
            "customer": row.customer,
            "told": line.told,
            "url": line.url,
            "books_url": line.books_url,
            "books_name": books.name,
            "default_schedule": default,
            "may_act": True,
        },
    )
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "level": kind}})
    return response
