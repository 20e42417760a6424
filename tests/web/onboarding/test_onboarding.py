"""The way in: the one-time link, a company, and Zoho's consent with all its endings."""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from dunright.models import Connection, Organisation, Role, SyncRun, User
from dunright.services import accounts
from tests.support import factories
from zoho_sandbox.testing import running_sandbox

pytestmark = pytest.mark.django_db

ACCOUNT = {"name": "Ada Moor", "email": "ada@northwind.example", "password": "a long walk in the rain"}


@pytest.fixture
def company():
    return factories.organisation()


@pytest.fixture
def sandbox(settings):
    with running_sandbox(customers=2) as running:
        settings.CONFIGURATION = replace(
            django_settings.CONFIGURATION,
            zoho_sandbox_url=running.url,
            zoho_client_id=running.client_id,
            zoho_client_secret=running.client_secret,
        )
        yield running


def manager(client, company):
    user = factories.member(company, Role.MANAGER)
    client.force_login(user)
    # The sandbox takes any redirect address of this machine.
    client.defaults["SERVER_NAME"] = "127.0.0.1"
    return user


def test_link_makes_the_first_account_once(client):
    secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=timezone.now())
    address = f"/welcome/{secret}/"
    assert client.get(address).status_code == HTTPStatus.OK
    assert client.post(address, ACCOUNT).status_code == HTTPStatus.FOUND
    assert list(User.objects.values_list("email", "name")) == [("ada@northwind.example", "Ada Moor")]
    assert client.get("/start/").status_code == HTTPStatus.OK
    assert client.get(address).status_code == HTTPStatus.GONE
    assert client.post(address, ACCOUNT).status_code == HTTPStatus.GONE


def test_weak_password_is_refused_and_the_link_still_works(client):
    secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=timezone.now())
    answer = client.post(f"/welcome/{secret}/", {**ACCOUNT, "password": "password"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert accounts.open_link(secret, now=timezone.now()) is not None
    assert User.objects.count() == 0


def test_unknown_link_says_so(client):
    assert client.get("/welcome/nonsense/").status_code == HTTPStatus.GONE


def test_person_without_a_company_makes_one(client):
    client.force_login(User.objects.create_user("ada@northwind.example"))
    wrong = {"name": "Northwind", "country": "IE", "timezone": "Mars/Base", "currency": "EUR"}
    assert client.post("/start/", wrong).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = client.post("/start/", {**wrong, "timezone": "Europe/Dublin"})
    made = Organisation.objects.get()
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, f"/o/{made.pk}/connect/")
    assert made.is_paused


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.CHASER, 403), (Role.MANAGER, 200)])
def test_only_managers_connect(client, company, role, status):
    client.force_login(factories.member(company, role))
    assert client.get(f"/o/{company.pk}/connect/").status_code == status
    assert client.post(f"/o/{company.pk}/connect/choose/1/").status_code == (403 if status == 403 else 404)


def test_stranger_sees_nothing(client, company):
    client.force_login(User.objects.create_user("eve@elsewhere.example"))
    assert client.get(f"/o/{company.pk}/connect/").status_code == HTTPStatus.NOT_FOUND


def test_consent_connects_and_asks_for_a_sync(client, company, sandbox):
    manager(client, company)
    Connection.objects.filter(organisation=company).delete()
    SyncRun.objects.filter(organisation=company).delete()
    page = client.get(f"/o/{company.pk}/connect/")
    assert sandbox.url in page["Content-Security-Policy"]
    answer = client.post(f"/o/{company.pk}/connect/", {"location": "sandbox"})
    assert answer["Location"].startswith(f"{sandbox.url}/oauth/v2/auth?")
    back = urlsplit(sandbox.consent(answer["Location"], accept=True))
    answer = client.get(f"{back.path}?{back.query}")
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, f"/o/{company.pk}/receivables/")
    assert Connection.objects.get(organisation=company).books_name == "Northwind Parts Ltd"
    assert SyncRun.objects.get(organisation=company).state == "queued"

    # The same answer again belongs to no attempt.
    assert client.get(f"{back.path}?{back.query}").status_code == HTTPStatus.BAD_REQUEST


def test_refused_consent_has_a_page(client, company, sandbox):
    manager(client, company)
    answer = client.post(f"/o/{company.pk}/connect/", {"location": "sandbox"})
    back = urlsplit(sandbox.consent(answer["Location"], accept=False))
    assert client.get(f"{back.path}?{back.query}").status_code == HTTPStatus.BAD_REQUEST


def test_forged_state_has_a_page(client, company, sandbox):
    manager(client, company)
    answer = client.get("/connect/zoho_books/callback/?code=1000.x&state=forged")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
