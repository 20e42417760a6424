"""Consent, callback and tokens at Zoho."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from dunright.connectors.zoho_books import oauth
from dunright.connectors.zoho_books.data_centres import data_centre
from dunright.remote.errors import (
    AuthExpired,
    BadData,
    ConsentRefused,
    Misconfigured,
    RateLimited,
    Unavailable,
)
from dunright.remote.oauth import ClientId, Grant
from tests.remote.loopback import Answer

CLIENT = ClientId("1000.ABC", "the-secret", "http://127.0.0.1:8000/connect/back/")
CODE = "1000.ab.cd"


@pytest.fixture
def sandbox(server):
    return data_centre("sandbox", sandbox_url=server.url)


def callback(query, *, location="us"):
    return oauth.read_callback(
        query, state="the-state", location=location, sandbox_url="http://127.0.0.1:8011"
    )


def test_consent_is_asked_for_offline_reading_only():
    url = urlsplit(oauth.authorize_url(CLIENT, location="ca", state="the-state"))
    assert (url.scheme, url.netloc, url.path) == ("https", "accounts.zohocloud.ca", "/oauth/v2/auth")
    assert dict(parse_qsl(url.query)) == {
        "client_id": "1000.ABC",
        "redirect_uri": "http://127.0.0.1:8000/connect/back/",
        "response_type": "code",
        "scope": (
            "ZohoBooks.settings.READ,ZohoBooks.contacts.READ,ZohoBooks.invoices.READ,"
            "ZohoBooks.customerpayments.READ,ZohoBooks.creditnotes.READ"
        ),
        "access_type": "offline",
        "prompt": "consent",
        "state": "the-state",
    }


@pytest.mark.parametrize(
    ("more", "centre"),
    [
        ({"location": "eu", "accounts-server": "https://accounts.zoho.eu"}, "eu"),
        ({"accounts-server": "https://accounts.zoho.in"}, "in"),
        ({"location": "au"}, "au"),
        ({}, "us"),
        ({"accounts-server": "http://127.0.0.1:8011"}, "sandbox"),
    ],
)
def test_callback_says_where_the_code_belongs(more, centre):
    found = callback({"code": CODE, "state": "the-state", **more})
    assert (found.code, found.centre.key) == (CODE, centre)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"error": "access_denied", "state": "the-state"}, ConsentRefused),
        ({"error": "server_error", "state": "the-state"}, ConsentRefused),
        ({"code": CODE, "state": "another"}, BadData),
        ({"code": CODE, "state": "thé-state"}, BadData),
        ({"code": CODE}, BadData),
        ({"error": "access_denied"}, BadData),
        ({"state": "the-state"}, BadData),
        ({"code": "", "state": "the-state"}, BadData),
        ({"code": "a\r\nb", "state": "the-state"}, BadData),
        ({"code": "x" * 600, "state": "the-state"}, BadData),
        (
            {"code": CODE, "state": "the-state", "accounts-server": "https://accounts.zoho.eu.evil.example"},
            Misconfigured,
        ),
        ({"code": CODE, "state": "the-state", "location": "moon"}, Misconfigured),
    ],
)
def test_callback_that_is_refused_or_forged(query, kind):
    with pytest.raises(kind) as raised:
        callback(query)
    assert type(raised.value) is kind


def test_callback_without_a_state_of_ours_is_refused():
    with pytest.raises(BadData):
        oauth.read_callback({"code": CODE, "state": ""}, state="", location="us")


def test_exchange_goes_to_the_centre_of_the_callback(server, sandbox):
    server.answer(
        {
            "access_token": "1000.3f.9a",
            "refresh_token": "1000.77.0c",
            "api_domain": server.url,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "ZohoBooks.contacts.READ ZohoBooks.invoices.READ",
        }
    )
    found = oauth.exchange(CLIENT, oauth.Callback(CODE, sandbox))
    scope = ("ZohoBooks.contacts.READ", "ZohoBooks.invoices.READ")
    assert found == oauth.LogIn(sandbox, Grant("1000.3f.9a", 3600, "1000.77.0c", scope, server.url))
    assert (server.asked[0].path, server.asked[0].query, server.asked[0].form) == (
        "/oauth/v2/token",
        {},
        {
            "grant_type": "authorization_code",
            "code": CODE,
            "client_id": "1000.ABC",
            "client_secret": "the-secret",
            "redirect_uri": "http://127.0.0.1:8000/connect/back/",
        },
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"access_token": "a", "expires_in": 3600}, BadData),
        ({"access_token": "a", "refresh_token": "r", "api_domain": "https://evil.example"}, Misconfigured),
        ({"access_token": "a", "refresh_token": "r", "api_domain": "https://www.zohoapis.eu"}, Misconfigured),
    ],
)
def test_grant_without_lasting_access_or_for_another_place_is_refused(server, sandbox, answer, kind):
    server.answer(answer)
    with pytest.raises(kind):
        oauth.exchange(CLIENT, oauth.Callback(CODE, sandbox))


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("word", "kind", "retry_after"),
    [
        ("invalid_code", AuthExpired, None),
        ("invalid_grant", AuthExpired, None),
        ("invalid_client", Misconfigured, None),
        ("invalid_client_secret", Misconfigured, None),
        ("invalid_redirect_uri", Misconfigured, None),
        ("Access Denied", RateLimited, 660.0),
        ("general_error", Unavailable, None),
        ("something_new", BadData, None),
    ],
)
def test_token_errors_have_types(server, sandbox, status, word, kind, retry_after):
    server.answer(Answer({"error": word, "status": "failure"}, status))
    with pytest.raises(kind) as raised:
        oauth.refresh(CLIENT, sandbox, refresh_token="1000.77.0c")
    assert (type(raised.value), raised.value.retry_after) == (kind, retry_after)
    assert "1000.77.0c" not in raised.value.sentence
    assert len(server.asked) == 1


def test_refresh_returns_an_access_token(server, sandbox):
    server.answer({"access_token": "1000.new", "api_domain": server.url, "expires_in": 3600})
    grant = oauth.refresh(CLIENT, sandbox, refresh_token="1000.77.0c")
    assert (grant.access_token, grant.refresh_token) == ("1000.new", "")


def test_revoke_names_the_refresh_token(server, sandbox):
    server.answer({"status": "success"})
    oauth.revoke(sandbox, refresh_token="1000.77.0c")
    assert (server.asked[0].path, server.asked[0].form) == ("/oauth/v2/token/revoke", {"token": "1000.77.0c"})
