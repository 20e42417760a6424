"""Sync now, and the line that tells how far it is."""

from datetime import UTC, datetime

import pytest

from dunright.models import Role, SyncRun

NOW = datetime(2026, 11, 24, 9, 38, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in(client, member):
    client.force_login(member(Role.CHASER))
    return client


@pytest.fixture
def now_address(company):
    return f"/o/{company.pk}/sync/now/"


def test_sync_now_pressed_twice_is_one_sync(signed_in, books, company, now_address):
    books()
    for _ in range(2):
        response = signed_in.post(
            now_address, headers={"Referer": f"http://testserver/o/{company.pk}/receivables/"}
        )
        assert (response.status_code, response["Location"]) == (
            302,
            f"http://testserver/o/{company.pk}/receivables/",
        )
    run = SyncRun.objects.get(organisation=company)
    assert (run.state, run.requested_by.email) == ("queued", "chaser@northwind.example")


def test_a_foreign_referrer_is_not_followed(signed_in, books, now_address):
    books()
    response = signed_in.post(now_address, headers={"Referer": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_the_fragment_asks_again_while_a_sync_runs(signed_in, books, company, now_address):
    books()
    html = signed_in.post(now_address, headers=HTMX).content.decode()
    assert f'hx-get="/o/{company.pk}/sync/" hx-trigger="load delay:1s"' in html
    assert "The sync has begun." in html
    assert "<html" not in html


def test_the_last_answer_stops_asking_and_tells_the_page(signed_in, books, company):
    books(complete_sync_at=NOW)
    SyncRun.objects.create(organisation=company, requested_at=NOW, due_at=NOW, state="done", is_complete=True)
    response = signed_in.get(f"/o/{company.pk}/sync/", headers=HTMX)
    html = response.content.decode()
    assert ("hx-get" in html, response["HX-Trigger"], "The sync has ended." in html) == (
        False,
        "synced",
        True,
    )


def test_without_books_it_says_what_to_do(signed_in, now_address):
    response = signed_in.post(now_address, headers=HTMX)
    assert "is not connected to its books" in response["HX-Trigger"]
    assert SyncRun.objects.count() == 0


def test_a_viewer_may_look_but_not_ask(client, member, books, company, now_address):
    books()
    client.force_login(member(Role.VIEWER))
    assert client.get(f"/o/{company.pk}/sync/").status_code == 200
    assert (client.post(now_address).status_code, SyncRun.objects.count()) == (403, 0)


def test_looking_never_starts_one(signed_in, now_address):
    assert signed_in.get(now_address).status_code == 405
