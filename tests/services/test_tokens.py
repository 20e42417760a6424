"""One access token per log-in, shared by workers that each keep it in hand for a while."""

import pytest

from dunright.models import LogIn
from dunright.remote.errors import PermissionMissing
from dunright.services import connections
from dunright.services.budgets import SharedBudget
from dunright.services.tokens import SharedToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_in(company):
    return company.connection().log_in


@pytest.fixture
def books(company):
    """A worker's connector."""
    connector = connections.open_connector(company.connection(), SharedBudget(company.organisation))
    with connector:
        yield connector


def refreshed(log_in):
    """How many access tokens this log-in has got."""
    return LogIn.objects.get(pk=log_in.pk).generation


def test_a_token_that_another_worker_fetched_is_used_and_costs_no_refresh(company, log_in, books):
    books.organisations()
    company.sandbox.switch(live_access_tokens=1)
    SharedToken(log_in.pk).refresh(SharedToken(log_in.pk).current())
    before = refreshed(log_in)
    assert [one.name for one in books.organisations()]
    assert refreshed(log_in) == before


def test_another_workers_token_that_is_old_too_is_replaced_and_ends_nothing(company, log_in, books):
    """Both tokens died at the source: nothing is wrong with the permissions."""
    books.organisations()
    company.sandbox.switch(live_access_tokens=1)
    SharedToken(log_in.pk).refresh(SharedToken(log_in.pk).current())
    company.sandbox.access_token(log_in.refresh_token)
    before = refreshed(log_in)
    assert [page.is_last for page in books.pages("currencies")] == [True]
    assert refreshed(log_in) == before + 1


def test_a_permission_that_is_missing_costs_one_refresh(company, log_in, books):
    books.organisations()
    company.sandbox.fault("/invoices", kind="status", status=401, code=57, count=-1)
    before = refreshed(log_in)
    with pytest.raises(PermissionMissing):
        list(books.pages("invoices"))
    assert refreshed(log_in) == before + 1
