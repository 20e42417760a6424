"""A company on Tuesday 24 November 2026, two hours before its run."""

import pytest
import time_machine

from tests.support import factories as make


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(make.NOW, tick=True):
        yield


@pytest.fixture
def northwind(db):
    return make.organisation()


@pytest.fixture
def signed_in(northwind, client):
    """A client logged in as the owner."""
    client.force_login(make.owner(northwind))
    return client
