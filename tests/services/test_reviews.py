"""Which messages of a run wait for a person, and why; and when people are warned (sections 5 and 6.5)."""

from datetime import timedelta

import pytest

from dunright.models import ChaseRun, Notice, OutboxMessage, Role
from dunright.services import notice_texts, notices, outbox, reviews
from tests.services.deciding import decided, messages_of, owing
from tests.support import factories as make
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for rows by key.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


def states(organisation):
    return [(one.state, one.reason) for one in messages_of(organisation).values()]


def company(count=3, **settings):
    made = make.organisation(**{"approval": "never", **settings})
    for place in range(count):
        owing(made, f"C{place}", balance="1000.00")
    return made


def earlier_runs(organisation, *counts):
    for place, count in enumerate(counts, start=1):
        ChaseRun.objects.create(
            organisation=organisation,
            local_date=TODAY - timedelta(days=7 * place),
            due_at=NOW,
            state="done",
            message_count=count,
            finished_at=NOW - timedelta(days=7 * place),
        )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"approval": "never"}, [("planned", "")]),
        ({"approval": "always"}, [("pending", reviews.ALWAYS)]),
        # The batch before was approved, but no run is known.
        ({"approval": "first_batch"}, [("pending", reviews.FIRST_BATCH)]),
    ],
)
def test_the_approval_mode_says_what_waits(settings, expected):
    northwind = company(1, **settings)
    decided(northwind)
    assert states(northwind) == expected


def test_the_first_batch_is_read_once():
    northwind = company(1, approval="first_batch")
    earlier_runs(northwind, 1)
    decided(northwind)
    assert states(northwind) == [("planned", "")]


@pytest.mark.parametrize(
    ("approve_escalated", "expected"), [(True, ("pending", reviews.STEP)), (False, ("planned", ""))]
)
def test_escalated_steps_wait_where_that_is_set(approve_escalated, expected):
    northwind = make.organisation(approval="never", approve_escalated=approve_escalated)
    old = owing(northwind, due=TODAY - timedelta(days=60))
    invoice = old.invoices.get(organisation=northwind)
    for step, days in (("just-passed", 1), ("follow-up", 8), ("firm", 15)):
        invoice.consumed_steps.create(
            organisation=northwind,
            schedule_name="Standard",
            step=step,
            days=days,
            consumed_on=TODAY - timedelta(days=30),
            times_sent=1,
        )
    decided(northwind)
    (message,) = messages_of(northwind).values()
    assert (message.sender_level, message.state, message.reason) == ("normal", *expected)


def test_over_a_number_of_messages_further_ones_wait():
    northwind = company(3, run_cap="2")
    decided(northwind)
    waits = ("pending", "this run is over its cap of 2 messages")
    assert states(northwind) == [("planned", ""), ("planned", ""), waits]
    assert Notice.objects.filter(organisation=northwind, kind="batch_waits").count() == 1


def test_over_an_amount_further_ones_wait_in_base_currency():
    northwind = company(1, run_cap="2500.00 EUR")
    owing(northwind, "Dollars", balance="1000.00", currency="USD", rate="1.4")
    owing(northwind, "Too much", balance="100.01")
    owing(northwind, "Fits", balance="100.00")
    decided(northwind)
    assert [state for state, _ in states(northwind)] == ["planned", "planned", "pending", "planned"]
    assert states(northwind)[2][1] == "this run is over its cap of 2,500.00 EUR"


def test_an_amount_in_another_currency_goes_by_its_rate():
    northwind = company(3, run_cap="1500.00 GBP")
    decided(northwind)
    assert [state for state, _ in states(northwind)] == ["pending"] * 3
    other = company(3, run_cap="1600.00 GBP")
    make.currency(other, "GBP", "1.25")
    decided(other)
    assert [state for state, _ in states(other)] == ["planned", "planned", "pending"]


@pytest.mark.parametrize("cap", ["2", "2000.00 EUR"])
def test_a_run_that_is_taken_up_again_counts_what_it_planned(cap, monkeypatch):
    from dunright.services import chasing

    monkeypatch.setattr(chasing, "SLICE", 1)
    northwind = company(3, run_cap=cap)
    run = ChaseRun.objects.create(organisation=northwind, local_date=TODAY, due_at=NOW)
    for _ in range(4):
        chasing.perform(run.pk, now=NOW, stop=lambda: True)
    assert [state for state, _ in states(northwind)] == ["planned", "planned", "pending"]


def test_approving_says_no_more_why_it_waited():
    northwind = company(1, approval="always")
    decided(northwind)
    (message,) = messages_of(northwind).values()
    outbox.approve([message], by=None, now=NOW)
    assert (message.state, message.reason) == ("approved", "")


def test_far_more_than_usual_warns_once_before_it_is_all_planned():
    northwind = company(21)
    earlier_runs(northwind, 2, 3, 1)
    make.member(northwind, Role.VIEWER)
    chaser = make.member(northwind, Role.CHASER)
    run = decided(northwind)
    rows = Notice.objects.filter(organisation=northwind, kind="unusual_volume").order_by("pk")
    assert [one.user for one in rows] == [make.owner(northwind), chaser]
    assert ({one.due_at for one in rows}, {one.run for one in rows}) == ({NOW}, {run})
    written = notice_texts.write(rows[0])
    assert written.subject == "Far more reminders than usual are about to leave – Northwind Parts Ltd"
    assert written.text.split("\n\n")[1] == (
        "The run of Tuesday 24 November lets 21 reminders or more leave, over EUR 21,000.00 in all. As a rule a run "
        "plans 2. If that is right, nothing is to be done. If not, choose “Stop everything now”: what has not left "
        "stays, and is read by a person before it may leave."
    )
    OutboxMessage.objects.filter(organisation=northwind).update(state="pending")
    assert notice_texts.write(rows[0]) is None


@pytest.mark.parametrize(
    ("count", "approval", "earlier"),
    [(19, "never", (2, 3, 1)), (21, "never", (7, 7, 7)), (21, "never", (1, 1)), (21, "always", (2, 3, 1))],
    ids=["fewer than twenty", "not three times as many", "nothing is usual yet", "they wait anyway"],
)
def test_what_is_not_unusual_warns_nobody(count, approval, earlier):
    northwind = company(count, approval=approval)
    earlier_runs(northwind, *earlier)
    decided(northwind)
    assert not Notice.objects.filter(organisation=northwind, kind="unusual_volume").exists()


HOUR_AFTER_THE_SPREAD = NOW + timedelta(minutes=91)


def late(organisation):
    return list(
        Notice.objects.filter(organisation=organisation, kind="not_left").values_list("about", flat=True)
    )


def test_what_should_have_left_and_has_not_is_told_once_a_run():
    northwind = company(2)
    run = decided(northwind)
    OutboxMessage.objects.filter(organisation=northwind).update(
        state="held", reason="stale_data", due_at=HOUR_AFTER_THE_SPREAD + timedelta(minutes=2)
    )
    notices.watch(northwind, now=HOUR_AFTER_THE_SPREAD - timedelta(minutes=2))
    assert late(northwind) == []
    for _ in range(2):
        notices.watch(northwind, now=HOUR_AFTER_THE_SPREAD)
    assert late(northwind) == [f"run:{run.pk}"]
    notice = Notice.objects.get(organisation=northwind, kind="not_left")
    assert notice_texts.write(notice).text.split("\n\n")[1] == (
        "2 reminders that should have left are still here. The reason: the data from the books is too old to rely "
        "on. They are tried again until the end of the day; what has not left by then the next run decides afresh."
    )
    OutboxMessage.objects.filter(organisation=northwind).update(state="sent")
    assert notice_texts.write(notice) is None


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"state": "planned", "due_at": NOW}, True),
        ({"state": "retrying", "due_at": NOW + timedelta(hours=3)}, True),
        ({"state": "pending", "due_at": NOW}, False),
        ({"state": "sent", "due_at": NOW}, False),
        # Approved minutes ago, or for tomorrow.
        (
            {
                "state": "approved",
                "due_at": NOW,
                "approved_at": HOUR_AFTER_THE_SPREAD - timedelta(minutes=5),
            },
            False,
        ),
        ({"state": "approved", "due_at": NOW + timedelta(days=1), "approved_at": NOW}, False),
    ],
)
def test_which_messages_should_have_left(fields, is_told):
    northwind = company(1)
    decided(northwind)
    OutboxMessage.objects.filter(organisation=northwind).update(**fields)
    notices.watch(northwind, now=HOUR_AFTER_THE_SPREAD)
    assert bool(late(northwind)) == is_told


def test_who_paused_it_knows_why_nothing_leaves():
    northwind = company(1)
    decided(northwind)
    OutboxMessage.objects.filter(organisation=northwind).update(state="held", due_at=NOW)
    northwind.is_paused = True
    notices.watch(northwind, now=HOUR_AFTER_THE_SPREAD)
    assert late(northwind) == []
