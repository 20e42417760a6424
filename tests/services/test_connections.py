"""Connecting and disconnecting as services, over a real sandbox: who may, what races leave, which log-ins are kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as django_settings

from dunright.models import Authorisation, Connection, LogIn, Role, SyncRun
from dunright.remote.errors import AuthExpired, Misconfigured
from dunright.services import connections, daily, log_ins, onboarding
from dunright.services.budgets import SharedBudget
from dunright.services.connections import CannotConnect
from dunright.services.permissions import NotAllowed
from tests.support import factories
from zoho_sandbox.testing import running_sandbox

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REDIRECT = "http://127.0.0.1/connect/zoho_books/callback/"


@pytest.fixture
def sandbox(settings):
    with running_sandbox(customers=0) as running:
        settings.CONFIGURATION = replace(
            django_settings.CONFIGURATION,
            zoho_sandbox_url=running.url,
            zoho_client_id=running.client_id,
            zoho_client_secret=running.client_secret,
        )
        yield running


@pytest.fixture
def company(db):
    return factories.organisation(is_connected=False)


@pytest.fixture
def owner(company):
    return factories.owner(company)


@pytest.fixture
def books(sandbox):
    """The id of the sandbox's first books."""
    return sandbox.control("GET", "organisations")["organisations"][0]["organization_id"]


@pytest.fixture
def come_back(company, owner, sandbox):
    """`come_back()`: a consent that was given a moment ago, the books still to choose."""

    def consented(organisation=company, by=owner):
        address = onboarding.begin(organisation, by=by, location="sandbox", redirect_uri=REDIRECT, now=NOW)
        query = dict(parse_qsl(urlsplit(sandbox.consent(address)).query))
        return onboarding.come_back(query, by=by, redirect_uri=REDIRECT, now=NOW)

    return consented


def held(sandbox):
    return len(sandbox.control("GET", "connections")["connections"])


def test_connection_and_first_sync_are_written_together(company, owner, come_back, books):
    made = onboarding.finish(come_back(), books, by=owner, now=NOW)
    assert (made.state, made.external_id, made.connected_at) == ("connected", books, NOW)
    assert SyncRun.objects.get(organisation=company).kind == "first"
    assert Authorisation.objects.get(organisation=company).log_in is None


def test_a_choice_that_ended_meanwhile_connects_nothing(company, owner, come_back, books):
    pending = come_back()
    log_ins.drop(Authorisation.objects.select_related("organisation", "log_in").get(organisation=company))
    with pytest.raises(CannotConnect) as refused:
        onboarding.finish(pending, books, by=owner, now=NOW)
    assert refused.value.reason == "choice_over"
    assert Connection.objects.filter(organisation=company).count() == 0
    assert SyncRun.objects.filter(organisation=company).count() == 0


def test_a_choice_taken_between_question_and_answer_is_over(company, owner, come_back, books, monkeypatch):
    pending, ask = come_back(), connections.chosen_books

    def ask_and_lose(*arguments):
        found = ask(*arguments)
        Authorisation.objects.filter(organisation=company).update(log_in=None)
        return found

    monkeypatch.setattr(connections, "chosen_books", ask_and_lose)
    with pytest.raises(CannotConnect) as refused:
        onboarding.finish(pending, books, by=owner, now=NOW)
    assert refused.value.reason == "choice_over"
    assert Connection.objects.filter(organisation=company).count() == 0


def test_books_taken_in_this_moment_are_refused_and_the_choice_goes_on(
    company, owner, come_back, books, monkeypatch
):
    pending = come_back()
    other = factories.organisation("Liffey Tools Ltd", is_connected=False)
    factories.connection(other, location="sandbox", external_id=books)
    monkeypatch.setattr(connections, "holder_of", lambda *_, **__: None)
    with pytest.raises(CannotConnect) as refused:
        onboarding.finish(pending, books, by=owner, now=NOW)
    assert refused.value.reason == "taken"
    assert Connection.objects.filter(organisation=company).count() == 0
    pending.refresh_from_db()
    assert pending.log_in is not None


def test_a_colleague_who_was_quicker_with_other_books_wins(company, owner, sandbox, books, monkeypatch):
    """The second of two first connections must not put its log-in on the books of the first."""
    factories.connection(company, location="sandbox", external_id="1")
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    found = connections.chosen_books(company, log_in, books)
    with pytest.raises(CannotConnect) as refused:
        connections._write_connection(company, log_in, found, now=NOW)
    assert refused.value.reason == "other_books"
    after = Connection.objects.get(organisation=company)
    assert (after.external_id, after.log_in) == ("1", None)


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.CHASER, False), (Role.MANAGER, True)])
def test_who_may_begin(company, sandbox, role, may):
    person = factories.member(company, role)
    if may:
        onboarding.begin(company, by=person, location="sandbox", redirect_uri=REDIRECT, now=NOW)
    else:
        with pytest.raises(NotAllowed):
            onboarding.begin(company, by=person, location="sandbox", redirect_uri=REDIRECT, now=NOW)
    assert Authorisation.objects.filter(organisation=company).count() == int(may)


def test_nothing_begins_without_a_client(company, owner, sandbox, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, zoho_client_secret="")
    with pytest.raises(Misconfigured, match="DUNRIGHT_ZOHO_CLIENT_ID and DUNRIGHT_ZOHO_CLIENT_SECRET"):
        onboarding.begin(company, by=owner, location="sandbox", redirect_uri=REDIRECT, now=NOW)
    assert Authorisation.objects.filter(organisation=company).count() == 0


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CHASER, Role.MANAGER])
def test_only_owners_disconnect(company, role):
    factories.connection(company)
    with pytest.raises(NotAllowed, match="Only owners of Northwind Parts Ltd may do this"):
        connections.disconnect(company, by=factories.member(company, role), now=NOW)
    assert Connection.objects.get(organisation=company).state == "connected"


def test_a_log_in_that_serves_two_companies_is_kept_until_the_last(company, owner, sandbox, books):
    second = sandbox.control("POST", "organisations", name="Liffey Tools Ltd", email=_address(sandbox))
    other = factories.organisation("Liffey Tools Ltd", owner=owner, is_connected=False)
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    connections.connect(company, log_in, books, by=owner, now=NOW)
    connections.connect(other, log_in, second["organization_id"], by=owner, now=NOW)
    assert connections.disconnect(company, by=owner, now=NOW) is False
    assert (LogIn.objects.count(), held(sandbox)) == (1, 1)
    assert connections.disconnect(other, by=owner, now=NOW) is True
    assert (LogIn.objects.count(), held(sandbox)) == (0, 0)


def test_a_log_in_of_a_choice_under_way_is_kept(come_back):
    pending = come_back()
    assert log_ins.forget_unused(pending.log_in) is False
    assert LogIn.objects.count() == 1


def test_a_dead_log_in_is_deleted_without_asking_zoho(company, owner, sandbox, books):
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    connections.connect(company, log_in, books, by=owner, now=NOW)
    LogIn.objects.filter(pk=log_in.pk).update(dead_at=NOW, dead_reason="Zoho no longer accepts this log-in.")
    connections.mark_disconnected(Connection.objects.get(organisation=company), AuthExpired("Gone."), now=NOW)
    sandbox.fault("/oauth/v2/token/revoke", count=-1)
    assert connections.disconnect(company, by=owner, now=NOW) is False
    assert (LogIn.objects.count(), len(sandbox.control("GET", "faults")["faults"])) == (0, 1)


def test_the_daily_look_clears_abandoned_choices(company, sandbox, come_back):
    come_back()
    daily.look_after(company, now=NOW + timedelta(minutes=31))
    assert (LogIn.objects.count(), held(sandbox)) == (0, 0)


@pytest.mark.parametrize("token", ["", "new\nline", "tökén"])
def test_a_token_that_cannot_be_one_is_refused(company, sandbox, token):
    with pytest.raises(CannotConnect, match="empty or holds characters that no token has"):
        connections.connect_with_token(
            company, location="sandbox", external_id="1", refresh_token=token, now=NOW
        )
    assert LogIn.objects.count() == 0


def test_a_failed_headless_try_keeps_no_token_and_revokes_none(company, sandbox):
    with pytest.raises(CannotConnect) as refused:
        connections.connect_with_token(
            company, location="sandbox", external_id="1", refresh_token=sandbox.refresh_token(), now=NOW
        )
    # The token is the person's own: the next try, with the right id, needs it.
    assert (refused.value.reason, LogIn.objects.count(), held(sandbox)) == ("not_reached", 0, 1)


def _address(sandbox):
    """The address of the user whom the sandbox's tokens belong to."""
    return sandbox.control("GET", "organisations")["organisations"][0]["users"][0]["email"]


def test_a_sync_whose_company_is_disconnected_meanwhile_fails_with_a_sentence(company, owner, sandbox, books):
    log_in = connections.new_log_in("sandbox", sandbox.refresh_token(), by=owner)
    connections.connect(company, log_in, books, by=owner, now=NOW)
    connector = connections.open_connector(
        Connection.objects.select_related("log_in").get(organisation=company), SharedBudget(company)
    )
    connections.disconnect(company, by=owner, now=NOW)
    with connector, pytest.raises(AuthExpired, match="This log-in was ended here"):
        connector.organisations()
