"""The hosts that receive tokens and secrets, and that no other does."""

import pytest

from dunright.connectors.zoho_books.data_centres import (
    DataCentre,
    centre_of_accounts_server,
    centre_of_api_domain,
    data_centre,
    data_centres,
)
from dunright.remote.errors import Misconfigured


@pytest.mark.parametrize(
    ("key", "accounts", "api", "web"),
    [
        ("us", "accounts.zoho.com", "www.zohoapis.com", "books.zoho.com"),
        ("eu", "accounts.zoho.eu", "www.zohoapis.eu", "books.zoho.eu"),
        ("in", "accounts.zoho.in", "www.zohoapis.in", "books.zoho.in"),
        ("au", "accounts.zoho.com.au", "www.zohoapis.com.au", "books.zoho.com.au"),
        ("jp", "accounts.zoho.jp", "www.zohoapis.jp", "books.zoho.jp"),
        ("ca", "accounts.zohocloud.ca", "www.zohoapis.ca", "books.zohocloud.ca"),
        ("sa", "accounts.zoho.sa", "www.zohoapis.sa", "books.zoho.sa"),
        ("uk", "accounts.zoho.uk", "www.zohoapis.uk", "books.zoho.uk"),
        ("cn", "accounts.zoho.com.cn", "www.zohoapis.com.cn", "books.zoho.com.cn"),
    ],
)
def test_hosts_of_each_data_centre(key, accounts, api, web):
    found = data_centre(key)
    assert (found.accounts, found.api, found.web) == (
        f"https://{accounts}",
        f"https://{api}",
        f"https://{web}",
    )
    assert centre_of_accounts_server(f"https://{accounts}") == found
    assert centre_of_api_domain(f"https://{api}/") == found


def test_there_are_no_others():
    assert sorted(data_centres()) == ["au", "ca", "cn", "eu", "in", "jp", "sa", "uk", "us"]


def test_sandbox_is_wherever_it_is_said_to_be():
    origin = "http://127.0.0.1:8011"
    assert data_centre("sandbox", sandbox_url=f"{origin}/") == DataCentre(
        "sandbox", "Sandbox", origin, origin, origin
    )
    assert centre_of_api_domain(origin, sandbox_url=origin).key == "sandbox"


@pytest.mark.parametrize("key", ["sandbox", "US", "", "moon", "https://evil.example"])
def test_unknown_data_centre_is_refused(key):
    with pytest.raises(Misconfigured):
        data_centre(key)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "accounts.zoho.eu",
        "http://accounts.zoho.eu",
        "https://accounts.zoho.eu.evil.example",
        "https://evil.example/accounts.zoho.eu",
        "https://accounts.zoho.eu@evil.example",
        "https://accounts.zoho.eu:8443",
        "https://accounts.zoho.eu/steal",
        "https://accounts.zoho.eu?x=1",
        "https://accounts.zoho.eu#x",
        "https://www.zohoapis.eu",
        "https://[bad",
        "https://accounts.zoho.eu:port",
        "//accounts.zoho.eu",
        "https://аccounts.zoho.eu",
    ],
)
def test_forged_accounts_server_is_refused(address):
    with pytest.raises(Misconfigured):
        centre_of_accounts_server(address, sandbox_url="http://127.0.0.1:8011")


def test_same_address_in_another_spelling_is_known():
    assert centre_of_accounts_server("HTTPS://Accounts.Zoho.EU:443/").key == "eu"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8011", "ftp://x", "http://", "http://x/path", "file:///etc/passwd"]
)
def test_sandbox_address_must_be_an_origin(url):
    with pytest.raises(Misconfigured) as raised:
        data_centres(url)
    assert raised.value.sentence == (
        f"The sandbox's address “{url}” is not of the form http://host:port; correct it."
    )
