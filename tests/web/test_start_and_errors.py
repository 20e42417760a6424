"""The start page, and the pages for what went wrong."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from dunright.models import User


def test_the_start_page_sends_visitors_to_the_log_in(client):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


@pytest.mark.usefixtures("specimen")
def test_the_start_page_sends_members_to_their_first_page(client, member, company):
    client.force_login(member())
    assert client.get("/")["Location"] == f"/o/{company.pk}/today/"


@pytest.mark.usefixtures("specimen")
def test_who_belongs_nowhere_is_led_to_a_company_of_their_own(client, db, settings):
    client.force_login(User.objects.create_user("new@northwind.example", "a long enough secret"))
    response = client.get("/")
    # To the page that makes a company; an owner of another one can add the person to it.
    assert (response.status_code, response["Location"]) == (302, "/start/")


@pytest.mark.usefixtures("specimen")
@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [("/missing/", 404, "There is no such page"), ("/broken/", 500, "Something went wrong on our side")],
)
def test_error_pages(db, path, status, heading):
    response = Client(raise_request_exception=False).get(path)
    assert (response.status_code, heading in response.content.decode()) == (status, True)


def test_a_form_without_its_token_is_explained(db):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert (response.status_code, "This form is out of date" in response.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("name", "heading"), [("400.html", "could not be read"), ("429.html", "Too many tries")]
)
def test_error_pages_need_no_request(name, heading):
    assert heading in render_to_string(name)


def test_the_policy_is_strict(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
