"""How mails to a company's own people leave: with the care of a reminder, never twice (chasing-rules.md 6.4)."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models.functions import Now

from dunright.jobs import handlers
from dunright.mail import providers
from dunright.mail.post import open_mail
from dunright.models import Membership, Notice, NoticeState, Role, ToDo, User
from dunright.queue import HANDLERS
from dunright.services import notices, work
from tests.mail.provider_stand_in import TAKEN, account, started
from tests.services.telling import catcher, company, lost, mails, send_due, states, told, waiting_batch
from tests.support import factories
from tests.support.factories import NOW

__all__ = ["catcher", "company"]
pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


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


def test_address_that_is_none_fails_visibly(company, catcher):
    lost(company)
    User.objects.filter(email="ada@northwind.example").update(email="ada moor")
    assert send_due(catcher, now=NOW) == ["failed", "sent"]


@pytest.mark.django_db(transaction=True)  # a tick lets go of stale connections
def test_nudge_and_tick_bring_it_on_its_way(company, catcher, settings, monkeypatch):
    settings.EMAIL_URL = catcher.smtp_url
    handlers.fill_handlers(stopping=lambda: False)
    lost(company)
    nudged = []
    monkeypatch.setattr(work, "nudge", lambda label, pk: nudged.append((label, pk)))
    with time_machine.travel(NOW, tick=False):
        handlers.tick(now=NOW)
        notices_nudged = [pk for label, pk in nudged if label == "notice"]
        for pk in notices_nudged:
            HANDLERS["notice"](pk)
    assert (len(notices_nudged), states(company), len(catcher.messages())) == (2, ["sent", "sent"], 2)
