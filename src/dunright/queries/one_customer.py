"""One customer with everything a page shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet

from dunright.domain.addresses import same_address_key, usable_address
from dunright.models import (
    AddressFlag,
    ContactPerson,
    Customer,
    CustomerTotal,
    Invoice,
    Organisation,
    OutboxMessage,
    Sender,
    TimelineEntry,
)
from dunright.queries.facts import surroundings
from dunright.queries.invoices import open_invoices
from dunright.queries.next_steps import Decided, NextStep, Teller, coming_messages, read_lines
from dunright.queries.shell import books_of

NEW_FOR = timedelta(days=30)
"""How long a person who came after the first sync is marked as new."""
EVENTS = 20
"""Timeline entries on a page."""
EVENT_KINDS = {
    "messages": Q(kind__startswith="message_") | Q(kind__in=("approved", "edited", "settled")),
    "payments": Q(kind__in=("payment_seen", "invoice_changed")),
    "notes": Q(kind__in=("note", "call", "promise", "dispute", "pause", "customer", "hold_ended", "level")),
}


@dataclass(frozen=True, slots=True)
class Person:
    person: ContactPerson
    is_new: bool
    refused: str
    """The mail server's words when it refused the address for good; empty otherwise."""
    is_reachable: bool
    """Has an address that can be written to."""


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    invoice: Invoice
    next: NextStep


@dataclass(frozen=True, slots=True)
class CustomerPage:
    customer: Customer
    totals: Sequence[CustomerTotal]
    """One per currency, the base currency first."""
    invoices: Sequence[OpenInvoice]
    paid_count: int
    persons: Sequence[Person]
    message: OutboxMessage | None
    """On its way, with its lines."""
    decided: Decided
    teller: Teller
    last_sent: OutboxMessage | None
    credits: Sequence[tuple[str, Decimal]]
    """(currency, amount) not yet used."""
    sender: Sender | None
    escalated_sender: Sender | None


def find(organisation: Organisation, pk: int) -> Customer | None:
    """A customer of this organisation; None for another one's, or none at all."""
    return Customer.objects.filter(organisation=organisation, pk=pk).select_related("organisation").first()


def read(
    organisation: Organisation, customer: Customer, *, next_run: date, base: str, now: datetime
) -> CustomerPage:
    """Everything about a customer, in a constant number of statements. `next_run`: the day of the next run."""
    message = _coming(organisation, customer)
    teller = Teller(
        organisation,
        {customer.pk: customer},
        listed={line.invoice_id: message for line in message.lines.all()} if message else {},
        day=next_run,
        around=surroundings(organisation, now=now, books=books_of(organisation)),
    )
    decided = teller.decided[customer.pk]
    totals = CustomerTotal.objects.filter(organisation=organisation, customer=customer).order_by("currency")
    mine = open_invoices(organisation).filter(customer=customer).order_by("due_date", "number", "pk")
    senders = {one.level: one for one in Sender.objects.filter(organisation=organisation, is_active=True)}
    sent = OutboxMessage.objects.filter(
        organisation=organisation, customer=customer, slot="chase", state="sent"
    ).defer("html", "text", "content")
    return CustomerPage(
        customer=customer,
        totals=sorted(totals, key=lambda one: one.currency != base),
        invoices=[OpenInvoice(one, teller.of_invoice(customer.pk, one.pk)) for one in mine],
        paid_count=settled_invoices(organisation, customer).count(),
        persons=persons_of(organisation, customer, now=now),
        message=message,
        decided=decided,
        teller=teller,
        last_sent=sent.order_by("-settled_at", "-pk").first(),
        credits=sorted(decided.facts.credits.items()),
        sender=senders.get("normal"),
        escalated_sender=senders.get("escalated"),
    )


def _coming(organisation: Organisation, customer: Customer) -> OutboxMessage | None:
    message = coming_messages(organisation, [customer.pk]).get(customer.pk)
    if message is not None:
        read_lines(organisation, [message])
    return message


def settled_invoices(organisation: Organisation, customer: Customer) -> QuerySet[Invoice]:
    """What nothing is owed on any more, latest first."""
    rows = Invoice.objects.filter(
        organisation=organisation, customer=customer, status__in=("paid", "void", "written_off"), gone_at=None
    )
    return rows.order_by("-issue_date", "-number", "-pk")


def persons_of(organisation: Organisation, customer: Customer, *, now: datetime) -> list[Person]:
    """All contact persons: the primary one first, then those who get reminders, then the others."""
    rows = ContactPerson.objects.filter(organisation=organisation, customer=customer, gone_at=None)
    keys = {one: same_address_key(one.email) for one in rows if one.email}
    flags = dict(
        AddressFlag.objects.filter(organisation=organisation, address_key__in=keys.values()).values_list(
            "address_key", "reason"
        )
    )
    first = min((one.first_seen_at for one in rows if one.first_seen_at), default=now)
    persons = [
        Person(
            person=one,
            is_new=_is_new(one, first=first, now=now),
            refused=flags.get(keys.get(one, ""), ""),
            is_reachable=one.may_be_emailed
            and usable_address(one.email) is not None
            and keys.get(one) not in flags,
        )
        for one in rows
    ]
    return sorted(
        persons,
        key=lambda one: (not one.person.is_primary, one.person.level in {"", "off"}, one.person.external_id),
    )


def events(organisation: Organisation, customer: Customer, *, kind: str = "") -> QuerySet[TimelineEntry]:
    """What happened with a customer, latest first; `kind` one of EVENT_KINDS, empty: all."""
    rows = TimelineEntry.objects.filter(organisation=organisation, customer=customer)
    if kind:
        rows = rows.filter(EVENT_KINDS[kind])
    return (
        rows.select_related("by", "invoice", "message")
        .defer("message__html", "message__text", "message__content")
        .order_by("-at", "-pk")
    )


def _is_new(person: ContactPerson, *, first: datetime, now: datetime) -> bool:
    """Came after the customer's others and nobody has chosen a level yet (R12: offered on the customer's page)."""
    seen = person.first_seen_at
    if seen is None or person.level_chosen:
        return False
    return seen > first and now - seen < NEW_FOR
