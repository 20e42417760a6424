"""The accounting systems that can be connected."""

from types import MappingProxyType

from dunright.connectors.base import Connector
from dunright.connectors.zoho_books import ZohoBooks
from dunright.remote.errors import Misconfigured

CONNECTORS: MappingProxyType[str, type[Connector]] = MappingProxyType({ZohoBooks.key: ZohoBooks})


def connector_class(key: str) -> type[Connector]:
    """Return the connector called `key`. Raises `Misconfigured` when there is none."""
    if key not in CONNECTORS:
        raise Misconfigured(
            f"No accounting system is called “{key[:40]}”; there are: {', '.join(CONNECTORS)}."
        )
    return CONNECTORS[key]
