"""Whatever happens in the books, in whatever order: after a sync and two nights the mirror is what the books are."""

from collections import Counter
from random import Random

import pytest

from dunright.models import ContactPerson, CreditNote, Customer, Invoice, Payment
from tests.connectors.sandboxed import connected
from tests.services.synced import person
from tests.services.test_reconcile import night

DUE = {"date": "2026-10-01", "due_date": "2026-11-01"}
DEEDS = 60


class Life:
    """Random deeds in the books; what Zoho refuses (deleting a paid invoice, paying one twice) just does not happen."""

    def __init__(self, books, seed):
        self.books, self.random = books, Random(seed)
        self.made = Counter()
        for _ in range(6):
            self.contact()
        for _ in range(12):
            self.invoice()

    def ids(self, table):
        with self.books.inside.database.reading() as db:
            return [str(row[0]) for row in db.execute(f"SELECT id FROM {table} ORDER BY id")]

    def one(self, table):
        return self.random.choice(self.ids(table) or ["1"])

    def happen(self, deed, **values):
        try:
            self.books.happen(deed, **values)
        except AssertionError:
            return
        self.made[deed] += 1

    def contact(self):
        name = f"Customer {self.random.randrange(10**6)}"
        currency = self.random.choice(["EUR", "EUR", "USD"])
        self.happen("contacts/create", name=name, currency=currency, persons=[person(name.replace(" ", ""))])

    def invoice(self):
        amount = self.random.randrange(1000, 90000) / 100
        self.happen("invoices/create", contact=self.one("contacts"), total=amount, **DUE)

    def live(self):
        invoice, contact, amount = self.one("invoices"), self.one("contacts"), self.random.randrange(1, 300)
        other = self.one("contacts")
        deeds = [
            ("payments/create", {"invoice": invoice}),
            ("payments/create", {"invoice": invoice, "amount": amount}),
            ("payments/create", {"invoices": [invoice, self.one("invoices")]}),
            ("payments/delete", {"payment": self.one("payments")}),
            ("invoices/void", {"invoice": invoice}),
            ("invoices/reopen", {"invoice": invoice}),
            ("invoices/write-off", {"invoice": invoice}),
            ("invoices/delete", {"invoice": invoice}),
            ("invoices/edit", {"invoice": invoice, "due_date": "2026-12-24"}),
            ("contacts/edit", {"contact": contact, "notes": str(amount)}),
            ("contacts/active", {"contact": contact, "active": amount % 2 == 0}),
            ("contacts/delete", {"contact": contact, "force": False}),
            ("contacts/merge", {"contact": contact, "into": other}),
            ("persons/add", {"contact": contact, **person(f"P{amount}")}),
            ("persons/delete", {"person": self.one("persons")}),
            ("creditnotes/create", {"contact": contact, "total": amount}),
            ("creditnotes/apply", {"creditnote": self.one("creditnotes"), "invoice": invoice}),
        ]
        chosen = self.random.randrange(len(deeds) + 2)
        if chosen < len(deeds):
            self.happen(deeds[chosen][0], **deeds[chosen][1])
        else:
            (self.contact, self.invoice)[chosen - len(deeds)]()


def truth(books):
    """What the books' own lists say, by external id."""
    with connected(books) as connector:
        lists = {
            what: [record for page in connector.pages(what) for record in page.records]
            for what in ("customers", "persons", "invoices", "payments", "credit_notes")
        }
    return {
        "customers": {(one.external_id, one.name, one.status, one.currency) for one in lists["customers"]},
        "persons": {(one.external_id, one.customer_id, one.email) for one in lists["persons"]},
        "invoices": {
            (one.external_id, one.customer_id, one.status, one.due_date, one.total, one.balance, one.currency)
            for one in lists["invoices"]
        },
        "payments": {(one.external_id, one.customer_id, one.amount, one.unused) for one in lists["payments"]},
        "credit_notes": {(one.external_id, one.customer_id, one.balance) for one in lists["credit_notes"]},
    }


def mirror(organisation):
    """What the mirror says about the same."""
    wanted = {
        "customers": (Customer, "external_id", "name", "status", "currency"),
        "persons": (ContactPerson, "external_id", "customer__external_id", "email"),
        "invoices": (
            *(Invoice, "external_id", "customer__external_id", "status", "due_date"),
            *("total", "balance", "currency"),
        ),
        "payments": (Payment, "external_id", "customer__external_id", "amount", "unused"),
        "credit_notes": (CreditNote, "external_id", "customer__external_id", "balance"),
    }
    return {
        what: set(model.objects.filter(organisation=organisation, gone_at=None).values_list(*columns))
        for what, (model, *columns) in wanted.items()
    }


@pytest.mark.parametrize(
    ("seed", "switches"),
    [
        (1, {}),
        (2, {"per_page_cap": 5}),
        (3, {"bulk_persons": "404", "person_edit_moves_contact": False}),
        (4, {"last_modified_sort": "ignored"}),
        (6, {"bulk_persons_vendors": True, "bulk_persons_cap": 3, "last_modified_sort": "refused"}),
        (7, {"dirty_share": 0.3, "dirty_kinds": ["changed_offsets", "duplicate_rows", "unknown_keys"]}),
        (5, {"payment_deletion_moves_invoice": False, "person_edit_moves_contact": False}),
    ],
)
def test_the_mirror_comes_to_equal_the_books(company, seed, switches):
    books = company.sandbox
    books.switch(**switches)
    life = Life(books, seed)
    company.sync()
    for turn in range(DEEDS):
        company.pass_time(minutes=7)
        life.live()
        if turn % 10 == 0:
            assert company.sync().is_complete is True
    for _ in range(3):
        run = night(company)
        assert (run.state, run.problems) == ("done", [])
    books.switch(bulk_persons="on")
    assert mirror(company.organisation) == truth(books)
    assert len(life.made) > 8, f"little happened: {life.made}"
    assert company.sync(full=True).counts["invoices"]["changed"] == 0


def test_dirty_rows_stop_no_sync_and_take_nothing_away(company):
    books = company.sandbox
    life = Life(books, 8)
    company.sync()
    books.switch(dirty_share=0.5)
    for _ in range(20):
        company.pass_time(minutes=7)
        life.live()
    assert [night(company).state for _ in range(3)] == ["done"] * 3
    books.switch(dirty_share=0.0)
    assert company.sync(full=True).problems == []
    assert mirror(company.organisation) == truth(books)
