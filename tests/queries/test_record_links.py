from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from dunright.models import Connection
from dunright.queries.record_links import record_link


def books(**fields):
    return Connection(**{"system": "zoho_books", "location": "eu", "external_id": "60001", **fields})


def test_link_of_the_systems_own_page():
    assert record_link(books(), "customer", "12") == "https://books.zoho.eu/app/60001#/contacts/12"
    assert record_link(books(), "invoice", "13") == "https://books.zoho.eu/app/60001#/invoices/13"


def test_sandbox_is_where_this_installation_says(settings):
    settings.CONFIGURATION = replace(django_settings.CONFIGURATION, zoho_sandbox_url="http://127.0.0.1:8123")
    link = record_link(books(location="sandbox"), "invoice", "13")
    assert link == "http://127.0.0.1:8123/app/60001#/invoices/13"


@pytest.mark.parametrize(
    "connection", [None, books(location="sandbox"), books(location="mars"), books(system="ledgers")]
)
def test_no_link_where_there_is_no_such_page(connection, settings):
    settings.CONFIGURATION = replace(django_settings.CONFIGURATION, zoho_sandbox_url="")
    assert record_link(connection, "invoice", "13") == ""
