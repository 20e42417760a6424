"""What a person holds back: disputes, promises and pauses on invoices, holds on customers (chasing-rules.md section 3).

A new hold of a kind replaces the one before (R7); payments, due dates and reopening end none.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from dunright.models import Customer, Hold, HoldKind, Invoice, Organisation, Role, User
from dunright.queries.local_time import local_date
from dunright.services import outlook, source_writes, timeline
from dunright.services.permissions import require

_AT_ONCE = 500


class CannotHold(Exception):
    """The hold is not possible; the message says why."""


def dispute(invoice: Invoice, *, why: str, by: User | None, now: datetime) -> Hold:
    """The customer objects to the invoice: it waits until the dispute is ended."""
    sentence = f"{invoice.number} is disputed"
    return _set(invoice.customer, invoice, HoldKind.DISPUTE, None, why=why, by=by, now=now, sentence=sentence)


def accept_promise(invoice: Invoice, *, promised: date, why: str, by: User | None, now: datetime) -> Hold:
    """The customer will pay by a day; the day itself still belongs to the customer."""
    if promised < local_date(invoice.organisation, now):
        raise CannotHold(f"{promised} is over already; a promise needs a day from today on.")
    sentence = f"Payment of {invoice.number} is promised for {promised}"
    return _set(
        invoice.customer, invoice, HoldKind.PROMISE, promised, why=why, by=by, now=now, sentence=sentence
    )


def pause_invoice(invoice: Invoice, *, until: date | None, why: str, by: User | None, now: datetime) -> Hold:
    """Leave the invoice alone until a day, or until resumed."""
    _must_be_later(invoice.organisation, until, now)
    sentence = f"{invoice.number} is paused" + (f" until {until}" if until else "")
    return _set(invoice.customer, invoice, HoldKind.PAUSE, until, why=why, by=by, now=now, sentence=sentence)


def pause_invoices(
    organisation: Organisation, invoices: Sequence[Invoice], *, why: str, by: User | None, now: datetime
) -> None:
    """Leave many invoices alone until each is resumed, with their customers and organisation read along."""
    require(organisation, by, Role.CHASER)
    with transaction.atomic():
        for start in range(0, len(invoices), _AT_ONCE):
            some = invoices[start : start + _AT_ONCE]
            Hold.objects.filter(
                organisation=organisation, invoice__in=some, kind=HoldKind.PAUSE, ended_at=None
            ).update(ended_at=now, ended_by=by)
            Hold.objects.bulk_create(
                Hold(
                    organisation=organisation,
                    customer=one.customer,
                    invoice=one,
                    kind=HoldKind.PAUSE,
                    why=why,
                    created_at=now,
                    created_by=by,
                )
                for one in some
            )
        for one in invoices:
            timeline.record(
                organisation,
                HoldKind.PAUSE,
                f"{one.number} is paused",
                at=now,
                customer=one.customer,
                invoice=one,
                by=by,
                detail=why,
            )


def hold_customer(
    customer: Customer,
    *,
    until: date | None,
    why: str,
    by: User | None,
    now: datetime,
    origin: str = "person",
) -> Hold:
    """Leave the whole customer alone until a day, or until resumed."""
    _must_be_later(customer.organisation, until, now)
    sentence = f"{customer.name} is on hold" + (f" until {until}" if until else "")
    return _set(
        customer, None, HoldKind.CUSTOMER, until, why=why, by=by, now=now, sentence=sentence, origin=origin
    )


def end(hold: Hold, *, by: User | None, now: datetime) -> bool:
    """End a hold; false when it was ended already."""
    require(hold.organisation, by, Role.CHASER)
    with transaction.atomic():
        open_one = Hold.objects.filter(organisation=hold.organisation, pk=hold.pk, ended_at=None)
        if not open_one.update(ended_at=now, ended_by=by):
            return False
        about = hold.invoice.number if hold.invoice else hold.customer.name
        sentence = f"{HoldKind(hold.kind).label} of {about} ended"
        timeline.record(
            hold.organisation,
            "hold_ended",
            sentence,
            at=now,
            customer=hold.customer,
            invoice=hold.invoice,
            by=by,
        )
        source_writes.promise_ended(hold, now=now)
    outlook.refresh(hold.organisation, now=now, customers=[hold.customer_id])
    return True


def end_all(customer: Customer, *, by: User | None, now: datetime) -> int:
    """Resume everything of a customer: its own hold and those on its invoices. The number ended."""
    open_ones = Hold.objects.filter(organisation=customer.organisation, customer=customer, ended_at=None)
    return sum(
        end(hold, by=by, now=now) for hold in open_ones.select_related("organisation", "customer", "invoice")
    )


def _must_be_later(organisation: Organisation, until: date | None, now: datetime) -> None:
    if until is not None and until <= local_date(organisation, now):
        raise CannotHold(f"{until} is over already; give a later day, or none.")


def _set(  # noqa: PLR0913 - the facts of one hold, by name
    customer: Customer,
    invoice: Invoice | None,
    kind: HoldKind,
    day: date | None,
    *,
    why: str,
    by: User | None,
    now: datetime,
    sentence: str,
    origin: str = "person",
) -> Hold:
    organisation = customer.organisation
    require(organisation, by, Role.CHASER)
    with transaction.atomic():
        Hold.objects.filter(
            organisation=organisation, customer=customer, invoice=invoice, kind=kind, ended_at=None
        ).update(ended_at=now, ended_by=by)
        hold = Hold.objects.create(
            organisation=organisation,
            customer=customer,
            invoice=invoice,
            kind=kind,
            date=day,
            why=why[:1000],
            origin=origin,
            created_at=now,
            created_by=by,
        )
        timeline.record(
            organisation, str(kind), sentence, at=now, customer=customer, invoice=invoice, by=by, detail=why
        )
        if kind == HoldKind.PROMISE:
            source_writes.promised(hold, now=now)
    outlook.refresh(organisation, now=now, customers=[customer.pk])
    return hold


def open_holds(organisation: Organisation, customers: Sequence[int]) -> list[Hold]:
    """Holds in force of these customers."""
    rows = Hold.objects.filter(organisation=organisation, customer__in=customers, ended_at=None)
    return list(rows.order_by("pk"))
