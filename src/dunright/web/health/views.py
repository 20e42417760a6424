"""Agrees with Zoho Books? The proof as it stands, what blocks chasing, and a check at the press of a button."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dunright.domain.comparing import COUNTED, Difference, sentence
from dunright.models import Role
from dunright.queries import health
from dunright.queries.health import Issue, Place, Proofs
from dunright.services import verify
from dunright.services.permissions import has_at_least
from dunright.web.health.words import ISSUES, OUTCOMES, remedy
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.receivables.books import Books
from dunright.web.shell import STALE


@require_safe
@organisation_page()
def index(request: OrganisationRequest) -> HttpResponse:
    """The proof and the troubles; while a check is at work its part of the page asks again."""
    found = health.proofs(request.organisation)
    books = Books(request.organisation)
    context: dict[str, Any] = {
        "title": f"Agrees with {books.name}?",
        "books_name": books.name,
        "proofs": found,
        "counts": [(COUNTED.get(one["what"], one["what"]), one) for one in _counts(found)],
        "lines": [_line(request, books, *one) for one in found.differences],
        "is_connected": books.connection is not None and books.connection.state == "connected",
        "may_check": _may_check(request, books),
    }
    if request.htmx and request.htmx.target == "proof":
        return render(request, "health/index.html#proof", context)
    context |= {
        "blocking": _blocking(request, books),
        "issues": [_issue(request, books, one) for one in health.issues(request.organisation)],
    }
    return render(request, "health/index.html", context)


@require_POST
@organisation_page(Role.CHASER)
def check(request: OrganisationRequest) -> HttpResponse:
    """Ask for a whole check; pressed twice it is one."""
    try:
        verify.request(request.organisation, by=request.user, now=request.now)
    except verify.CannotVerify as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The check has begun.")
    return redirect("health:index", organisation=request.organisation.pk)


def _counts(found: Proofs) -> list[dict[str, Any]]:
    return list(found.latest.counts) if found.latest else []


def _may_check(request: OrganisationRequest, books: Books) -> bool:
    connection = books.connection
    is_read = connection is not None and connection.state == "connected" and connection.complete_sync_at
    return bool(is_read) and has_at_least(request.membership.role, Role.CHASER)


def _blocking(request: OrganisationRequest, books: Books) -> str:
    """What stops all chasing, in a sentence; empty: nothing does."""
    connection = books.connection
    if connection is None:
        return "Nothing is connected, so there is nobody to chase."
    if connection.state != "connected":
        return "The books are disconnected: nothing is sent until somebody reconnects them."
    if connection.complete_sync_at is None:
        return "The books are being read for the first time: chasing begins after that."
    if request.now - connection.complete_sync_at > STALE:
        return "The books here are more than a day old: nothing is sent before they were read again."
    if request.organisation.is_paused:
        return "Chasing is paused."
    return ""


def _line(request: OrganisationRequest, books: Books, one: Difference, place: Place) -> dict[str, Any]:
    word, tone = OUTCOMES[one.outcome]
    return {
        "sentence": sentence(one),
        "word": word,
        "tone": tone,
        "remedy": remedy(one.kind, one.outcome),
        "name": one.number or one.customer,
        "url": _url(request, place.customer, place.invoice),
        "books_url": _books_url(books, one.customer_id, one.invoice_id),
    }


def _issue(request: OrganisationRequest, books: Books, one: Issue) -> dict[str, Any]:
    rows = [
        {
            "title": row.title,
            "note": row.note,
            "url": _url(request, row.customer, row.invoice),
            "books_url": _books_url(books, row.customer_id, row.invoice_id),
        }
        for row in one.rows
    ]
    return {"issue": one, "advice": ISSUES[one.kind], "rows": rows}


def _url(request: OrganisationRequest, customer: int | None, invoice: int | None) -> str:
    """The page here; an invoice's before its customer's."""
    organisation = request.organisation.pk
    if invoice is not None:
        return reverse("invoices:page", kwargs={"organisation": organisation, "pk": invoice})
    if customer is not None:
        return reverse("customers:page", kwargs={"organisation": organisation, "pk": customer})
    return ""


def _books_url(books: Books, customer: str, invoice: str) -> str:
    if invoice:
        return books.invoice(invoice)
    return books.customer(customer) if customer else ""
