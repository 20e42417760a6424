"""Stop everything now: paused at once, and what was on its way is read by a person again (section 5)."""

from datetime import date, timedelta

import pytest

from dunright.models import ChaseRun, OutboxMessage, Role, TimelineEntry
from dunright.queries.other_mail import waits_for_batch
from dunright.services import chasing, organisations, outbox, recalls, work
from dunright.services.outbox import CannotChangeMessage
from dunright.services.permissions import NotAllowed
from tests.services.deciding import decided, messages_of, owing
from tests.support import factories as make
from tests.support.factories import NOW

pytestmark = [
    # Workers look for rows by key.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]
LEFT = ("sent", "refused", "failed", "uncertain", "cancelled", "lapsed", "superseded")


@pytest.fixture
def northwind(db):
    return make.organisation()


def message(organisation, state, **fields):
    customer = make.customer(organisation, state)
    make.person(customer, f"p{make.number()}@customer.example")
    return make.message(customer, [make.invoice(customer)], state=state, **fields)


def states(organisation):
    return {name: (one.state, one.reason) for name, one in messages_of(organisation).items()}


def test_what_has_not_been_handed_over_waits_again(northwind):
    owner = make.owner(northwind)
    for state in ("planned", "approved", "held", "retrying", "claimed"):
        message(northwind, state, token="mine", approved_at=NOW, approved_by=owner)
    assert organisations.stop_everything(northwind, by=owner, now=NOW, why="wrong prices") == 5
    assert set(states(northwind).values()) == {("pending", recalls.STOPPED)}
    rows = OutboxMessage.objects.filter(organisation=northwind)
    assert set(rows.values_list("token", "approved_at", "approved_by", "lease_until")) == {
        ("", None, None, None)
    }
    assert (northwind.is_paused, northwind.stopped_at, northwind.pause_reason) == (True, NOW, "wrong prices")
    told = TimelineEntry.objects.get(organisation=northwind)
    assert (told.kind, told.sentence) == ("paused", "Everything stopped; 5 not yet handed over")


@pytest.mark.parametrize("state", LEFT)
def test_what_is_over_stays_as_it_is(northwind, state):
    message(northwind, state)
    assert organisations.stop_everything(northwind, by=None, now=NOW) == 0
    assert states(northwind) == {state: (state, "")}


def test_what_a_worker_has_handed_over_is_not_taken_from_it(northwind):
    message(northwind, "claimed", token="mine", handed_over_at=NOW)
    assert organisations.stop_everything(northwind, by=None, now=NOW) == 0
    assert OutboxMessage.objects.get(organisation=northwind).token == "mine"


def test_a_worker_that_has_one_loses_it_before_the_first_byte(northwind):
    message(northwind, "approved", due_at=NOW)
    mine = work.claim(OutboxMessage, OutboxMessage.objects.get(organisation=northwind).pk, now=NOW)
    organisations.stop_everything(northwind, by=None, now=NOW)
    with pytest.raises(work.LostLease):
        work.keep(mine, handed_over_at=NOW)


def test_another_companys_messages_go_on(northwind):
    theirs = make.organisation("Other Ltd")
    message(theirs, "planned")
    organisations.stop_everything(northwind, by=None, now=NOW)
    assert states(theirs) == {"planned": ("planned", "")}


def test_nothing_is_approved_before_somebody_resumes(northwind):
    stopped = message(northwind, "planned")
    organisations.stop_everything(northwind, by=None, now=NOW)
    with pytest.raises(
        CannotChangeMessage, match="Everything is stopped; resume chasing first, then approve"
    ):
        outbox.approve([stopped], by=None, now=NOW)
    organisations.resume(northwind, by=None, now=NOW)
    stopped.refresh_from_db()
    assert (northwind.stopped_at, stopped.state) == (None, "pending")
    assert outbox.approve([stopped], by=None, now=NOW) == 1


def test_what_a_run_plans_while_everything_is_stopped_waits_too(northwind):
    owing(northwind)
    run = ChaseRun.objects.create(
        organisation=northwind, local_date=date(2026, 11, 17), due_at=NOW, state="done", finished_at=NOW
    )
    organisations.stop_everything(northwind, by=None, now=NOW)
    planned = message(northwind, "planned", run=run)
    organisations.resume(northwind, by=None, now=NOW)
    planned.refresh_from_db()
    assert (planned.state, planned.reason) == ("pending", recalls.STOPPED)


def test_the_next_batch_is_read_by_a_person_until_one_is_approved(northwind):
    ChaseRun.objects.create(
        organisation=northwind, local_date=date(2026, 11, 17), due_at=NOW, state="done", finished_at=NOW
    )
    assert chasing.needs_approval(northwind, now=NOW) is False
    organisations.stop_everything(northwind, by=None, now=NOW)
    organisations.resume(northwind, by=None, now=NOW)
    assert (chasing.needs_approval(northwind, now=NOW), waits_for_batch(northwind)) == (True, True)
    owing(northwind)
    decided(northwind)
    (waiting,) = messages_of(northwind).values()
    outbox.approve([waiting], by=None, now=NOW)
    northwind.refresh_from_db()
    assert (waits_for_batch(northwind), northwind.batch_approved_at) == (False, NOW)


def test_approving_what_was_taken_back_counts_as_the_batch(northwind):
    run = ChaseRun.objects.create(
        organisation=northwind, local_date=date(2026, 11, 24), due_at=NOW, state="done", finished_at=NOW
    )
    message(northwind, "planned", run=run)
    organisations.stop_everything(northwind, by=None, now=NOW)
    organisations.resume(northwind, by=None, now=NOW)
    (waiting,) = messages_of(northwind).values()
    outbox.approve([waiting], by=None, now=NOW)
    northwind.refresh_from_db()
    assert (northwind.batch_approved_at, chasing.needs_approval(northwind, now=NOW)) == (NOW, False)


def test_what_is_no_reminder_of_a_run_waits_for_seven_days(northwind):
    today = date(2026, 11, 24)
    old = message(northwind, "pending", slot="thank_you-1", kind="thank_you", run_date=today - timedelta(8))
    young = message(northwind, "pending", slot="by_hand-1", kind="by_hand", run_date=today - timedelta(7))
    assert outbox.supersede(northwind, before=today, now=NOW) == 0
    for one in (old, young):
        one.refresh_from_db()
    assert [(one.state, one.reason) for one in (old, young)] == [
        ("lapsed", "nobody approved it for seven days"),
        ("pending", ""),
    ]


def test_a_chaser_may_stop_everything_and_a_viewer_not(northwind):
    with pytest.raises(NotAllowed):
        organisations.stop_everything(northwind, by=make.member(northwind, Role.VIEWER), now=NOW)
    assert northwind.is_paused is False
    organisations.stop_everything(northwind, by=make.member(northwind, Role.CHASER), now=NOW)
    assert northwind.is_paused is True
