"""The whole way as a person goes it, in a browser: connect, sync, approve, read the mail, be paid, be left alone."""

from datetime import timedelta

import pytest
import time_machine

from dunright.models import Invoice, Organisation, OutboxMessage
from dunright.services import accounts
from dunright.services.due import run_due
from tests.journeys.company import MONDAY, at

pytestmark = [
    pytest.mark.browser,
    # `run_due` looks for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db(transaction=True),
]

# By default chasing happens on Tuesdays at 11:00, for the first time two days after connecting at the earliest.
FIRST_RUN = MONDAY + timedelta(days=8)
NEXT_RUN = FIRST_RUN + timedelta(days=7)


@pytest.fixture
def clock():
    """Where the product believes to be in time; the browser keeps its own clock."""
    with time_machine.travel(at(MONDAY, 8), tick=True) as traveller:
        yield traveller


@pytest.fixture
def halloran(sandbox):
    """A customer of the books with one invoice, three days late on MONDAY; returns the invoice's id."""
    sandbox.move_to(at(MONDAY, 8))
    contact = sandbox.create_contact(
        "Halloran Bearings",
        persons=[{"first_name": "Orla", "last_name": "Halloran", "email": "orla@halloran.example"}],
    )
    due = str(MONDAY - timedelta(days=3))
    return sandbox.create_invoice(contact, "1000.00", date="2026-10-20", due_date=due, number="INV-000231")


def sign_up(visit):
    """The one-time link that `./start` prints, and a first company."""
    secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=at(MONDAY, 8))
    page = visit.go(f"/welcome/{secret}/").page
    page.get_by_label("Name").fill("Ada Moor")
    page.get_by_label("Work e-mail").fill("ada@northwind.example")
    page.get_by_label("Password", exact=True).fill("six grey herons wade")
    page.get_by_role("button", name="Get started").click()

    page.get_by_label("Company name").fill("Northwind Parts Ltd")
    page.get_by_label("Country").fill("IE")
    page.get_by_role("button", name="Continue").click()


def connect(visit):
    """Dunright's page, the books' own consent, and back."""
    page = visit.page
    page.get_by_role("button", name="Connect with Zoho Books").click()
    page.get_by_role("heading", name="would like to access your books").wait_for()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Receivables").first.wait_for()


def everything_due(clock, sandbox, moment):
    """Let the time come, in the books too, and do what a worker does then."""
    sandbox.move_to(moment)
    clock.move_to(moment)
    return run_due(now=moment)


def test_whole_way_in_the_browser(visit, outside, clock, sandbox, catcher, halloran):
    here = visit()
    page = here.page
    sign_up(here)
    connect(here)
    assert run_due(now=at(MONDAY, 8, 1)).syncs == 1
    company = Organisation.objects.get()
    home = f"/o/{company.pk}"

    here.go(f"{home}/receivables/")
    row = page.get_by_role("row").filter(has_text="Halloran Bearings")
    assert "1,000.00" in row.inner_text()

    # Nothing leaves by itself before a person has switched chasing on and approved the first batch.
    here.go(f"{home}/upcoming/")
    page.get_by_role("link", name="Resume chasing").click()
    page.get_by_role("radio", name="Begin gently").first.check()
    page.get_by_role("button", name="Resume chasing").click()
    page.get_by_role("link", name="Pause chasing").wait_for()
    done = everything_due(clock, sandbox, at(FIRST_RUN))
    assert (done.runs, dict(done.messages), catcher.messages()) == (1, {}, [])

    here.go(f"{home}/upcoming/")
    shown = page.get_by_role("main").inner_text()
    assert "orla@halloran.example" in shown
    assert "INV-000231" in shown
    page.get_by_role("button", name="Approve").first.click()
    page.get_by_text("Approved").first.wait_for()
    message = OutboxMessage.objects.get(organisation=company)
    everything_due(clock, sandbox, message.due_at + timedelta(minutes=31))

    (mail,) = catcher.messages()
    assert mail["to"] == "Orla Halloran <orla@halloran.example>"
    for words in ("Orla", "INV-000231", "€1,000.00", "Northwind Parts Ltd"):
        assert words in mail["text"], words
    page.goto(f"{catcher.http_url}/")
    page.get_by_text(mail["subject"]).first.wait_for()
    here.go(f"{home}/sent/")
    page.get_by_role("link", name="Halloran Bearings").first.wait_for()

    # The customer pays, as the books' own page shows it; the next run is silent and says why.
    page.goto(f"{sandbox.url}/")
    page.goto(f"{page.url}/invoices/{halloran}")
    page.get_by_role("button", name="Pay in full").click()
    page.get_by_text("Delete a payment below to make it owed again.").wait_for()
    done = everything_due(clock, sandbox, at(NEXT_RUN))
    assert (done.runs, dict(done.messages), len(catcher.messages())) == (1, {}, 1)
    invoice = Invoice.objects.get(organisation=company)
    here.go(f"{home}/invoices/{invoice.pk}/")
    assert "Paid. Nothing is asked for any more." in page.get_by_role("main").inner_text()
    assert here.complaints == []
