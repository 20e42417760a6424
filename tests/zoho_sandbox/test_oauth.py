"""OAuth: consent, codes, tokens, and what ends them (zoho-books-api.md section 2)."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from zoho_sandbox.testing import FORM, JSON, RunningSandbox, running_sandbox

REDIRECT = "http://127.0.0.1:8000/connect/callback"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(customers=2) as running:
        running.stop_clock()
        yield running


def authorize_url(sandbox: RunningSandbox, **changes: str) -> str:
    fields = {
        "client_id": sandbox.client_id,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "access_type": "offline",
        "prompt": "consent",
        "scope": "ZohoBooks.contacts.READ,ZohoBooks.settings.READ",
        "state": "s&1",
    } | changes
    return f"{sandbox.url}/oauth/v2/auth?{urlencode(fields)}"


def token(sandbox: RunningSandbox, **fields: str) -> Any:
    given = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret} | fields
    return sandbox.request("POST", "/oauth/v2/token", urlencode(given).encode(), FORM)


def exchange(sandbox: RunningSandbox, good_code: str, **changes: str) -> Any:
    return token(
        sandbox,
        **({"grant_type": "authorization_code", "code": good_code, "redirect_uri": REDIRECT} | changes),
    )


def code_of(callback: str) -> str:
    return parse_qs(urlsplit(callback).query)["code"][0]


def test_accepting_leads_back_with_code_location_and_state(sandbox: RunningSandbox) -> None:
    callback = sandbox.consent(authorize_url(sandbox))
    fields = parse_qs(urlsplit(callback).query)
    code = fields.pop("code")
    assert callback.startswith(REDIRECT + "?")
    assert fields == {"location": ["sandbox"], "accounts-server": [sandbox.url], "state": ["s&1"]}
    granted = exchange(sandbox, code[0]).json
    assert {key: granted[key] for key in ("api_domain", "token_type", "expires_in", "scope")} == {
        "api_domain": sandbox.url,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "ZohoBooks.contacts.READ ZohoBooks.settings.READ",
    }
    assert sandbox.get("/contacts", granted["access_token"]).status == 200
    assert sandbox.get("/invoices", granted["access_token"]).json["code"] == 57
    again = token(sandbox, grant_type="refresh_token", refresh_token=granted["refresh_token"]).json
    assert "refresh_token" not in again
    assert sandbox.get("/organizations", again["access_token"]).status == 200


def test_rejecting_leads_back_with_access_denied(sandbox: RunningSandbox) -> None:
    assert (
        sandbox.consent(authorize_url(sandbox), accept=False) == f"{REDIRECT}?error=access_denied&state=s%261"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1000.WRONG"},
        {"redirect_uri": "https://elsewhere.example/cb"},
        {"response_type": "token"},
        {"scope": "ZohoBooks.nothing.READ"},
        {"redirect_uri": "http://127.0.0.1:1/\r\nx: y"},
        {"redirect_uri": "http://a;b@127.0.0.1/"},
        {"redirect_uri": "javascript://127.0.0.1/"},
    ],
)
def test_a_wrong_request_gets_an_error_page_and_no_redirect(
    sandbox: RunningSandbox, changes: dict[str, str]
) -> None:
    parts = urlsplit(authorize_url(sandbox, **changes))
    answer = sandbox.request("GET", f"{parts.path}?{parts.query}")
    assert (answer.status, answer.headers["content-type"], "location" in answer.headers) == (
        400,
        "text/html; charset=utf-8",
        False,
    )


@pytest.mark.parametrize("changes", [{"access_type": "online"}, {"prompt": ""}])
def test_without_offline_and_consent_there_is_no_refresh_token(
    sandbox: RunningSandbox, changes: dict[str, str]
) -> None:
    code = code_of(sandbox.consent(authorize_url(sandbox, **changes)))
    assert "refresh_token" not in exchange(sandbox, code).json


def test_a_code_is_good_once_and_for_two_minutes(sandbox: RunningSandbox) -> None:
    first, second = (code_of(sandbox.consent(authorize_url(sandbox))) for _ in range(2))
    assert "access_token" in exchange(sandbox, first).json
    assert exchange(sandbox, first).json == {"error": "invalid_code"}
    sandbox.move(seconds=120)
    assert exchange(sandbox, second).json == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "1000.WRONG"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client_secret"),
        ({"redirect_uri": REDIRECT + "/"}, "invalid_redirect_uri"),
        ({"code": "1000.wrong"}, "invalid_code"),
        ({"grant_type": "guess"}, "general_error"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_errors_come_with_the_status_that_is_set(
    sandbox: RunningSandbox,
    changes: dict[str, str],
    error: str,
    status: int,
) -> None:
    sandbox.switch(token_error_status=status)
    answer = exchange(sandbox, code_of(sandbox.consent(authorize_url(sandbox))), **changes)
    assert (answer.status, answer.json) == (status, {"error": error})


def test_the_eleventh_refresh_in_ten_minutes_is_denied(sandbox: RunningSandbox) -> None:
    refresh = sandbox.refresh_token()
    for _ in range(10):
        assert "access_token" in token(sandbox, grant_type="refresh_token", refresh_token=refresh).json
    denied = token(sandbox, grant_type="refresh_token", refresh_token=refresh)
    assert (denied.status, denied.json) == (
        400,
        {
            "error": "Access Denied",
            "status": "failure",
            "error_description": "You have made too many requests continuously. Please try again after some time.",
        },
    )
    sandbox.move(seconds=601)
    assert "access_token" in token(sandbox, grant_type="refresh_token", refresh_token=refresh).json


def test_the_throttle_may_come_with_200(sandbox: RunningSandbox) -> None:
    sandbox.switch(access_denied_status=200)
    refresh = sandbox.refresh_token()
    answers = [token(sandbox, grant_type="refresh_token", refresh_token=refresh) for _ in range(11)]
    assert [(answer.status, answer.json.get("error")) for answer in answers] == [(200, None)] * 10 + [
        (200, "Access Denied")
    ]


def test_of_one_refresh_token_only_the_newest_access_tokens_live(sandbox: RunningSandbox) -> None:
    sandbox.switch(live_access_tokens=2)
    refresh = sandbox.refresh_token()
    held = [sandbox.access_token(refresh) for _ in range(3)]
    assert [sandbox.get("/contacts", each).status for each in held] == [401, 200, 200]


def test_the_eleventh_code_in_ten_minutes_is_denied(sandbox: RunningSandbox) -> None:
    sandbox.switch(throttle_codes=True)
    for _ in range(10):
        sandbox.consent(authorize_url(sandbox))
    fields = dict(parse_qs(urlsplit(authorize_url(sandbox)).query)) | {"user": ["1"]}
    given = {name: value[0] for name, value in fields.items()} | {"answer": "accept"}
    user = sandbox.control("GET", "organisations")["organisations"][0]["users"][0]["user_id"]
    body = urlencode(given | {"user": user}).encode()
    denied = sandbox.request("POST", "/oauth/v2/consent", body, FORM)
    assert (denied.status, b"Access Denied" in denied.body) == (400, True)
    sandbox.move(seconds=601)
    assert code_of(sandbox.consent(authorize_url(sandbox))).startswith("1000.")


def test_who_never_consented_may_get_a_lasting_without_prompt_once(sandbox: RunningSandbox) -> None:
    sandbox.switch(lasting_without_prompt="first")
    granted = [
        exchange(sandbox, code_of(sandbox.consent(authorize_url(sandbox, prompt="")))).json for _ in range(2)
    ]
    assert ["refresh_token" in each for each in granted] == [True, False]


def test_a_client_may_revoke_by_basic_authentication(sandbox: RunningSandbox) -> None:
    refresh = sandbox.refresh_token()
    target = f"/oauth/v2/revoke/token?token={refresh}&token_type=refresh_token"
    assert sandbox.request("POST", target).json == {"error": "invalid_client"}
    key = b64encode(f"{sandbox.client_id}:{sandbox.client_secret}".encode()).decode()
    revoked = sandbox.request("POST", target, None, {"Authorization": f"Basic {key}"})
    assert revoked.json == {"status": "success"}
    assert token(sandbox, grant_type="refresh_token", refresh_token=refresh).json == {"error": "invalid_code"}


def test_a_json_body_is_not_read_and_reported(sandbox: RunningSandbox) -> None:
    answer = sandbox.request("POST", "/oauth/v2/token", b'{"grant_type": "refresh_token"}', JSON)
    assert answer.json == {"error": "general_error"}
    assert sandbox.unknown() == [
        {"kind": "call", "what": "POST /oauth/v2/token with a body that is no form", "times": 1}
    ]


def test_the_twenty_first_refresh_token_ends_the_oldest_with_its_access(sandbox: RunningSandbox) -> None:
    oldest = sandbox.refresh_token()
    access = sandbox.access_token(oldest)
    others = [sandbox.refresh_token() for _ in range(20)]
    assert token(sandbox, grant_type="refresh_token", refresh_token=oldest).json == {"error": "invalid_code"}
    assert sandbox.get("/contacts", access).json["code"] == 57
    assert "access_token" in token(sandbox, grant_type="refresh_token", refresh_token=others[0]).json


def test_revoking_ends_the_refresh_token_and_its_access(sandbox: RunningSandbox) -> None:
    refresh = sandbox.refresh_token()
    access = sandbox.access_token(refresh)
    assert sandbox.request("POST", f"/oauth/v2/token/revoke?token={refresh}").json == {"status": "success"}
    assert token(sandbox, grant_type="refresh_token", refresh_token=refresh).json == {"error": "invalid_code"}
    assert sandbox.get("/contacts", access).status == 401


def test_an_access_token_lives_an_hour(sandbox: RunningSandbox) -> None:
    access = sandbox.access_token()
    sandbox.move(seconds=3599)
    assert sandbox.get("/contacts", access).status == 200
    sandbox.move(seconds=1)
    assert sandbox.get("/contacts", access).json == {
        "code": 57,
        "message": "You are not authorized to perform this operation",
    }


def test_a_self_client_code_is_exchanged_without_redirect(sandbox: RunningSandbox) -> None:
    code = sandbox.control("POST", "self-client-code", scope="ZohoBooks.fullaccess.all")["code"]
    granted = token(sandbox, grant_type="authorization_code", code=code).json
    assert sandbox.get("/invoices", granted["access_token"]).status == 200


def test_serverinfo_names_the_one_data_centre(sandbox: RunningSandbox) -> None:
    assert sandbox.request("GET", "/oauth/serverinfo").json == {
        "result": "success",
        "locations": {"sandbox": sandbox.url},
    }


@pytest.mark.parametrize(
    "headers", [{"Host": "books.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_pages_and_control_answer_this_machine_only(sandbox: RunningSandbox, headers: dict[str, str]) -> None:
    assert sandbox.request("POST", "/sandbox/api/revoke", b"{}", headers).status == 403
    assert sandbox.request("POST", "/oauth/v2/consent", b"", headers).status == 403
