"""A small company with every kind of row that Receivables, a customer and an invoice can show."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from dunright.models import ConsumedStep, Customer, Sender
from dunright.services import timeline
from tests.support import factories as make

HOSTILE = '<script>alert("x")</script> & "Söhne" GmbH'


def build():
    """Return the organisation; its owner is `make.owner(organisation)`."""
    organisation = make.organisation()
    make.currency(organisation, "EUR", is_base=True)
    make.currency(organisation, "USD", "0.92")
    Sender.objects.create(
        organisation=organisation, level="escalated", name="Declan Moore", email="declan@northwind.example"
    )
    _halloran(organisation)
    lissadoon = make.customer(
        organisation, "Lissadoon Quarries", schedule_name="none", email="accounts@lissadoon.example"
    )
    make.invoice(lissadoon, "INV-3101", due=date(2026, 8, 12), balance="15060.00")
    inver = make.customer(organisation, "Inver Precision", email="accounts@inver.example")
    make.person(inver, "accounts@inver.example", first_name="Ida", last_name="Inver")
    make.invoice(inver, "INV-3280", due=date(2026, 10, 21), balance="7215.00")
    make.hold(inver, "customer", day=date(2026, 12, 1), why="They answered.", origin="reply")
    eastpier = make.customer(organisation, "Eastpier Boatworks", email="")
    make.invoice(eastpier, "INV-3301", due=date(2026, 10, 30), balance="4118.00")
    fennick = make.customer(
        organisation, "Fennick Agri Systems", is_chasing=False, email="accounts@fennick.example"
    )
    make.person(fennick, "accounts@fennick.example")
    make.invoice(fennick, "INV-3222", due=date(2026, 10, 8), balance="3360.00")
    tolka = make.customer(organisation, "Tolka Cold Store", email="accounts@tolka.example")
    make.person(tolka, "accounts@tolka.example", first_name="Tom", last_name="Tolka")
    make.invoice(tolka, "INV-3390", due=date(2026, 12, 6), balance="10960.00")
    hostile = make.customer(organisation, HOSTILE, email="evil@hostile.example", currency="USD")
    make.person(hostile, "evil@hostile.example", first_name="<b>Bobby</b>", last_name="Tables")
    make.invoice(
        hostile, "INV-<i>1</i>", due=date(2026, 11, 1), balance="900.00", currency="USD", rate=Decimal("0.92")
    )
    make.facts_follow(organisation)
    return organisation


def _halloran(organisation):
    """The customer of the reference picture: one message today, a dispute, a promise."""
    customer = make.customer(organisation, "Halloran Bearings", email="orla@halloran.example")
    orla = make.person(customer, "orla@halloran.example", is_primary=True, designation="Accounts")
    make.person(
        customer,
        "pat@halloran.example",
        "escalated",
        first_name="Pat",
        last_name="Devlin",
        phone="+353 20 910 0143",
        designation="Managing director",
    )
    make.person(
        customer,
        "stores@halloran.example",
        "off",
        first_name="Stores",
        last_name="",
        phone="",
        first_seen_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    )
    disputed = make.invoice(customer, "INV-3236", due=date(2026, 10, 2), balance="4260.00")
    promised = make.invoice(
        customer, "INV-3293", due=date(2026, 10, 29), balance="2440.00", total=Decimal("3940.00")
    )
    first = make.invoice(customer, "INV-3325", due=date(2026, 11, 13), balance="2865.40")
    second = make.invoice(customer, "INV-3329", due=date(2026, 11, 15), balance="1178.00")
    make.invoice(customer, "INV-3379", due=date(2026, 12, 9), balance="3120.00")
    make.invoice(
        customer, "INV-3100", due=date(2026, 8, 9), balance="0", total=Decimal("800.00"), status="paid"
    )
    by = make.owner(organisation)
    make.hold(disputed, "dispute", created_by=by, created_at=datetime(2026, 10, 14, 8, 10, tzinfo=UTC))
    make.hold(promised, "promise", day=date(2026, 11, 27), created_by=by)
    make.payment(customer, "1500.00", date(2026, 11, 12), on={promised: "1500.00"})
    sent_at = datetime(2026, 11, 17, 11, 22, tzinfo=UTC)
    sent = make.message(
        customer,
        [promised],
        state="sent",
        step="firm",
        step_days=15,
        run_date=date(2026, 11, 17),
        settled_at=sent_at,
        planned_at=sent_at,
    )
    for step, days, times in (
        ("coming-due", -7, 0),
        ("just-passed", 1, 1),
        ("follow-up", 8, 1),
        ("firm", 15, 1),
    ):
        ConsumedStep.objects.create(
            organisation=organisation,
            invoice=promised,
            schedule_name="Standard",
            step=step,
            days=days,
            consumed_on=date(2026, 11, 17),
            times_sent=times,
        )
    message = make.message(customer, [first, second])
    Customer.objects.filter(organisation=organisation, pk=customer.pk).update(
        last_message_date=date(2026, 11, 17)
    )
    events = (
        ("note", "Note by Aoife Brennan", "INV-3236: they count 40 bearings fewer than we do.", 41, None),
        ("message_sent", "Firm, sent", "INV-3293, 2,440.00 EUR, to Orla Halloran", 7, sent),
        ("call", f"Call with {orla}", "The rest of INV-3293 comes on 27 November.", 5, None),
        ("promise", "Payment of INV-3293 is promised for 2026-11-27", "", 5, None),
        (
            "message_planned",
            "Follow-up, planned",
            "INV-3325 and INV-3329, 4,043.40 EUR, to Orla Halloran",
            0,
            message,
        ),
    )
    for kind, sentence, detail, days, about in events:
        timeline.record(
            organisation,
            kind,
            sentence,
            at=make.NOW - timedelta(days=days),
            customer=customer,
            message=about,
            by=by if kind in {"note", "call"} else None,
            detail=detail,
        )
    timeline.record(
        organisation,
        "payment_seen",
        "Payment seen, 1,500.00 EUR, on INV-3293",
        at=make.NOW - timedelta(days=12),
        customer=customer,
        detail="Bank transfer",
        data={"amount": "1500.00", "currency": "EUR"},
    )
