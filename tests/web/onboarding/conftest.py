"""A company and the books it may be connected to: a real sandbox, and people with their roles."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from dunright.models import Role
from tests.support import factories
from zoho_sandbox.testing import running_sandbox

CONSENT = "/connect/zoho_books/callback/"


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


@pytest.fixture
def company(db):
    """Northwind Parts Ltd in Dublin, not connected yet."""
    return factories.organisation(is_connected=False)


@pytest.fixture
def owner(company):
    return factories.owner(company)


@pytest.fixture
def signed_in(client, company):
    """`signed_in(role)`: a client that is logged in as a member of the company."""
    # The sandbox takes any redirect address of this machine.
    client.defaults["SERVER_NAME"] = "127.0.0.1"

    def as_(role=Role.OWNER):
        client.force_login(
            factories.owner(company) if role == Role.OWNER else factories.member(company, role)
        )
        return client

    return as_


@pytest.fixture
def zoho(company, sandbox):
    """What a person does at Zoho's pages, from Dunright's button to the way back."""
    return Zoho(company, sandbox)


class Zoho:
    def __init__(self, company, sandbox):
        self.company, self.sandbox = company, sandbox

    def consent_page(self, client):
        """Press the button; the address of Zoho's consent page."""
        answer = client.post(f"/o/{self.company.pk}/connect/", {"location": "sandbox"})
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def way_back(self, consent_page, *, accept=True, user=""):
        """Answer the consent page; the path and query that Zoho sends the browser to."""
        back = urlsplit(self.sandbox.consent(consent_page, accept=accept, user=user))
        return f"{back.path}?{back.query}"

    def connect(self, client, *, accept=True, user=""):
        """The whole way; Dunright's answer to the person who comes back."""
        return client.get(self.way_back(self.consent_page(client), accept=accept, user=user))

    def user_of(self, name, **facts):
        """Books of that name with a user of their own; (id of the books, id of the user) at Zoho."""
        email = facts.pop("email", f"{name.split()[0].lower()}@books.example")
        made = self.sandbox.control("POST", "organisations", name=name, email=email, **facts)
        return made["organization_id"], str(made["user_id"])

    def held_tokens(self):
        """How many refresh tokens live at Zoho."""
        return len(self.sandbox.control("GET", "connections")["connections"])


@pytest.fixture
def later():
    """`later(minutes=16)`: that much from now."""
    return lambda **span: timezone.now() + timedelta(**span)
