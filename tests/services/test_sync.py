"""The mirror follows the books, over real HTTP: what a run reads, what it costs, and what it does when things fail."""

from datetime import timedelta

from dunright.models import Customer, LogIn
from dunright.services import daily, mirror, outlook, sync
from tests.services.synced import QUIET, person


def test_token_that_the_books_call_old_before_our_clock_does_is_renewed_once(company):
    company.sync()
    assert company.connection().complete_sync_at is not None
    before = LogIn.objects.get().generation
    company.pass_time(days=1)
    run = company.sync()
    assert (run.state, company.connection().state) == ("done", "connected")
    assert LogIn.objects.get().generation == before + 1


def test_quiet_books_cost_four_calls(company):
    company.sandbox.create_contact("Halloran Bearings", persons=[person("Orla Halloran")])
    company.sync()
    assert company.calls_of(company.sync) == QUIET


def test_changed_customers_are_read_one_by_one_where_that_is_no_dearer_than_all_persons(company):
    books = company.sandbox
    contacts = [books.create_contact(f"Customer {n}", persons=[person(f"P{n}")]) for n in range(2)]
    company.sync()
    books.happen("contacts/edit", contact=contacts[0], notes="Ring first")
    books.happen("persons/add", contact=contacts[0], **person("Liam"))
    assert company.calls_of(company.sync) == QUIET + 1
    assert company.persons(contacts[0]) == ["liam@x.example", "p0@x.example"]
    assert company.customer(contacts[0]).notes == "Ring first"


def test_persons_are_read_in_bulk_where_more_customers_changed_than_that_takes_calls(company):
    books = company.sandbox
    contacts = [books.create_contact(f"Customer {n}", persons=[person(f"P{n}")]) for n in range(3)]
    company.sync()
    for contact in contacts:
        books.happen("persons/add", contact=contact, **person(f"Liam{contact}"))
    assert company.calls_of(company.sync) == QUIET + 1
    assert [len(company.persons(contact)) for contact in contacts] == [2, 2, 2]


def test_a_person_who_left_is_gone_after_the_customer_is_read(company):
    books = company.sandbox
    contact = books.create_contact("Halloran Bearings", persons=[person("Orla"), person("Liam")])
    company.sync()
    (liam,) = company.customer(contact).persons.filter(
        organisation=company.organisation, email="liam@x.example"
    )
    books.happen("persons/delete", person=liam.external_id)
    company.sync()
    assert company.persons(contact) == ["orla@x.example"]


def test_a_person_that_cannot_be_read_costs_no_other_and_is_told(company):
    books = company.sandbox
    contact = books.create_contact("Halloran Bearings", persons=[person("Orla"), person("Liam")])
    company.sync()
    (odd,) = company.customer(contact).persons.filter(
        organisation=company.organisation, email="liam@x.example"
    )
    books.happen("records/patch", kind="person", id=odd.external_id, set={"contact_person_id": ""})
    books.happen("contacts/edit", contact=contact, notes="Ring first")
    run = company.sync()
    assert (run.state, company.persons(contact)) == ("done", ["liam@x.example", "orla@x.example"])
    assert run.problems == [f"Contact person 2 of Zoho's contact {contact} was left out: it has no id."]


def fail_at(monkeypatch, module, name, error, *, times):
    """Let a function raise `error` so many times before it works again; the list of what is left."""
    left, works = [error] * times, getattr(module, name)

    def stumbling(*given, **named):
        if left:
            raise left.pop()
        return works(*given, **named)

    monkeypatch.setattr(module, name, stumbling)
    return left


def test_a_fault_of_our_own_is_told_and_tried_again_with_longer_pauses(company, monkeypatch):
    company.sandbox.create_contact("Halloran Bearings")
    fail_at(monkeypatch, mirror, "store_customers", ZeroDivisionError("by nought"), times=2)
    run = company.sync()
    told = (run.state, run.last_error, run.problems, run.lease_until)
    assert told == ("queued", sync.OUR_FAULT, [sync.OUR_FAULT], None)
    assert run.due_at == company.now + timedelta(minutes=4)
    assert sync.perform(run.pk, now=company.now) is None, "not before its time"
    company.pass_time(minutes=4)
    run = sync.perform(run.pk, now=company.now)
    assert (run.state, run.due_at) == ("queued", company.now + timedelta(minutes=8))
    company.pass_time(minutes=8)
    run = sync.perform(run.pk, now=company.now)
    assert (run.state, run.last_error, run.problems, run.is_complete) == ("done", "", [], True)
    assert Customer.objects.filter(organisation=company.organisation).count() == 1


def test_a_fault_that_stays_ends_the_run_and_the_next_sync_tries_anew(company, monkeypatch):
    company.sandbox.create_contact("Halloran Bearings")
    fail_at(monkeypatch, mirror, "store_customers", ValueError("odd"), times=sync.TRIES)
    run = company.sync()
    for _ in range(sync.TRIES - 1):
        company.now = run.due_at
        run = sync.perform(run.pk, now=company.now)
    assert (run.state, run.last_error, run.finished_at) == ("failed", sync.OUR_FAULT, company.now)
    company.pass_time(hours=1)
    daily.look_after(company.organisation, now=company.now)
    again = company.runs()[-1]
    assert (again.pk != run.pk, again.state) == (True, "queued")
    assert sync.perform(again.pk, now=company.now).state == "done"


def test_books_that_are_in_step_stay_so_when_what_comes_next_cannot_be_told(company, monkeypatch):
    fail_at(monkeypatch, outlook, "refresh", KeyError("odd"), times=1)
    run = company.sync()
    run.refresh_from_db()
    assert (run.state, run.is_complete, run.problems) == ("done", True, [sync.NO_OUTLOOK])


def test_slices_of_a_long_run_are_no_failed_tries(company):
    company.sandbox.create_contact("Halloran Bearings")
    run = company.request()
    slices = 0
    while run.state == "queued" and slices < 20:
        slices += 1
        run = sync.perform(run.pk, now=company.now, stop=lambda: True)
    assert (run.state, run.attempts, slices) == ("done", 1, 9)


def test_a_debit_note_among_the_invoices_is_owed_like_them(company):
    books = company.sandbox
    contact = books.create_contact("Halloran Bearings")
    note = books.create_invoice(contact, 30, number="DN-1", date="2026-10-01", due_date="2026-11-01")
    books.happen("records/patch", kind="invoice", id=note, set={"type": "debit_note"})
    company.sync()
    row = company.invoice(note)
    assert (row.status, row.balance, row.extra["type"]) == ("open", 30, "debit_note")
    totals = company.customer(contact).totals.filter(organisation=company.organisation)
    assert [(one.outstanding, one.overdue) for one in totals] == [(30, 30)]


def test_a_run_that_broke_off_goes_on_at_its_page_and_loses_nothing(company):
    books = company.sandbox
    books.switch(per_page_cap=2)
    contact = books.create_contact("Halloran Bearings", address={"city": "Limerick"})
    for n in range(7):
        books.create_invoice(contact, 10 + n, date="2026-10-01", due_date="2026-11-01")
    company.sync()
    books.fault("/invoices.*created_time.*page=3", kind="html", status=503, count=-1)
    run = company.sync(full=True)
    assert (run.state, run.stage, run.page) == ("queued", "open_invoices", 2)
    assert run.problems == [run.last_error]
    assert run.due_at == company.now + sync.RETRY_PAUSE
    books.clear_faults()
    company.pass_time(minutes=2)
    before = run.calls
    run = sync.perform(run.pk, now=company.now)
    assert (run.state, run.is_complete, run.problems) == ("done", True, [])
    rest = {"open invoices": 2, "customers": 1 + 1, "persons": 1, "invoices": 1 + 4, "payments, notes": 1 + 1}
    assert run.calls - before == sum(rest.values())
    assert company.customer(contact).totals.get(organisation=company.organisation).outstanding == 91


def test_a_whole_read_costs_what_the_pages_say(company):
    """zoho-books-api.md section 12.3: lists by 200, and one call that says when each changed or whether it is there."""
    books = company.sandbox
    contacts = [books.create_contact(f"Customer {n}", persons=[person(f"P{n}")]) for n in range(201)]
    for contact in contacts[:2]:
        invoice = books.create_invoice(contact, 50, date="2026-10-01", due_date="2026-11-01")
        books.pay(invoice, 20)
    expected = {
        "currencies": 1,
        "open invoices": 1,
        "customers": 1 + 2,
        "persons": 1 + 2,
        "invoices": 1 + 1,
        "payments": 1 + 1,
        "credit notes, of which there are none": 1,
        "customers who owe and of whose address no invoice tells": 2,
    }
    assert company.calls_of(company.sync) == sum(expected.values())
