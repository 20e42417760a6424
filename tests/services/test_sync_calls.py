"""A sync takes the calls that zoho-books-api.md section 12.3 works out: of a thousand contacts, really read."""

from datetime import date

import pytest

from dunright.domain import sync_calls
from dunright.models import Payment
from dunright.services import sync_details
from tests.services.synced import Company
from zoho_sandbox.testing import running_sandbox

pytestmark = pytest.mark.django_db
CONTACTS = 1_000
TABLES = {
    "currencies": "currencies",
    "customers": "contacts",
    "persons": "persons",
    "invoices": "invoices",
    "payments": "payments",
    "credit_notes": "creditnotes",
}


@pytest.fixture
def sandbox():
    """Books of a thousand customers, without limits; nothing happens in them."""
    today: date = Company.START.date()
    with running_sandbox(customers=CONTACTS, today=today, life_goes_on=False) as running:
        running.stop_clock()
        running.switch(per_minute=10**6, per_day=10**6, access_token_seconds=10**9)
        yield running


def rows_of(sandbox):
    """List -> its rows."""
    with sandbox.inside.database.reading() as db:
        return {
            name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in TABLES.items()
        }


def test_a_thousand_contacts_take_the_calls_of_the_arithmetic(company, sandbox):
    rows = rows_of(sandbox)
    assert rows["customers"] == CONTACTS
    before = sandbox.calls()
    first = company.sync()
    assert (first.state, {name: count["read"] for name, count in first.counts.items()}) == ("done", rows)
    of = {"organisation": company.organisation}
    open_invoices = company.organisation.invoice_set.filter(**of, status="open").count()
    expected = sync_calls.first_sync(rows, open_invoices=open_invoices) + sync_details.AT_MOST
    assert (first.calls, sandbox.calls() - before) == (expected, expected)
    # Payments over several invoices take a call each, so many with every sync; the rest is taken for read here.
    split = Payment.objects.filter(**of, is_allocated=False)
    assert split.count() > 2 * sync_details.AT_MOST
    assert [company.sync().calls for _ in range(2)] == [sync_calls.QUIET + sync_details.AT_MOST] * 2
    split.update(is_allocated=True)
    quiet = company.sync()
    assert (quiet.calls, sum(count["changed"] for count in quiet.counts.values())) == (sync_calls.QUIET, 0)
