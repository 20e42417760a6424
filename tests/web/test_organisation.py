"""Who comes in: members with the role; nobody else learns that the company exists."""

import pytest
import time_machine
from django.test import Client

from dunright.models import Role, User

pytestmark = pytest.mark.usefixtures("specimen")


def asked(user, address, **headers):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(address, headers=headers)


def test_who_is_not_logged_in_goes_to_the_log_in_and_back(company):
    response = asked(None, f"/o/{company.pk}/receivables/?q=x")
    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next=/o/{company.pk}/receivables/%3Fq%3Dx",
    )


def test_a_fragment_takes_the_whole_page_to_the_log_in(company):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/o/{company.pk}/receivables/"}
    response = asked(None, f"/o/{company.pk}/sync/", **headers)
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        f"/accounts/login/?next=/o/{company.pk}/receivables/",
    )


def test_a_stranger_sees_what_nobody_would_see(company):
    stranger = User.objects.create_user("stranger@elsewhere.example", "a long enough secret")
    there, nowhere = (asked(stranger, f"/o/{pk}/receivables/") for pk in (company.pk, company.pk + 1000))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "Northwind" not in there.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.OWNER, 200), (Role.MANAGER, 403), (Role.CHASER, 403), (Role.VIEWER, 403)]
)
def test_a_page_for_owners(company, member, role, status):
    assert asked(member(role), f"/o/{company.pk}/settings/").status_code == status


def test_the_refusal_says_what_is_needed(company, member):
    response = asked(member(Role.VIEWER), f"/o/{company.pk}/settings/")
    sentence = "You are viewer of Northwind Parts Ltd; this page needs the role owner or a higher one."
    assert sentence in response.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_every_member_sees_a_page_for_all(company, member, role):
    assert asked(member(role), f"/o/{company.pk}/receivables/").status_code == 200


def test_pages_do_not_stay_in_a_cache(company, member):
    response = asked(member(), f"/o/{company.pk}/receivables/")
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_the_organisations_day_is_in_force(company, member):
    version = company.settings_version
    version.values = {**version.values, "timezone": "Pacific/Auckland"}
    version.save()
    client = Client()
    client.force_login(member())
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False):
        response = client.get(f"/o/{company.pk}/receivables/")
    assert str(response.context["today"]) == "2026-11-25"
