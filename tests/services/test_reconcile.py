"""What vanished without a word: missed twice, looked up, and only then gone (zoho-books-api.md section 12.2)."""

from datetime import datetime, timedelta

import pytest

from dunright.models import CreditNote, Customer, CustomerTotal, Hold, Invoice, SyncRun
from dunright.services import daily, holds, reconcile, sync, sync_details
from tests.connectors.sandboxed import connected
from tests.services.synced import QUIET, person

DUE = {"date": "2026-10-01", "due_date": "2026-11-01"}


def night(company):
    """Go to three o'clock of the next night and do what is due then; the run."""
    day = (company.now + timedelta(days=1)).date()
    company.now = datetime(day.year, day.month, day.day, 3, 0, tzinfo=company.now.tzinfo)
    company.sandbox.move_to(company.now)
    daily.look_after(company.organisation, now=company.now)
    run = company.runs()[-1]
    return sync.perform(run.pk, now=company.now)


@pytest.fixture
def halloran(company):
    """One customer of the books with a person and an open invoice, synced once."""
    contact = company.sandbox.create_contact("Halloran Bearings", persons=[person("Orla Halloran")])
    company.sandbox.create_invoice(contact, 100, number="INV-1", **DUE)
    company.sync()
    return contact


def only(model, company):
    return model.objects.get(organisation=company.organisation)


def test_a_night_brings_a_reconcile_and_a_day_does_not(company, halloran):
    assert night(company).kind == "reconcile"
    company.pass_time(hours=8)
    daily.look_after(company.organisation, now=company.now)
    assert sync.perform(company.runs()[-1].pk, now=company.now).kind == "incremental"
    assert [night(company).kind for _ in range(2)] == ["reconcile", "reconcile"]


def test_a_machine_that_is_off_at_night_reconciles_by_day(company, halloran):
    company.pass_time(hours=30)
    assert reconcile.is_due(company.organisation, now=company.now) is False
    company.pass_time(hours=8)
    assert reconcile.is_due(company.organisation, now=company.now) is True


def test_lists_that_are_long_for_the_days_calls_are_reconciled_weekly(company, halloran, monkeypatch):
    monkeypatch.setattr(reconcile, "PART_OF_DAY", 10**6)
    assert [night(company).kind for _ in range(7)] == ["incremental"] * 6 + ["reconcile"]


def test_a_person_who_presses_sync_never_waits_for_a_reconcile(company, halloran):
    company.pass_time(days=3)
    assert company.sync().kind == "incremental"


def test_an_invoice_that_was_deleted_is_gone_after_two_nights(company, halloran):
    invoice = only(Invoice, company)
    night(company)
    company.sandbox.happen("invoices/delete", invoice=invoice.external_id)
    assert night(company).state == "done"
    assert only(Invoice, company).gone_at is None, "once may be a page that shifted"
    run = night(company)
    gone = only(Invoice, company)
    assert (gone.gone_at, run.problems) == (company.now, [])
    assert "INV-1 is no longer in the books" in company.told()
    assert CustomerTotal.objects.filter(organisation=company.organisation).count() == 0


def test_a_customer_that_was_deleted_is_gone_with_its_persons(company):
    contact = company.sandbox.create_contact("Halloran Bearings", persons=[person("Orla Halloran")])
    company.sync()
    night(company)
    company.sandbox.happen("contacts/delete", contact=contact)
    night(company)
    night(company)
    assert (company.customer(contact).gone_at, company.persons(contact)) == (company.now, [])
    assert company.told()[-1] == (
        "Halloran Bearings is no longer in the books: deleted there, or merged into another customer"
    )


def test_a_list_that_failed_proves_nothing(company, halloran):
    invoice = only(Invoice, company)
    night(company)
    company.sandbox.happen("invoices/delete", invoice=invoice.external_id)
    night(company)
    company.sandbox.fault("/invoices", kind="status", status=500, count=-1)
    assert night(company).state == "queued"
    assert only(Invoice, company).gone_at is None


def test_a_row_that_a_list_hides_is_kept_when_the_books_still_have_it(company, halloran):
    """Zoho may leave a row out of a list, as when its values are odd: asked for by its id, it is there."""
    invoice = only(Invoice, company)
    night(company)
    long_ago = company.now - timedelta(days=9)
    Invoice.objects.filter(organisation=company.organisation).update(seen_at=long_ago)
    run = SyncRun(organisation=company.organisation, kind="reconcile", whole=["invoices"])
    assert reconcile.missing(run) == [("invoice", invoice.external_id)]
    with connected(company.sandbox) as connector:
        single = sync_details.Single(
            company.organisation, connector, today=company.now.date(), now=company.now
        )
        assert single.read("invoice", invoice.external_id) == []
    assert only(Invoice, company).gone_at is None
    assert reconcile.missing(run) == []


def test_unreadable_rows_are_there_all_the_same(company, halloran):
    invoice = only(Invoice, company)
    company.sandbox.happen(
        "records/patch", kind="invoice", id=invoice.external_id, set={"due_date": "9999-99-99"}
    )
    for _ in range(3):
        # Besides the four lists: currencies, persons, and when each of two lists last changed. No look-up.
        calls = company.calls_of(lambda: night(company))
    assert (only(Invoice, company).gone_at, calls) == (None, QUIET + 4)


def test_what_the_list_shows_again_is_back(company, halloran):
    Invoice.objects.filter(organisation=company.organisation).update(gone_at=company.now)
    company.sync(full=True)
    assert only(Invoice, company).gone_at is None


def test_a_payment_that_was_deleted_is_gone_and_the_invoice_open_again(company, halloran):
    invoice = only(Invoice, company)
    payment = company.sandbox.pay(invoice.external_id, 60)
    company.sync()
    night(company)
    company.sandbox.happen("payments/delete", payment=payment)
    company.sync()
    assert only(Invoice, company).balance == 100
    night(company)
    night(company)
    assert company.payment(payment).gone_at == company.now
    assert "The payment of 60.00 EUR is no longer in the books" in company.told()


def test_where_payments_are_many_those_that_settle_too_much_are_looked_up(company, halloran, monkeypatch):
    monkeypatch.setattr(reconcile, "SMALL", 0)
    invoice = only(Invoice, company)
    kept, deleted = company.sandbox.pay(invoice.external_id, 30), company.sandbox.pay(invoice.external_id, 60)
    company.sync()
    company.sandbox.happen("payments/delete", payment=deleted)
    company.sync()
    night(company)
    assert company.payment(deleted).gone_at == company.now
    assert company.payment(kept).gone_at is None


def test_a_merge_moves_invoices_and_what_holds_them(company, halloran):
    books = company.sandbox
    other = books.create_contact("Halloran Ltd", persons=[person("Liam Halloran")])
    second = books.create_invoice(halloran, 50, number="INV-2", **DUE)
    company.sync()
    night(company)
    first = Invoice.objects.get(organisation=company.organisation, number="INV-1")
    holds.dispute(first, why="Wrong goods", by=company.owner, now=company.now)
    holds.hold_customer(
        company.customer(halloran), until=None, why="Ring first", by=company.owner, now=company.now
    )
    books.happen("contacts/merge", contact=halloran, into=other)
    night(company)
    owner = company.customer(other)
    assert {company.invoice(first.external_id).customer, company.invoice(second).customer} == {owner}
    held = Hold.objects.filter(organisation=company.organisation, customer=owner, ended_at=None)
    assert sorted((hold.invoice.number, hold.kind, hold.why) for hold in held) == [
        ("INV-1", "dispute", "Wrong goods"),
        ("INV-1", "pause", "Ring first"),
        ("INV-2", "pause", "Ring first"),
    ]
    assert "INV-2 now belongs to Halloran Ltd, no longer to Halloran Bearings" in company.told()
    night(company)
    assert company.customer(halloran).gone_at == company.now
    totals = CustomerTotal.objects.filter(organisation=company.organisation)
    assert [(one.customer, one.outstanding) for one in totals] == [(owner, 150)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"is_chasing": False}, (False, "")),
        ({"is_excluded": True}, (False, "")),
        ({"schedule_name": "none"}, (True, "none")),
        ({}, (True, "")),
    ],
)
def test_nobody_is_chased_because_of_a_merge(company, halloran, fields, expected):
    other = company.sandbox.create_contact("Halloran Ltd")
    company.sync()
    Customer.objects.filter(organisation=company.organisation, external_id=halloran).update(**fields)
    company.sandbox.happen("contacts/merge", contact=halloran, into=other)
    company.sync(full=True)
    moved = only(Invoice, company)
    assert (moved.customer.name, moved.is_chasing, moved.schedule_name) == ("Halloran Ltd", *expected)


def test_a_credit_note_that_was_deleted_covers_nothing(company, halloran):
    note = company.sandbox.happen("creditnotes/create", contact=halloran, total=500)["creditnote_id"]
    company.sync()
    night(company)
    with company.sandbox.inside.database.writing() as db:
        db.execute("DELETE FROM creditnotes WHERE id = ?", (int(note),))
    night(company)
    night(company)
    assert only(CreditNote, company).gone_at == company.now
