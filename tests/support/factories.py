"""Rows for tests: a company with its books, made the way the services make them, every date given.

The day of these tests is Tuesday 24 November 2026 in Dublin, two hours before the run at 11:00. Fields not named take
values of a plain, healthy company; `facts_follow` brings totals and outlooks in step after rows were made by hand.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from dunright.domain.settings import OrganisationSettings
from dunright.models import (
    Allocation,
    Connection,
    ContactPerson,
    CreditNote,
    Currency,
    Customer,
    Hold,
    Invoice,
    Membership,
    Organisation,
    OutboxLine,
    OutboxMessage,
    Payment,
    Role,
    Sender,
    User,
)
from dunright.services import organisations, outlook, receivables

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
JOINED = datetime(2026, 9, 8, 8, 0, tzinfo=UTC)
_numbers = count(1)


def number():
    """A number that no other row of this test run has."""
    return next(_numbers)


def user(email="", name="Aoife Brennan"):
    return User.objects.create_user(
        email or f"person{number()}@northwind.example", "a long secret", name=name
    )


def organisation(name="Northwind Parts Ltd", *, owner=None, is_connected=True, is_resumed=True, **settings):
    """A company as onboarding leaves it: connected, synced minutes ago, chasing resumed on 8 September.

    `settings` are those of OrganisationSettings; the default is a run on Tuesdays at 11:00 in Dublin, in euro.
    """
    plain = {"timezone": "Europe/Dublin", "currency": "EUR", "country": "IE", **settings}
    made = organisations.add(OrganisationSettings(name=name, **plain), owner=owner or user(), now=JOINED)
    if is_connected:
        connection(made)
    if is_resumed:
        Organisation.objects.filter(pk=made.pk).update(
            is_paused=False,
            paused_at=None,
            pause_reason="",
            first_resumed_at=JOINED,
            batch_approved_at=JOINED,
        )
        made.refresh_from_db()
    return made


def connection(organisation, **fields):
    plain = {
        "system": "zoho_books",
        "location": "eu",
        "external_id": f"2000{number()}",
        "books_name": organisation.name,
        "connected_at": JOINED,
        "changed_at": JOINED,
        "complete_sync_at": NOW - timedelta(minutes=4),
    }
    return Connection.objects.create(organisation=organisation, **{**plain, **fields})


def member(organisation, role=Role.CHASER, *, name="Declan Moore"):
    made = user(name=name)
    Membership.objects.create(organisation=organisation, user=made, role=role)
    return made


def owner(organisation):
    """The owner whom `organisation` was made with."""
    return User.objects.get(membership__organisation=organisation, membership__role=Role.OWNER)


def currency(organisation, code, rate="1", *, is_base=False):
    return Currency.objects.create(
        organisation=organisation, external_id=code, code=code, rate=Decimal(rate), is_base=is_base
    )


def customer(organisation, name="Halloran Bearings", **fields):
    """A customer without persons and invoices."""
    plain = {
        "external_id": f"9000{number()}",
        "currency": "EUR",
        "is_seen": True,
        "phone": "+353 20 910 0140",
        "billing_address": {
            "attention": "",
            "street": "Unit 7, Millrace Business Park",
            "street2": "Dock Road",
            "city": "Limerick",
            "state": "",
            "postcode": "V94 X0X0",
            "country": "Ireland",
            "phone": "",
        },
    }
    return Customer.objects.create(organisation=organisation, name=name, **{**plain, **fields})


def person(customer, email="orla@halloran.example", level="normal", **fields):
    plain = {
        "external_id": f"7000{number()}",
        "first_name": "Orla",
        "last_name": "Halloran",
        "phone": "+353 20 910 0142",
        "first_seen_at": JOINED,
    }
    return ContactPerson.objects.create(
        organisation=customer.organisation, customer=customer, email=email, level=level, **{**plain, **fields}
    )


def invoice(customer, number_="", *, due=date(2026, 11, 13), balance="2865.40", **fields):
    """An open invoice in euro, issued thirty days before it is due; `total` is its balance unless given."""
    plain = {
        "external_id": f"8000{number()}",
        "number": number_ or f"INV-{number()}",
        "status": "open",
        "issue_date": _before(due) if due else None,
        "due_date": due,
        "total": Decimal(balance),
        "balance": Decimal(balance),
        "currency": "EUR",
        "rate": Decimal(1),
        "first_open_date": _before(due) if due else JOINED.date(),
    }
    return Invoice.objects.create(
        organisation=customer.organisation, customer=customer, **{**plain, **fields}
    )


def _before(due):
    """Thirty days before a due date; the due date itself where the calendar begins."""
    return due - timedelta(days=30) if due.year > 1 else due


def payment(customer, amount, day, *, on=None, **fields):
    """A payment; `on` maps invoices to the amounts that settle them."""
    plain = {
        "external_id": f"6000{number()}",
        "currency": "EUR",
        "mode": "Bank transfer",
        "is_allocated": True,
        "invoice_numbers": [one.number for one in on or {}],
    }
    made = Payment.objects.create(
        organisation=customer.organisation,
        customer=customer,
        amount=Decimal(amount),
        payment_date=day,
        **{**plain, **fields},
    )
    for one, part in (on or {}).items():
        Allocation.objects.create(
            organisation=customer.organisation, payment=made, invoice=one, amount=Decimal(part)
        )
    return made


def credit_note(customer, balance, *, currency="EUR", **fields):
    plain = {
        "external_id": f"5000{number()}",
        "number": f"CN-{number()}",
        "status": "open",
        "rate": Decimal(1),
    }
    return CreditNote.objects.create(
        organisation=customer.organisation,
        customer=customer,
        total=Decimal(balance),
        balance=Decimal(balance),
        currency=currency,
        **{**plain, **fields},
    )


def hold(subject, kind, *, day=None, **fields):
    """A hold on a customer or an invoice as if set a week ago."""
    is_invoice = isinstance(subject, Invoice)
    plain = {"created_at": NOW - timedelta(days=5), "why": ""}
    return Hold.objects.create(
        organisation=subject.organisation,
        customer=subject.customer if is_invoice else subject,
        invoice=subject if is_invoice else None,
        kind=kind,
        date=day,
        **{**plain, **fields},
    )


def message(customer, invoices, *, state="planned", step="follow-up", step_days=8, to=(), **fields):
    """A chasing message that lists these invoices, all under one step; it leaves at 11:18 in Dublin."""
    organisation = customer.organisation
    run_date = fields.pop("run_date", TODAY)
    leaves = datetime.combine(run_date, datetime.min.time(), tzinfo=UTC) + timedelta(hours=11, minutes=18)
    sums = {}
    for one in invoices:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.balance
    persons = to or customer.persons.filter(organisation=organisation, level="normal")
    plain = {
        "kind": "overdue",
        "schedule_name": "Standard",
        "form": "single" if len(invoices) == 1 else "multi",
        "due_at": leaves,
        "planned_at": NOW,
        "message_id": f"<{number()}@northwind.example>",
        "subject": f"{invoices[0].number} is overdue" if invoices else "",
        "text": "Dear Orla,",
        "html": "<p>Dear Orla,</p>",
        "sender": Sender.objects.filter(organisation=organisation, level="normal").first(),
        "totals": {code: str(amount) for code, amount in sums.items()},
        "to": [{"address": one.email, "name": str(one), "person": str(one.pk)} for one in persons],
    }
    made = OutboxMessage.objects.create(
        organisation=organisation,
        customer=customer,
        run_date=run_date,
        state=state,
        step=step,
        **{**plain, **fields},
    )
    for position, one in enumerate(invoices):
        OutboxLine.objects.create(
            organisation=organisation,
            message=made,
            invoice=one,
            position=position,
            schedule_name="Standard",
            step=step,
            step_days=step_days,
            balance=one.balance,
            currency=one.currency,
        )
    return made


def facts_follow(organisation, *, now=NOW, today=TODAY):
    """Bring totals and outlooks in step with the rows, as a sync does."""
    receivables.refresh_totals(organisation, today=today)
    outlook.refresh(organisation, now=now)
    organisation.refresh_from_db()
