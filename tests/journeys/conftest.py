"""The outside of a journey: books, a mail server, and the settings that lead to them."""

from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from mail_catcher.testing import running_catcher
from tests.journeys.company import MONDAY, running_company
from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0, today=MONDAY) as running:
        running.stop_clock()
        yield running


@pytest.fixture
def catcher(tmp_path):
    with running_catcher(state=tmp_path / "mails.sqlite3") as running:
        yield running


@pytest.fixture
def outside(sandbox, catcher, settings):
    """Lead the product to the books and the mail server of this test."""
    settings.CONFIGURATION = replace(
        django_settings.CONFIGURATION,
        zoho_sandbox_url=sandbox.url,
        zoho_client_id=sandbox.client_id,
        zoho_client_secret=sandbox.client_secret,
    )
    settings.EMAIL_URL = catcher.smtp_url


@pytest.fixture
def company(outside, sandbox):
    return running_company(sandbox)
