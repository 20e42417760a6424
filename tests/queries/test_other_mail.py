"""What thank-yous and statements depend on besides the customer's own facts."""

from datetime import timedelta

import pytest

from dunright.models import ChaseRun, Schedule
from dunright.queries.facts import surroundings
from dunright.queries.other_mail import has_schedule, is_reminded, is_run_under_way, waits_for_batch
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def northwind():
    return make.organisation()


@pytest.mark.parametrize(
    ("name", "expected"), [("", True), ("Weekly", True), ("none", False), ("Gone", False), ("Old", False)]
)
def test_customer_has_a_schedule_in_force(northwind, name, expected):
    Schedule.objects.create(organisation=northwind, name="Old", archived_at=NOW)
    one = make.customer(northwind, schedule_name=name)
    assert has_schedule(one, surroundings(northwind, now=NOW)) is expected


def test_without_a_default_nobody_is_chased_who_has_no_schedule_of_its_own(northwind):
    Schedule.objects.filter(organisation=northwind).update(is_default=False)
    assert has_schedule(make.customer(northwind), surroundings(northwind, now=NOW)) is False


@pytest.mark.parametrize(
    ("approval", "approved_at", "expected"),
    [
        ("first_batch", None, True),
        ("first_batch", NOW, False),
        ("always", None, False),
        ("never", None, False),
    ],
)
def test_waits_for_the_first_batch(approval, approved_at, expected):
    company = make.organisation(approval=approval)
    company.batch_approved_at = approved_at
    assert waits_for_batch(company) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"state": "pending"}, True),
        ({"state": "sent", "kind": "by_hand"}, True),
        ({"state": "uncertain", "kind": "before_due"}, True),
        ({"state": "cancelled"}, False),
        ({"state": "superseded"}, False),
        ({"kind": "thank_you", "state": "sent"}, False),
        ({"run_date": TODAY - timedelta(days=1), "state": "sent"}, False),
    ],
)
def test_customer_is_reminded_on_a_day(northwind, fields, expected):
    one = make.customer(northwind)
    make.message(one, [make.invoice(one)], **fields)
    assert is_reminded(northwind, one.pk, TODAY) is expected
    assert is_reminded(northwind, make.customer(northwind, "Other").pk, TODAY) is False


@pytest.mark.parametrize(("state", "expected"), [("queued", True), ("running", True), ("done", False)])
def test_run_of_the_day_is_under_way(northwind, state, expected):
    ChaseRun.objects.create(organisation=northwind, local_date=TODAY, due_at=NOW, state=state)
    assert is_run_under_way(northwind, TODAY) is expected
    assert is_run_under_way(northwind, TODAY - timedelta(days=1)) is False
