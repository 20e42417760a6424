"""A company and its books at the sandbox, with one clock for both."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dunright.domain import sync_calls
from dunright.domain.settings import OrganisationSettings
from dunright.models import Connection, Customer, Invoice, Payment, SyncRun, TimelineEntry
from dunright.services import connections, organisations, sync
from tests.support import factories as make

QUIET = sync_calls.QUIET


class Company:
    """What tests of the sync begin with; `now` is the time of the company and of its books."""

    START = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Dublin"))

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.now = self.START
        sandbox.move_to(self.now)
        self.owner = make.user()
        wanted = OrganisationSettings(
            name="Northwind Parts Ltd", timezone="Europe/Dublin", currency="EUR", country="IE"
        )
        self.organisation = organisations.add(wanted, owner=self.owner, now=self.now)
        log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=self.owner)
        books = connections.reachable_books(log_in, self.organisation)[0]
        connections.connect(self.organisation, log_in, books.external_id, by=self.owner, now=self.now)

    def pass_time(self, **span):
        """Let time pass here and in the books."""
        self.now += timedelta(**span)
        self.sandbox.move_to(self.now)

    def request(self, **how):
        return sync.request(self.organisation, by=self.owner, now=self.now, **how)

    def sync(self, *, full=False, after=timedelta(minutes=15)):
        """Let some time pass and sync; the run, as it was left."""
        self.pass_time(seconds=after.total_seconds())
        run = self.request(full=full)
        return sync.perform(run.pk, now=self.now)

    def calls_of(self, work):
        """How many calls the books counted while `work` was done."""
        before = self.sandbox.calls()
        work()
        return self.sandbox.calls() - before

    def connection(self):
        return Connection.objects.get(organisation=self.organisation)

    def customer(self, external_id):
        return Customer.objects.get(organisation=self.organisation, external_id=external_id)

    def invoice(self, external_id):
        return Invoice.objects.get(organisation=self.organisation, external_id=external_id)

    def payment(self, external_id):
        return Payment.objects.get(organisation=self.organisation, external_id=external_id)

    def persons(self, customer):
        """E-mail addresses of a customer's persons that are not gone."""
        rows = self.customer(customer).persons.filter(organisation=self.organisation, gone_at=None)
        return sorted(rows.values_list("email", flat=True))

    def runs(self):
        return list(SyncRun.objects.filter(organisation=self.organisation).order_by("pk"))

    def told(self):
        rows = TimelineEntry.objects.filter(organisation=self.organisation).order_by("pk")
        return list(rows.values_list("sentence", flat=True))


def person(name):
    """A contact person for the sandbox."""
    first = name.partition(" ")[0]
    return {"first_name": first, "last_name": name.partition(" ")[2], "email": f"{first.lower()}@x.example"}
