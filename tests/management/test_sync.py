"""`dunright sync --verify`: the proof in JSON and in words, and the exit status (commands.md)."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from dunright.management.sync import sync
from dunright.models import Invoice, Proof
from dunright.services import mirror
from tests.services.conftest import company, sandbox  # noqa: F401  fixtures
from tests.services.synced import person

pytestmark = pytest.mark.django_db


SUM = "Halloran Bearings: the books say 150.50 EUR is outstanding; the open invoices and the opening balance come to"


@pytest.fixture
def books(company):  # noqa: F811 - the fixture
    """A company with two open invoices, synced once."""
    halloran = company.sandbox.create_contact("Halloran Bearings", persons=[person("Orla Halloran")])
    company.one = company.sandbox.create_invoice(halloran, "100.00", number="INV-1", due_date="2026-12-01")
    company.sandbox.create_invoice(halloran, "50.50", number="INV-2", due_date="2026-12-02")
    assert run(company)[0] == 0
    return company


def run(company, *options):  # noqa: F811 - the fixture
    result = CliRunner().invoke(sync, ["--organisation", str(company.organisation.pk), *options])
    return result.exit_code, result.stdout, result.stderr


def damage(books):
    rows = Invoice.objects.filter(organisation=books.organisation, external_id=books.one)
    # A sync takes it for newer than what the books say.
    rows.update(balance="1.00", modified_at=datetime(2027, 1, 1, tzinfo=UTC))


def test_books_that_agree(books):
    status, output, error = run(books, "--verify", "--json")
    document = json.loads(output)
    assert (status, error, document["complete"]) == (0, "", True)
    proof = Proof.objects.get(organisation=books.organisation)
    assert document["verified"] == {
        "agrees": True,
        "at": proof.finished_at.isoformat(),
        "calls": 7,
        "totals": [{"currency": "EUR", "ours": "150.50", "theirs": "150.50"}],
        "counts": [
            {"what": "customers", "ours": 1, "theirs": 1},
            {"what": "open", "ours": 2, "theirs": 2},
            {"what": "paid", "ours": 0, "theirs": 0},
            {"what": "void", "ours": 0, "theirs": 0},
            {"what": "other", "ours": 0, "theirs": 0},
        ],
        "differences": [],
        "more": 0,
    }


def test_without_the_option_nothing_is_compared(books):
    status, output, _ = run(books, "--json")
    assert (status, "verified" in json.loads(output)) == (0, False)
    assert Proof.objects.filter(organisation=books.organisation).count() == 0


def test_what_was_mended_is_told_and_agrees(books):
    damage(books)
    status, output, error = run(books, "--verify")
    assert (status, error) == (0, "")
    assert output.splitlines()[-4:] == [
        "EUR: 150.50 here, 150.50 in the books",
        "INV-1 of Halloran Bearings: 1.00 EUR open here, 100.00 EUR in the books. (mended)",
        f"{SUM} 51.50 EUR. (mended)",
        "Agrees with the books, 9 calls",
    ]


def test_what_is_left_after_the_repair_is_exit_status_1(books, monkeypatch):
    damage(books)
    monkeypatch.setattr(mirror, "store_invoices", lambda *given, **named: 0)
    status, output, error = run(books, "--verify", "--json")
    document = json.loads(output)
    assert (status, error) == (
        1,
        "The mirror does not agree with the books: 2 differences are left.\n",
    )
    assert document["complete"] is True
    assert document["verified"]["agrees"] is False
    assert document["verified"]["differences"][0] == {
        "kind": "balance",
        "customer_id": document["verified"]["differences"][0]["customer_id"],
        "customer": "Halloran Bearings",
        "invoice_id": books.one,
        "number": "INV-1",
        "currency": "EUR",
        "ours": "1.00 EUR",
        "theirs": "100.00 EUR",
        "outcome": "left",
        "note": "",
        "sentence": "INV-1 of Halloran Bearings: 1.00 EUR open here, 100.00 EUR in the books.",
    }


def test_books_that_cannot_be_compared_now_are_exit_status_1(books):
    books.sandbox.fault("response_option=2", kind="html", status=503, count=-1)
    status, _, error = run(books, "--verify")
    assert status == 1
    assert error.startswith("Zoho Books answered with a web page instead of data (HTTP 503)")


@pytest.mark.parametrize("option", ["--verify=yes", "--verifying"])
def test_wrong_usage(books, option):
    assert run(books, option)[0] == 2
