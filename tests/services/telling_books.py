"""A company whose log-in may write, for tests of what the books are told."""

from dunright.connectors.zoho_books import oauth
from dunright.models import LogIn, Organisation, SourceWrite
from dunright.services import source_writes, work, write_back
from tests.support import factories as make


class Books:
    """Synced, chasing, with one customer who owes one invoice."""

    def __init__(self, company):
        self.company, self.sandbox = company, company.sandbox
        self.external = self.sandbox.create_contact("Harbour Foods", persons=[])
        self.bill = self.sandbox.create_invoice(self.external, 100, number="INV-1")
        company.sync()
        Organisation.objects.filter(pk=company.organisation.pk).update(is_paused=False)
        company.organisation.refresh_from_db()

    @property
    def organisation(self):
        return self.company.organisation

    @property
    def now(self):
        return self.company.now

    @property
    def customer(self):
        return self.company.customer(self.external)

    @property
    def invoice(self):
        return self.company.invoice(self.bill)

    def allow(self, *tells):
        """The log-in may write this: what a consent leaves behind."""
        log_in = LogIn.objects.get(connection__organisation=self.organisation)
        scopes = oauth.scopes_for(tells)
        log_in.refresh_token = self.sandbox.refresh_token(scope=",".join(scopes))
        log_in.access_token, log_in.access_expires_at, log_in.scopes = "", None, " ".join(scopes)
        log_in.save()

    def tell(self, *tells):
        self.allow(*tells)
        source_writes.switch(self.organisation, tells, by=self.company.owner, now=self.now)

    def send(self, **fields):
        """A reminder about the invoice that was just sent, as the outbox leaves it."""
        message = make.message(self.customer, [self.invoice], **fields)
        message.to = [{"address": "orla@harbour.example", "name": "Orla", "person": ""}]
        source_writes.sent(message, now=self.now)
        return message

    def rows(self):
        return list(SourceWrite.objects.filter(organisation=self.organisation).order_by("pk"))

    def states(self):
        return [(row.kind, row.state, row.reason) for row in self.rows()]

    def work(self):
        """Do what is due now, once."""
        for pk in work.due(SourceWrite, now=self.now):
            write_back.perform(pk, now=self.now)
        return self.states()

    def pass_and_work(self, **span):
        self.company.pass_time(**span)
        return self.work()

    # What the books hold.

    def _get(self, path):
        return self.sandbox.get(path, self.sandbox.access_token(), organization_id="60001234567").json

    def comments(self):
        found = self._get(f"/invoices/{self.bill}/comments")["comments"]
        return [one["description"] for one in found if one["comment_type"] != "system"]

    def expected(self):
        return self._get(f"/invoices/{self.bill}")["invoice"]["payment_expected_date"]

    def reminds(self):
        """Whether Zoho reminds the customer, and of the invoice."""
        return (
            self._get(f"/contacts/{self.external}")["contact"]["payment_reminder_enabled"],
            self._get(f"/invoices/{self.bill}")["invoice"]["payment_reminder_enabled"],
        )
