"""What the books are told: only what was switched on, each thing once, whatever happens on the way."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from dunright.connectors.base import Ability
from dunright.connectors.zoho_books.connector import ZohoBooks
from dunright.mail.errors import Reply
from dunright.mail.send import Accepted
from dunright.models import MessageState, Role, SourceWrite, TimelineEntry
from dunright.services import customers, holds, outbox, outcomes, source_writes, work, write_back
from dunright.services.permissions import NotAllowed
from tests.services.telling_books import Books
from tests.support import factories as make

pytestmark = pytest.mark.django_db
DAY, LATER = date(2026, 12, 4), date(2026, 12, 11)
ALL = ("expected_dates", "reminders", "comments")


@pytest.fixture
def books(company):
    return Books(company)


def promise(books, day=DAY):
    return holds.accept_promise(
        books.invoice, promised=day, why="on the phone", by=books.company.owner, now=books.now
    )


def test_unless_switched_on_nothing_is_planned_or_written(books):
    promise(books)
    books.send()
    write_back.look_after(books.organisation, now=books.now)
    assert books.rows() == []
    assert (books.expected(), books.comments(), books.reminds()) == ("", [], (True, True))


def test_the_day_of_a_promise_becomes_the_expected_date_and_is_taken_back_with_it(books):
    books.tell("expected_dates")
    held = promise(books)
    assert books.work() == [("expected_date", "done", "")]
    assert books.expected() == "2026-12-04"
    holds.end(held, by=books.company.owner, now=books.now)
    assert books.work() == [("expected_date", "done", ""), ("date_off", "done", "")]
    assert books.expected() == ""
    assert [one for one in books.company.told() if one.startswith("Zoho Books ")] == [
        "Zoho Books is told the day of a promise, as the invoice’s expected payment date",
        "Zoho Books expects payment of INV-1 on 2026-12-04",
        "Zoho Books no longer expects payment of INV-1 on 2026-12-04",
    ]


def test_what_a_system_has_no_place_for_is_dropped_and_not_tried(books, monkeypatch):
    books.tell("expected_dates")
    monkeypatch.setattr(ZohoBooks, "abilities", ZohoBooks.abilities - {Ability.EXPECTED_DATES})
    promise(books)
    assert books.work() == [("expected_date", "dropped", "Zoho Books has no place for it")]
    assert books.expected() == ""


def test_another_promise_takes_the_place_of_the_one_before(books):
    books.tell("expected_dates")
    promise(books)
    promise(books, LATER)
    assert books.work() == [
        ("expected_date", "dropped", "the promise does not hold any more"),
        ("expected_date", "done", ""),
    ]
    assert books.expected() == "2026-12-11"


def test_a_promise_that_ends_before_it_was_told_is_never_told(books):
    books.tell("expected_dates")
    held = promise(books)
    holds.end(held, by=books.company.owner, now=books.now)
    calls = books.company.calls_of(books.work)
    assert (calls, books.states()) == (0, [("expected_date", "dropped", "the promise was ended")])


def test_a_date_that_somebody_has_changed_in_the_books_is_left_alone(books):
    books.tell("expected_dates")
    held = promise(books)
    books.work()
    books.sandbox.happen("invoices/edit", invoice=books.bill, payment_expected_date="2026-12-24")
    holds.end(held, by=books.company.owner, now=books.now)
    assert books.work()[1] == ("date_off", "dropped", "somebody has changed the date in Zoho Books")
    assert books.expected() == "2026-12-24"


def test_a_date_that_stands_there_already_is_not_written_again(books):
    books.tell("expected_dates")
    books.sandbox.happen("invoices/edit", invoice=books.bill, payment_expected_date="2026-12-04")
    promise(books)
    assert books.company.calls_of(books.work) == 1
    assert books.states() == [("expected_date", "done", "")]


def test_what_is_rolled_back_leaves_nothing_to_tell(books):
    books.tell("expected_dates")
    with transaction.atomic():
        promise(books)
        transaction.set_rollback(True)
    assert books.rows() == []


def test_a_comment_says_what_was_sent(books):
    books.tell("comments")
    message = books.send()
    source_writes.sent(message, now=books.now)
    mark = source_writes.mark_of(message, books.invoice)
    assert books.work() == [("comment", "done", "")]
    assert books.comments() == [f"Reminder e-mailed to Orla. [Dunright {mark}]"]


def test_what_the_mail_server_took_is_told(books):
    books.tell("comments")
    message = _handed_over(books)
    outcomes.sent(message, Accepted(Reply(250, "ok")), now=books.now)
    assert books.work() == [("comment", "done", "")]


def test_a_message_is_sent_even_where_its_comment_cannot_be_planned(books, monkeypatch):
    books.tell("comments")
    message = _handed_over(books)
    monkeypatch.setattr(source_writes, "_comment", lambda *_: 1 / 0)
    outcomes.sent(message, Accepted(Reply(250, "ok")), now=books.now)
    message.refresh_from_db()
    assert (message.state, books.rows()) == (MessageState.SENT, [])


def _handed_over(books):
    message = make.message(books.customer, [books.invoice], due_at=books.now)
    return work.claim(type(message), message.pk, now=books.now)


def test_no_comment_tells_of_thank_yous_and_statements(books):
    books.tell("comments")
    books.send(kind="thank_you", slot="thank_you")
    books.send(kind="statement", slot="statement-2026-11")
    assert books.rows() == []


def test_a_message_that_a_person_settles_as_sent_is_told_too(books):
    books.tell("comments")
    message = make.message(books.customer, [books.invoice], state=MessageState.UNCERTAIN)
    outbox.settle([message], as_sent=True, by=books.company.owner, now=books.now)
    assert books.work() == [("comment", "done", "")]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut"},
        {"kind": "malformed"},
        {"kind": "reset"},
        {"kind": "status", "status": 500},
        {"kind": "html", "status": 503},
    ],
)
def test_a_comment_stands_there_once_whatever_the_first_answer_was(books, fault):
    books.tell("comments")
    books.send()
    books.sandbox.fault("/comments", method="POST", **fault)
    ((kind, state, reason),) = books.work()
    assert (kind, state) == ("comment", "queued")
    assert reason.startswith(("Zoho Books ", "The connection to Zoho Books "))
    assert books.pass_and_work(seconds=59) == [("comment", "queued", reason)]
    assert books.pass_and_work(seconds=1) == [("comment", "done", "")]
    assert len(books.comments()) == 1


def test_too_many_calls_are_waited_out_and_are_no_try(books):
    books.tell("comments")
    books.send()
    books.sandbox.fault("/comments", kind="status", status=429, code=44, message="too many")
    assert books.work() == [
        ("comment", "queued", "Zoho Books was called too often; it is left alone for a while.")
    ]
    (row,) = books.rows()
    assert (row.attempts, row.tried_at, row.due_at) == (0, None, books.now + timedelta(seconds=60))


def test_what_fails_again_and_again_is_told_to_people_and_may_be_tried_again(books):
    books.tell("comments")
    books.send()
    books.sandbox.fault("/comments", method="POST", kind="status", count=-1)
    pauses = []
    while books.work() and books.rows()[0].state == "queued":
        pauses.append(books.rows()[0].due_at - books.now)
        books.company.pass_time(seconds=pauses[-1].total_seconds())
    sentence = "Zoho Books is out of order for the moment (HTTP 500)."
    assert pauses == list(write_back.PAUSES)
    assert books.states() == [("comment", "failed", sentence)]
    assert books.company.told()[-1] == f"Zoho Books could not be told: {sentence}"
    books.sandbox.clear_faults()
    (row,) = books.rows()
    assert source_writes.again(row, by=books.company.owner, now=books.now)
    assert not source_writes.again(row, by=books.company.owner, now=books.now)
    assert books.work() == [("comment", "done", "")]


@pytest.mark.parametrize("was_written", [True, False])
def test_a_worker_that_dies_around_the_call_leaves_one_comment(books, monkeypatch, was_written):
    books.tell("comments")
    books.send()
    real = write_back._settle
    if was_written:
        monkeypatch.setattr(write_back, "_settle", _die)
    else:
        monkeypatch.setattr("dunright.connectors.zoho_books.writes.add_comment", _die)
    with pytest.raises(KeyboardInterrupt):
        books.work()
    monkeypatch.undo()
    assert write_back._settle is real
    assert len(books.comments()) == int(was_written)
    SourceWrite.objects.filter(organisation=books.organisation).update(
        lease_until=books.now - timedelta(days=9000)
    )
    assert books.work() == [("comment", "done", "")]
    assert len(books.comments()) == 1


def _die(*_args, **_how):
    raise KeyboardInterrupt


def test_a_fault_of_ours_is_said_and_tried_again(books, monkeypatch):
    books.tell("comments")
    books.send()
    with monkeypatch.context() as broken:
        broken.setattr(write_back, "_tell", lambda *_, **__: 1 / 0)
        assert books.work() == [("comment", "queued", write_back.OUR_FAULT)]
    assert books.pass_and_work(minutes=1) == [("comment", "done", "")]


def test_without_the_permission_it_waits_and_is_given_up_after_a_week(books):
    books.tell("comments")
    books.allow()
    books.send()
    waits = (
        "comment",
        "queued",
        "Zoho has not given the permission to write this; give it on the Connection page.",
    )
    assert books.company.calls_of(books.work) == 0
    assert books.states() == [waits]
    assert source_writes.lacking(books.organisation, ALL) == ALL
    assert books.pass_and_work(days=7) == [waits]
    assert books.pass_and_work(minutes=15) == [("comment", "dropped", "it could not be told for a week")]


def test_a_permission_that_zoho_no_longer_sees_fails_with_what_to_do_and_leaves_the_connection(books):
    books.tell("comments")
    log_in = books.company.connection().log_in
    scopes = "ZohoBooks.invoices.READ,ZohoBooks.settings.READ"
    log_in.refresh_token = books.sandbox.refresh_token(scope=scopes)
    log_in.access_token, log_in.access_expires_at = "", None
    log_in.save()
    books.send()
    assert books.work() == [
        (
            "comment",
            "failed",
            (
                "Zoho Books does not let this log-in change “invoices”: give the permission once more, with a user "
                "whose role may change it."
            ),
        )
    ]
    assert books.company.connection().state == "connected"


def test_while_the_books_are_not_connected_it_waits(books):
    books.tell("comments")
    books.send()
    books.sandbox.revoke_all()
    log_in = books.company.connection().log_in
    log_in.access_token = ""
    log_in.save()
    assert [row[:2] for row in books.work()] == [("comment", "queued")]
    assert books.company.connection().state == "disconnected"
    assert books.pass_and_work(minutes=15) == [
        ("comment", "queued", "The books are not connected; it waits until they are.")
    ]


def test_what_is_switched_off_meanwhile_is_dropped(books):
    books.tell("comments")
    books.send()
    source_writes.switch(books.organisation, (), by=books.company.owner, now=books.now)
    assert books.work() == [("comment", "dropped", "it was switched off")]
    assert books.comments() == []


def test_an_invoice_that_is_gone_is_told_nothing(books):
    books.tell("comments")
    books.send()
    books.sandbox.happen("invoices/delete", invoice=books.bill)
    assert books.work() == [("comment", "dropped", "it is no longer in Zoho Books")]


def test_zohos_own_reminders_stop_for_whom_dunright_chases(books):
    books.tell("reminders")
    assert books.work() == [("reminders", "done", "")]
    assert books.reminds()[0] is False
    write_back.look_after(books.organisation, now=books.now)
    assert len(books.rows()) == 1
    other = books.sandbox.create_contact("Later Ltd")
    books.sandbox.create_invoice(other, 5)
    books.company.sync()
    write_back.look_after(books.organisation, now=books.now)
    assert [row.customer.name for row in books.rows()] == ["Harbour Foods", "Later Ltd"]


def test_only_the_chased_invoices_of_a_customer_are_silenced_where_others_are_not_chased(books):
    spared = books.sandbox.create_invoice(books.external, 7, number="INV-2")
    books.company.sync()
    customers.set_invoice_chasing(
        books.company.invoice(spared), chasing=False, by=books.company.owner, now=books.now
    )
    books.tell("reminders")
    assert books.work() == [("reminders", "done", "")]
    assert [row.invoice.number for row in books.rows()] == ["INV-1"]
    assert books.reminds() == (True, False)


def test_whom_dunright_does_not_chase_zoho_goes_on_to_remind(books):
    books.tell("reminders")
    customers.set_chasing(books.customer, chasing=False, by=books.company.owner, now=books.now)
    assert books.work() == [("reminders", "dropped", "it is not chased any more")]
    assert books.reminds() == (True, True)
    customers.set_chasing(books.customer, chasing=True, by=books.company.owner, now=books.now)
    write_back.look_after(books.organisation, now=books.now)
    assert books.work() == [("reminders", "done", "")]


def test_while_chasing_is_paused_zohos_reminders_are_left_alone(books):
    books.organisation.is_paused = True
    books.organisation.save()
    books.tell("reminders")
    assert books.rows() == []


def test_switching_needs_a_manager_and_is_told_in_the_timeline(books):
    chaser = make.member(books.organisation, Role.CHASER)
    with pytest.raises(NotAllowed):
        source_writes.switch(books.organisation, ALL, by=chaser, now=books.now)
    manager = make.member(books.organisation, Role.MANAGER, name="Declan Moore")
    source_writes.switch(books.organisation, ["comments", "nonsense"], by=manager, now=books.now)
    source_writes.switch(books.organisation, ["comments"], by=manager, now=books.now)
    source_writes.switch(books.organisation, [], by=manager, now=books.now)
    entries = TimelineEntry.objects.filter(organisation=books.organisation, kind="telling").order_by("pk")
    assert [(one.sentence, str(one.by)) for one in entries] == [
        ("Zoho Books is told each reminder that was sent, in a comment on its invoices", "Declan Moore"),
        (
            "Zoho Books is no longer told each reminder that was sent, in a comment on its invoices",
            "Declan Moore",
        ),
    ]


def test_rows_of_comments_are_kept_for_a_while(books):
    books.tell("comments")
    books.send()
    books.work()
    write_back.look_after(books.organisation, now=books.now + timedelta(days=90))
    assert len(books.rows()) == 1
    write_back.look_after(books.organisation, now=books.now + timedelta(days=91))
    assert books.rows() == []


def test_two_workers_write_a_row_once(books):
    books.tell("comments")
    books.send()
    (row,) = books.rows()
    assert work.claim(SourceWrite, row.pk, now=books.now) is not None
    assert write_back.perform(row.pk, now=books.now) is None
    assert books.comments() == []
