"""Zoho's consent and all its endings: each its own sentence and next action, nothing half-connected, no log-in left."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings as django_settings

from dunright.models import Authorisation, Connection, LogIn, Membership, Role, SyncRun
from tests.support import factories
from tests.web.onboarding.conftest import CONSENT

pytestmark = pytest.mark.django_db


def said(answer):
    """(title, sentence, the answer's status) of a problem page."""
    page = answer.content.decode()
    title = re.search(r'<h1 class="empty-title">(.*?)</h1>', page).group(1)
    sentence = re.search(r'<p class="empty-text">(.*?)</p>', page, re.DOTALL).group(1)
    return title, sentence.replace("&#x27;", "'"), answer.status_code


def offers(answer):
    """The words of what can be pressed on a problem page."""
    page = answer.content.decode().split("empty-action", 1)[1].split("</section>", 1)[0]
    pressed = re.findall(r"<(?:a|button) class=\"btn.*?>(.*?)</(?:a|button)>", page, re.DOTALL)
    return [re.sub(r"<.*?>", "", one).strip() for one in pressed]


def left(company):
    """What an attempt left: connections, syncs, log-ins."""
    return (
        Connection.objects.filter(organisation=company).count(),
        SyncRun.objects.filter(organisation=company).count(),
        LogIn.objects.count(),
    )


def test_refused_consent(signed_in, company, zoho):
    answer = zoho.connect(signed_in(), accept=False)
    assert said(answer) == (
        "You did not give access",
        "Zoho says that access was not granted. Connect again and choose “Accept” to go on.",
        400,
    )
    assert offers(answer) == ["Try again", "Back to Northwind Parts Ltd"]
    assert left(company) == (0, 0, 0)


def test_try_again_goes_to_zoho_at_once(signed_in, company, zoho):
    client = signed_in()
    page = zoho.connect(client, accept=False).content.decode()
    form = re.search(
        r'<form method="post" action="(/o/.*?)">.*?name="location" value="(\w+)"', page, re.DOTALL
    )
    answer = client.post(form.group(1), {"location": form.group(2)})
    assert answer["Location"].startswith(f"{zoho.sandbox.url}/oauth/v2/auth?")


def test_forged_state(signed_in, company, sandbox):
    answer = signed_in().get(f"{CONSENT}?code=1000.x&state=forged")
    title, sentence, status = said(answer)
    assert (title, status, offers(answer)) == ("This answer is not yours", 400, ["Go to the start page"])
    assert sentence.startswith("This answer from Zoho belongs to no attempt of yours.")


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=1", f"?state={quote('<script>')}{'x' * 5000}", "?state=%00"]
)
def test_hostile_answers_are_one_sentence(signed_in, company, sandbox, query):
    assert said(signed_in().get(f"{CONSENT}{query}"))[0] == "This answer is not yours"


def test_state_of_somebody_else(signed_in, company, zoho, client):
    way_back = zoho.way_back(zoho.consent_page(signed_in(Role.MANAGER)))
    answer = signed_in(Role.OWNER).get(way_back)
    assert said(answer)[0] == "This answer is not yours"
    # The one whom it was made for still comes in.
    assert Authorisation.objects.get(organisation=company).used_at is None
    assert left(company) == (0, 0, 0)


def test_repeated_state(signed_in, company, zoho):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    assert client.get(way_back).status_code == 302
    answer = client.get(way_back)
    assert said(answer)[0] == "This answer was taken already"
    assert offers(answer) == ["Back to Northwind Parts Ltd"]
    assert left(company) == (1, 1, 1)


def test_expired_state(signed_in, company, zoho, later):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    with time_machine.travel(later(minutes=16), tick=False):
        answer = client.get(way_back)
    assert said(answer) == (
        "That took too long",
        "More than 15 minutes went by at Zoho, and the attempt has ended. Connect again.",
        400,
    )
    assert (left(company), zoho.held_tokens()) == ((0, 0, 0), 0)


def test_expired_code(signed_in, company, zoho):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    zoho.sandbox.move(seconds=121)
    answer = client.get(way_back)
    assert said(answer) == (
        "Zoho’s answer has run out",
        "Zoho's answer was used before or came too late: it is good for two minutes and once. Connect again.",
        400,
    )
    assert (offers(answer)[0], left(company)) == ("Try again", (0, 0, 0))


def test_missing_scope(signed_in, company, zoho):
    client = signed_in()
    lesser = zoho.consent_page(client).replace("ZohoBooks.invoices.READ%2C", "")
    lesser = lesser.replace("%2CZohoBooks.creditnotes.READ", "")
    answer = client.get(zoho.way_back(lesser))
    assert said(answer) == (
        "A permission is missing",
        "Zoho gave no permission to read invoices and credit notes. Connect again and leave every permission ticked.",
        400,
    )
    assert (left(company), zoho.held_tokens()) == ((0, 0, 0), 0)


def test_log_in_without_books(signed_in, company, zoho):
    books, user = zoho.user_of("Empty Ltd")
    zoho.sandbox.control("POST", "users/leave", organisation=books, user=user)
    answer = zoho.connect(signed_in(), user=user)
    title, sentence, status = said(answer)
    assert (title, status) == ("No books in this log-in", 400)
    assert sentence.startswith("This Zoho log-in belongs to no organisation in Zoho Books.")
    assert zoho.sandbox.url.removeprefix("http://") in answer.content.decode()
    assert (left(company), zoho.held_tokens()) == ((0, 0, 0), 0)


def test_books_of_another_company_here(signed_in, company, zoho, sandbox):
    other = factories.organisation("Liffey Tools Ltd", is_connected=False)
    books = sandbox.control("GET", "organisations")["organisations"][0]["organization_id"]
    factories.connection(other, location="sandbox", external_id=books)
    answer = zoho.connect(signed_in())
    title, sentence, _ = said(answer)
    assert title == "These books are connected already"
    # Who does not belong there does not learn its name.
    assert sentence == (
        "The books of Northwind Parts Ltd belong to another company here; what was sent to their customers is known "
        "there. Ask its owner to add you there, or connect other books."
    )
    assert (left(company), zoho.held_tokens()) == ((0, 0, 0), 0)


def test_books_of_another_company_of_ones_own(signed_in, company, owner, zoho, sandbox):
    other = factories.organisation("Liffey Tools Ltd", is_connected=False)
    Membership.objects.create(organisation=other, user=owner, role=Role.VIEWER)
    books = sandbox.control("GET", "organisations")["organisations"][0]["organization_id"]
    factories.connection(other, location="sandbox", external_id=books, state="disconnected")
    sentence = said(zoho.connect(signed_in()))[1]
    assert "belong to Liffey Tools Ltd, where you are a member;" in sentence


def test_other_books_than_before(signed_in, company, zoho):
    before = factories.connection(company, location="sandbox", state="disconnected", reason="revoked")
    answer = zoho.connect(signed_in())
    title, sentence, _ = said(answer)
    assert (title, offers(answer)[0]) == ("These are other books", "Try again")
    assert sentence == (
        "Northwind Parts Ltd is connected to the books of Northwind Parts Ltd, and this Zoho log-in does not reach "
        "them. Log in at Zoho as somebody who belongs to them."
    )
    after = Connection.objects.get(organisation=company)
    assert (after.external_id, after.state, after.log_in) == (before.external_id, "disconnected", None)
    assert (LogIn.objects.count(), zoho.held_tokens()) == (0, 0)


def test_a_failed_try_leaves_a_good_connection_alone(signed_in, company, zoho):
    client = signed_in()
    assert zoho.connect(client).status_code == 302
    kept = Connection.objects.get(organisation=company)
    _, user = zoho.user_of("Liffey Tools Ltd")
    answer = zoho.connect(client, user=user)
    assert said(answer)[0] == "These are other books"
    assert "The connection to the books of Northwind Parts Ltd goes on as before." in answer.content.decode()
    after = Connection.objects.get(organisation=company)
    assert (after.state, after.log_in_id, LogIn.objects.count()) == ("connected", kept.log_in_id, 1)


def test_zoho_is_down_at_the_exchange(signed_in, company, zoho):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    zoho.sandbox.fault("/oauth/v2/token", kind="html", status=503, count=-1)
    answer = client.get(way_back)
    assert said(answer)[0] == "Zoho cannot answer just now"
    assert (offers(answer)[0], left(company)) == ("Try again", (0, 0, 0))


def test_zoho_is_down_before_the_choice_and_the_consent_stays_good(signed_in, company, zoho):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    zoho.sandbox.fault("/books/v3/organizations", kind="html", status=503, count=-1)
    answer = client.get(way_back)
    pending = Authorisation.objects.get(organisation=company)
    again = f"/o/{company.pk}/connect/choose/{pending.pk}/"
    assert said(answer)[0] == "Zoho cannot answer just now"
    assert f'<a class="btn btn-primary" href="{again}">' in answer.content.decode()
    zoho.sandbox.clear_faults()
    assert client.get(again)["Location"] == f"/o/{company.pk}/receivables/"
    assert left(company) == (1, 1, 1)


def test_wrong_secret_shows_the_remedy(signed_in, company, zoho, settings):
    client = signed_in()
    way_back = zoho.way_back(zoho.consent_page(client))
    settings.CONFIGURATION = replace(settings.CONFIGURATION, zoho_client_secret="wrong")
    title, sentence, _ = said(client.get(way_back))
    assert title == "The client at Zoho needs a look"
    assert "DUNRIGHT_ZOHO_CLIENT_SECRET" in sentence
    assert left(company) == (0, 0, 0)


def test_without_a_client_the_page_names_the_variables(signed_in, company, sandbox, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, zoho_client_id="")
    client = signed_in()
    page = client.get(f"/o/{company.pk}/connect/").content.decode()
    assert "This installation has no client at Zoho yet." in page
    assert "DUNRIGHT_ZOHO_CLIENT_ID</code> and <code>DUNRIGHT_ZOHO_CLIENT_SECRET" in page
    assert "Connect with Zoho Books" not in page
    assert '<details class="mt-5" open>' in page
    answer = client.post(f"/o/{company.pk}/connect/", {"location": "sandbox"})
    assert answer.status_code == 422
    assert "No Zoho client is set up yet" in answer.content.decode()
    assert Authorisation.objects.filter(organisation=company).count() == 0


def test_the_redirect_address_is_the_one_that_is_sent(signed_in, company, zoho):
    client = signed_in()
    address = "http://127.0.0.1/connect/zoho_books/callback/"
    assert (
        f'readonly aria-describedby="redirect-hint">{address}</textarea>'
        in client.get(f"/o/{company.pk}/connect/").content.decode()
    )
    assert f"redirect_uri={quote(address, safe='')}" in zoho.consent_page(client)


def test_the_redirect_address_follows_the_public_address(signed_in, company, sandbox, settings):
    settings.BASE_URL = "https://chasing.example.com"
    page = signed_in().get(f"/o/{company.pk}/connect/").content.decode()
    assert ">https://chasing.example.com/connect/zoho_books/callback/</textarea>" in page


@pytest.mark.parametrize("location", ["", "mars", "us" * 5000])
def test_unknown_region_is_one_sentence(signed_in, company, sandbox, location):
    answer = signed_in().post(f"/o/{company.pk}/connect/", {"location": location})
    assert answer.status_code == 422
    assert "Choose the region that your Zoho account is kept in from the list." in answer.content.decode()


@pytest.mark.parametrize(
    ("country", "query", "region"),
    [
        ("IE", "", "Accounts kept in Europe, zoho.eu"),
        ("NZ", "", "Accounts kept in Australia, zoho.com.au"),
        ("BR", "", "Accounts kept in United States, zoho.com"),
        ("IE", "?location=in", "Accounts kept in India, zoho.in"),
        ("IE", "?location=mars", "Accounts kept in Europe, zoho.eu"),
    ],
)
def test_the_likely_region_is_offered(client, db, settings, country, query, region):
    settings.CONFIGURATION = replace(django_settings.CONFIGURATION, zoho_sandbox_url="")
    made = factories.organisation(is_connected=False, country=country)
    client.force_login(factories.owner(made))
    assert region in client.get(f"/o/{made.pk}/connect/{query}").content.decode()
