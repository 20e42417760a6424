"""OAuth 2.0 as any provider speaks it, against a server on this machine."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from dunright.remote import oauth
from dunright.remote.errors import (
    AuthExpired,
    BadData,
    ConsentRefused,
    Misconfigured,
    RateLimited,
    Unavailable,
)
from dunright.remote.http import Http
from dunright.remote.oauth import ClientId, Grant, Provider
from tests.remote.loopback import HTML, Answer

CLIENT = ClientId("the-client", "the-secret", "https://dunright.example/back/")
TOKENS = {"access_token": "a.1", "refresh_token": "r.1", "expires_in": 3600, "scope": "one two"}


@pytest.fixture
def provider(server):
    return Provider("Mailer", f"{server.url}/auth", f"{server.url}/token", f"{server.url}/revoke")


@pytest.fixture
def http(server):
    with Http("Mailer", frozenset({server.url})) as client:
        yield client


def test_authorize_url_carries_state_and_code_challenge(provider, server):
    url = oauth.authorize_url(
        provider,
        CLIENT,
        scopes=("one", "two"),
        state="s",
        code_verifier="v" * 43,
        extra={"prompt": "consent"},
    )
    assert url.startswith(f"{server.url}/auth?")
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "response_type": "code",
        "client_id": "the-client",
        "redirect_uri": "https://dunright.example/back/",
        "scope": "one two",
        "state": "s",
        "prompt": "consent",
        "code_challenge": create_s256_code_challenge("v" * 43),
        "code_challenge_method": "S256",
    }


def test_authorize_url_without_pkce_has_no_challenge(provider):
    url = oauth.authorize_url(
        provider._replace(has_pkce=False, scope_separator=","),
        CLIENT,
        scopes=("one", "two"),
        state="s",
        code_verifier="v",
    )
    query = dict(parse_qsl(urlsplit(url).query))
    assert (query["scope"], "code_challenge" in query) == ("one,two", False)


def test_new_state_and_verifier_are_long_and_differ():
    values = {oauth.new_state(), oauth.new_state(), oauth.new_code_verifier(), oauth.new_code_verifier()}
    assert sorted(len(value) for value in values) == [43, 43, 64, 64]


def test_exchange_sends_the_code_and_returns_the_grant(server, http, provider):
    server.answer(TOKENS)
    grant = oauth.exchange(http, provider, CLIENT, code="c&d", code_verifier="v")
    assert grant == Grant("a.1", 3600, "r.1", ("one", "two"))
    assert (server.asked[0].method, server.asked[0].path, server.asked[0].form) == (
        "POST",
        "/token",
        {
            "grant_type": "authorization_code",
            "code": "c&d",
            "client_id": "the-client",
            "client_secret": "the-secret",
            "redirect_uri": "https://dunright.example/back/",
            "code_verifier": "v",
        },
    )


def test_refresh_sends_the_refresh_token(server, http, provider):
    server.answer({"access_token": "a.2", "expires_in": "600", "api_domain": "https://api.example"})
    assert oauth.refresh(http, provider, CLIENT, refresh_token="r.1") == Grant(
        "a.2", 600, "", (), "https://api.example"
    )
    assert server.asked[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "r.1",
        "client_id": "the-client",
        "client_secret": "the-secret",
    }


@pytest.mark.parametrize(("given", "seconds"), [(None, 3600), ("soon", 3600), (-5, 60), (10**9, 86400)])
def test_lifetime_is_kept_within_reason(server, http, provider, given, seconds):
    server.answer({**TOKENS, "expires_in": given})
    assert oauth.refresh(http, provider, CLIENT, refresh_token="r").expires_in == seconds


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("word", "kind", "sentence"),
    [
        ("invalid_grant", AuthExpired, "Mailer no longer accepts this log-in: connect again."),
        (
            "invalid_client",
            Misconfigured,
            "Mailer refuses this installation (invalid_client): check client id, secret and redirect address.",
        ),
        ("access_denied", ConsentRefused, "The access to Mailer was refused."),
        (
            "temporarily_unavailable",
            Unavailable,
            "Mailer cannot give a token just now; it is asked again later.",
        ),
        ("slow_down", RateLimited, "Mailer was asked for tokens too often; it is left alone for a while."),
        (
            "odd\nthing" + "x" * 100,
            BadData,
            f"Mailer answered a token call with an error it does not explain: “oddthing{'x' * 51}”.",
        ),
    ],
)
def test_error_in_the_body_counts_whatever_the_status(server, http, provider, status, word, kind, sentence):
    server.answer(Answer({"error": word}, status))
    with pytest.raises(kind) as raised:
        oauth.refresh(http, provider, CLIENT, refresh_token="r")
    assert (type(raised.value), raised.value.sentence) == (kind, sentence)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"<html>", 503, HTML), Unavailable),
        (Answer(b'{"access_tok'), Unavailable),
        (Answer({}, 500), Unavailable),
        (Answer({}, 400), BadData),
        (Answer({}), BadData),
        (Answer([]), BadData),
        (Answer({**TOKENS, "access_token": "a\r\nX: y"}), BadData),
        (Answer({**TOKENS, "access_token": 5}), BadData),
        (Answer({**TOKENS, "access_token": "a" * 5000}), BadData),
        (Answer({**TOKENS, "refresh_token": "é"}), BadData),
    ],
)
def test_answer_without_a_usable_token_is_an_error(server, http, provider, answer, kind):
    server.answer(answer)
    with pytest.raises(kind) as raised:
        oauth.exchange(http, provider, CLIENT, code="c")
    assert type(raised.value) is kind
    assert len(server.asked) == 1


def test_provider_may_give_words_a_meaning_of_its_own(server, http, provider):
    own = provider._replace(
        errors={"Access Denied": lambda label: RateLimited(f"{label}: slow.", retry_after=5)}
    )
    server.answer({"error": "Access Denied"})
    with pytest.raises(RateLimited) as raised:
        oauth.refresh(http, own, CLIENT, refresh_token="r")
    assert (raised.value.sentence, raised.value.retry_after) == ("Mailer: slow.", 5)


@pytest.mark.parametrize("answer", [Answer({"status": "success"}), Answer({"error": "invalid_code"}, 400)])
def test_revoke_is_done_when_the_token_is_dead_either_way(server, http, provider, answer):
    server.answer(answer)
    oauth.revoke(http, provider, refresh_token="r")
    assert (server.asked[0].path, server.asked[0].form) == ("/revoke", {"token": "r"})


@pytest.mark.parametrize(("answer", "kind"), [(Answer(b"", 500), Unavailable), (Answer({}, 403), BadData)])
def test_revoke_that_is_not_confirmed_is_an_error(server, http, provider, answer, kind):
    server.answer(answer)
    with pytest.raises(kind):
        oauth.revoke(http, provider, refresh_token="r")


def test_secrets_do_not_show_in_representations():
    shown = repr((CLIENT, Grant("a.1", 60, "r.1")))
    assert [word for word in ("the-secret", "a.1", "r.1") if word in shown] == []
