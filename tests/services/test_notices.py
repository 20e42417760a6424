"""Mails to those inside a company: who is told what, once each, over real SMTP (chasing-rules.md 5)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import resolve

from dunright.models import (
    ChaseRun,
    Connection,
    MessageState,
    Notice,
    NoticeKind,
    Organisation,
    OutboxMessage,
    Sender,
    User,
)
from dunright.services import connections, notice_texts, notices, outcomes, work
from tests.services.telling import (
    BASE,
    LATER,
    catcher,
    company,
    lost,
    mails,
    run_with,
    send_due,
    told,
    waiting_batch,
)
from tests.support.factories import NOW

__all__ = ["catcher", "company"]
pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


def test_waiting_batch_is_mailed_once_to_each_who_may_approve(company, catcher):
    run = waiting_batch(company)
    notices.run_is_done(run, now=NOW)
    assert told(company) == ["ada", "mia", "col"]
    assert work.due(Notice, now=LATER - timedelta(seconds=1)) == []

    assert send_due(catcher) == ["sent", "sent", "sent"]
    subject = "2 reminders wait for your approval – Northwind Parts Ltd"
    assert mails(catcher) == [([f"{name}@northwind.example"], subject) for name in ("ada", "mia", "col")]
    notices.run_is_done(run, now=LATER)
    assert (send_due(catcher, now=LATER + timedelta(days=1)), len(catcher.messages())) == ([], 3)


def test_waiting_batch_in_words(company, catcher, settings):
    settings.CONFIGURATION = replace(django_settings.CONFIGURATION, support_email="help@northwind.example")
    waiting_batch(company)
    send_due(catcher)
    mail = catcher.messages()[0]
    assert mail["text"].strip() == (
        "Hello Ada,\n\n"
        "2 reminders wait for approval, over EUR 5,730.80 in all. They leave only when somebody approves them. "
        "What is not approved by the next run gives way to what is due then.\n\n"
        f"Read and approve them: {BASE}/o/{company.pk}/upcoming/\n\n"
        "You get this mail because you may approve the reminders of Northwind Parts Ltd.\n\n"
        "Help: help@northwind.example"
    )
    link = f'<a href="{BASE}/o/{company.pk}/upcoming/">{BASE}/o/{company.pk}/upcoming/</a>'
    assert mail["html"].count(link) == 1
    head = dict(mail["headers"])
    assert (head["From"], head["To"], head["Auto-Submitted"]) == (
        "Dunright for Northwind Parts Ltd <ada@northwind.example>",
        "Ada Moor <ada@northwind.example>",
        "auto-generated",
    )
    assert head["Message-ID"] == Notice.objects.filter(organisation=company).earliest("pk").message_id


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_address_that_works_on_its_own_machine_only_is_no_link(company, catcher, settings, base):
    settings.BASE_URL = base
    waiting_batch(company, 1)
    send_due(catcher)
    mail = catcher.messages()[0]
    assert mail["text"].split("\n\n")[2] == (
        "Read and approve it: open Dunright on the machine it runs on, choose Northwind Parts Ltd, then Upcoming."
    )
    assert ("http" in mail["text"], "<a " in mail["html"]) == (False, False)


def test_batch_that_is_approved_at_once_is_not_mailed(company, catcher):
    waiting_batch(company)
    OutboxMessage.objects.filter(organisation=company).update(state=MessageState.APPROVED)
    assert send_due(catcher) == ["needless"] * 3
    assert catcher.messages() == []


def test_batch_that_waits_again_is_mailed_after_all_and_once(company, catcher):
    run = waiting_batch(company)
    messages = OutboxMessage.objects.filter(organisation=company)
    messages.update(state=MessageState.APPROVED)
    assert send_due(catcher) == ["needless"] * 3
    # Changed after it was approved: it goes back to review.
    messages.filter(pk=messages.earliest("pk").pk).update(state=MessageState.PENDING)
    for moment in (LATER, LATER + timedelta(hours=1)):
        notices.run_is_done(run, now=moment)
        send_due(catcher, now=moment + notices.LOOK_FIRST)
    subject = "1 reminder waits for your approval – Northwind Parts Ltd"
    assert mails(catcher) == [([f"{name}@northwind.example"], subject) for name in ("ada", "mia", "col")]


def test_run_without_waiting_messages_tells_nobody(company):
    notices.run_is_done(run_with(company, "planned", "sent"), now=NOW)
    assert told(company) == []


def test_amounts_of_several_currencies_are_never_added(company, catcher):
    run = run_with(company, MessageState.PENDING, MessageState.PENDING)
    first = OutboxMessage.objects.filter(organisation=company).earliest("pk")
    OutboxMessage.objects.filter(pk=first.pk).update(totals={"JPY": "120000", "USD": "10.00"})
    notices.run_is_done(run, now=NOW)
    send_due(catcher)
    assert "over EUR 2,865.40, JPY 120,000 and USD 10.00 in all." in catcher.messages()[0]["text"]


def test_lost_connection_is_mailed_once_to_those_who_may_connect(company, catcher):
    lost(company)
    lost(company)
    assert told(company) == ["ada", "mia"]
    assert send_due(catcher, now=NOW) == ["sent", "sent"]
    assert catcher.messages()[0]["text"].strip() == (
        "Hello Ada,\n\n"
        "Dunright can no longer read the books of Northwind Parts Ltd. Zoho says the consent was revoked. "
        "Until they are connected again no reminder leaves, and nothing piles up meanwhile.\n\n"
        f"Connect again: {BASE}/o/{company.pk}/connect/\n\n"
        "You get this mail because you may connect the books of Northwind Parts Ltd."
    )


def test_second_loss_is_news_again(company, catcher):
    lost(company)
    send_due(catcher, now=NOW)
    Connection.objects.filter(organisation=company).update(state="connected")
    lost(company, now=NOW + timedelta(days=3))
    assert told(company) == ["ada", "mia", "ada", "mia"]
    assert send_due(catcher, now=NOW + timedelta(days=3)) == ["sent", "sent"]


def test_loss_that_is_mended_before_the_mail_leaves_needs_none(company, catcher):
    lost(company)
    Connection.objects.filter(organisation=company).update(state="connected")
    assert send_due(catcher, now=NOW) == ["needless", "needless"]


def test_disconnecting_on_request_tells_nobody(company):
    connections.disconnect(company, by=None, now=NOW)
    assert told(company) == []


def test_event_that_is_rolled_back_leaves_no_mail(company):
    with transaction.atomic():
        waiting_batch(company)
        transaction.set_rollback(True)
    assert told(company) == []


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("stale_data", "The books could not be read for a day, and reminders on old figures are never sent."),
        ("missed", "Dunright was not running at its time."),
    ],
)
def test_run_that_planned_nothing_is_mailed(company, catcher, outcome, reason):
    notices.run_is_done(run_with(company, outcome=outcome), now=NOW)
    assert told(company) == ["ada", "mia"]
    send_due(catcher, now=NOW)
    mail = catcher.messages()[0]
    assert mail["subject"] == "No reminders on Tuesday 24 November – Northwind Parts Ltd"
    assert mail["text"].split("\n\n")[1] == (
        f"No reminders were planned on Tuesday 24 November. {reason} The next run makes up for it."
    )


@pytest.mark.parametrize("outcome", ["", "paused", "disconnected"])
def test_run_that_was_stopped_by_what_people_know_is_not_mailed(company, outcome):
    notices.run_is_done(run_with(company, outcome=outcome), now=NOW)
    assert told(company) == []


def let_lapse(company, run):
    for message in OutboxMessage.objects.filter(run=run, state="held").select_related("run", "organisation"):
        OutboxMessage.objects.filter(pk=message.pk).update(state="claimed", token="t", lease_until=Now())
        message.refresh_from_db()
        outcomes.leave(message, MessageState.LAPSED, "Zoho Books did not answer.", now=NOW)


def test_run_of_which_nothing_left_is_mailed_once(company, catcher):
    let_lapse(company, run_with(company, "held", "held"))
    assert told(company) == ["ada", "mia"]
    assert send_due(catcher, now=NOW + notices.AFTER_MIDNIGHT) == ["sent", "sent"]
    mail = catcher.messages()[0]
    assert mail["subject"] == "No reminder left on Tuesday 24 November – Northwind Parts Ltd"
    assert mail["text"].split("\n\n")[1] == (
        "None of the reminders of Tuesday 24 November could leave (2 lapsed at the end of the day). "
        "The reason: Zoho Books did not answer. The next run decides afresh; no customer was written to."
    )


@pytest.mark.parametrize("other", ["sent", "uncertain", "planned"])
def test_run_of_which_something_left_or_may_leave_is_not_mailed(company, catcher, other):
    let_lapse(company, run_with(company, "held", other))
    assert send_due(catcher, now=NOW + notices.AFTER_MIDNIGHT) == ["needless", "needless"]


def test_hostile_names_stay_words(company, catcher):
    Organisation.objects.filter(pk=company.pk).update(
        name="Evil\r\nBcc: eve@evil.example <script>" + "x" * 150
    )
    User.objects.filter(email="ada@northwind.example").update(name="<b>Ada</b>\nMoor")
    lost(company)
    assert send_due(catcher, now=NOW) == ["sent", "sent"]
    mail = catcher.messages()[0]
    assert mail["recipients"] == ["ada@northwind.example"]
    assert "Bcc" not in dict(mail["headers"])
    assert ("<script>" in mail["html"], "<b>" in mail["html"], "&lt;script&gt;" in mail["html"]) == (
        False,
        False,
        True,
    )


def test_sender_whose_domain_holds_no_message_id_does_not_stop_the_loss(company):
    Sender.objects.filter(organisation=company).update(email="ada@n example")
    lost(company)
    assert {one.message_id.rpartition("@")[2] for one in Notice.objects.filter(organisation=company)} == {
        "dunright.invalid>"
    }


def test_pages_that_mails_lead_to_exist():
    named = {
        kind: resolve("/" + path.format(id=7)).view_name for kind, (_, path) in notice_texts.PAGES.items()
    }
    assert named == {
        NoticeKind.BATCH_WAITS: "upcoming:index",
        NoticeKind.CONNECTION_LOST: "onboarding:connect",
        NoticeKind.RUN_MISSED: "sync:status",
        NoticeKind.RUN_LAPSED: "sent:index",
        NoticeKind.NOT_LEFT: "upcoming:index",
        NoticeKind.UNUSUAL_VOLUME: "upcoming:index",
    }


def test_a_run_that_is_decided_tells_in_its_own_transaction(company, monkeypatch):
    from dunright.services import chasing

    run = ChaseRun.objects.create(
        organisation=company, local_date=date(2026, 11, 24), due_at=NOW, state="queued"
    )

    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(notices, "run_is_done", fails)
    with pytest.raises(RuntimeError):
        chasing.perform(run.pk, now=NOW)
    run.refresh_from_db()
    assert run.state == "running"
