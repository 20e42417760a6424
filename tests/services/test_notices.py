"""Mails to those inside a company: who is told what, once each, over real SMTP (chasing-rules.md 5, 6.4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import resolve

from dunright.mail import providers
from dunright.mail.post import open_mail
from dunright.models import (
    ChaseRun,
    Connection,
    Membership,
    MessageState,
    Notice,
    NoticeKind,
    NoticeState,
    Organisation,
    OutboxMessage,
    Role,
    Sender,
    ToDo,
    User,
)
from dunright.remote.errors import AuthExpired
from dunright.services import connections, notice_texts, notices, outcomes, work
from mail_catcher.testing import running_catcher
from tests.mail.provider_stand_in import TAKEN, account, started
from tests.support import factories
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]

LATER = NOW + notices.LOOK_FIRST
BASE = "https://chasing.northwind.example"


@pytest.fixture
def catcher():
    with running_catcher() as running:
        yield running


@pytest.fixture
def company(settings):
    """Ada owns it, Mia manages, Col chases; Vic only looks, Ivo has left."""
    settings.BASE_URL = BASE
    owner = User.objects.create_user("ada@northwind.example", None, name="Ada Moor")
    made = factories.organisation(owner=owner)
    for name, role in (
        ("Mia", Role.MANAGER),
        ("Col", Role.CHASER),
        ("Vic", Role.VIEWER),
        ("Ivo", Role.OWNER),
    ):
        person = User.objects.create_user(f"{name.lower()}@northwind.example", None, name=name)
        Membership.objects.create(organisation=made, user=person, role=role)
    User.objects.filter(name="Ivo").update(is_active=False)
    return made


def run_with(company, *states, outcome="", day=TODAY):
    """A run of the day with a message in each of these states."""
    run = ChaseRun.objects.create(
        organisation=company, local_date=day, due_at=NOW, state="done", outcome=outcome
    )
    for state in states:
        customer = factories.customer(company, f"Customer {factories.number()}")
        factories.person(customer, f"person{customer.pk}@halloran.example")
        factories.message(customer, [factories.invoice(customer)], run=run, run_date=day, state=state)
    return run


def waiting_batch(company, count=2, **fields):
    run = run_with(company, *[MessageState.PENDING] * count, **fields)
    notices.run_is_done(run, now=NOW)
    return run


def lost(company, *, now=NOW):
    connection = Connection.objects.get(organisation=company)
    connections.mark_disconnected(connection, AuthExpired("Zoho says the consent was revoked."), now=now)


def told(company, kind=None):
    rows = Notice.objects.filter(organisation=company).select_related("user").order_by("pk")
    if kind:
        rows = rows.filter(kind=kind)
    return [one.user.email.partition("@")[0] for one in rows]


def send_due(catcher, *, now=LATER, url=None):
    """What a tick does: every due notice once; the states they came into."""
    with open_mail(url or catcher.smtp_url) as connection:
        done = [notices.send(pk, now=now, connection=connection) for pk in work.due(Notice, now=now)]
    return [str(one.state) for one in done if one is not None]


def states(company):
    rows = Notice.objects.filter(organisation=company).order_by("pk")
    return [str(state) for state in rows.values_list("state", flat=True)]


def mails(catcher):
    return [(one["recipients"], one["subject"]) for one in catcher.messages()]


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


def test_without_a_mail_server_it_waits_two_days_and_not_for_ever(company):
    lost(company)
    first = Notice.objects.filter(organisation=company).earliest("pk")
    assert notices.send(first.pk, now=NOW, connection=None).state == NoticeState.QUEUED
    first.refresh_from_db()
    assert (first.due_at, first.reason) == (
        NOW + notices.PAUSES[0],
        "no mail server is set: give DUNRIGHT_EMAIL_URL",
    )
    assert notices.send(first.pk, now=NOW + timedelta(days=2), connection=None).state == NoticeState.FAILED
    assert work.due(Notice, now=NOW + timedelta(days=9)) == [first.pk + 1]
    to_do = ToDo.objects.get(organisation=company, kind="notice")
    assert to_do.sentence == (
        "A mail to ada@northwind.example about the connection to the books was lost did not leave: "
        "no mail server is set: give DUNRIGHT_EMAIL_URL"
    )


def test_refused_address_asks_a_person_and_stops_nobody_else(company, catcher):
    catcher.set_faults(refuse={"ada@northwind.example": "550 5.1.1 No such user"})
    lost(company)
    assert send_due(catcher, now=NOW) == ["refused", "sent"]
    assert [recipients for recipients, _ in mails(catcher)] == [["mia@northwind.example"]]
    assert send_due(catcher, now=NOW + timedelta(days=1)) == []


def test_mail_that_is_put_off_goes_later_under_the_same_message_id(company, catcher):
    catcher.set_faults(answer={"content": "451 try later"})
    lost(company)
    assert send_due(catcher, now=NOW) == ["queued", "queued"]
    planned = Notice.objects.filter(organisation=company).earliest("pk")
    assert (planned.handed_over_at, planned.due_at) == (None, NOW + notices.PAUSES[0])
    catcher.set_faults()
    assert send_due(catcher, now=NOW) == []
    assert send_due(catcher, now=NOW + notices.PAUSES[0]) == ["sent", "sent"]
    assert dict(catcher.messages()[0]["headers"])["Message-ID"] == planned.message_id


def test_silence_after_the_content_is_uncertain_and_never_sent_again(company, catcher):
    catcher.set_faults(cut="content_after_keeping")
    lost(company)
    assert send_due(catcher, now=NOW) == ["uncertain", "uncertain"]
    catcher.set_faults()
    assert (send_due(catcher, now=NOW + timedelta(hours=9)), len(catcher.messages())) == ([], 2)


def test_attempt_is_committed_before_the_content(company, catcher):
    lost(company)
    first = Notice.objects.filter(organisation=company).earliest("pk")
    seen = []

    class Watching:
        def hand_over(self, *, before_content, **_):
            before_content()
            seen.append(Notice.objects.get(pk=first.pk).handed_over_at)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notices.send(first.pk, now=NOW, connection=Watching())
    assert seen == [NOW]
    # The worker is gone: nobody takes the row up again, and when its lease is over its fate is unknown.
    Notice.objects.filter(pk=first.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert notices.send(first.pk, now=NOW, connection=Watching()) is None
    assert (notices.look_after(company, now=NOW), states(company)) == (1, ["uncertain", "queued"])


def test_worker_that_dies_before_the_attempt_is_followed_by_another(company, catcher):
    lost(company)
    first = Notice.objects.filter(organisation=company).earliest("pk")
    Notice.objects.filter(pk=first.pk).update(
        state="claimed", token="dead", lease_until=Now() - timedelta(seconds=1)
    )
    assert notices.look_after(company, now=NOW) == 0
    assert send_due(catcher, now=NOW) == ["sent", "sent"]


def test_two_workers_send_one_mail(company, catcher):
    lost(company)
    first = Notice.objects.filter(organisation=company).earliest("pk")
    with open_mail(catcher.smtp_url) as connection:
        assert notices.send(first.pk, now=NOW, connection=connection).state == NoticeState.SENT
        assert notices.send(first.pk, now=NOW, connection=connection) is None
    assert len(catcher.messages()) == 1


def test_person_who_has_left_or_lost_the_role_is_not_told(company, catcher):
    lost(company)
    Membership.objects.filter(organisation=company, user__name="Mia").update(role=Role.CHASER)
    Membership.objects.filter(organisation=company, user__name="Ada Moor").delete()
    assert send_due(catcher, now=NOW) == ["needless", "needless"]


def test_customers_and_other_companies_are_never_written_to(company, catcher):
    other = factories.organisation("Other Ltd")
    waiting_batch(company)
    assert send_due(catcher) == ["sent"] * 3
    addresses = {one for recipients, _ in mails(catcher) for one in recipients}
    assert addresses == {"ada@northwind.example", "mia@northwind.example", "col@northwind.example"}
    assert told(other) == []


def test_mail_by_a_provider_keeps_what_it_is_called_there(company, monkeypatch):
    server, stand_in = started()
    stand_in.answer = TAKEN["postmark"]
    local = account("postmark", server.server_address[1]).provider
    monkeypatch.setattr(providers, "PROVIDERS", {**providers.PROVIDERS, "postmark": local})
    lost(company)
    assert send_due(None, now=NOW, url="anymail+postmark://hunter2@") == ["sent", "sent"]
    server.shutdown()
    server.server_close()
    row = Notice.objects.filter(organisation=company).earliest("pk")
    assert (row.provider_message_id, row.server_reply) == ("pm-7", "Postmark took the message as pm-7.")
    assert [stand_in.json(number)["To"] for number in (0, 1)] == [
        "Ada Moor <ada@northwind.example>",
        "Mia <mia@northwind.example>",
    ]


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


def test_address_that_is_none_fails_visibly(company, catcher):
    lost(company)
    User.objects.filter(email="ada@northwind.example").update(email="ada moor")
    assert send_due(catcher, now=NOW) == ["failed", "sent"]


def test_pages_that_mails_lead_to_exist():
    named = {
        kind: resolve("/" + path.format(id=7)).view_name for kind, (_, path) in notice_texts.PAGES.items()
    }
    assert named == {
        NoticeKind.BATCH_WAITS: "upcoming:index",
        NoticeKind.CONNECTION_LOST: "onboarding:connect",
        NoticeKind.RUN_MISSED: "sync:status",
        NoticeKind.RUN_LAPSED: "sent:index",
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
