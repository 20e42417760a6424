"""Calls from the books through the page that takes them: hints and no more, from whoever knows the address."""

import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from dunright.connectors.zoho_books.webhooks import FORM, SIGNATURE
from dunright.models import Connection, HeardCall, Hint, Role, SourceHook, SyncRun, TimelineEntry
from dunright.services import hooks
from dunright.services.permissions import NotAllowed
from tests.support import factories as make
from zoho_sandbox.hooks.signing import signature

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def organisation(clock):
    return make.organisation()


@pytest.fixture
def hook(organisation):
    return hooks.turn_on(organisation, by=make.owner(organisation), now=NOW)


@pytest.fixture
def caller():
    # As Zoho calls: no cookie, no token, no session.
    return Client(enforce_csrf_checks=True)


def address(hook):
    return f"/hooks/zoho_books/{hook.secret}/"


def invoice(number="1", **facts):
    return {"invoice": {"invoice_id": number, **facts}}


def call(caller, hook, body, *, method="POST", content_type="application/json", signed="", query=""):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {SIGNATURE: signed} if signed else {}
    where = address(hook) + (f"?{query}" if query else "")
    return caller.generic(method, where, data, content_type=content_type, headers=headers)


def waiting(organisation):
    rows = Hint.objects.filter(organisation=organisation, state="queued").order_by("pk")
    return [(one.what, one.external_id, (one.due_at - NOW).total_seconds()) for one in rows]


def finish(organisation):
    """The hints that wait were followed."""
    Hint.objects.filter(organisation=organisation).update(state="done")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_call_is_a_hint_to_read_the_record_it_names(caller, hook, organisation, method):
    answer = call(caller, hook, invoice("471"), method=method)
    assert (answer.status_code, answer.content, answer.cookies.output()) == (204, b"", "")
    assert waiting(organisation) == [("invoice", "471", 0)]
    hook.refresh_from_db()
    assert hook.heard_at == NOW


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"payment":{"payment_id":"1"}}', b"{" * 9000])
def test_a_call_that_names_no_record_is_a_hint_to_sync(caller, hook, organisation, body):
    assert call(caller, hook, body).status_code == 204
    assert waiting(organisation) == [("", "", 0)]


def test_a_form_names_its_record_too(caller, hook, organisation):
    body = urlencode({"JSONString": json.dumps({"contact": {"contact_id": "9"}})}).encode()
    assert call(caller, hook, body, content_type=FORM).status_code == 204
    assert waiting(organisation) == [("customer", "9", 0)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_find_nothing(caller, hook, organisation, method):
    answer = caller.generic(method, address(hook))
    assert (answer.status_code, answer.content, waiting(organisation)) == (404, b"", [])


def test_who_does_not_know_the_address_finds_nothing_and_changes_nothing(caller, hook, organisation):
    for secret in ("unknown", hook.secret[:-1], hook.digest, f"{hook.secret}x"):
        answer = caller.post(f"/hooks/zoho_books/{secret}/", invoice(), content_type="application/json")
        assert (answer.status_code, answer.content) == (404, b"")
    assert (waiting(organisation), list(HeardCall.objects.filter(organisation=organisation))) == ([], [])


@pytest.mark.parametrize("way", ["billing", "payments"])
@pytest.mark.parametrize("query", ["", "from=zoho"])
def test_a_signature_must_fit(caller, hook, organisation, way, query):
    body = json.dumps(invoice()).encode()
    url = f"http://testserver{address(hook)}?{query}"

    def signed(key):
        return signature(way, secret=key, url=url, form={}, body=body, at=NOW.timestamp())

    for wrong in (signed("another12345"), "0" * 64, "t=1,v=2", "é"):
        assert call(caller, hook, body, signed=wrong, query=query).status_code == 404
    assert waiting(organisation) == []
    hook.refresh_from_db()
    assert hook.heard_at is None
    assert call(caller, hook, body, signed=signed(hook.signing_key), query=query).status_code == 204
    assert waiting(organisation) == [("invoice", "1", 0)]


def test_a_call_that_was_signed_long_ago_is_refused(caller, hook, organisation):
    body = json.dumps(invoice()).encode()
    old = (NOW - timedelta(minutes=11)).timestamp()
    signed = signature("payments", secret=hook.signing_key, url="", form={}, body=body, at=old)
    assert call(caller, hook, body, signed=signed).status_code == 404
    assert waiting(organisation) == []


def test_the_same_call_again_is_no_hint_even_days_later(caller, hook, organisation, clock):
    body = invoice(last_modified_time="2026-11-24T08:59:00+0000")
    assert call(caller, hook, body).status_code == 204
    finish(organisation)
    clock.move_to(NOW + timedelta(days=3))
    assert call(caller, hook, body).status_code == 204
    assert waiting(organisation) == []
    changed = invoice(last_modified_time="2026-11-24T09:01:00+0000")
    assert call(caller, hook, changed).status_code == 204
    assert [row[:2] for row in waiting(organisation)] == [("invoice", "1")]


def test_a_text_without_its_time_is_the_same_call_for_a_minute_only(caller, hook, organisation, clock):
    call(caller, hook, invoice())
    finish(organisation)
    clock.move_to(NOW + timedelta(seconds=59))
    call(caller, hook, invoice())
    assert waiting(organisation) == []
    clock.move_to(NOW + timedelta(seconds=60))
    call(caller, hook, invoice())
    assert waiting(organisation) == [("invoice", "1", 60)]


def test_calls_about_one_record_in_a_row_are_one_hint(caller, hook, organisation):
    for second in range(5):
        call(caller, hook, invoice(last_modified_time=f"2026-11-24T08:59:0{second}+0000"))
    assert waiting(organisation) == [("invoice", "1", 0)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-11-24T07:59:59+0000", []),
        ("2026-11-24T08:00:00+0000", [("invoice", "1", 0)]),
        ("2026-11-17T08:59:59+0000", []),
        ("2226-11-17T08:59:59+0000", [("invoice", "1", 0)]),
    ],
)
def test_news_older_than_what_is_known_is_none(caller, hook, organisation, told, expected):
    known = datetime(2026, 11, 24, 8, tzinfo=UTC)
    make.invoice(make.customer(organisation), "A", external_id="1", modified_at=known)
    assert call(caller, hook, invoice(last_modified_time=told)).status_code == 204
    assert waiting(organisation) == expected


def test_syncs_are_asked_for_once_a_minute_at_most(caller, hook, organisation):
    SourceHook.objects.filter(organisation=organisation).update(synced_at=NOW - timedelta(seconds=10))
    call(caller, hook, b"")
    call(caller, hook, b"")
    assert waiting(organisation) == [("", "", 50)]


def test_many_records_at_once_are_a_sync(caller, hook, organisation):
    for number in range(hooks.MOST_WAITING + 3):
        assert call(caller, hook, invoice(str(number))).status_code == 204
    found = waiting(organisation)
    assert (len(found), found[-1]) == (hooks.MOST_WAITING + 1, ("", "", 0))


def test_too_many_calls_are_turned_away_until_the_minute_is_over(caller, hook, organisation, clock):
    answers = [call(caller, hook, b"").status_code for _ in range(hooks.MOST_A_MINUTE + 1)]
    assert answers == [204] * hooks.MOST_A_MINUTE + [404]
    clock.move_to(NOW + timedelta(seconds=60))
    assert call(caller, hook, b"").status_code == 204


def test_a_body_that_is_too_long_is_not_read(caller, hook, organisation):
    assert call(caller, hook, b" " * hooks.LONGEST_BODY).status_code == 204
    assert call(caller, hook, b" " * (hooks.LONGEST_BODY + 1)).status_code == 404
    for length in ("-1", "x", "9" * 40):
        answer = caller.generic("POST", address(hook), b"", CONTENT_LENGTH=length)
        assert answer.status_code == 404


def test_without_a_connection_calls_are_taken_and_nothing_is_planned(caller, hook, organisation):
    Connection.objects.filter(organisation=organisation).update(state="disconnected")
    assert call(caller, hook, invoice()).status_code == 204
    assert waiting(organisation) == []


def test_a_new_address_ends_the_old_one_and_none_ends_it_too(caller, hook, organisation):
    old, key = hook.secret, hook.signing_key
    made = hooks.turn_on(organisation, by=make.owner(organisation), now=NOW)
    assert (made.secret != old, made.signing_key != key, made.pk) == (True, True, hook.pk)
    assert caller.post(f"/hooks/zoho_books/{old}/").status_code == 404
    assert caller.post(address(made)).status_code == 204
    assert hooks.turn_off(organisation, by=make.owner(organisation), now=NOW)
    assert not hooks.turn_off(organisation, by=make.owner(organisation), now=NOW)
    assert caller.post(address(made)).status_code == 404
    told = TimelineEntry.objects.filter(organisation=organisation, kind="hook").order_by("pk")
    assert list(told.values_list("sentence", flat=True)) == [
        "An address for calls from Zoho Books was made",
        "The address for calls from Zoho Books was made anew; the old one no longer works",
        "The address for calls from Zoho Books was taken away",
    ]


def test_only_managers_and_owners_make_and_end_addresses(organisation):
    chaser = make.member(organisation, Role.CHASER)
    for do in (hooks.turn_on, hooks.turn_off):
        with pytest.raises(NotAllowed):
            do(organisation, by=chaser, now=NOW)


def test_a_hint_belongs_to_the_company_of_the_address(caller, hook, organisation):
    other = make.organisation("Elsewhere GmbH")
    call(caller, hook, {"invoice": {"invoice_id": "1"}, "organization_id": "of somebody else"})
    assert (len(waiting(organisation)), waiting(other)) == (1, [])


def test_the_secret_is_kept_encrypted_and_out_of_the_log(
    caller, hook, organisation, caplog, django_db_blocker
):
    caplog.set_level(logging.DEBUG)
    old = hook.secret
    assert call(caller, hook, invoice(), signed="0" * 64).status_code == 404
    hooks.turn_off(organisation, by=None, now=NOW)
    assert caller.post(address(hook)).status_code == 404
    assert (old in caplog.text, any(old in str(vars(record)) for record in caplog.records)) == (False, False)
    again = hooks.turn_on(organisation, by=None, now=NOW)
    (row,) = SourceHook.objects.filter(organisation=organisation).extra(
        select={"raw": "secret || signing_key"}
    )
    assert (again.secret in row.raw, again.signing_key in row.raw) == (False, False)


def test_a_failure_of_ours_keeps_the_secret_out_of_the_log(hook, caplog, monkeypatch):
    monkeypatch.setattr(hooks, "told", lambda *_, **__: 1 / 0)
    answer = call(Client(raise_request_exception=False), hook, b"{}")
    assert (answer.status_code, hook.secret in answer.content.decode()) == (500, False)
    assert "/hooks/zoho_books/secret/" in caplog.text
    assert not any(hook.secret in str(vars(record)) for record in caplog.records)


def test_no_sync_comes_of_calls_by_themselves(caller, hook, organisation):
    """Whatever is done, is done by the worker."""
    call(caller, hook, b"")
    assert list(SyncRun.objects.filter(organisation=organisation)) == []
