"""A worker that is killed anywhere during a sync loses nothing and doubles nothing: the next one goes on from there."""

import json
from datetime import timedelta
from random import Random

import pytest
from django.db.models.functions import Now

from dunright.models import Allocation, CustomerTotal, SyncRun, TimelineEntry
from tests.services.synced import person
from tests.services.test_random_life import mirror, truth

pytestmark = [
    pytest.mark.kill,
    # The end of a test empties the tables of every company.
    pytest.mark.django_db(transaction=True),
]
KILLS = 6
FIRST_STEPS, LATER_STEPS = 160, 90
"""Within how many of its steps a worker is killed; a whole run makes some more."""
DUE = {"date": "2026-10-01", "due_date": "2026-11-01"}


class Workers:
    """The program that forks workers of a company's sync."""

    def __init__(self, spawned, company):
        self._process = spawned.start("tests/services/sync_program.py")
        self._company = company
        assert self._news() == {"ready": True}

    def _news(self):
        line = self._process.stdout.readline()
        assert line, f"the workers say nothing more: {self._process.stderr.read()}"
        return json.loads(line)

    def work(self, run, *, kill_at=0):
        """Let a worker do the run; what it told at its end, or None where it was killed before."""
        books = self._company.sandbox
        order = {
            "run": run.pk,
            "now": self._company.now.isoformat(),
            "kill_at": kill_at,
            "settings": {
                "zoho_sandbox_url": books.url,
                "zoho_client_id": books.client_id,
                "zoho_client_secret": books.client_secret,
            },
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        told = self._news()
        assert "error" not in told, told["error"]
        if "killed" in told:
            return None
        assert self._news() == {"killed": False}
        return told

    def lease_runs_out(self):
        """Let the time pass after which a silent worker's run is taken over."""
        rows = SyncRun.objects.filter(organisation=self._company.organisation, state="running")
        rows.update(lease_until=Now() - timedelta(seconds=1))


@pytest.fixture
def workers(company, spawned):
    return Workers(spawned, company)


def fill(books):
    """Customers with persons, invoices and payments, over several pages of each list."""
    books.switch(per_page_cap=4)
    contacts = [
        books.create_contact(
            f"Customer {n}", persons=[person(f"A{n}"), person(f"B{n}")], address={"city": "Cork"}
        )
        for n in range(9)
    ]
    invoices = [
        books.create_invoice(contact, 50 + n, **DUE) for n, contact in enumerate(contacts) for _ in range(2)
    ]
    for invoice in invoices[::2]:
        books.pay(invoice, 20)
    books.happen("payments/create", invoices=[invoices[2], invoices[3]])
    for contact in contacts[:3]:
        books.happen("creditnotes/create", contact=contact, total=5)
    return contacts, invoices


def live(books, contacts, invoices):
    """What an incremental sync has to follow."""
    for invoice in invoices[5:12]:
        books.happen("invoices/edit", invoice=invoice, due_date="2026-12-24")
    books.pay(invoices[6], 3)
    books.happen("invoices/void", invoice=invoices[9])
    books.happen("persons/add", contact=contacts[4], **person("New"))
    books.happen("contacts/edit", contact=contacts[5], notes="Ring first")
    books.create_invoice(contacts[6], 77, **DUE)


def sums(organisation):
    """What is worked out from the mirror, and what was told about it; without the keys that each database gives."""
    of = {"organisation": organisation}
    totals = CustomerTotal.objects.filter(**of).values_list(
        "customer__external_id", "outstanding", "open_count"
    )
    parts = Allocation.objects.filter(**of).values_list(
        "payment__external_id", "invoice__external_id", "amount"
    )
    told = TimelineEntry.objects.filter(**of, kind__in=("invoice_changed", "payment_seen"))
    return sorted(totals), sorted(parts), sorted(told.values_list("sentence", flat=True))


def finish(workers, run, *, random, steps):
    """Kill worker after worker, each somewhere on its way, then let one come to its end."""
    killed = 0
    while killed < KILLS and workers.work(run, kill_at=random.randrange(1, steps + 1)) is None:
        killed += 1
        workers.lease_runs_out()
    if killed == KILLS:
        workers.work(run)
    assert killed > KILLS // 2, "hardly any worker was killed"
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_step_a_worker_is_killed_at_the_mirror_comes_to_equal_the_books(company, workers, seed):
    books, random = company.sandbox, Random(seed)
    contacts, invoices = fill(books)
    first = finish(workers, company.request(), random=random, steps=FIRST_STEPS)
    assert (first.kind, first.state, first.is_complete, first.problems) == ("first", "done", True, [])
    assert mirror(company.organisation) == truth(books)
    company.pass_time(minutes=15)
    live(books, contacts, invoices)
    later = finish(workers, company.request(), random=random, steps=LATER_STEPS)
    assert (later.kind, later.state, later.is_complete, later.problems) == ("incremental", "done", True, [])
    assert mirror(company.organisation) == truth(books)
    totals, parts, told = sums(company.organisation)
    assert sum(outstanding for _, outstanding, _ in totals) == sum(
        balance
        for *_, status, _, _, balance, _ in mirror(company.organisation)["invoices"]
        if status == "open"
    )
    assert len(told) == len(set(told)), "told twice"
    assert company.sync(full=True).counts["invoices"]["changed"] == 0
    assert sums(company.organisation) == (totals, parts, told)
