"""One customer: the verdict, the people, what is open, what happened."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dunright.models import Customer, PersonLevel, Role
from dunright.queries import one_customer
from dunright.queries.facts import NOT_CHASED
from dunright.queries.filters import NOT_YET, PAGE_SIZE
from dunright.queries.one_customer import EVENT_KINDS, EVENTS, CustomerPage, Person
from dunright.services.outlook import next_run_date
from dunright.services.permissions import has_at_least
from dunright.web import formats
from dunright.web.customers.answers import customer_or_404
from dunright.web.customers.stories import story
from dunright.web.customers.verdict import message_sums, verdict
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.receivables.books import Books, message_url
from dunright.web.receivables.told import told
from dunright.web.words import word

EVENT_LABELS = {"": "All", "messages": "Messages", "payments": "Payments", "notes": "Notes"}


@dataclass(frozen=True, slots=True)
class Amounts:
    """A figure of a detail page: one amount per currency, and a line under them."""

    amounts: list[tuple[str, Decimal]]
    note: str = ""


@require_safe
@organisation_page()
def page(request: OrganisationRequest, pk: int) -> HttpResponse:
    """The customer's page."""
    customer = customer_or_404(request, pk)
    found = one_customer.read(
        request.organisation,
        customer,
        next_run=next_run_date(request.organisation, request.now),
        base=request.settings.currency,
        now=request.now,
    )
    kind = request.GET.get("events", "")
    kind = kind if kind in EVENT_KINDS else ""
    events = Paginator(one_customer.events(request.organisation, customer, kind=kind), EVENTS)
    shown = events.get_page(request.GET.get("page"))
    books = Books(request.organisation)
    message = found.message
    return render(
        request,
        "customers/page.html",
        {
            "title": customer.name,
            "customer": customer,
            "found": found,
            "verdict": verdict(found, today=request.today),
            "message_url": message_url(request.organisation.pk, message.pk) if message else "",
            "figures": figures(found, request),
            "lines": [(one.invoice, told(one.next, today=request.today)) for one in found.invoices],
            "people": [(one, dialable(one)) for one in found.persons],
            "levels": PersonLevel.choices,
            "stories": [story(entry, today=request.today) for entry in shown],
            "events_page": shown,
            "event_kinds": [(key, label, key == kind) for key, label in EVENT_LABELS.items()],
            "address": address_lines(customer),
            "phone": phone_link(customer.phone),
            "schedules": [*found.teller.schedules, NOT_CHASED],
            "default_schedule": found.teller.default.name if found.teller.default else "none",
            "books_url": books.customer(customer.external_id),
            "books_name": books.name,
            "may_act": has_at_least(request.membership.role, Role.CHASER),
        },
    )


@require_safe
@organisation_page()
def paid(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Invoices on which nothing is owed any more."""
    customer = customer_or_404(request, pk)
    rows = Paginator(one_customer.settled_invoices(request.organisation, customer), PAGE_SIZE)
    context = {
        "title": f"Paid invoices of {customer.name}",
        "customer": customer,
        "page": rows.get_page(request.GET.get("page")),
    }
    return render(request, "customers/paid.html", context)


def figures(found: CustomerPage, request: OrganisationRequest) -> list[tuple[str, Amounts]]:
    """Outstanding, overdue, what leaves, what is held back; per currency, never added."""
    base = request.settings.currency
    opened = sum(total.open_count for total in found.totals)
    late = sum(total.overdue_count for total in found.totals)
    oldest = min(
        (one.oldest_due_date for one in found.totals if one.overdue and one.oldest_due_date), default=None
    )
    overdue_note = (
        f"{formats.count(late, 'invoice')}, oldest {formats.late(oldest, request.today)}"
        if late
        else "Nothing late"
    )
    leaving: dict[str, Decimal] = {}
    label, note = "Leaves next", "Nothing"
    draft = found.decided.decision.message
    if found.message is not None:
        leaving = message_sums(found.message)
        label = f"Leaves {formats.day_in_words(found.message.run_date, request.today)}"
        note = f"{found.teller.message_name(found.message)}, {formats.count(len(found.message.lines.all()), 'invoice')}"
    elif draft is not None:
        leaving = dict(draft.totals)
        label = f"Leaves {formats.day_in_words(found.decided.day, request.today)}"
        note = f"{draft.step.template or draft.step.id}, {formats.count(len(draft.lines), 'invoice')}"
    held = [one for one in found.invoices if one.next.reason and one.next.reason not in NOT_YET]
    reasons: dict[str, int] = {}
    for one in held:
        name = word(one.next.reason).label.lower()
        reasons[name] = reasons.get(name, 0) + 1
    return [
        (
            "Outstanding",
            Amounts(
                _amounts(((t.currency, t.outstanding) for t in found.totals), base),
                formats.count(opened, "open invoice"),
            ),
        ),
        ("Overdue", Amounts(_amounts(((t.currency, t.overdue) for t in found.totals), base), overdue_note)),
        (label, Amounts(_amounts(leaving.items(), base), note)),
        (
            "Held back",
            Amounts(
                _amounts(((one.invoice.currency, one.invoice.balance) for one in held), base),
                ", ".join(f"{number} {name}" for name, number in reasons.items()) or "Nothing",
            ),
        ),
    ]


def _amounts(pairs: Iterable[tuple[str, Decimal]], base: str) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for currency, amount in pairs:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    rows = [(code, amount) for code, amount in sums.items() if amount] or [
        (next(iter(sums), base), Decimal(0))
    ]
    return sorted(rows, key=lambda row: (row[0] != base, row[0]))


def dialable(one: Person) -> list[tuple[str, str]]:
    """(number as written, link) of a person's phones."""
    numbers = dict.fromkeys(number for number in (one.person.phone, one.person.mobile) if number)
    return [(number, phone_link(number)) for number in numbers]


def phone_link(number: str) -> str:
    """`tel:` with nothing but digits and a leading plus; empty for what holds no number."""
    digits = re.sub(r"[^0-9+]", "", number.split("ext", maxsplit=1)[0])
    plus = "+" if digits.startswith("+") else ""
    plain = digits.replace("+", "")
    return f"tel:{plus}{plain}" if plain else ""


def address_lines(customer: Customer) -> list[str]:
    """The billing address, line by line; parts that are missing leave no gap."""
    parts = customer.billing_address or {}
    place = " ".join(str(parts.get(key) or "") for key in ("postcode", "city")).strip()
    lines = [
        parts.get("attention"),
        parts.get("street"),
        parts.get("street2"),
        place,
        parts.get("state"),
        parts.get("country"),
    ]
    return [str(line) for line in lines if line]
