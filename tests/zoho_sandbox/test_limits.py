"""Limits of calls, and the headers that tell them (zoho-books-api.md section 4)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def fresh():
    with running_sandbox(customers=3) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


def test_headers_tell_the_allowance_but_not_on_organizations(fresh):
    sandbox, token = fresh
    sandbox.move_to("2026-11-24T09:10:00")
    headers = sandbox.get("/contacts", token).headers
    assert {name: headers[name] for name in headers if name.startswith("x-rate")} == {
        "x-rate-limit-limit": "10000",
        "x-rate-limit-remaining": "9999",
        "x-rate-limit-reset": str(14 * 3600 + 50 * 60),
    }
    assert [name for name in sandbox.get("/organizations", token).headers if name.startswith("x-rate")] == []


@pytest.mark.parametrize(("limit", "code"), [("per_minute", 44), ("per_day", 45), ("in_flight", 1070)])
def test_limits_refuse_when_enforced(fresh, limit, code):
    sandbox, token = fresh
    allowed = 0 if limit == "in_flight" else 2
    sandbox.switch(enforce_limits=True, **{limit: allowed})
    answers = [sandbox.get("/contacts", token) for _ in range(allowed + 1)]
    assert [answer.status for answer in answers] == [200] * allowed + [429]
    assert answers[-1].json["code"] == code


def test_a_burst_blocks_for_minutes(fresh):
    sandbox, token = fresh
    sandbox.switch(enforce_limits=True, burst=2)
    answers = [sandbox.get("/contacts", token) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].json["code"] == 43
    sandbox.move(seconds=299)
    assert sandbox.get("/contacts", token).json["code"] == 43
    sandbox.move(seconds=1)
    assert sandbox.get("/contacts", token).status == 200


def test_a_minute_without_calls_ends_the_limit_per_minute_unless_it_blocks_longer(fresh):
    sandbox, token = fresh
    sandbox.switch(enforce_limits=True, per_minute=1)
    assert [sandbox.get("/contacts", token).status for _ in range(2)] == [200, 429]
    sandbox.move(seconds=60)
    assert sandbox.get("/contacts", token).status == 200
    sandbox.switch(per_minute_block_seconds=180)
    assert sandbox.get("/contacts", token).json["code"] == 44
    sandbox.move(seconds=90)
    assert sandbox.get("/contacts", token).json["code"] == 44
    sandbox.move(seconds=90)
    assert sandbox.get("/contacts", token).status == 200


def test_the_day_begins_at_the_organisations_midnight():
    with running_sandbox(customers=0) as sandbox:
        sandbox.stop_clock()
        org = sandbox.add_organisation("Hudson Ltd", time_zone="America/New_York", currency="USD")
        sandbox.switch(enforce_limits=True, per_day=1)
        # Half past midnight in Dublin is still the day before in New York.
        sandbox.move_to("2026-11-25T04:59:59+00:00")
        token = sandbox.access_token(sandbox.refresh_token(user="owner@second.example"))
        asked = [sandbox.get("/contacts", token, organization_id=org) for _ in range(2)]
        assert [answer.status for answer in asked] == [200, 429]
        assert asked[1].headers["x-rate-limit-reset"] == "1"
        sandbox.move(seconds=1)
        assert sandbox.get("/contacts", token, organization_id=org).status == 200


@pytest.mark.parametrize(("written", "cap"), [("plain", "1000"), ("comma", "1,000")])
def test_the_daily_cap_is_named(fresh, written, cap):
    sandbox, token = fresh
    sandbox.switch(enforce_limits=True, per_minute=10_000, per_day=1000, per_day_written=written)
    with sandbox.inside.database.reading() as db:
        books = sandbox.inside.books(db)
    for _ in range(1000):
        sandbox.inside.limits.begin(books.org, books.now, sandbox.inside.switches)
        sandbox.inside.limits.end(books.org)
    answer = sandbox.get("/contacts", token)
    assert answer.json == {
        "code": 45,
        "message": f"The API call for this organization has exceeded the maximum call rate limit of {cap}.",
    }
    assert answer.headers["x-rate-limit-remaining"] == "0"


@pytest.mark.parametrize(("count", "left"), [(True, "7"), (False, "9")])
def test_refused_calls_count_by_the_switch(fresh, count, left):
    sandbox, token = fresh
    sandbox.switch(enforce_limits=True, per_day=10, per_minute=1, refused_calls_count=count)
    asked = [sandbox.get("/contacts", token) for _ in range(3)]
    assert [answer.status for answer in asked] == [200, 429, 429]
    assert asked[-1].headers["x-rate-limit-remaining"] == left


def test_calls_at_the_same_time_are_limited(fresh, monkeypatch):
    sandbox, token = fresh
    begun, go_on, slept = threading.Event(), threading.Event(), []

    def sleep(seconds):
        slept.append(seconds)
        begun.set()
        go_on.wait(30)

    monkeypatch.setattr(sandbox.inside, "sleep", sleep)
    sandbox.switch(enforce_limits=True, in_flight=1, answer_seconds=2)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sandbox.get, "/contacts", token)
        begun.wait(30)
        second = sandbox.get("/contacts", token)
        go_on.set()
    assert (first.result().status, second.status, second.json["code"]) == (200, 429, 1070)
    assert (sandbox.get("/contacts", token).status, slept) == (200, [2, 2])


def test_refused_calls_are_counted_by_code(fresh):
    sandbox, token = fresh
    sandbox.control("DELETE", "usage")
    sandbox.switch(enforce_limits=True, per_minute=1)
    for _ in range(3):
        sandbox.get("/contacts", token)
    sandbox.switch(per_day=2)
    sandbox.get("/contacts", token)
    assert sandbox.control("GET", "usage") == {"calls": 4, "refused": {"44": 2, "45": 1}}
    assert b"Refused: 2 with code 44, 1 with code 45." in sandbox.request("GET", "/weather").body
    assert sandbox.control("DELETE", "usage") == {"calls": 0, "refused": {}}
