"""A company, connected and running, with one customer who owes one invoice: what journeys begin with."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dunright.domain.settings import OrganisationSettings
from dunright.models import User
from dunright.services import connections, organisations, sync

ZONE = ZoneInfo("Europe/Dublin")
MONDAY = date(2026, 11, 23)


def at(day, hour=11, minute=0):
    """A moment of the company's local time."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def running_company(sandbox):
    """Chases on working days at 11:00; INV-000231 over EUR 1,000.00 fell due three days before MONDAY."""
    owner = User.objects.create_user("ada@northwind.example", None, name="Ada Moor")
    wanted = OrganisationSettings(
        name="Northwind Parts Ltd",
        timezone="Europe/Dublin",
        currency="EUR",
        country="IE",
        chase_days=("mon", "tue", "wed", "thu", "fri"),
        first_run_after_days=0,
        spread_minutes=0,
        bank_details="IBAN IE29 AIBK 9311 5212 3456 78",
    )
    now = at(MONDAY, 8)
    sandbox.move_to(now)
    company = organisations.add(wanted, owner=owner, now=now)
    contact = sandbox.create_contact(
        "Halloran Bearings",
        persons=[{"first_name": "Orla", "last_name": "Halloran", "email": "orla@halloran.example"}],
    )
    company.invoice_id = sandbox.create_invoice(
        contact, "1000.00", date="2026-10-20", due_date=str(MONDAY - timedelta(days=3)), number="INV-000231"
    )
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    books = connections.reachable_books(log_in, company)[0]
    connections.connect(company, log_in, books.external_id, by=owner, now=now)
    sync.perform(sync.request(company, by=owner, now=now).pk, now=now)
    organisations.resume(company, by=owner, now=now)
    return company
