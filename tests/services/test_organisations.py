"""Pausing and resuming: who may, what is told, and how old invoices begin (chasing-rules.md R5a)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dunright.models import Hold, Invoice, Organisation, TimelineEntry
from dunright.services import daily, organisations
from dunright.services.organisations import CannotChange
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = make.NOW
UNTIL = make.TODAY + timedelta(days=3)
BEFORE, AFTER = (
    datetime(2026, 11, 26, 23, 30, tzinfo=UTC),
    datetime(2026, 11, 27, 0, 30, tzinfo=UTC),
)
"""Half an hour before and after the first day in Dublin on which the pause no longer stops."""


def paused_from_the_start(**settings):
    """Never resumed; one invoice is overdue by two weeks, one not due yet, one overdue but paid."""
    organisation = make.organisation(is_resumed=False, **settings)
    customer = make.customer(organisation)
    make.invoice(customer, "OLD")
    make.invoice(customer, "NEW", due=date(2026, 12, 20))
    make.invoice(customer, "PAID", status="paid", balance="0")
    organisations.pause(organisation, by=make.owner(organisation), now=NOW, until=UNTIL)
    return organisation


def entries(organisation):
    return dict(Invoice.objects.filter(organisation=organisation).values_list("number", "entry"))


def told(organisation):
    rows = TimelineEntry.objects.filter(organisation=organisation, kind__in=["paused", "resumed"])
    return list(rows.order_by("pk").values_list("sentence", flat=True))


def test_a_pause_that_ends_by_its_date_is_a_first_resume():
    organisation = paused_from_the_start(old_invoices="gently")
    assert organisations.end_pause(organisation, now=AFTER) is True
    assert (organisation.is_paused, organisation.paused_until) == (False, None)
    assert organisation.first_resumed_at == AFTER
    assert entries(organisation) == {"OLD": "gently", "NEW": "nearest", "PAID": "nearest"}
    assert told(organisation) == [
        "Chasing paused until 2026-11-27",
        "Chasing resumed: its pause ended with 2026-11-26",
    ]


def test_old_invoices_are_left_alone_where_that_was_chosen():
    organisation = paused_from_the_start(old_invoices="leave_alone")
    organisations.end_pause(organisation, now=AFTER)
    held = Hold.objects.filter(organisation=organisation, ended_at=None)
    assert [(hold.invoice.number, hold.kind, hold.date) for hold in held] == [("OLD", "pause", None)]


def test_a_pause_holds_until_its_date_and_ends_once():
    organisation = paused_from_the_start()
    assert organisations.end_pause(organisation, now=BEFORE) is False
    assert (organisation.is_paused, organisation.first_resumed_at) == (True, None)
    assert organisations.end_pause(organisation, now=AFTER) is True
    stale = Organisation.objects.get(pk=organisation.pk)
    stale.is_paused, stale.paused_until = True, UNTIL
    assert organisations.end_pause(stale, now=AFTER + timedelta(minutes=1)) is False
    assert stale.first_resumed_at == AFTER
    assert len(told(organisation)) == 2


def test_a_pause_without_a_date_waits_for_a_person():
    organisation = make.organisation(is_resumed=False)
    assert organisations.end_pause(organisation, now=AFTER + timedelta(days=400)) is False
    assert organisation.is_paused is True


def test_a_later_pause_begins_nothing_anew():
    organisation = paused_from_the_start(old_invoices="gently")
    organisations.resume(organisation, by=make.owner(organisation), now=NOW)
    Invoice.objects.filter(organisation=organisation).update(entry="nearest")
    organisations.pause(organisation, by=make.owner(organisation), now=NOW, until=UNTIL)
    assert organisations.end_pause(organisation, now=AFTER) is True
    assert organisation.first_resumed_at == NOW
    assert entries(organisation)["OLD"] == "nearest"


def test_the_minute_tick_ends_it_before_it_plans_a_run():
    organisation = paused_from_the_start(old_invoices="gently")
    daily.look_after(organisation, now=AFTER)
    organisation.refresh_from_db()
    assert (organisation.is_paused, organisation.first_resumed_at) == (False, AFTER)


def test_a_pause_cannot_end_in_the_past():
    organisation = make.organisation()
    with pytest.raises(CannotChange) as raised:
        organisations.pause(organisation, by=make.owner(organisation), now=NOW, until=make.TODAY)
    assert str(raised.value) == "2026-11-24 is over already; give a later day, or none."
