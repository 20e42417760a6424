"""The choice among several books: its time limit, its end, and who may make it."""

import re

import pytest
import time_machine

from dunright.models import Authorisation, Connection, LogIn, Membership, Role, SyncRun
from dunright.services import log_ins
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(zoho):
    """A user at Zoho who belongs to Liffey Tools Ltd and Shannon Pumps Ltd: (id of each, id of the user)."""
    liffey, user = zoho.user_of("Liffey Tools Ltd", email="ada@books.example")
    shannon, _ = zoho.user_of("Shannon Pumps Ltd", email="ada@books.example", currency="GBP")
    return liffey, shannon, user


@pytest.fixture
def waiting(signed_in, zoho, two):
    """A client that has come back from Zoho and is to choose, and the address of the choice."""
    client = signed_in()
    answer = zoho.connect(client, user=two[2])
    assert answer.status_code == 302
    return client, answer["Location"]


def test_several_books_are_offered_and_one_is_connected(waiting, company, two, zoho):
    client, address = waiting
    page = client.get(address).content.decode()
    names = re.findall(r'<span class="choice-title">(.*?)</span>', page)
    assert names == ["Liffey Tools Ltd", "Shannon Pumps Ltd"]
    assert "GBP" in page
    answer = client.post(address, {"books": two[1]})
    assert answer["Location"] == f"/o/{company.pk}/receivables/"
    made = Connection.objects.get(organisation=company)
    assert (made.external_id, made.books_name) == (two[1], "Shannon Pumps Ltd")
    assert SyncRun.objects.get(organisation=company).state == "queued"
    assert Authorisation.objects.get(organisation=company).log_in is None


def test_a_choice_is_made_once(waiting, company, two):
    client, address = waiting
    client.post(address, {"books": two[0]})
    for answer in (client.get(address), client.post(address, {"books": two[1]})):
        assert answer.status_code == 400
        assert "This choice is over" in answer.content.decode()
    assert Connection.objects.get(organisation=company).external_id == two[0]


@pytest.mark.parametrize(
    ("books", "sentence"),
    [
        ("", "Choose the books to connect."),
        ("1", "This Zoho log-in does not reach the books “1”;"),
        ("<b>" + "9" * 5000, "does not reach the books “&lt;b&gt;9999"),
        ("\x00", "This Zoho log-in does not reach the books “”;"),
    ],
)
def test_what_is_not_on_offer_is_refused_and_the_choice_goes_on(waiting, company, two, books, sentence):
    client, address = waiting
    answer = client.post(address, {"books": books})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Connection.objects.filter(organisation=company).count() == 0
    assert client.post(address, {"books": two[0]}).status_code == 302


def test_books_of_another_company_cannot_be_chosen(waiting, company, two):
    client, address = waiting
    other = factories.organisation("Liffey Tools Ltd", is_connected=False)
    factories.connection(other, location="sandbox", external_id=two[0])
    page = client.get(address).content.decode()
    assert re.search(rf'value="{two[0]}" required disabled>', page)
    assert "Connected to another company here" in page
    answer = client.post(address, {"books": two[0]})
    assert answer.status_code == 422
    assert "belong to another company here" in answer.content.decode()


def test_the_choice_ends_after_half_an_hour(waiting, company, zoho, later):
    client, address = waiting
    assert (LogIn.objects.count(), zoho.held_tokens()) == (1, 1)
    with time_machine.travel(later(minutes=31), tick=False):
        answer = client.get(address)
    assert answer.status_code == 400
    assert "open for more than 30 minutes. Connect again to choose." in answer.content.decode()
    assert "Try again" in answer.content.decode()
    assert (LogIn.objects.count(), zoho.held_tokens()) == (0, 0)


def test_an_abandoned_choice_is_cleared_away_in_time(waiting, company, zoho, later):
    assert log_ins.forget_abandoned(company, now=later(minutes=29)) == 0
    assert (LogIn.objects.count(), zoho.held_tokens()) == (1, 1)
    assert log_ins.forget_abandoned(company, now=later(minutes=31)) == 1
    assert (LogIn.objects.count(), zoho.held_tokens()) == (0, 0)
    assert Authorisation.objects.filter(organisation=company).count() == 1
    assert log_ins.forget_abandoned(company, now=later(days=8)) == 0
    assert Authorisation.objects.filter(organisation=company).count() == 0


def test_connect_none_takes_the_access_back(waiting, company, zoho):
    client, address = waiting
    answer = client.post(f"{address}give-up/", follow=True)
    assert "Nothing was connected, and Zoho’s access was taken back." in answer.content.decode()
    assert (LogIn.objects.count(), zoho.held_tokens()) == (0, 0)
    assert "This choice is over" in client.get(address).content.decode()


def test_nobody_else_sees_the_choice(waiting, company, signed_in):
    _, address = waiting
    colleague = signed_in(Role.MANAGER)
    assert [colleague.get(address).status_code, colleague.post(f"{address}give-up/").status_code] == [
        404,
        404,
    ]
    viewer = signed_in(Role.VIEWER)
    assert [viewer.get(address).status_code, viewer.post(f"{address}give-up/").status_code] == [403, 403]
    assert LogIn.objects.count() == 1


def test_reconnecting_chooses_the_books_of_before_by_itself(signed_in, company, zoho, two):
    factories.connection(company, location="sandbox", external_id=two[1], state="disconnected")
    answer = zoho.connect(signed_in(), user=two[2])
    assert answer["Location"] == f"/o/{company.pk}/receivables/"
    assert Connection.objects.get(organisation=company).state == "connected"


def test_names_of_books_are_shown_as_they_are_written(signed_in, company, zoho):
    zoho.user_of("<script>alert(1)</script> Ltd", email="ada@books.example")
    _, user = zoho.user_of("Shannon Pumps Ltd", email="ada@books.example")
    client = signed_in()
    address = zoho.connect(client, user=user)["Location"]
    page = client.get(address).content.decode()
    assert '<span class="choice-title">&lt;script&gt;alert(1)&lt;/script&gt; Ltd</span>' in page
    assert "<script>alert" not in page


def test_who_lost_the_role_meanwhile_connects_nothing(signed_in, company, zoho):
    client = signed_in(Role.MANAGER)
    way_back = zoho.way_back(zoho.consent_page(client))
    Membership.objects.filter(organisation=company, role=Role.MANAGER).update(role=Role.VIEWER)
    assert client.get(way_back).status_code == 403
    assert (LogIn.objects.count(), Connection.objects.filter(organisation=company).count()) == (0, 0)
