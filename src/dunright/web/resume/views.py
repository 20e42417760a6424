"""Resume chasing: what the next run would send is shown before anything leaves (chasing-rules.md R5a, section 5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dunright.models import Customer, Invoice, MessageState, OutboxMessage, Role
from dunright.services import entries, organisations
from dunright.services.entries import ENTRIES, Entries, Entry, Foreseen
from dunright.services.outlook import next_run_date
from dunright.web import formats
from dunright.web.customers.answers import READ_OR_SAVE
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.resume.forms import LABELS, NOTES, EntriesForm, chosen_singly
from dunright.web.upcoming.modes import how_they_leave
from dunright.web.upcoming.views import is_paused

MOST_SHOWN = 200
"""Invoices that can be chosen one by one, the oldest; the others go with their group."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice for a group, and what comes of it."""

    value: Entry
    label: str
    note: str
    foreseen: Foreseen
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    size: int
    sums: Sequence[tuple[str, Decimal]]
    options: Sequence[Option]


@require_http_methods(READ_OR_SAVE)
@organisation_page(Role.MANAGER)
def index(request: OrganisationRequest) -> HttpResponse:
    """Ask how old invoices begin, the first time; show what follows; resume."""
    if not is_paused(request):
        return render(request, "resume/index.html", {"title": "Resume chasing", "is_running": True})
    if request.organisation.first_resumed_at is None:
        return _first(request)
    if request.method == "POST":
        return _resume(request, None)
    return render(request, "resume/index.html", {"title": "Resume chasing", **_what_waits(request)})


def _first(request: OrganisationRequest) -> HttpResponse:
    rows = list(
        entries.overdue(request.organisation, now=request.now)
        .select_related("customer")
        .only("number", "due_date", "balance", "currency", "customer__name")
    )
    proposed = entries.proposed(request.organisation)
    form = EntriesForm(request.POST if request.method == "POST" else None, proposed=proposed)
    chosen = proposed
    if request.method == "POST" and form.is_valid():
        chosen = form.entries(chosen_singly(request.POST, [one.pk for one in rows]))
        if request.POST.get("do") == "resume":
            return _resume(request, chosen)
    context = {
        "title": "Resume chasing",
        "is_first": True,
        **_choices(request, rows, chosen),
        **_what_waits(request),
    }
    return render(request, "resume/index.html", context)


def _resume(request: OrganisationRequest, chosen: Entries | None) -> HttpResponse:
    organisations.resume(request.organisation, by=request.user, now=request.now, entries=chosen)
    day = formats.day_in_words(next_run_date(request.organisation, request.now), request.today)
    messages.success(request, f"Chasing is resumed. The next run is {day}.")
    return redirect(reverse("upcoming:index", args=[request.organisation.pk]))


def _what_waits(request: OrganisationRequest) -> dict[str, object]:
    organisation = request.organisation
    return {
        "next_run": next_run_date(organisation, request.now),
        "customers": Customer.objects.filter(organisation=organisation, next_verdict="send").count(),
        "waiting": OutboxMessage.objects.filter(
            organisation=organisation, state=MessageState.PENDING
        ).count(),
        "leaving": how_they_leave(request.settings),
    }


def _choices(request: OrganisationRequest, rows: Sequence[Invoice], chosen: Entries) -> dict[str, object]:
    """The two groups with what each of their choices leads to, and the oldest invoices one by one."""
    today = request.today
    variants = [
        chosen,
        *(replace(chosen, overdue=entry) for entry in ENTRIES),
        *(replace(chosen, very_old=entry) for entry in ENTRIES),
    ]
    outcome, *others = entries.foresee(request.organisation, variants, now=request.now)
    old = [one for one in rows if _is_very_old(one, today)]
    young = [one for one in rows if not _is_very_old(one, today)]
    groups = [
        _group("overdue", "Overdue by up to 180 days", young, others[: len(ENTRIES)], chosen.overdue),
        _group("very_old", "Overdue by more than 180 days", old, others[len(ENTRIES) :], chosen.very_old),
    ]
    return {
        "outcome": outcome,
        "groups": [one for one in groups if one.size],
        "rows": [(one, chosen.invoices.get(one.pk, "")) for one in rows[:MOST_SHOWN]],
        "entries": [
            (entry, LABELS[entry].replace(" them", "").replace("they stand", "it stands"))
            for entry in ENTRIES
        ],
        "more": max(len(rows) - MOST_SHOWN, 0),
    }


def _is_very_old(invoice: Invoice, today: date) -> bool:
    return invoice.due_date is not None and entries.is_very_old(invoice.due_date, today)


def _group(
    name: str, title: str, rows: Sequence[Invoice], outcomes: Sequence[Foreseen], chosen: Entry
) -> Group:
    sums: dict[str, Decimal] = {}
    for one in rows:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.balance
    options = [
        Option(entry, LABELS[entry], NOTES[entry], outcome, entry == chosen)
        for entry, outcome in zip(ENTRIES, outcomes, strict=True)
    ]
    return Group(name, title, len(rows), sorted(sums.items()), options)
