"""What every test has: no network, a database of its own, and no settings of the developer's."""

import os
import sys

import pytest

from tests.support import chromium, environment, network, processes

try:
    # Here and not in a hook: a conftest.py further down may import models as soon as it is loaded.
    environment.prepare(sys.argv[1:])
except RuntimeError as error:
    raise pytest.UsageError(str(error)) from error
network.install()

from tests.support import tenant_guard  # noqa: E402  it looks at models, which need Django set up

tenant_guard.install()

# One browser a run: the same fixture in two conftest.py would be two, and Playwright allows one a process.
pytest_plugins = ["tests.web.browser"]


def pytest_addoption(parser):
    parser.addoption(
        "--database",
        choices=environment.DATABASES,
        default="sqlite",
        help="the database to test on (read by tests/support/environment.py); ./test runs both",
    )


def pytest_report_header():
    from django.conf import settings

    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_collection_modifyitems(config, items):
    """Leave browser tests out where there is no Chromium; the summary says so. In CI all of them run."""
    if chromium.find() is None:
        if os.environ.get("CI"):
            raise pytest.UsageError(chromium.MISSING)
        browser = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=browser)
        items[:] = [item for item in items if item not in browser]


def pytest_terminal_summary(terminalreporter):
    if chromium.find() is None:
        terminalreporter.write_line(chromium.MISSING)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix():
    """Do nothing: every worker of xdist has a data folder and a database of its own already."""


@pytest.fixture(autouse=True)
def _no_network():
    network.attempts.clear()
    yield
    if network.attempts:
        pytest.fail(network.attempts[0], pytrace=False)


@pytest.fixture(autouse=True)
def _no_tenant_leak(request, monkeypatch):
    """See tests/support/tenant_guard.py; `@pytest.mark.cross_tenant` lets one test ask across companies."""
    tenant_guard.leaks.clear()
    if request.node.get_closest_marker("cross_tenant"):
        monkeypatch.setattr(tenant_guard, "unscoped_table", lambda sql: None)
    yield
    if tenant_guard.leaks:
        pytest.fail(tenant_guard.leaks[0], pytrace=False)


@pytest.fixture
def spawned(transactional_db):
    """Programs beside the test, for what several processes do at once: they see what the test has committed."""
    with processes.processes() as starter:
        yield starter
