"""One invoice: its figures, why it is chased or not, what was sent, what was paid."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dunright.models import Role
from dunright.queries import one_invoice
from dunright.queries.facts import NOT_CHASED
from dunright.services.outlook import next_run_date
from dunright.services.permissions import has_at_least
from dunright.web.invoices.actions import invoice_or_404
from dunright.web.invoices.why import grouped, headline, ways
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.receivables.books import Books, message_url
from dunright.web.receivables.told import told


@require_safe
@organisation_page()
def page(request: OrganisationRequest, pk: int) -> HttpResponse:
    """The invoice's page."""
    invoice = invoice_or_404(request, pk)
    found = one_invoice.read(
        request.organisation,
        invoice,
        next_run=next_run_date(request.organisation, request.now),
        now=request.now,
    )
    title, note, icon, tone = headline(found, today=request.today)
    books = Books(request.organisation)
    message = found.next.message
    is_held = bool(found.holds.keys() - {"customer"}) or not invoice.is_chasing
    return render(
        request,
        "invoices/page.html",
        {
            "title": invoice.number,
            "invoice": invoice,
            "customer": invoice.customer,
            "found": found,
            "verdict": {"title": title, "note": note, "icon": icon, "tone": tone},
            "state": told(found.next, today=request.today),
            "levels": list(grouped(found, today=request.today)),
            "ways": ways(found),
            "days_late": (request.today - invoice.due_date).days if invoice.due_date else 0,
            "paid": invoice.total - invoice.balance - invoice.written_off,
            "sent": [(one, message_url(request.organisation.pk, one.message.pk)) for one in found.sent],
            "steps_before": [one for one in found.steps if one.step.days <= 0],
            "steps_after": [one for one in found.steps if one.step.days > 0],
            "message_url": message_url(request.organisation.pk, message.pk) if message else "",
            "schedules": [*found.teller.schedules, NOT_CHASED],
            "is_held": is_held,
            "books_url": books.invoice(invoice.external_id),
            "books_name": books.name,
            "may_act": has_at_least(request.membership.role, Role.CHASER),
        },
    )
