"""The company that Receivables is looked at with, on Tuesday 24 November 2026."""

import pytest
import time_machine

from tests.support import factories as make
from tests.web.receivables import northwind as company_of_these_tests

FRAME = "dunright.web.context.frame"


@pytest.fixture(autouse=True)
def _framed(settings):
    """Pages need the frame among the context processors."""
    templates = settings.TEMPLATES[0]
    processors = templates["OPTIONS"]["context_processors"]
    if FRAME not in processors:
        options = {**templates["OPTIONS"], "context_processors": [*processors, FRAME]}
        settings.TEMPLATES = [{**templates, "OPTIONS": options}]


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(make.NOW, tick=True):
        yield


@pytest.fixture
def northwind(db):
    return company_of_these_tests.build()


@pytest.fixture
def signed_in(northwind, client):
    """A client logged in as the owner."""
    client.force_login(make.owner(northwind))
    return client
