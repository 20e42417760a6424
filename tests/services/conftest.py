"""Books to be in step with: a Zoho Books on this machine, and a company that is connected to it."""

from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from tests.services.synced import Company
from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    """Books without customers; no time passes but what the test lets pass."""
    with running_sandbox(customers=0, today=Company.START.date()) as running:
        running.stop_clock()
        yield running


@pytest.fixture
def company(sandbox, settings, db):
    """Connected to the sandbox, never synced."""
    settings.CONFIGURATION = replace(
        django_settings.CONFIGURATION,
        zoho_sandbox_url=sandbox.url,
        zoho_client_id=sandbox.client_id,
        zoho_client_secret=sandbox.client_secret,
    )
    return Company(sandbox)
