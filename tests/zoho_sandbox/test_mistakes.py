"""What clients ask wrongly is reported, though Zoho itself often says nothing."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from zoho_sandbox.testing import RunningSandbox, running_sandbox

ORG = "60001234567"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[RunningSandbox, str]]:
    with running_sandbox(customers=2) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


@pytest.fixture
def asked(shared: tuple[RunningSandbox, str]) -> tuple[RunningSandbox, str]:
    shared[0].control("DELETE", "unknown")
    return shared


def test_what_zoho_does_not_know_is_reported(asked: tuple[RunningSandbox, str]) -> None:
    sandbox, token = asked
    assert sandbox.get("/contacts", token, organization_id=ORG, last_modifed_time="x").status == 200
    sandbox.get("/contakts", token, organization_id=ORG)
    sandbox.request("DELETE", "/books/v3/invoices", None, {"Authorization": f"Zoho-oauthtoken {token}"})
    assert sandbox.unknown() == [
        {"kind": "call", "what": "DELETE /books/v3/invoices", "times": 1},
        {"kind": "call", "what": "GET /books/v3/contakts", "times": 1},
        {"kind": "parameter", "what": "last_modifed_time on /books/v3/contacts", "times": 1},
    ]


@pytest.mark.parametrize(
    ("query", "status", "kind", "what"),
    [
        ({"sort_column": "modified"}, 200, "value", "sort_column=modified on /books/v3/invoices"),
        ({"sort_order": "up"}, 200, "value", "sort_order=UP on /books/v3/invoices"),
        ({"per_page": "500"}, 200, "value", "per_page=500: at most 200 on /books/v3/invoices"),
        ({"date_start": "1 May"}, 400, "value", "date_start=1 May on /books/v3/invoices"),
        ({"status": "lost"}, 400, "value", "status=lost on /books/v3/invoices"),
        ({"page": "two"}, 400, "value", "page=two on /books/v3/invoices"),
        (
            {"last_modified_time": "2026-06-09T13:15:33Z"},
            400,
            "value",
            "last_modified_time=2026-06-09T13:15:33Z on /books/v3/invoices",
        ),
    ],
)
def test_wrong_values_are_reported(
    asked: tuple[RunningSandbox, str], query: dict[str, str], status: int, kind: str, what: str
) -> None:
    sandbox, token = asked
    assert sandbox.get("/invoices", token, organization_id=ORG, **query).status == status
    assert sandbox.unknown() == [{"kind": kind, "what": what, "times": 1}]


def test_a_missing_organisation_is_reported_but_on_the_list_of_organisations(
    asked: tuple[RunningSandbox, str],
) -> None:
    sandbox, token = asked
    assert [sandbox.get(path, token).status for path in ("/organizations", "/invoices")] == [200, 200]
    assert sandbox.unknown() == [
        {"kind": "missing", "what": "organization_id on /books/v3/invoices", "times": 1}
    ]


def test_a_right_call_is_no_mistake_even_without_the_scope(asked: tuple[RunningSandbox, str]) -> None:
    sandbox, token = asked
    assert (
        sandbox.get("/contacts", token, organization_id=ORG, sort_column="created_time", per_page=200).status
        == 200
    )
    narrow = sandbox.access_token(sandbox.refresh_token(scope="ZohoBooks.settings.READ"))
    assert sandbox.get("/contacts", narrow, organization_id=ORG, filter_by="Status.All").status == 401
    assert sandbox.unknown() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (
            {"prompt": "", "access_type": "online", "approval": "force"},
            [
                ("missing", "access_type=offline on /oauth/v2/auth"),
                ("missing", "prompt=consent on /oauth/v2/auth"),
                ("parameter", "approval on /oauth/v2/auth"),
            ],
        ),
    ],
)
def test_asking_for_consent_wrongly_is_reported(
    asked: tuple[RunningSandbox, str], changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    sandbox, _ = asked
    fields = {
        "client_id": sandbox.client_id, "redirect_uri": "http://127.0.0.1/back", "response_type": "code",
        "access_type": "offline", "prompt": "consent", "scope": "ZohoBooks.contacts.READ", "state": "x",
    }  # fmt: skip
    assert sandbox.request("GET", f"/oauth/v2/auth?{urlencode(fields | changes)}").status == 200
    assert [(each["kind"], each["what"]) for each in sandbox.unknown()] == expected
