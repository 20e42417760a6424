"""Rows -> the facts that `domain.chasing` decides on; a handful of statements for any number of customers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from dunright.domain.addresses import same_address_key
from dunright.domain.facts import Consumed, CustomerFacts, InvoiceFacts, OrganisationFacts, PersonFacts, Until
from dunright.domain.other_mail import OTHER_KINDS
from dunright.domain.schedules import Schedule
from dunright.models import (
    AddressFlag,
    Connection,
    ConsumedStep,
    ContactPerson,
    CreditNote,
    Customer,
    Hold,
    HoldKind,
    Invoice,
    MessageState,
    Organisation,
    OutboxLine,
    Payment,
    Sender,
    SpentAddress,
)
from dunright.queries.local_time import local_date, settings_of
from dunright.queries.policies import schedules_of

FRESH_FOR = timedelta(hours=24)
"""`stale_data`: how old the last complete sync may be at a run (chasing-rules.md section 3)."""
NOT_CHASED = "none"
RowT = TypeVar("RowT", bound=Model)


class Surroundings(NamedTuple):
    """What holds for every customer of an organisation at a moment: read once, used for many."""

    organisation: OrganisationFacts
    schedules: Mapping[str, Schedule]
    default: Schedule | None
    dead_addresses: frozenset[str]


def organisation_facts(
    organisation: Organisation,
    *,
    now: datetime,
    is_fresh: bool | None = None,
    books: Connection | None = None,
) -> OrganisationFacts:
    """The organisation's own guards. `is_fresh`: whether the data are; None: by the age of the last complete sync.

    `books`: the connection, where the caller has just read it.
    """
    connection = books or Connection.objects.filter(organisation=organisation).first()
    if is_fresh is None:
        synced = connection.complete_sync_at if connection else None
        is_fresh = synced is not None and synced >= now - FRESH_FOR
    paused = None
    if organisation.is_paused:
        until = organisation.paused_until
        if until is None or local_date(organisation, now) < until:
            paused = Until(until)
    has_escalated = Sender.objects.filter(
        organisation=organisation, level="escalated", is_active=True
    ).exists()
    return OrganisationFacts(
        policy=settings_of(organisation).policy(has_escalated_sender=has_escalated),
        paused=paused,
        disconnected=connection is None or connection.state != "connected",
        stale_data=not is_fresh,
    )


def surroundings(
    organisation: Organisation,
    *,
    now: datetime,
    is_fresh: bool | None = None,
    books: Connection | None = None,
) -> Surroundings:
    """Everything that customers have in common. `is_fresh` and `books` as in `organisation_facts`."""
    schedules = schedules_of(organisation)
    flags = AddressFlag.objects.filter(organisation=organisation).values_list("address_key", flat=True)
    return Surroundings(
        organisation=organisation_facts(organisation, now=now, is_fresh=is_fresh, books=books),
        schedules=schedules,
        default=next((one for one in schedules.values() if one.default), None),
        dead_addresses=frozenset(flags),
    )


def customers_with_open_invoices(organisation: Organisation) -> QuerySet[Customer]:
    """Customers whom a run looks at, in the order of their id."""
    open_ones = Invoice.objects.filter(organisation=organisation, gone_at=None).filter(_IN_QUESTION)
    return Customer.objects.filter(
        organisation=organisation, gone_at=None, pk__in=open_ones.values("customer_id")
    ).order_by("pk")


_IN_QUESTION = Q(status="open") | (Q(decided_on__isnull=False) & ~Q(reason="not_open"))
"""Open invoices, and those that ceased to be: once more, so that their last decision says so."""


class Known(NamedTuple):
    """Rows that a page has just read for showing them, so that they need not be read again for the facts."""

    customers: Iterable[Customer]
    holds: Iterable[Hold]
    """Those that nobody has ended."""


def customer_facts(
    organisation: Organisation,
    customers: Collection[int],
    *,
    around: Surroundings,
    known: Known | None = None,
) -> dict[int, CustomerFacts]:
    """Facts of these customers by primary key. Ids in the facts are primary keys as text.

    `known` holds these customers and at least their holds.
    """
    rows: Iterable[Customer] = (
        known.customers if known else Customer.objects.filter(organisation=organisation, pk__in=customers)
    )
    invoices = _invoices(organisation, customers)
    holds = _grouped(known.holds if known else _holds(organisation, customers), "customer_id")
    consumed = _consumed(organisation, [one.pk for group in invoices.values() for one in group])
    uncertain = _uncertain(organisation, customers)
    persons = _persons(organisation, customers, around.dead_addresses)
    unapplied = _credits(organisation, customers)
    facts: dict[int, CustomerFacts] = {}
    for customer in rows:
        mine = holds.get(customer.pk, [])
        facts[customer.pk] = CustomerFacts(
            id=str(customer.pk),
            invoices=tuple(
                _invoice_facts(
                    invoice,
                    customer,
                    around,
                    holds=[hold for hold in mine if hold.invoice_id == invoice.pk],
                    consumed=tuple(consumed.get(invoice.pk, ())),
                    is_uncertain=invoice.pk in uncertain,
                )
                for invoice in invoices.get(customer.pk, ())
            ),
            persons=tuple(persons.get(customer.pk, ())),
            chasing=customer.is_chasing,
            excluded=customer.is_excluded,
            hold=next((Until(hold.date) for hold in mine if hold.invoice_id is None), None),
            credits=unapplied.get(customer.pk, {}),
            last_message_on=customer.last_message_date,
        )
    return facts


def spent_addresses(organisation: Organisation, day: date, *, without_message: int | None = None) -> set[str]:
    """Keys of the addresses that have their chasing message of the day (R8)."""
    rows = SpentAddress.objects.filter(organisation=organisation, day=day)
    if without_message is not None:
        rows = rows.exclude(message=without_message)
    return set(rows.values_list("address_key", flat=True))


def schedule_in_force(invoice: Invoice, customer: Customer, around: Surroundings) -> Schedule | None:
    """The nearest of invoice, customer, default; archived, missing or `none` is never replaced by the default."""
    name = invoice.schedule_name or customer.schedule_name
    if not name:
        return around.default
    return None if name == NOT_CHASED else around.schedules.get(name)


def _invoice_facts(
    invoice: Invoice,
    customer: Customer,
    around: Surroundings,
    *,
    holds: list[Hold],
    consumed: tuple[Consumed, ...],
    is_uncertain: bool,
) -> InvoiceFacts:
    by_kind = {hold.kind: hold for hold in holds}
    promise = by_kind.get(HoldKind.PROMISE)
    pause = by_kind.get(HoldKind.PAUSE)
    return InvoiceFacts(
        id=str(invoice.pk),
        number=invoice.number,
        issued=invoice.issue_date,
        seen=invoice.first_open_date or invoice.issue_date or date.max,
        due=invoice.due_date,
        status=invoice.status,  # type: ignore[arg-type]  # the connector's own five words
        balance=invoice.balance,
        currency=invoice.currency,
        rate=invoice.rate,
        schedule=schedule_in_force(invoice, customer, around),
        chasing=invoice.is_chasing,
        consumed=consumed,
        last_listed_on=invoice.last_listed_date,
        entry="gently" if invoice.entry == "gently" else "nearest",
        disputed=HoldKind.DISPUTE in by_kind,
        promised=promise.date if promise else None,
        paused=Until(pause.date) if pause else None,
        payment_pending=invoice.payment_pending,
        uncertain=is_uncertain,
    )


def _invoices(organisation: Organisation, customers: Collection[int]) -> dict[int, list[Invoice]]:
    rows = Invoice.objects.filter(
        _IN_QUESTION, organisation=organisation, customer__in=customers, gone_at=None
    )
    rows = rows.defer("extra", "billing_address", "link").order_by("customer_id", "due_date", "number", "pk")
    return _grouped(rows, "customer_id")


def _holds(organisation: Organisation, customers: Collection[int]) -> QuerySet[Hold]:
    return Hold.objects.filter(organisation=organisation, customer__in=customers, ended_at=None)


def _consumed(organisation: Organisation, invoices: Collection[int]) -> dict[int, list[Consumed]]:
    found: dict[int, list[Consumed]] = defaultdict(list)
    rows = ConsumedStep.objects.filter(organisation=organisation, invoice__in=invoices)
    for row in rows.order_by("pk"):
        found[row.invoice_id].append(
            Consumed(row.schedule_name, row.step, row.days, row.consumed_on, times_sent=row.times_sent)
        )
    return found


def _uncertain(organisation: Organisation, customers: Collection[int]) -> set[int]:
    """Invoices listed by a message whose fate is unknown (section 6.4)."""
    # One by hand that a worker has counts at once: it asks in turn whether a reminder of a run is with a worker.
    leaving = Q(message__handed_over_at__isnull=False) | Q(message__kind="by_hand")
    unknown = Q(message__state=MessageState.UNCERTAIN) | (Q(message__state=MessageState.CLAIMED) & leaving)
    rows = OutboxLine.objects.filter(unknown, organisation=organisation, message__customer__in=customers)
    return set(rows.exclude(message__kind__in=OTHER_KINDS).values_list("invoice_id", flat=True))


def _persons(
    organisation: Organisation, customers: Collection[int], dead: frozenset[str]
) -> dict[int, list[PersonFacts]]:
    found: dict[int, list[PersonFacts]] = defaultdict(list)
    rows = ContactPerson.objects.filter(organisation=organisation, customer__in=customers, gone_at=None)
    for row in rows.order_by("external_id"):
        is_off = (
            not row.level or not row.may_be_emailed or (row.email and same_address_key(row.email) in dead)
        )
        found[row.customer_id].append(
            PersonFacts(
                id=str(row.pk),
                email=row.email or None,
                level="off" if is_off else row.level,  # type: ignore[arg-type]  # one of PersonLevel
                is_primary=row.is_primary,
                first_name=row.first_name,
                last_name=row.last_name,
            )
        )
    return found


def _credits(organisation: Organisation, customers: Collection[int]) -> dict[int, dict[str, Decimal]]:
    """Credit notes not yet applied and payments not yet used, by currency."""
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    notes = CreditNote.objects.filter(
        organisation=organisation, customer__in=customers, status="open", gone_at=None, balance__gt=0
    ).values_list("customer_id", "currency", "customer__currency", "balance")
    payments = Payment.objects.filter(
        organisation=organisation, customer__in=customers, gone_at=None, unused__gt=0
    ).values_list("customer_id", "currency", "customer__currency", "unused")
    # All of them: two payments of the same amount are not one.
    for customer, currency, own, left in notes.union(payments, all=True):
        found[customer][currency or own] += left
    return {customer: dict(sums) for customer, sums in found.items()}


def _grouped(rows: Iterable[RowT], by: str) -> dict[int, list[RowT]]:
    groups: dict[int, list[RowT]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, by)].append(row)
    return groups
