"""Receivables: who owes what, and what comes next with each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dunright.models import Role
from dunright.queries import customers as customer_lists
from dunright.queries import invoices as invoice_lists
from dunright.queries.customers import CustomerRow
from dunright.queries.filters import PAGE_SIZE, Filters
from dunright.queries.receivables import Figures, figures
from dunright.services.outlook import next_run_date
from dunright.services.permissions import has_at_least
from dunright.web import formats
from dunright.web.charts import AGE_LABELS, Band
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.receivables.books import Books
from dunright.web.receivables.forms import filters_from
from dunright.web.receivables.told import Told, told

STATE_LABELS = {"all": "All", "overdue": "Overdue", "held": "Held back", "not_chasing": "Not chasing"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the template draws it."""

    row: Any
    told: Told
    books_url: str
    url: str
    """The page of the row's own record; what is done about it lies below."""
    customer_url: str = ""


@require_safe
@organisation_page()
def index(request: OrganisationRequest) -> HttpResponse:
    """Customers who owe something; a search finds those who owe nothing too."""
    filters = filters_from(request.GET, customer_lists.SORTS)
    found = customer_lists.listing(
        request.organisation, filters, base=request.settings.currency, today=request.today, now=request.now
    )
    day = formats.day_in_words(found.leaves_on, request.today) if found.leaves_on else "next"
    books = Books(request.organisation)
    start = start_of(request, "customers")
    return render(
        request,
        "receivables/index.html",
        {
            **_frame(request, filters, found, tab="customers", leaves=f"Leaves {day}"),
            "lines": [customer_line(request, books, row, start) for row in found.rows],
            "books_name": books.name,
            "default_schedule": found.default_schedule,
            "sort": filters.sort or customer_lists.DEFAULT_SORT,
        },
    )


@require_safe
@organisation_page()
def invoices(request: OrganisationRequest) -> HttpResponse:
    """Open invoices."""
    filters = filters_from(request.GET, invoice_lists.SORTS)
    found = invoice_lists.listing(
        request.organisation,
        filters,
        next_run=next_run_date(request.organisation, request.now),
        today=request.today,
        now=request.now,
    )
    books = Books(request.organisation)
    invoice_start, customer_start = start_of(request, "invoices"), start_of(request, "customers")
    return render(
        request,
        "receivables/invoices.html",
        {
            **_frame(request, filters, found, tab="invoices", leaves="On their way"),
            "lines": [
                Line(
                    row,
                    told(row.next, today=request.today),
                    books.invoice(row.invoice.external_id),
                    f"{invoice_start}{row.invoice.pk}/",
                    f"{customer_start}{row.invoice.customer_id}/",
                )
                for row in found.rows
            ],
            "books_name": books.name,
            "sort": filters.sort or invoice_lists.DEFAULT_SORT,
        },
    )


def start_of(request: OrganisationRequest, feature: str) -> str:
    """What the addresses of a feature's records begin with, up to the key.

    Asked once a list: the resolver would take a tenth of the page's time for hundreds of links.
    """
    return reverse(f"{feature}:page", args=[request.organisation.pk, 0]).removesuffix("0/")


def customer_line(request: OrganisationRequest, books: Books, row: CustomerRow, start: str) -> Line:
    """A customer's row with its words and its links."""
    words = told(row.next, today=request.today, amounts=row.amounts)
    customer = row.customer
    return Line(row, words, books.customer(customer.external_id), f"{start}{customer.pk}/")


def _frame(
    request: OrganisationRequest, filters: Filters, found: Any, *, tab: str, leaves: str
) -> dict[str, Any]:
    """What both tabs show: figures, filters, footer, paging."""
    base = request.settings.currency
    per_currency = figures(request.organisation, today=request.today, base=base, owed=found.totals)
    first, others = per_currency[0], per_currency[1:]
    labels = {**STATE_LABELS, "leaves": leaves}
    order = ("all", "overdue", "leaves", "held", "not_chasing")
    page = Paginator(range(found.count), PAGE_SIZE).get_page(found.page)
    return {
        "title": "Receivables",
        "tab": tab,
        "noun": tab.removesuffix("s"),
        "figures": first,
        "others": others,
        "ageing": [(one.currency, bands_of(one)) for one in per_currency if one.outstanding],
        "share": round(100 * first.overdue / first.outstanding) if first.outstanding else 0,
        "customer_count": found.owing,
        "invoice_count": sum(one.open_count for one in per_currency),
        "states": [(key, labels[key], found.counts[key], key == filters.state) for key in order],
        "filters": filters,
        "is_narrowed": bool(filters.search or filters.schedule or filters.reason or filters.state != "all"),
        "reasons": found.reasons,
        "schedules": found.schedules,
        "sums": ordered_sums(found.sums, base),
        "page": page,
        "may_act": has_at_least(request.membership.role, Role.CHASER),
    }


def bands_of(one: Figures) -> list[Band]:
    """The aged-debtor bar of one currency."""
    return [
        Band(label, band.amount, formats.count(band.customers, "customer"))
        for label, band in zip(AGE_LABELS, one.bands, strict=True)
    ]


def ordered_sums(
    sums: Mapping[str, tuple[Decimal, Decimal]], base: str
) -> list[tuple[str, Decimal, Decimal]]:
    """(currency, outstanding, overdue), the base currency first; a zero in it when nothing is owed."""
    rows = [(code, *amounts) for code, amounts in sums.items()] or [(base, Decimal(0), Decimal(0))]
    return sorted(rows, key=lambda row: (row[0] != base, row[0]))
