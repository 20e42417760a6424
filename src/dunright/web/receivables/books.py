"""Links to the pages of the accounting system, and to sent messages; nothing here asks the network."""

from django.urls import NoReverseMatch, reverse

from dunright.models import Organisation
from dunright.queries.record_links import record_link
from dunright.queries.shell import books_of
from dunright.web.shell import SYSTEMS


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

    def customer(self, external_id: str) -> str:
        """The address of a customer's page; empty where there is none."""
        return record_link(self.connection, "customer", external_id)

    def invoice(self, external_id: str) -> str:
        """The address of an invoice's page; empty where there is none."""
        return record_link(self.connection, "invoice", external_id)
