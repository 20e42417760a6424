"""The one-time link: passwords that resemble the person, and the visitor who takes over the demo's owner."""

import pytest
from django.utils import timezone

from dunright.models import User
from dunright.services import accounts
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password", ["AoifeBrennan", "aoife.brennan@", "northwind.example", "short", "1234567890"]
)
def test_a_password_like_the_person_is_refused(client, password):
    secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=timezone.now())
    given = {"name": "Aoife Brennan", "email": "aoife.brennan@northwind.example", "password": password}
    answer = client.post(f"/welcome/{secret}/", given)
    assert answer.status_code == 422
    assert User.objects.count() == 0
    assert accounts.open_link(secret, now=timezone.now()) is not None


def test_the_similarity_is_named(client):
    secret = accounts.new_link(purpose=accounts.FIRST_OWNER, now=timezone.now())
    given = {"name": "Aoife Brennan", "email": "ab@northwind.example", "password": "AoifeBrennan"}
    page = client.post(f"/welcome/{secret}/", given).content.decode()
    assert "The password is too similar to the name." in page


def test_the_visitor_takes_over_the_demos_owner(client):
    company = factories.organisation(owner=factories.user("demo@northwind.example", name="Demo Owner"))
    owner = factories.owner(company)
    secret = accounts.new_link(purpose=accounts.SIGN_IN, now=timezone.now(), user=owner)
    page = client.get(f"/welcome/{secret}/").content.decode()
    assert "Choose how you log in to the demo company." in page
    assert 'value="demo@northwind.example"' in page
    given = {"name": "Ada Moor", "email": "ada@elsewhere.example", "password": "six grey herons wade"}
    assert client.post(f"/welcome/{secret}/", given)["Location"] == "/"
    owner.refresh_from_db()
    assert (owner.name, owner.email, owner.check_password("six grey herons wade")) == (
        "Ada Moor",
        "ada@elsewhere.example",
        True,
    )
    assert client.get(f"/o/{company.pk}/receivables/").status_code == 200
    # The link works once, for anybody.
    client.logout()
    answer = client.post(f"/welcome/{secret}/", {**given, "password": "six white herons wade"})
    assert answer.status_code == 410
    assert "This link does not work any more" in answer.content.decode()
    owner.refresh_from_db()
    assert owner.check_password("six grey herons wade")


def test_the_first_company_is_offered_countries_time_zones_and_currencies(client):
    client.force_login(factories.user())
    page = client.get("/start/").content.decode()
    offered = [
        '<option value="IE">Ireland</option>',
        '<option value="Europe/Dublin"></option>',
        '<option value="EUR">Euro</option>',
    ]
    assert [one in page for one in offered] == [True, True, True]
    assert '<option value="DEM">' not in page
