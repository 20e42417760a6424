"""The outside of the programs: books, a mail server, and the settings that lead to them."""

from dataclasses import replace
from functools import partial

import pytest
from django.conf import settings as django_settings

from dunright.queue import nudges
from mail_catcher.testing import running_catcher
from tests.management.running import programs
from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(customers=0) as running:
        yield running


@pytest.fixture
def catcher():
    with running_catcher() as running:
        yield running


@pytest.fixture
def environ(sandbox, catcher, settings):
    """What programs read from their environment; this process's settings say the same."""
    settings.CONFIGURATION = replace(
        django_settings.CONFIGURATION,
        zoho_sandbox_url=sandbox.url,
        zoho_client_id=sandbox.client_id,
        zoho_client_secret=sandbox.client_secret,
    )
    settings.EMAIL_URL = catcher.smtp_url
    return {
        "DUNRIGHT_ZOHO_SANDBOX_URL": sandbox.url,
        "DUNRIGHT_ZOHO_CLIENT_ID": sandbox.client_id,
        "DUNRIGHT_ZOHO_CLIENT_SECRET": sandbox.client_secret,
        "DUNRIGHT_EMAIL_URL": catcher.smtp_url,
    }


@pytest.fixture
def program(spawned, environ):
    """`program("worker")` starts `dunright worker`."""
    return partial(programs.Program, spawned, environ)


@pytest.fixture
def pages(spawned, environ):
    """`pages("serve", person)` starts `dunright serve` and gives it back once it answers."""
    return partial(programs.Pages, spawned, environ)


@pytest.fixture
def nudging(monkeypatch):
    """Let this process nudge the workers, as a page process does."""
    monkeypatch.setitem(nudges._state, "served", True)
    yield
    nudges.queue().storage.close()
    nudges.queue.cache_clear()
