"""The connector on a Zoho Books sandbox: what both hold, seen from each side."""

from dunright.connectors.contract import Sample
from dunright.connectors.zoho_books import ZohoBooks, oauth
from dunright.connectors.zoho_books.data_centres import data_centre
from tests.connectors.lent import QUICK, Calls

TABLES = {
    "customers": "contacts",
    "persons": "persons",
    "invoices": "invoices",
    "payments": "payments",
    "credit_notes": "creditnotes",
    "currencies": "currencies",
}


class SandboxTokens:
    """A real log-in at the sandbox."""

    def __init__(self, sandbox):
        self.client = oauth.ClientId(sandbox.client_id, sandbox.client_secret, "http://127.0.0.1:9/back/")
        self.centre = data_centre("sandbox", sandbox_url=sandbox.url)
        self.refresh_token = sandbox.refresh_token()
        self.access_token = ""
        self.refreshes = 0

    def current(self):
        return self.access_token or self.refresh(rejected="")

    def refresh(self, rejected):
        assert rejected == self.access_token
        grant = oauth.refresh(self.client, self.centre, refresh_token=self.refresh_token)
        self.refreshes += 1
        self.access_token = grant.access_token
        return self.access_token

    def is_borrowed(self, token):
        return False


def connected(sandbox, **changes):
    """Return a connector for the sandbox's first organisation."""
    fields = {
        "location": "sandbox",
        "external_id": organisation_of(sandbox),
        "tokens": SandboxTokens(sandbox),
        "budget": Calls(),
        "sandbox_url": sandbox.url,
        "retry": QUICK,
    }
    return ZohoBooks(**(fields | changes))


def organisation_of(sandbox):
    return str(_select(sandbox, "SELECT org FROM organisations ORDER BY org LIMIT 1")[0][0])


def sample_of(sandbox):
    """Return what the sandbox holds, from its own tables."""
    org = organisation_of(sandbox)
    return Sample(
        organisation_id=org,
        counts={
            what: _select(sandbox, f"SELECT count(*) FROM {table} WHERE org = ?", org)[0][0]
            for what, table in TABLES.items()
        },
        open_invoice_ids=frozenset(
            str(row[0]) for row in _select(sandbox, "SELECT id FROM invoices WHERE org = ? AND is_open", org)
        ),
    )


def _select(sandbox, statement, *values):
    with sandbox.inside.database.reading() as db:
        return db.execute(statement, values).fetchall()
