"""What keeps one message's trouble to itself, and who says that a message's fate is unknown (section 6)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from dunright.mail.errors import Reply, TryLater
from dunright.models import OutboxMessage, ToDo
from dunright.services import outcomes, sending, todos, work
from tests.support import factories
from tests.support.factories import NOW

pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


@pytest.fixture
def company(db):
    return factories.organisation()


def message(company, name="Halloran Bearings", **fields):
    customer = factories.customer(company, name)
    factories.person(customer, f"orla{customer.pk}@halloran.example")
    return factories.message(customer, [factories.invoice(customer)], **fields)


def under_way(company, name="Halloran Bearings", *, silent_for=1):
    """A message that a worker hands over; its lease ran out so many seconds ago."""
    made = message(company, name, state="claimed", token=f"worker of {name}", handed_over_at=NOW)
    OutboxMessage.objects.filter(pk=made.pk).update(lease_until=Now() - timedelta(seconds=silent_for))
    made.refresh_from_db()
    return made


def asked(company):
    to_dos = ToDo.objects.filter(organisation=company, closed_at=None).order_by("pk")
    return list(to_dos.values_list("kind", "message"))


def states(company):
    return list(
        OutboxMessage.objects.filter(organisation=company).order_by("pk").values_list("state", flat=True)
    )


def test_sweep_leaves_what_is_still_under_way(company):
    under_way(company, silent_for=-60)
    assert (sending.sweep(now=NOW), states(company), asked(company)) == (0, ["claimed"], [])


def test_sweep_goes_on_when_another_worker_was_first(company, monkeypatch):
    first, second = under_way(company, "First"), under_way(company, "Second")
    uncertain = outcomes.uncertain

    def late(lost, reason, *, now):
        if lost.pk == first.pk:
            uncertain(OutboxMessage.objects.get(pk=first.pk), reason, now=now)
        uncertain(lost, reason, now=now)

    monkeypatch.setattr(outcomes, "uncertain", late)
    assert sending.sweep(now=NOW) == 1
    assert states(company) == ["uncertain", "uncertain"]
    assert asked(company) == [("uncertain", first.pk), ("uncertain", second.pk)]


def test_unexpected_error_before_the_attempt_holds_the_message(company, monkeypatch):
    waiting = message(company, due_at=NOW)

    def breaks(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(sending, "surroundings", breaks)
    with sending.Post("smtp://127.0.0.1:1") as post:
        left = sending.send(waiting.pk, now=NOW, post=post)

    said = "Dunright could not prepare it (ZeroDivisionError); it is tried again."
    assert (left.state, left.reason, left.last_error) == ("held", said, "ZeroDivisionError")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at, waiting.token) == ("held", NOW + outcomes.HOLD, "")


def test_unexpected_error_after_the_attempt_leaves_it_uncertain(company, monkeypatch):
    waiting = message(company, due_at=NOW)

    def breaks(claimed, **_):
        work.keep(claimed, handed_over_at=NOW)
        raise ZeroDivisionError

    monkeypatch.setattr(sending, "_send", breaks)
    with sending.Post("smtp://127.0.0.1:1") as post:
        left = sending.send(waiting.pk, now=NOW, post=post)

    assert (left.state, asked(company)) == ("uncertain", [("uncertain", waiting.pk)])


def test_letting_go_leaves_what_is_under_way_uncertain(company):
    """The worker's other threads find their lease lost, and write nothing more."""
    lost, kept = under_way(company, "Lost"), under_way(company, "Another process's")
    with sending.in_transmission(lost):
        assert sending.let_go(now=NOW) == 1
        with pytest.raises(work.LostLease):
            work.settle(lost, "sent")
    lost.refresh_from_db()
    kept.refresh_from_db()
    assert (lost.state, kept.state) == ("uncertain", "claimed")
    assert (sending.let_go(now=NOW), asked(company)) == (0, [("uncertain", lost.pk)])


def test_letting_go_leaves_what_was_answered_in_this_moment(company):
    answered = under_way(company)
    with sending.in_transmission(answered):
        work.settle(OutboxMessage.objects.get(pk=answered.pk), "sent")
        assert sending.let_go(now=NOW) == 0
    assert (states(company), asked(company)) == (["sent"], [])


def test_letting_go_is_over_for_a_message_that_was_settled(company):
    settled = under_way(company)
    with sending.in_transmission(settled):
        pass
    assert (sending.let_go(now=NOW), states(company)) == (0, ["claimed"])


def test_last_try_fails_together_with_its_to_do(company, monkeypatch):
    tired = message(company, state="claimed", token="worker", tries=len(outcomes.PAUSES))

    def breaks(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(todos, "open_todo", breaks)
    with pytest.raises(ZeroDivisionError):
        outcomes.try_later(tired, TryLater(Reply(421, "Later"), stage="data"), now=NOW)
    assert states(company) == ["claimed"]
