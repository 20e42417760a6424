"""The two dialogs about a customer, *Stop chasing* and *They answered*, and the one that logs a call."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from dunright.models import ContactPerson, Customer, Invoice, Role
from dunright.queries.invoices import open_invoices
from dunright.services import customers
from dunright.services.customers import Outcome
from dunright.services.outlook import next_run_date
from dunright.web.customers.actions import page_of
from dunright.web.customers.alike import stop_dialog
from dunright.web.customers.answers import (
    READ_OR_SAVE,
    REFUSALS,
    UNPROCESSABLE,
    customer_or_404,
    done,
    form_answer,
)
from dunright.web.customers.forms import AnsweredForm, ContactForm
from dunright.web.organisation import OrganisationRequest, organisation_page


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def stop(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Stop chasing a customer: this time, until a date, until resumed, never."""
    customer = customer_or_404(request, pk)
    return stop_dialog(
        request,
        customer.name,
        customer,
        stop=partial(customers.stop, customer),
        address=page_of(request, pk),
    )


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def answered(request: OrganisationRequest, pk: int) -> HttpResponse:
    """What they said: paid, will pay on a date, disputes, wrong person."""
    customer = customer_or_404(request, pk)
    invoices = list(
        open_invoices(request.organisation).filter(customer=customer).order_by("due_date", "number", "pk")
    )
    persons = _persons(customer)
    form = AnsweredForm(
        request.POST if request.method == "POST" else None,
        today=request.today,
        invoices=invoices,
        persons=[one for one in persons if one.level not in {"", "off"}] or persons,
        expected=customers.payment_expected_by(request.organisation, now=request.now),
        initial={"invoices": _chosen(request, invoices)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            outcome = _answered(request, customer, invoices, persons, form.cleaned_data)
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return done(request, outcome, page_of(request, pk))
    context = {
        "title": f"{customer.name} answered",
        "form": form,
        "back": page_of(request, pk),
        "invoices": invoices,
        "chosen": {int(one) for one in form["invoices"].value() or () if str(one).isdigit()},
        "next_run": next_run_date(request.organisation, request.now),
    }
    return form_answer(request, "customers/_answered.html", context, status=_status(request))


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.CHASER)
def contact(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Log a call or a note."""
    customer = customer_or_404(request, pk)
    persons = _persons(customer)
    form = ContactForm(
        request.POST if request.method == "POST" else None, today=request.today, persons=persons
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            outcome = customers.log_contact(
                customer,
                values["kind"],
                values["text"],
                person=next((one for one in persons if one.pk == values["person"]), None),
                until=values["until"],
                by=request.user,
                now=request.now,
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return done(request, outcome, page_of(request, pk))
    context = {"title": f"Log a call with {customer.name}", "form": form, "back": page_of(request, pk)}
    return form_answer(request, "customers/_contact.html", context, status=_status(request))


def _answered(
    request: OrganisationRequest,
    customer: Customer,
    invoices: Sequence[Invoice],
    persons: Sequence[ContactPerson],
    values: dict[str, Any],
) -> Outcome:
    said: dict[str, Any] = {"note": values["note"], "by": request.user, "now": request.now}
    chosen = [one for one in invoices if one.pk in values["invoices"]]
    if values["what"] == "paid":
        return customers.says_paid(customer, until=values["until"], **said)
    if values["what"] == "promise":
        return customers.promises(customer, _ready(chosen, customer), day=values["promised"], **said)
    if values["what"] == "dispute":
        return customers.disputes(customer, _ready(chosen, customer), **said)
    person = next(one for one in persons if one.pk == values["person"])
    person.customer = customer
    return customers.wrong_person(customer, person, **said)


def _ready(invoices: Sequence[Invoice], customer: Customer) -> Sequence[Invoice]:
    """Give each invoice the customer that was read already."""
    for invoice in invoices:
        invoice.customer, invoice.organisation = customer, customer.organisation
    return invoices


def _persons(customer: Customer) -> list[ContactPerson]:
    rows = ContactPerson.objects.filter(
        organisation=customer.organisation, customer=customer, gone_at=None
    ).select_related("organisation")
    return list(rows.order_by("-is_primary", "external_id"))


def _chosen(request: OrganisationRequest, invoices: Sequence[Invoice]) -> list[int]:
    """The invoice that the link names, else all that are overdue."""
    named = request.GET.get("invoice", "")
    if any(str(one.pk) == named for one in invoices):
        return [int(named)]
    return [one.pk for one in invoices if one.due_date and one.due_date < request.today]


def _status(request: OrganisationRequest) -> int:
    return UNPROCESSABLE if request.method == "POST" else 200
