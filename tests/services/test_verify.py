"""The mirror proved against the books, over real HTTP, with differences planted on either side."""

from datetime import timedelta
from decimal import Decimal

import pytest

from dunright.domain.comparing import from_json, sentence
from dunright.models import CallBudget, Customer, Invoice, Organisation, Proof, Role, SyncRun, TimelineEntry
from dunright.services import budgets, daily, mirror, sync, verify
from dunright.services.permissions import NotAllowed
from tests.services.synced import person
from tests.support import factories as make

FULL = 2 + 2 + 3
"""Calls of a full proof of small books: open invoices (without an overdue one, those are asked for by name), customers
with the newest of them, and three numbers."""

SUM = (
    "Halloran Bearings: the books say {} EUR is outstanding; the open invoices and the opening balance come to "
    "{} EUR."
)


@pytest.fixture(autouse=True)
def _clock(request, monkeypatch):
    if "company" in request.fixturenames:
        company = request.getfixturevalue("company")
        monkeypatch.setattr(budgets, "utc_now", lambda: company.now)


@pytest.fixture
def books(company):
    """Two customers, three open invoices in one currency and one in another, one paid, one void, one draft."""
    sandbox = company.sandbox
    halloran = sandbox.create_contact("Halloran Bearings", persons=[person("Orla Halloran")])
    kelly = sandbox.create_contact("Kelly & Sons", currency="USD", persons=[person("Una Kelly")])
    company.one = sandbox.create_invoice(halloran, "100.00", number="INV-1", due_date="2026-12-01")
    company.two = sandbox.create_invoice(halloran, "250.50", number="INV-2", due_date="2026-12-05")
    company.three = sandbox.create_invoice(kelly, "999.99", number="INV-3", due_date="2026-12-09")
    company.paid = sandbox.create_invoice(halloran, "10.00", number="INV-4")
    sandbox.pay(company.paid)
    company.void = sandbox.create_invoice(halloran, "20.00", number="INV-5")
    sandbox.happen("invoices/void", invoice=company.void)
    sandbox.create_invoice(halloran, "30.00", number="INV-6", draft=True)
    company.halloran, company.kelly = halloran, kelly
    company.sync()
    return company


def check(company, kind="full"):
    company.pass_time(minutes=5)
    proof = verify.request(company.organisation, by=company.owner, now=company.now, kind=kind)
    return verify.perform(proof.pk, now=company.now)


def said(proof):
    found = map(from_json, proof.differences)
    return [(one.kind, one.outcome, sentence(one)) for one in found]


def behind_its_back(company, external_id, **fields):
    Invoice.objects.filter(organisation=company.organisation, external_id=external_id).update(**fields)


def test_books_that_agree_cost_few_calls_and_change_nothing(books):
    calls = books.calls_of(lambda: check(books))
    proof = Proof.objects.get(organisation=books.organisation)
    assert (proof.state, proof.agrees, said(proof), proof.last_error) == ("done", True, [], "")
    assert (calls, proof.calls) == (FULL, FULL)
    assert proof.totals == [
        {"currency": "EUR", "ours": "350.50", "theirs": "350.50"},
        {"currency": "USD", "ours": "999.99", "theirs": "999.99"},
    ]
    assert proof.counts == [
        {"what": "customers", "ours": 2, "theirs": 2},
        {"what": "open", "ours": 3, "theirs": 3},
        {"what": "paid", "ours": 1, "theirs": 1},
        {"what": "void", "ours": 1, "theirs": 1},
        {"what": "other", "ours": 1, "theirs": 1},
    ]
    assert (proof.finished_at, proof.requested_by) == (books.now, books.owner)
    assert books.sandbox.unknown() == []


def test_a_mirror_that_was_edited_is_mended_even_where_it_takes_itself_to_be_newer(books):
    behind_its_back(books, books.one, balance=Decimal(1), modified_at=books.now + timedelta(days=30))
    behind_its_back(books, books.two, due_date="2027-01-01")
    proof = check(books)
    assert (proof.agrees, said(proof)) == (
        True,
        [
            ("balance", "mended", "INV-1 of Halloran Bearings: 1.00 EUR open here, 100.00 EUR in the books."),
            (
                "due_date",
                "mended",
                "INV-2 of Halloran Bearings: due 2027-01-01 here, 2026-12-05 in the books.",
            ),
            (
                "customer_sum",
                "mended",
                SUM.format("350.50", "251.50"),
            ),
        ],
    )
    assert (books.invoice(books.one).balance, str(books.invoice(books.two).due_date)) == (
        Decimal(100),
        "2026-12-05",
    )
    assert books.customer(books.halloran).totals.get(organisation=books.organisation).outstanding == Decimal(
        "350.50"
    )
    assert proof.totals[0] == {"currency": "EUR", "ours": "350.50", "theirs": "350.50"}
    assert said(check(books)) == []


def test_what_changed_in_the_books_since_the_last_sync_is_read_and_told(books):
    sandbox = books.sandbox
    sandbox.pay(books.one, "40.00")
    sandbox.pay(books.three)
    new = sandbox.create_invoice(books.kelly, "5.00", number="INV-7", due_date="2026-12-20")
    proof = check(books)
    assert proof.agrees is True
    assert [(kind, outcome) for kind, outcome, _ in said(proof)].count(("missing", "mended")) == 1
    assert {kind for kind, _, _ in said(proof)} == {"balance", "missing", "extra", "customer_sum", "count"}
    assert (books.invoice(books.one).balance, books.invoice(books.three).status) == (Decimal(60), "paid")
    assert books.invoice(new).balance == Decimal(5)
    assert proof.totals == [
        {"currency": "EUR", "ours": "310.50", "theirs": "310.50"},
        {"currency": "USD", "ours": "5.00", "theirs": "5.00"},
    ]
    assert "INV-3 is paid" in books.told()


def test_an_invoice_deleted_at_zoho_is_gone_at_once(books):
    books.sandbox.happen("invoices/delete", invoice=books.one)
    proof = check(books)
    assert proof.agrees is True
    assert (
        "extra",
        "mended",
        "INV-1 of Halloran Bearings: open here with 100.00 EUR, not open in the books.",
    ) in said(proof)
    assert books.invoice(books.one).gone_at == books.now
    assert "INV-1 is no longer in the books" in books.told()


def test_a_paid_invoice_deleted_at_zoho_is_found_by_its_number(books):
    other = books.sandbox.create_invoice(books.halloran, "20.00", number="INV-8")
    books.sandbox.happen("invoices/void", invoice=other)
    books.sync()
    books.sandbox.happen("invoices/delete", invoice=other)
    proof = check(books)
    assert (proof.agrees, said(proof)) == (
        True,
        [("count", "mended", "Void invoices: 2 here, 1 in the books.")],
    )
    assert books.invoice(other).gone_at == books.now


def test_a_void_that_the_mirror_does_not_know_is_found_by_its_number(books):
    behind_its_back(books, books.void, source_status="draft", status="draft")
    proof = check(books)
    assert proof.agrees is True
    assert [kind for kind, _, _ in said(proof)] == ["count", "count"]
    assert (books.invoice(books.void).status, books.invoice(books.void).source_status) == ("void", "void")


def test_an_invoice_that_vanished_from_the_mirror_comes_back(books):
    Invoice.objects.filter(organisation=books.organisation, external_id=books.two).delete()
    proof = check(books)
    assert proof.agrees is True
    assert books.invoice(books.two).balance == Decimal("250.50")


def test_customers_are_compared_as_well(books):
    here = Customer.objects.filter(organisation=books.organisation)
    here.filter(external_id=books.kelly).update(email="wrong@x.example")
    lost = books.sandbox.create_contact("Nora Daly")
    make.customer(books.organisation, "Nobody Ltd", external_id="123456")
    proof = check(books)
    assert proof.agrees is True
    assert sorted(said(proof)) == [
        (
            "customer_data",
            "mended",
            "Kelly & Sons: email is “wrong@x.example” here, “una@x.example” in the books.",
        ),
        ("customer_extra", "mended", "Nobody Ltd: here, not in the books."),
        ("customer_missing", "mended", "Nora Daly: in the books, not here."),
    ]
    assert books.customer(books.kelly).email == "una@x.example"
    assert books.customer(lost).gone_at is None
    assert books.customer("123456").gone_at == books.now


def test_a_sum_that_no_invoice_explains_is_told_and_is_no_disagreement(books):
    books.sandbox.happen(
        "records/patch", kind="contact", id=books.halloran, set={"outstanding_receivable_amount": 400}
    )
    proof = check(books)
    assert (proof.agrees, said(proof)) == (
        True,
        [
            (
                "customer_sum",
                "explained",
                SUM.format("400.00", "350.50"),
            )
        ],
    )


def test_a_row_that_cannot_be_read_disagrees_and_is_named(books):
    books.sandbox.happen("records/patch", kind="invoice", id=books.one, set={"balance": "a lot"})
    proof = check(books)
    assert proof.agrees is False
    assert proof.differences[0]["kind"] == "unreadable"
    assert proof.differences[0]["invoice_id"] == books.one
    assert books.invoice(books.one).balance == Decimal(100), "what was known stays"


def test_a_mirror_that_does_not_take_what_was_read_disagrees(books, monkeypatch):
    behind_its_back(books, books.one, balance=Decimal(1))
    monkeypatch.setattr(mirror, "store_invoices", lambda *given, **named: 0)
    proof = check(books)
    assert (proof.agrees, said(proof)[0]) == (
        False,
        ("balance", "left", "INV-1 of Halloran Bearings: 1.00 EUR open here, 100.00 EUR in the books."),
    )
    assert proof.totals[0] == {"currency": "EUR", "ours": "251.50", "theirs": "350.50"}


def test_books_that_give_no_numbers_are_proved_without(books, monkeypatch):
    monkeypatch.setattr("dunright.connectors.zoho_books.reads.invoice_counts", lambda client: {})
    proof = check(books)
    assert (proof.agrees, [one["theirs"] for one in proof.counts]) == (True, [2, 3, None, None, None])
    assert books.connection().probes["invoices_counted"] is False


def test_the_light_version_costs_three_calls_and_reads_only_what_differs(books):
    assert books.calls_of(lambda: check(books, "light")) == 3
    behind_its_back(books, books.one, balance=Decimal(1))
    calls = books.calls_of(lambda: check(books, "light"))
    # The numbers, the customer, and its open invoices.
    assert calls == 3 + 2
    last = Proof.objects.latest("pk")
    assert (last.kind, last.agrees, len(last.differences)) == ("light", True, 1)
    assert [one["theirs"] for one in last.totals] == [None, None]
    assert books.invoice(books.one).balance == Decimal(100)


def test_the_light_version_reads_the_open_invoices_where_a_number_differs(books):
    books.sandbox.create_invoice(books.kelly, "5.00", number="INV-7", due_date="2026-12-20")
    proof = check(books, "light")
    assert (proof.agrees, {kind for kind, _, _ in said(proof)}) == (True, {"missing", "count"})
    assert Invoice.objects.filter(organisation=books.organisation, number="INV-7").exists()


def test_pressed_twice_it_is_one_check_and_a_person_wants_all_of_it(books):
    first = verify.request(books.organisation, by=None, now=books.now, kind="light")
    again = verify.request(books.organisation, by=books.owner, now=books.now)
    assert (first.pk, again.kind) == (again.pk, "full")
    assert Proof.objects.filter(organisation=books.organisation).count() == 1


def test_a_check_waits_for_a_sync_that_is_under_way(books):
    run = books.request()
    SyncRun.objects.filter(organisation=books.organisation, pk=run.pk).update(state="running")
    calls = books.calls_of(lambda: check(books))
    proof = Proof.objects.get(organisation=books.organisation)
    assert (proof.state, proof.due_at, calls) == ("queued", books.now + timedelta(minutes=1), 0)


def test_nothing_to_compare_is_a_sentence(company):
    with pytest.raises(verify.CannotVerify, match="were not read to their end yet"):
        verify.request(company.organisation, by=company.owner, now=company.now)
    with pytest.raises(verify.CannotVerify, match="is not connected to its books"):
        verify.request(make.organisation(is_connected=False), by=None, now=company.now)
    with pytest.raises(NotAllowed):
        verify.request(
            company.organisation, by=make.member(company.organisation, Role.VIEWER), now=company.now
        )


def test_a_page_that_fails_proves_nothing_and_is_tried_again(books):
    books.sandbox.fault("/invoices", kind="html", status=503, count=-1)
    behind_its_back(books, books.one, balance=Decimal(1))
    proof = check(books)
    assert (proof.state, proof.agrees, proof.due_at) == ("queued", None, books.now + timedelta(minutes=2))
    assert "web page instead of data" in proof.last_error
    assert books.invoice(books.one).balance == Decimal(1)
    books.sandbox.clear_faults()
    books.now = proof.due_at
    assert verify.perform(proof.pk, now=books.now).agrees is True


def test_a_connection_that_ended_ends_the_check_too(books):
    books.sandbox.revoke_all()
    proof = check(books)
    assert (proof.state, proof.agrees, books.connection().state) == ("failed", None, "disconnected")


def test_calls_that_run_out_leave_the_rest_for_the_next_check(books):
    behind_its_back(books, books.one, balance=Decimal(1))
    CallBudget.objects.filter(organisation=books.organisation).update(
        daily_limit=100, used_today=0, share_percent=FULL, remaining_seen=None
    )
    books.sandbox.switch(per_day=100)
    proof = check(books)
    assert (proof.state, proof.agrees, proof.calls) == ("done", False, FULL)
    assert proof.last_error.startswith("Zoho allows 100 calls a day and Dunright uses at most 7 % of them")
    assert books.invoice(books.one).balance == Decimal(1)


def test_a_worker_that_is_stopped_leaves_the_check_to_the_next(books):
    proof = verify.request(books.organisation, by=books.owner, now=books.now)
    assert verify.perform(proof.pk, now=books.now, stop=lambda: True).state == "queued"
    assert verify.perform(proof.pk, now=books.now).agrees is True


def test_a_fault_of_our_own_is_told(books, monkeypatch):
    monkeypatch.setattr(verify, "Recount", None)
    proof = check(books)
    assert (proof.state, proof.last_error) == ("failed", verify.OUR_FAULT)


def test_a_proof_follows_the_first_sync_and_each_reconcile_once(books):
    def proofs():
        daily.look_after(books.organisation, now=books.now)
        rows = Proof.objects.filter(organisation=books.organisation).order_by("pk")
        for one in rows.filter(state="queued"):
            verify.perform(one.pk, now=books.now)
        return list(rows.values_list("kind", flat=True))

    assert [proofs(), proofs()] == [["full"], ["full"]]
    books.sync()
    assert proofs() == ["full"]
    books.pass_time(days=1, hours=-6)
    run = sync.request(books.organisation, by=None, now=books.now)
    assert sync.perform(run.pk, now=books.now).kind == "reconcile"
    assert [proofs(), proofs()] == [["full", "light"]] * 2


def test_chasing_is_decided_anew_where_something_was_mended(books):
    Organisation.objects.filter(pk=books.organisation.pk).update(first_resumed_at=books.now)
    behind_its_back(books, books.one, balance=Decimal(0), status="paid", source_status="paid")
    check(books)
    assert [
        books.customer(books.halloran).next_amounts,
        str(books.customer(books.halloran).next_date),
    ] == [{"EUR": "350.50"}, "2026-12-01"]
    assert TimelineEntry.objects.filter(organisation=books.organisation, kind="invoice_changed").exists()
