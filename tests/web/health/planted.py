"""Proofs and troubles for the page of proofs."""

from datetime import timedelta

from dunright.models import AddressFlag, Proof, SyncRun
from tests.support import factories as make
from tests.web.messages import HOSTILE, LONG

TOTALS = [
    {"currency": "EUR", "ours": "1250.50", "theirs": "1250.50"},
    {"currency": "USD", "ours": "999.99", "theirs": "1099.99"},
]
COUNTS = [{"what": "customers", "ours": 3, "theirs": 3}, {"what": "paid", "ours": 7, "theirs": None}]


def proof(organisation, **fields):
    """A whole proof that agreed four minutes ago."""
    plain = {
        "state": "done",
        "agrees": True,
        "requested_at": make.NOW - timedelta(minutes=5),
        "finished_at": make.NOW - timedelta(minutes=4),
        "due_at": make.NOW - timedelta(minutes=5),
        "calls": 7,
        "totals": TOTALS[:1],
        "counts": COUNTS,
    }
    return Proof.objects.create(organisation=organisation, **{**plain, **fields})


def difference(invoice=None, **fields):
    """A difference as a proof keeps it; of an invoice where one is given."""
    of = {}
    if invoice:
        of = {
            "invoice_id": invoice.external_id,
            "number": invoice.number,
            "customer_id": invoice.customer.external_id,
            "customer": invoice.customer.name,
            "currency": "USD",
        }
    plain = {"kind": "balance", "ours": "999.99 USD", "theirs": "1,099.99 USD", "outcome": "left", "note": ""}
    return {**plain, **of, **fields}


def troubles(organisation, count=1):
    """So many of each trouble in the books."""
    for place in range(count):
        customer = make.customer(
            organisation,
            HOSTILE if place == 0 else f"Customer {place}",
            status="inactive",
            email="a@b.example",
        )
        make.invoice(customer, f"INV-{place}", due=None)
        make.invoice(customer, "TWICE")
        make.invoice(customer, "TWICE")
        AddressFlag.objects.create(
            organisation=organisation,
            address_key=f"refused{place}@b.example",
            reason=LONG,
            flagged_at=make.NOW,
        )
        make.person(customer, f"refused{place}@b.example", level="off")
        make.person(customer, f"p{place}@b.example")
        make.invoice(make.customer(organisation, f"Without a person {place}"))
    SyncRun.objects.create(
        organisation=organisation,
        state="done",
        is_complete=True,
        requested_at=make.NOW,
        due_at=make.NOW,
        problems=[f"Zoho's invoice {place} was left out: its total is no number." for place in range(count)],
    )
    make.facts_follow(organisation)
