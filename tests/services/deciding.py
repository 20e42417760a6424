"""What tests of runs share: a customer whose reminder is due on the day, and the run of that day, decided."""

from datetime import date

from dunright.models import ChaseRun, OutboxMessage
from dunright.services import chasing
from tests.support import factories as make

OVERDUE = date(2026, 11, 13)
"""Eleven days late on the day of these tests: the step after a week is due."""


def owing(organisation, name="Halloran Bearings", *, due=OVERDUE, **fields):
    """A customer with one person and one invoice that is due to be chased today."""
    made = make.customer(organisation, name)
    make.person(made, f"p{make.number()}@customer.example")
    make.invoice(made, due=due, **fields)
    return made


def decided(organisation, *, now=make.NOW, day=make.TODAY, **fields):
    """The run of the day, done."""
    run = ChaseRun.objects.create(organisation=organisation, local_date=day, due_at=now, **fields)
    assert chasing.perform(run.pk, now=now) is not None
    run.refresh_from_db()
    return run


def messages_of(organisation):
    """Customer's name -> its message."""
    rows = OutboxMessage.objects.filter(organisation=organisation).select_related(
        "customer", "organisation", "run"
    )
    return {one.customer.name: one for one in rows.order_by("pk")}
