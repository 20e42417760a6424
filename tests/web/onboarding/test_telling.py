"""The section “Tell Zoho Books”: what is told, the wider permission asked for where it is first used, and webhooks."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from dunright.connectors.zoho_books import oauth
from dunright.models import Authorisation, Connection, LogIn, Role, SourceHook, SourceWrite, TimelineEntry
from dunright.services import source_writes
from tests.support import factories

pytestmark = pytest.mark.django_db
WITH_COMMENTS = {*oauth.SCOPES, "ZohoBooks.invoices.CREATE"}


@pytest.fixture
def client_(signed_in, zoho, company):
    """The client of the owner who connected, for reading only."""
    client = signed_in()
    assert zoho.connect(client).status_code == 302
    return client


@pytest.fixture
def base(company):
    return f"/o/{company.pk}/connection/"


def tell(client, base, *names):
    return client.post(f"{base}tell/", {"tell": names})


def asked_for(address):
    return set(parse_qs(urlsplit(address).query)["scope"][0].split(","))


def log_in(company):
    return Connection.objects.get(organisation=company).log_in


def said(client, base):
    """The page, in words."""
    return " ".join(client.get(base).content.decode().split())


def test_reading_only_is_the_default(client_, company, base):
    page = said(client_, base)
    assert "Nothing is written there unless you tick it. Zoho then asks you for the wider permission." in page
    assert ("checked" in page, "Nothing is written to your books." in page) == (False, True)
    assert set(log_in(company).scopes.split()) == set(oauth.SCOPES)


def test_the_wider_permission_is_asked_for_where_it_is_first_used(client_, zoho, company, base):
    before = log_in(company)
    to_zoho = tell(client_, base, "comments")
    assert asked_for(to_zoho["Location"]) == WITH_COMMENTS
    assert source_writes.told(company) == frozenset()
    back = client_.get(zoho.way_back(to_zoho["Location"]))
    assert (back.status_code, back["Location"]) == (302, f"{base}#tell")
    assert source_writes.told(company) == {"comments"}
    assert set(log_in(company).scopes.split()) == WITH_COMMENTS
    assert not LogIn.objects.filter(pk=before.pk).exists()
    assert zoho.held_tokens() == 1
    page = said(client_, base)
    assert "Zoho has given the permission: what you ticked is told from now on." in page
    assert "Hardly anything is written:</span> only what is ticked under Tell Zoho Books." in page
    assert 'value="comments" checked' in page


def test_what_the_log_in_may_already_write_is_switched_on_at_once(client_, zoho, company, base):
    client_.get(zoho.way_back(tell(client_, base, "reminders")["Location"]))
    answer = tell(client_, base, "reminders", "comments")
    assert (answer.status_code, answer["Location"]) == (302, f"{base}#tell")
    assert source_writes.told(company) == {"reminders", "comments"}
    tell(client_, base)
    assert source_writes.told(company) == frozenset()


def test_a_refusal_keeps_everything_as_it_was(client_, zoho, company, base):
    before = Connection.objects.filter(organisation=company).values().get()
    to_zoho = tell(client_, base, "comments")["Location"]
    page = client_.get(zoho.way_back(to_zoho, accept=False))
    assert page.status_code == 400
    assert "You did not give access" in page.content.decode()
    assert Connection.objects.filter(organisation=company).values().get() == before
    assert (source_writes.told(company), zoho.held_tokens()) == (frozenset(), 1)


def test_a_permission_that_was_unticked_at_zoho_keeps_everything_as_it_was(
    client_, zoho, company, base, sandbox
):
    before = Connection.objects.filter(organisation=company).values().get()
    to_zoho = tell(client_, base, "comments")["Location"]
    narrowed = to_zoho.replace("%2CZohoBooks.invoices.CREATE", "").replace(",ZohoBooks.invoices.CREATE", "")
    assert narrowed != to_zoho
    page = client_.get(zoho.way_back(narrowed)).content.decode()
    assert "Zoho gave no permission to write what it is to be told, so everything stays as it was." in page
    assert Connection.objects.filter(organisation=company).values().get() == before
    assert (source_writes.told(company), zoho.held_tokens()) == (frozenset(), 1)


def test_the_same_books_and_no_others(client_, zoho, company, base, sandbox):
    _, stranger = zoho.user_of("Other Books Ltd")
    to_zoho = tell(client_, base, "comments")["Location"]
    page = client_.get(zoho.way_back(to_zoho, user=stranger)).content.decode()
    assert "These are other books" in page
    assert (source_writes.told(company), zoho.held_tokens()) == (frozenset(), 1)


def test_who_reconnects_gives_what_is_told_as_well(client_, zoho, company, base):
    client_.get(zoho.way_back(tell(client_, base, "comments")["Location"]))
    again = zoho.consent_page(client_)
    assert asked_for(again) == WITH_COMMENTS
    client_.get(zoho.way_back(again))
    assert (source_writes.told(company), source_writes.lacking(company, ["comments"])) == ({"comments"}, ())


def test_a_log_in_without_the_permission_is_told_and_asked_for_it(client_, zoho, company, base):
    client_.get(zoho.way_back(tell(client_, base, "comments")["Location"]))
    LogIn.objects.update(scopes=" ".join(oauth.SCOPES))
    page = said(client_, base)
    assert "The Zoho log-in in use gives no permission for all of this" in page
    assert "Permission missing" in page
    assert asked_for(tell(client_, base, "comments")["Location"]) == WITH_COMMENTS


def test_nonsense_changes_nothing(client_, company, base):
    assert tell(client_, base, "comments", "everything").status_code == 302
    assert "Nothing was changed: choose from the list, while the books are connected." in said(client_, base)
    assert not Authorisation.objects.filter(organisation=company, used_at=None).exists()
    client_.post(f"{base}address/", {"do": "explode"})
    assert not SourceHook.objects.filter(organisation=company).exists()


def test_while_disconnected_there_is_no_section(client_, company, base):
    Connection.objects.filter(organisation=company).update(state="disconnected")
    assert 'id="tell"' not in said(client_, base)
    tell(client_, base, "comments")
    assert source_writes.told(company) == frozenset()


def test_what_waits_and_what_failed_is_shown_and_tried_again(client_, company, base):
    customer = factories.customer(company, "Harbour Foods")
    invoice = factories.invoice(customer, "INV-1")
    now = timezone.now()
    common = {"organisation": company, "customer": customer, "due_at": now, "planned_at": now}
    for number in range(7):
        failed = SourceWrite.objects.create(
            **common,
            kind="comment",
            key=f"f{number}",
            invoice=invoice,
            state="failed",
            settled_at=now + timedelta(seconds=number),
            reason=f"Refused {number}.",
        )
    SourceWrite.objects.create(**common, kind="reminders", key="w", reason="It waits.")
    SourceWrite.objects.create(**common, kind="reminders", key="d", state="done", settled_at=now)
    page = said(client_, base)
    assert "Could not be written: 7, the latest" in page
    assert [f"Refused {number}." in page for number in range(7)] == [False, False, *[True] * 5]
    assert "1 still to be written. It waits." in page
    assert "Zoho’s own reminders switched off, Harbour Foods" in page
    client_.post(f"{base}tell/{failed.pk}/again/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("queued", 0)
    assert "It is tried again now." in said(client_, base)


def test_the_address_is_made_shown_made_anew_and_ended(client_, company, base):
    assert "Make an address" in said(client_, base)
    client_.post(f"{base}address/", {"do": "make"})
    hook = SourceHook.objects.get(organisation=company)
    page = said(client_, base)
    assert f">http://127.0.0.1/hooks/zoho_books/{hook.secret}/</textarea>" in page
    assert f">{hook.signing_key}</textarea>" in page
    assert "No call has come yet." in page
    assert "an address on this machine only" in page
    caller = Client(enforce_csrf_checks=True)
    assert caller.post(f"/hooks/zoho_books/{hook.secret}/").status_code == 204
    assert "Last call <time" in said(client_, base)
    client_.post(f"{base}address/", {"do": "make"})
    assert hook.secret not in said(client_, base)
    client_.post(f"{base}address/", {"do": "end"})
    assert not SourceHook.objects.filter(organisation=company).exists()
    kinds = TimelineEntry.objects.filter(organisation=company, kind="hook")
    assert kinds.count() == 3


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CHASER])
def test_who_may_not_change_it_sees_what_is_told_and_no_secret(client_, company, base, role, zoho):
    client_.get(zoho.way_back(tell(client_, base, "comments")["Location"]))
    client_.post(f"{base}address/", {"do": "make"})
    hook = SourceHook.objects.get(organisation=company)
    client_.force_login(factories.member(company, role))
    page = said(client_, base)
    assert "<li>A comment when a reminder was sent</li>" in page
    assert [
        word in page for word in (hook.secret, hook.signing_key, "/connection/tell/", "Let Zoho Books call")
    ] == [False] * 4
    assert "The day of a promise" not in page
