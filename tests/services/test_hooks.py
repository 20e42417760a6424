"""Hints that the books gave, followed: a record is read, a sync asked for, and nothing is taken for true."""

from datetime import timedelta

import pytest

from dunright.models import CallBudget, Hint, SourceHook, SyncRun
from dunright.services import daily, hooks, sync, work

pytestmark = pytest.mark.django_db


class Hooked:
    """A synced company whose books call."""

    def __init__(self, company):
        self.company, self.sandbox = company, company.sandbox
        self.external = self.sandbox.create_contact("Harbour Foods")
        self.bill = self.sandbox.create_invoice(self.external, 100, number="INV-1")
        company.sync()
        self.hook = hooks.turn_on(company.organisation, by=company.owner, now=company.now)

    def call(self, body=b""):
        assert hooks.heard(self.hook.secret, hooks.Call(body), now=self.company.now)

    def about(self, what, number):
        self.call(f'{{"{what}":{{"{what}_id":"{number}"}}}}'.encode())

    def work(self):
        for pk in work.due(Hint, now=self.company.now):
            hooks.perform(pk, now=self.company.now)

    def hints(self):
        rows = Hint.objects.filter(organisation=self.company.organisation).order_by("pk")
        return [(one.what, one.state) for one in rows]

    def syncs(self):
        return [one.kind for one in self.company.runs() if one.state == "queued"]


@pytest.fixture
def hooked(company):
    return Hooked(company)


def test_an_invoice_that_is_named_is_read_in_one_call(hooked):
    hooked.sandbox.pay(hooked.bill, 40)
    hooked.about("invoice", hooked.bill)
    assert hooked.company.calls_of(hooked.work) == 1
    invoice = hooked.company.invoice(hooked.bill)
    assert (invoice.balance, invoice.customer.name) == (60, "Harbour Foods")
    assert (hooked.hints(), hooked.syncs()) == ([("invoice", "done")], [])


def test_what_is_said_is_not_believed(hooked):
    body = f'{{"invoice":{{"invoice_id":"{hooked.bill}","balance":0,"status":"paid","customer_id":"7"}}}}'
    hooked.call(body.encode())
    hooked.work()
    invoice = hooked.company.invoice(hooked.bill)
    assert (invoice.balance, invoice.status) == (100, "open")


def test_a_customer_that_is_named_is_read_with_its_persons(hooked):
    hooked.sandbox.happen("persons/add", contact=hooked.external, first_name="Orla", email="orla@x.example")
    hooked.about("contact", hooked.external)
    assert hooked.company.calls_of(hooked.work) == 1
    assert hooked.company.persons(hooked.external) == ["orla@x.example"]


def test_a_record_that_the_books_no_longer_have_is_gone(hooked):
    hooked.sandbox.happen("invoices/delete", invoice=hooked.bill)
    hooked.about("invoice", hooked.bill)
    hooked.work()
    assert hooked.company.invoice(hooked.bill).gone_at == hooked.company.now


def test_an_id_that_never_was_does_no_harm(hooked):
    hooked.about("invoice", "999999999999999999")
    hooked.work()
    assert (hooked.hints(), hooked.syncs()) == ([("invoice", "done")], [])


def test_a_new_record_is_read_too(hooked):
    bill = hooked.sandbox.create_invoice(hooked.external, 7)
    hooked.about("invoice", bill)
    hooked.work()
    assert hooked.company.invoice(bill).balance == 7


def test_a_call_without_a_record_asks_for_a_sync_once_a_minute(hooked):
    hooked.call()
    hooked.work()
    assert (hooked.syncs(), hooked.hints()) == (["incremental"], [("", "done")])
    sync.perform(hooked.company.runs()[-1].pk, now=hooked.company.now)
    hooked.company.pass_time(seconds=59)
    hooked.call()
    hooked.work()
    assert hooked.syncs() == []
    hooked.company.pass_time(seconds=1)
    hooked.work()
    assert hooked.syncs() == ["incremental"]


def test_while_a_sync_is_under_way_another_follows_it(hooked):
    run = hooked.company.request()
    work.claim(SyncRun, run.pk, now=hooked.company.now)
    hooked.call()
    hooked.work()
    assert hooked.hints() == [("", "queued")]
    SyncRun.objects.filter(organisation=hooked.company.organisation).update(state="done")
    hooked.company.pass_time(minutes=1)
    hooked.work()
    assert (hooked.hints(), hooked.syncs()) == ([("", "done")], ["incremental"])


def test_what_cannot_be_read_now_is_left_to_a_sync(hooked):
    hooked.sandbox.fault(f"/invoices/{hooked.bill}", kind="status", count=9)
    hooked.about("invoice", hooked.bill)
    hooked.work()
    assert hooked.hints() == [("invoice", "done"), ("", "queued")]
    hooked.company.pass_time(minutes=1)
    hooked.work()
    assert hooked.syncs() == ["incremental"]


def test_a_fault_of_ours_ends_a_hint(hooked, monkeypatch):
    hooked.about("invoice", hooked.bill)
    monkeypatch.setattr(hooks, "_read", lambda *_, **__: 1 / 0)
    hooked.work()
    (hint,) = Hint.objects.filter(organisation=hooked.company.organisation)
    assert (hint.state, hint.last_error) == ("done", hooks.OUR_FAULT)


def test_hints_leave_the_calls_that_syncs_need(hooked):
    CallBudget.objects.filter(organisation=hooked.company.organisation).update(daily_limit=10)
    hooked.about("invoice", hooked.bill)
    assert hooked.company.calls_of(hooked.work) == 0
    assert (hooked.hints(), hooked.syncs()) == ([("invoice", "done")], [])


def test_calls_and_hints_are_forgotten_after_a_week(hooked):
    hooked.about("invoice", hooked.bill)
    hooked.work()
    hooks.look_after(hooked.company.organisation, now=hooked.company.now + timedelta(days=8))
    assert hooked.hints() == []


def test_the_tick_looks_after_them(hooked):
    hooked.about("invoice", hooked.bill)
    hooked.work()
    hooked.company.pass_time(days=8)
    daily.look_after(hooked.company.organisation, now=hooked.company.now)
    assert hooked.hints() == []


def test_the_books_call_by_themselves(hooked, live_server):
    """From Zoho's button to the mirror, over HTTP, signed."""
    url = f"{live_server.url}/hooks/zoho_books/{hooked.hook.secret}/"
    for way in ("billing", "payments", "none"):
        hooked.sandbox.switch(webhook_signature=way)
        number = hooked.sandbox.hook(url, "invoice", secret=hooked.hook.signing_key)
        hooked.sandbox.pay(hooked.bill, 10)
        hooked.sandbox.settle_hooks()
        hooked.sandbox.control("DELETE", "hooks", hook=number)
    hook = SourceHook.objects.get(organisation=hooked.company.organisation)
    # The page has the clock of this machine.
    hooked.company.now = hook.heard_at
    assert hook.heard_this_minute == 3
    hooked.work()
    assert hooked.company.invoice(hooked.bill).balance == 70
