"""Fixtures of the page tests: a company with members, and the browser."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dunright.domain.settings import OrganisationSettings, to_texts
from dunright.models import Connection, Membership, Organisation, Role, SettingsVersion, User

JOINED = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)


@pytest.fixture
def company(db):
    """Northwind Parts Ltd in Dublin, without books."""
    made = Organisation.objects.create(name="Northwind Parts Ltd")
    settings = OrganisationSettings(name=made.name, timezone="Europe/Dublin", currency="EUR", country="IE")
    made.settings_version = SettingsVersion.objects.create(
        organisation=made, number=1, values=to_texts(settings), created_at=JOINED
    )
    made.save()
    return made


@pytest.fixture
def member(company):
    """`member(role)` makes a person with that role in the company."""

    def made(role=Role.OWNER, email=""):
        user = User.objects.create_user(
            email or f"{role}@northwind.example", "a long enough secret", name="Aoife Brennan"
        )
        Membership.objects.create(organisation=company, user=user, role=role)
        return user

    return made


@pytest.fixture
def specimen(settings):
    """Serve the specimen pages beside the real ones."""
    templates = settings.TEMPLATES[0]
    processors = templates["OPTIONS"]["context_processors"]
    frame = [name for name in ["dunright.web.context.frame"] if name not in processors]
    options = {**templates["OPTIONS"], "context_processors": [*processors, *frame]}
    folders = [*templates["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = [{**templates, "DIRS": folders, "OPTIONS": options}]
    settings.ROOT_URLCONF = "tests.web.specimen"


@pytest.fixture
def books(company):
    """`books(**fields)` gives the company a connection to Zoho Books."""

    def made(**fields):
        return Connection.objects.create(
            **{
                "organisation": company,
                "system": "zoho_books",
                "location": "eu",
                "external_id": "1",
                "books_name": company.name,
                "connected_at": JOINED,
                "changed_at": JOINED,
                **fields,
            }
        )

    return made
