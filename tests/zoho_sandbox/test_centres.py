"""Data centres: whose tokens are good where (zoho-books-api.md sections 1, 2 and 13)."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from zoho_sandbox.testing import FORM, RunningSandbox, running_sandbox

REDIRECT = "http://127.0.0.1:8000/connect/callback"
AOIFE = "aoife@northwindparts.example"
Both = tuple[RunningSandbox, RunningSandbox]


@pytest.fixture
def both() -> Iterator[Both]:
    """The first data centre, and "eu", where Aoife is at home."""
    with running_sandbox(customers=1) as sandbox:
        sandbox.stop_clock()
        europe = RunningSandbox(sandbox.control("POST", "centres", location="eu")["url"])
        sandbox.control("POST", "centres/users", user=AOIFE, location="eu")
        yield sandbox, europe


def exchange(sandbox: RunningSandbox, **fields: str) -> dict[str, object]:
    given = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret} | fields
    answer: dict[str, object] = sandbox.request(
        "POST", "/oauth/v2/token", urlencode(given).encode(), FORM
    ).json
    return answer


def test_a_user_who_starts_elsewhere_is_sent_home(both: Both) -> None:
    here, europe = both
    url = f"{here.url}/oauth/v2/auth?" + urlencode({
        "client_id": here.client_id, "redirect_uri": REDIRECT, "response_type": "code", "access_type": "offline",
        "prompt": "consent", "scope": "ZohoBooks.fullaccess.all"})  # fmt: skip
    fields = parse_qs(urlsplit(here.consent(url)).query)
    assert (fields["location"], fields["accounts-server"]) == (["eu"], [europe.url])
    given = {"grant_type": "authorization_code", "code": fields["code"][0], "redirect_uri": REDIRECT}
    assert exchange(here, **given) == {"error": "invalid_client"}
    granted = exchange(europe, **given)
    assert granted["api_domain"] == europe.url
    assert europe.get("/contacts", str(granted["access_token"])).status == 200


def test_a_token_of_another_data_centre_is_not_authorised(both: Both) -> None:
    here, europe = both
    refresh = here.refresh_token(user=AOIFE)
    assert exchange(here, grant_type="refresh_token", refresh_token=refresh) == {"error": "invalid_client"}
    access = europe.access_token(refresh)
    refused = here.get("/contacts", access)
    assert (refused.status, refused.json) == (
        401,
        {"code": 57, "message": "You are not authorized to perform this operation"},
    )
    declan = here.access_token(here.refresh_token(user="declan@northwindparts.example"))
    assert (here.get("/contacts", declan).status, europe.get("/contacts", declan).status) == (200, 401)


def test_a_secret_may_differ_by_data_centre(both: Both) -> None:
    here, europe = both
    refresh = here.refresh_token(user=AOIFE)
    here.control(
        "POST", "centres/secrets", client_id=here.client_id, location="eu", client_secret="for-europe"
    )
    given = {"grant_type": "refresh_token", "refresh_token": refresh}
    assert exchange(europe, **given) == {"error": "invalid_client_secret"}
    assert "access_token" in exchange(europe, **given, client_secret="for-europe")


def test_all_data_centres_are_listed(both: Both) -> None:
    here, europe = both
    expected = {"result": "success", "locations": {"sandbox": here.url, "eu": europe.url}}
    assert [each.request("GET", "/oauth/serverinfo").json for each in both] == [expected, expected]
    assert here.control("GET", "centres")["centres"] == [
        {"location": "sandbox", "url": here.url},
        {"location": "eu", "url": europe.url},
    ]


@pytest.mark.parametrize(
    ("call", "values", "sentence"),
    [
        ("centres", {"location": "../x"}, "“../x” is no name of a data centre. Write it like “eu”."),
        (
            "centres/users",
            {"user": AOIFE, "location": "jp"},
            "There is no data centre “jp” here. Open it first.",
        ),
        (
            "centres/users",
            {"user": "nobody", "location": "eu"},
            "There is no user with this id or e-mail address.",
        ),
    ],
)
def test_what_cannot_be_set_is_said(both: Both, call: str, values: dict[str, str], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence.replace(".", r"\.").replace("(", r"\(")):
        both[0].control("POST", call, **values)
