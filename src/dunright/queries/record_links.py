"""Addresses of records in the accounting system's own pages; nothing is asked of it."""

from django.conf import settings

from dunright.connectors.base import Linked
from dunright.connectors.registry import connector_class
from dunright.models import Connection
from dunright.remote.errors import Misconfigured


def record_link(connection: Connection | None, what: Linked, external_id: str) -> str:
    """Where a customer or an invoice of these books is seen; empty where there is no such page.

    Also empty for a sandbox that this installation no longer names.
    """
    if connection is None:
        return ""
    try:
        return connector_class(connection.system).record_link(
            what,
            external_id,
            location=connection.location,
            books=connection.external_id,
            sandbox_url=settings.CONFIGURATION.zoho_sandbox_url,
        )
    except Misconfigured:
        return ""
