import pytest

from dunright.connectors.zoho_books import ZohoBooks
from tests.connectors.lent import QUICK, Calls, Tokens
from tests.remote.loopback import loopback


@pytest.fixture
def server():
    """Answer in Zoho's place, as the test tells it."""
    with loopback() as told:
        yield told


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def calls():
    return Calls()


@pytest.fixture
def books(server, tokens, calls):
    """The connector, talking to `server`."""
    with ZohoBooks(
        location="sandbox",
        external_id="60001234567",
        tokens=tokens,
        budget=calls,
        sandbox_url=server.url,
        retry=QUICK,
    ) as connector:
        yield connector
