"""What a person does to messages on their way, and to uncertain ones: once, in the states that allow it, by who may."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dunright.models import (
    ConsumedStep,
    Customer,
    Invoice,
    MessageState,
    OutboxMessage,
    Role,
    SpentAddress,
    TimelineEntry,
)
from dunright.models.outbox import COMING
from dunright.services import outbox
from dunright.services.outbox import CannotChangeMessage
from dunright.services.permissions import NotAllowed
from tests.support import factories as make

OVER = [state for state in MessageState if state not in COMING]
AFTER_RUN = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
"""Two hours after the run, a Tuesday."""


@pytest.fixture
def northwind(db):
    return make.organisation()


@pytest.fixture
def waiting(northwind):
    """`waiting(state=…)` gives a message with its address spent."""

    def made(state="pending", **fields):
        customer = make.customer(northwind)
        make.person(customer, f"p{make.number()}@halloran.example")
        message = make.message(customer, [make.invoice(customer)], state=state, **fields)
        SpentAddress.objects.create(
            organisation=northwind,
            day=message.run_date,
            address_key=message.to[0]["address"],
            message=message,
        )
        return message

    return made


def spent(message):
    rows = SpentAddress.objects.filter(organisation=message.organisation, message=message)
    return list(rows.values_list("day", flat=True))


def told(message):
    rows = TimelineEntry.objects.filter(organisation=message.organisation, message=message).order_by("pk")
    return list(rows.values_list("kind", "sentence"))


def test_approved_before_its_time_it_keeps_it(waiting, northwind):
    message, owner = waiting(), make.owner(northwind)
    assert outbox.approve([message], by=owner, now=make.NOW) == 1
    assert (message.state, message.approved_by, message.due_at) == (
        "approved",
        owner,
        datetime(2026, 11, 24, 11, 18, tzinfo=UTC),
    )
    assert told(message) == [("approved", "Approved")]


@pytest.mark.parametrize(
    ("now", "leaves", "day"),
    [
        (AFTER_RUN, AFTER_RUN, date(2026, 11, 24)),
        # After 18:00: at the chase time of the next working day.
        (
            datetime(2026, 11, 24, 18, 30, tzinfo=UTC),
            datetime(2026, 11, 25, 11, 0, tzinfo=UTC),
            date(2026, 11, 25),
        ),
        # On a Saturday: on Monday.
        (
            datetime(2026, 11, 28, 10, 0, tzinfo=UTC),
            datetime(2026, 11, 30, 11, 0, tzinfo=UTC),
            date(2026, 11, 30),
        ),
    ],
)
def test_approved_after_its_run_it_leaves_by_section_5(waiting, now, leaves, day):
    message = waiting()
    outbox.approve([message], by=None, now=now)
    assert (message.due_at, message.run_date, spent(message)) == (leaves, day, [day])


def test_where_that_day_has_a_message_already_the_newer_one_stands(waiting, northwind):
    message = waiting()
    listed = Invoice.objects.get(organisation=northwind)
    newer = make.message(message.customer, [listed], run_date=date(2026, 11, 25))
    assert outbox.approve([message], by=None, now=datetime(2026, 11, 24, 18, 30, tzinfo=UTC)) == 0
    message.refresh_from_db()
    newer.refresh_from_db()
    assert (message.state, newer.state, spent(message)) == ("superseded", "planned", [])


def test_approving_twice_approves_once(waiting):
    message = waiting()
    again = OutboxMessage.objects.select_related("organisation", "customer").get(pk=message.pk)
    assert [outbox.approve([one], by=None, now=make.NOW) for one in (message, again)] == [1, 0]
    assert told(message) == [("approved", "Approved")]


@pytest.mark.parametrize("state", [state for state in MessageState if state != "pending"])
def test_only_what_waits_can_be_approved(waiting, state):
    message = waiting(state)
    assert outbox.approve([message], by=None, now=make.NOW) == 0
    message.refresh_from_db()
    assert message.state == state


@pytest.mark.parametrize("state", COMING)
def test_cancelled_it_frees_its_address_and_consumes_nothing(waiting, northwind, state):
    message = waiting(state)
    assert outbox.cancel([message], by=None, now=make.NOW, reason="not this time") == 1
    assert (message.state, message.reason, message.settled_at, spent(message)) == (
        "cancelled",
        "not this time",
        make.NOW,
        [],
    )
    assert not ConsumedStep.objects.filter(organisation=northwind).exists()


@pytest.mark.parametrize("state", OVER)
def test_what_is_with_a_worker_or_over_cannot_be_cancelled(waiting, state):
    message = waiting(state)
    assert outbox.cancel([message], by=None, now=make.NOW) == 0
    message.refresh_from_db()
    assert (message.state, len(spent(message))) == (state, 1)


@pytest.mark.parametrize("state", OVER)
def test_what_is_with_a_worker_or_over_cannot_be_worded(waiting, state):
    message = waiting(state)
    for change in (
        lambda: outbox.edit(message, subject="S", body="<p>x</p>", by=None, now=make.NOW),
        lambda: outbox.drop_wording(message, by=None, now=make.NOW),
    ):
        with pytest.raises(CannotChangeMessage, match="can no longer be changed"):
            change()
    assert (message.edited_body, told(message)) == ("", [])


@pytest.mark.parametrize(
    ("subject", "body", "sentence"),
    [
        (" ", "<p>x</p>", "may not be empty"),
        ("S", "\n", "may not be empty"),
        ("S\r\nBcc: all@x.example", "<p>x</p>", "one line"),
    ],
)
def test_an_empty_or_broken_wording_is_refused(waiting, subject, body, sentence):
    message = waiting()
    with pytest.raises(CannotChangeMessage, match=sentence):
        outbox.edit(message, subject=subject, body=body, by=None, now=make.NOW)
    assert message.edited_body == ""


def test_a_wording_is_kept_and_taken_back(waiting):
    message = waiting()
    outbox.edit(message, subject=" Mine ", body="<p>x</p>", by=None, now=make.NOW)
    assert (message.edited_subject, message.edited_body) == ("Mine", "<p>x</p>")
    outbox.drop_wording(message, by=None, now=make.NOW)
    assert (message.edited_subject, message.edited_body) == ("", "")
    assert told(message) == [("edited", "Wording changed"), ("edited", "Wording taken back")]


def test_a_reminder_by_hand_has_no_other_words(waiting):
    message = waiting("approved", kind="by_hand", edited_subject="Mine", edited_body="<p>x</p>")
    with pytest.raises(CannotChangeMessage, match="by hand"):
        outbox.drop_wording(message, by=None, now=make.NOW)


def test_settled_as_sent_it_consumes_on_the_day_it_was_handed_over(waiting, northwind):
    yesterday = make.NOW - timedelta(days=1)
    message = waiting("uncertain", handed_over_at=yesterday)
    assert outbox.settle([message], as_sent=True, by=None, now=make.NOW) == 1
    step = ConsumedStep.objects.get(organisation=northwind)
    assert (message.state, step.step, step.consumed_on) == ("sent", "follow-up", date(2026, 11, 23))
    assert Customer.objects.get(organisation=northwind).last_message_date == date(2026, 11, 23)


def test_settled_as_not_sent_it_can_be_chased_again(waiting, northwind):
    message = waiting("uncertain", handed_over_at=make.NOW)
    assert outbox.settle([message], as_sent=False, by=None, now=make.NOW) == 1
    assert (message.state, spent(message)) == ("cancelled", [])
    assert not ConsumedStep.objects.filter(organisation=northwind).exists()


@pytest.mark.parametrize("state", [state for state in MessageState if state != "uncertain"])
def test_only_the_uncertain_is_settled(waiting, state):
    message = waiting(state)
    assert outbox.settle([message], as_sent=True, by=None, now=make.NOW) == 0
    message.refresh_from_db()
    assert message.state == state


def test_what_nobody_approved_gives_way_to_the_next_run(waiting, northwind):
    old, approved = waiting(), waiting("approved")
    today = waiting(run_date=date(2026, 11, 27))
    assert outbox.supersede(northwind, before=date(2026, 11, 27), now=make.NOW) == 1
    for one in (old, approved, today):
        one.refresh_from_db()
    assert [one.state for one in (old, approved, today)] == ["superseded", "approved", "pending"]


@pytest.mark.parametrize(
    "deed",
    [
        lambda message, by: outbox.approve([message], by=by, now=make.NOW),
        lambda message, by: outbox.cancel([message], by=by, now=make.NOW),
        lambda message, by: outbox.edit(message, subject="S", body="x", by=by, now=make.NOW),
        lambda message, by: outbox.drop_wording(message, by=by, now=make.NOW),
        lambda message, by: outbox.settle([message], as_sent=True, by=by, now=make.NOW),
    ],
    ids=["approve", "cancel", "edit", "drop", "settle"],
)
def test_a_viewer_may_do_none_of_it(waiting, northwind, deed):
    message = waiting()
    with pytest.raises(NotAllowed):
        deed(message, make.member(northwind, Role.VIEWER))
    message.refresh_from_db()
    assert (message.state, told(message)) == ("pending", [])
