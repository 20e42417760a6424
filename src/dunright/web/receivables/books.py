"""Links to the pages of the accounting system, and to sent messages; nothing here asks the network."""

from urllib.parse import quote

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from dunright.connectors.zoho_books.data_centres import data_centre
from dunright.models import Organisation
from dunright.queries.shell import books_of
from dunright.remote.errors import Misconfigured
from dunright.web.shell import SYSTEMS

AREAS = {"customer": "contacts", "invoice": "invoices"}


def message_url(organisation: int, message: int) -> str:
    """Where a message's exact text is read; empty where this installation has no such page."""
    try:
        return reverse("sent:message", args=[organisation, message])
    except NoReverseMatch:
        return ""


class Books:
    """Where the records of one organisation's books are seen; without a link where the system offers none."""

    def __init__(self, organisation: Organisation) -> None:
        """Read the organisation's connection."""
        self.connection = books_of(organisation)
        self.name = SYSTEMS.get(self.connection.system, "your books") if self.connection else "your books"
        self._start = self._start_of_links()

    def customer(self, external_id: str) -> str:
        """The address of a customer's page (zoho-books-api.md section 11); empty where there is none."""
        return self._link("customer", external_id)

    def invoice(self, external_id: str) -> str:
        """The address of an invoice's page; empty where there is none."""
        return self._link("invoice", external_id)

    def _start_of_links(self) -> str:
        found = self.connection
        if found is None or found.system != "zoho_books":
            return ""
        try:
            centre = data_centre(found.location, sandbox_url=settings.CONFIGURATION.zoho_sandbox_url)
        except Misconfigured:
            # A sandbox that this installation no longer names.
            return ""
        # The organisation must be named: without it Zoho opens whichever books the person used last.
        return f"{centre.web}/app/{quote(found.external_id, safe='')}#"

    def _link(self, what: str, external_id: str) -> str:
        return f"{self._start}/{AREAS[what]}/{quote(external_id, safe='')}" if self._start else ""
