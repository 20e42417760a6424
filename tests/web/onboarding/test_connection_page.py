"""The connection as it stands: since when, by whom, how fresh; disconnecting and reconnecting; who may do what."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dunright.models import Connection, Customer, LogIn, Organisation, Role, SyncRun, TimelineEntry, ToDo
from dunright.remote.errors import AuthExpired
from dunright.services import connections, sync
from tests.support import factories

pytestmark = pytest.mark.django_db


def shown(page):
    """The name and value pairs of the page, as read."""
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {name: " ".join(re.sub(r"<.*?>", " ", value).split()) for name, value in pairs}


@pytest.fixture
def address(company):
    return f"/o/{company.pk}/connection/"


@pytest.fixture
def connected(signed_in, zoho, company):
    """The client of the owner who connected."""
    client = signed_in()
    assert zoho.connect(client).status_code == 302
    return client


def test_connected_page(connected, company, address, sandbox):
    made = Connection.objects.get(organisation=company)
    Connection.objects.filter(organisation=company).update(
        complete_sync_at=timezone.now() - timedelta(hours=3)
    )
    page = connected.get(address).content.decode()
    said = shown(page)
    assert said["Books"] == "Northwind Parts Ltd in Zoho Books, opens a new window"
    assert f'href="{sandbox.url}/app/{made.external_id}"' in page
    assert said["Region"] == f"The sandbox on this machine, {sandbox.url.removeprefix('http://')}"
    assert said["Connected"].startswith("today ")
    assert said["Connected"].endswith(" by Aoife Brennan")
    assert said["Last complete sync"].endswith(", 3 hours ago")
    assert "Connected to Northwind Parts Ltd" in page
    assert "Reconnect to Zoho Books" not in page
    assert "Nothing is written to your books." in page


def test_before_the_first_sync(connected, address):
    assert shown(connected.get(address).content.decode())["Last complete sync"] == "none yet"


def test_what_is_kept_is_counted(connected, company, address, sandbox):
    sync.perform(company.syncrun_set.get(organisation=company).pk, now=timezone.now())
    said = shown(connected.get(address).content.decode())
    number = Customer.objects.filter(organisation=company).count()
    assert said["Kept here"].startswith(f"{number} customers, ")


def test_disconnecting_keeps_the_mirror_and_says_so(connected, company, address, zoho):
    factories.customer(company)
    page = connected.get(f"{address}disconnect/").content.decode()
    assert "Disconnect Northwind Parts Ltd" in page
    answer = connected.post(f"{address}disconnect/", follow=True)
    page = answer.content.decode()
    assert "Disconnected, and Zoho has taken the access back. Everything that was read is kept." in page
    assert re.search(r"Disconnected since today \d\d:\d\d", page)
    assert shown(page)["Disconnected"].endswith(" by Aoife Brennan")
    assert "Reconnect to Zoho Books" in page
    after = Connection.objects.get(organisation=company)
    assert (after.state, after.reason, after.log_in) == ("disconnected", "by_person", None)
    assert (LogIn.objects.count(), zoho.held_tokens()) == (0, 0)
    assert Customer.objects.filter(organisation=company).count() == 1


def test_the_dialog_names_the_books(connected, address):
    answer = connected.get(f"{address}disconnect/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.startswith('<dialog class="dialog')
    assert '<button class="btn btn-danger" type="submit">Disconnect Northwind Parts Ltd</button>' in page


def test_looking_at_the_question_ends_nothing(connected, company, address):
    connected.get(f"{address}disconnect/")
    assert Connection.objects.get(organisation=company).state == "connected"


def test_disconnecting_twice_is_a_sentence(connected, company, address):
    connected.post(f"{address}disconnect/")
    answer = connected.post(f"{address}disconnect/", follow=True)
    assert "Northwind Parts Ltd is not connected; there is nothing to disconnect." in answer.content.decode()
    assert connected.get(f"{address}disconnect/")["Location"] == address
    assert TimelineEntry.objects.filter(organisation=company, kind="disconnected").count() == 1


def test_zoho_that_is_down_does_not_keep_the_connection(connected, company, address, sandbox):
    sandbox.fault("/oauth/v2/token/revoke", kind="html", status=503, count=-1)
    answer = connected.post(f"{address}disconnect/", follow=True)
    assert "remove Dunright under Connected Apps of your account" in answer.content.decode()
    assert (LogIn.objects.count(), Connection.objects.get(organisation=company).log_in) == (0, None)


def test_reconnecting_restores_the_same_books(connected, company, address, zoho):
    before = Connection.objects.get(organisation=company)
    connected.post(f"{address}disconnect/")
    answer = zoho.connect(connected)
    assert answer["Location"] == f"/o/{company.pk}/receivables/"
    after = Connection.objects.get(organisation=company)
    assert (after.pk, after.external_id, after.state, after.connected_at) == (
        before.pk,
        before.external_id,
        "connected",
        before.connected_at,
    )
    page = connected.get(address).content.decode()
    assert "Connected again to the books of Northwind Parts Ltd; they are being read now." in page
    assert "Reconnect to Zoho Books" not in page


def test_a_connection_that_died_says_why_and_can_be_ended(connected, company, address, zoho):
    connection = Connection.objects.get(organisation=company)
    connections.mark_disconnected(
        connection, AuthExpired("Zoho no longer accepts this log-in."), now=timezone.now()
    )
    page = connected.get(address).content.decode()
    assert "Zoho no longer accepts this log-in. The access was taken back at Zoho" in page
    assert shown(page)["Disconnected"].endswith(", by itself")
    assert ToDo.objects.filter(organisation=company, kind="disconnected", closed_at=None).count() == 1
    connected.post(f"{address}disconnect/")
    assert LogIn.objects.count() == 0
    assert ToDo.objects.filter(organisation=company, kind="disconnected", closed_at=None).count() == 0


def test_reconnecting_goes_to_the_region_of_the_books(connected, company, address, sandbox):
    connected.post(f"{address}disconnect/")
    answer = connected.post(f"/o/{company.pk}/connect/", {"location": "us"})
    assert answer["Location"].startswith(f"{sandbox.url}/oauth/v2/auth?")


def test_another_log_in_takes_the_place_of_the_first(connected, company, address, zoho):
    first = LogIn.objects.get()
    books = Connection.objects.get(organisation=company).external_id
    zoho.sandbox.control(
        "POST", "users", organisation=books, name="Declan Moore", email="declan@books.example"
    )
    user = next(
        one["user_id"]
        for one in zoho.sandbox.control("GET", "organisations")["organisations"][0]["users"]
        if one["email"] == "declan@books.example"
    )
    assert zoho.connect(connected, user=str(user)).status_code == 302
    after = LogIn.objects.get()
    assert (after.pk != first.pk, zoho.held_tokens()) == (True, 1)


@pytest.mark.parametrize(
    ("role", "reads", "connects", "ends"),
    [
        (Role.VIEWER, 200, 403, 403),
        (Role.CHASER, 200, 403, 403),
        (Role.MANAGER, 200, 302, 403),
        (Role.OWNER, 200, 302, 302),
    ],
)
def test_who_may_do_what(signed_in, company, address, sandbox, role, reads, connects, ends):
    factories.connection(company, location="sandbox", state="connected")
    client = signed_in(role)
    page = client.get(address)
    assert page.status_code == reads
    assert ("Disconnect…" in page.content.decode()) == (ends == 302)
    assert ("Use another Zoho log-in" in page.content.decode()) == (connects == 302)
    assert client.post(f"/o/{company.pk}/connect/", {"location": "sandbox"}).status_code == connects
    assert client.post(f"{address}disconnect/").status_code == ends
    state = "disconnected" if ends == 302 else "connected"
    assert Connection.objects.get(organisation=company).state == state


@pytest.mark.parametrize(("role", "location"), [(Role.MANAGER, "connect"), (Role.OWNER, "connect")])
def test_without_books_who_may_connect_is_sent_there(signed_in, company, address, role, location):
    assert signed_in(role).get(address)["Location"] == f"/o/{company.pk}/{location}/"


def test_without_books_a_viewer_learns_whom_to_ask(signed_in, address):
    answer = signed_in(Role.VIEWER).get(address)
    assert answer.status_code == 200
    assert "An owner or manager of the company connects them" in answer.content.decode()


def test_strangers_see_nothing(client, company, address):
    factories.connection(company)
    client.force_login(factories.user("eve@elsewhere.example"))
    statuses = [client.get(address).status_code, client.post(f"{address}disconnect/").status_code]
    assert statuses == [404, 404]
    assert Organisation.objects.get(pk=company.pk).connection.state == "connected"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
def test_the_button_of_every_page_leads_where_everybody_may_look(signed_in, company, address, role):
    factories.connection(company, state="disconnected", reason="revoked", sentence="It was revoked.")
    client = signed_in(role)
    page = client.get(f"/o/{company.pk}/receivables/").content.decode()
    found = re.search(
        r'<a class="btn btn-danger" href="(.*?)">.*?Reconnect to Zoho Books</a>', page, re.DOTALL
    )
    assert found.group(1) == address
    page = client.get(address).content.decode()
    assert ("An owner or manager of Northwind Parts Ltd can reconnect." in page) == (role == Role.VIEWER)


def test_a_sandbox_that_is_no_more_is_a_sentence(signed_in, company, address, settings):
    factories.connection(company, location="sandbox", state="disconnected")
    client = signed_in()
    assert "sandbox, which this installation no longer names" in client.get(address).content.decode()
    answer = client.post(f"/o/{company.pk}/connect/", {"location": "us"})
    assert answer.status_code == 422
    assert "set DUNRIGHT_ZOHO_SANDBOX_URL to its address" in answer.content.decode()


@pytest.mark.parametrize(
    ("age", "error", "sentence"),
    [
        ({"hours": 23}, "", None),
        (
            {"hours": 25},
            "",
            "The books here are more than a day old: no reminder leaves before they were read again.",
        ),
        (
            {"hours": 1},
            "Zoho Books is out of order for the moment (HTTP 503).",
            "The last sync did not finish. Zoho Books is out of order for the moment (HTTP 503).",
        ),
        (
            {"hours": 25},
            "Zoho is down.",
            (
                "The books here are more than a day old: no reminder leaves before they were read again. "
                "The last sync did not finish. Zoho is down."
            ),
        ),
    ],
)
def test_what_is_wrong_with_the_age_of_the_books(signed_in, company, address, age, error, sentence):
    now = timezone.now()
    factories.connection(company, complete_sync_at=now - timedelta(**age))
    if error:
        SyncRun.objects.create(
            organisation=company, requested_at=now, due_at=now, state="failed", last_error=error
        )
    page = signed_in().get(address).content.decode()
    found = re.search(
        r'<div class="notice notice-amber">.*?<div class="min-w-0">(.*?)</div>', page, re.DOTALL
    )
    assert (found.group(1).strip() if found else None) == sentence
