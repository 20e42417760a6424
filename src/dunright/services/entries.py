"""How invoices are begun that are overdue when chasing is first resumed (chasing-rules.md R5a)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import QuerySet

from dunright.domain.chasing import decide_run
from dunright.domain.facts import CustomerFacts, InvoiceFacts, Until
from dunright.models import Invoice, Organisation, User
from dunright.queries.facts import Surroundings, customer_facts, customers_with_open_invoices, surroundings
from dunright.queries.local_time import local_date, settings_of
from dunright.queries.next_steps import as_if_running, name_of
from dunright.services import holds, outlook

Entry = Literal["gently", "nearest", "leave_alone"]
ENTRIES: tuple[Entry, ...] = ("gently", "nearest", "leave_alone")
VERY_OLD = timedelta(days=180)
"""Overdue by more: proposed to be left alone."""
WHY = "It was overdue before chasing began."
_AT_ONCE = 500


@dataclass(frozen=True)
class Entries:
    """What a person chose."""

    overdue: Entry
    """For those up to 180 days overdue."""
    very_old: Entry
    """For those more than 180 days overdue."""
    invoices: Mapping[int, Entry] = field(default_factory=dict)
    """Primary key -> what is chosen for that invoice alone."""

    def of(self, invoice: int, due: date, today: date) -> Entry:
        """What is chosen for an invoice that is overdue."""
        group = self.very_old if is_very_old(due, today) else self.overdue
        return self.invoices.get(invoice, group)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the next run would send after a choice."""

    messages: int
    by_step: Sequence[tuple[str, int]]
    """(what people know the leading step by, messages), the most first."""
    escalated: int
    """Of the messages, those of an escalated step."""
    left_alone: int
    """Invoices."""


def is_very_old(due: date, today: date) -> bool:
    """Whether an invoice is overdue by more than 180 days."""
    return today - due > VERY_OLD


def proposed(organisation: Organisation) -> Entries:
    """As the company's setting says, but very old invoices are left alone."""
    return Entries(settings_of(organisation).old_invoices, "leave_alone")


def overdue(organisation: Organisation, *, now: datetime) -> QuerySet[Invoice]:
    """The invoices it is about, the oldest first."""
    rows = Invoice.objects.filter(
        organisation=organisation, status="open", due_date__lt=local_date(organisation, now), gone_at=None
    )
    return rows.order_by("due_date", "number", "pk")


def begin(organisation: Organisation, entries: Entries, *, by: User | None, now: datetime) -> None:
    """Begin each as chosen. Inside a transaction."""
    today = local_date(organisation, now)
    chosen: dict[Entry, list[Invoice]] = {one: [] for one in ENTRIES}
    for invoice in overdue(organisation, now=now).select_related("customer", "organisation"):
        assert invoice.due_date is not None, "the filter asks for a date"
        chosen[entries.of(invoice.pk, invoice.due_date, today)].append(invoice)
    for entry in ("gently", "nearest"):
        pks = [one.pk for one in chosen[entry]]
        for start in range(0, len(pks), _AT_ONCE):
            some = Invoice.objects.filter(organisation=organisation, pk__in=pks[start : start + _AT_ONCE])
            some.update(entry=entry)
    holds.pause_invoices(organisation, chosen["leave_alone"], why=WHY, by=by, now=now)


def foresee(organisation: Organisation, choices: Sequence[Entries], *, now: datetime) -> list[Foreseen]:
    """What the next run would send after each of these choices. Changes nothing."""
    day, today = outlook.next_run_date(organisation, now), local_date(organisation, now)
    around = as_if_running(surroundings(organisation, now=now, is_fresh=True))
    customers = list(customers_with_open_invoices(organisation).values_list("pk", flat=True))
    facts = customer_facts(organisation, customers, around=around)
    known = [facts[pk] for pk in sorted(facts)]
    return [_foresee(known, entries, around, day=day, today=today) for entries in choices]


def _foresee(
    known: Sequence[CustomerFacts], entries: Entries, around: Surroundings, *, day: date, today: date
) -> Foreseen:
    left_alone = 0
    steps: Counter[str] = Counter()
    escalated = 0
    begun = []
    for customer in known:
        invoices = tuple(_begun(one, entries, today) for one in customer.invoices)
        left_alone += sum(
            one.paused is not None and before.paused is None
            for one, before in zip(invoices, customer.invoices, strict=True)
        )
        begun.append(replace(customer, invoices=invoices))
    for _, decision in decide_run(around.organisation, begun, today=day):
        if decision.message is not None:
            steps[name_of(decision.message.step)] += 1
            escalated += decision.message.step.is_escalated
    return Foreseen(steps.total(), steps.most_common(), escalated, left_alone)


def _begun(invoice: InvoiceFacts, entries: Entries, today: date) -> InvoiceFacts:
    if invoice.status != "open" or invoice.due is None or invoice.due >= today:
        return invoice
    entry = entries.of(int(invoice.id), invoice.due, today)
    if entry == "leave_alone":
        return replace(invoice, paused=Until())
    return replace(invoice, entry=entry)
