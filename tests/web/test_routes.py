"""Every address of the installation, asked by everybody: who comes in, and that nothing of another company leaks.

The addresses come from the URL resolver, what is expected from the table in routes.py: an address without a row fails.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from dunright.models import Authorisation, HoldKind, LogIn, Role, SourceWrite, Template
from tests.support import factories as make
from tests.web.routes import COMPANY, INSTALLATION, LOG_IN, NO_METHOD, REFUSED, UNKNOWN
from zoho_sandbox.testing import running_sandbox

ORDER = (Role.VIEWER, Role.CHASER, Role.MANAGER, Role.OWNER)
FEATURES = {
    feature: {name: row for name, row in COMPANY.items() if name.startswith(f"{feature}:")}
    for feature in dict.fromkeys(name.partition(":")[0] for name in COMPANY)
}
"""One test a feature: making two companies takes longer than asking for a dozen pages."""
OURS, THEIRS = "Quillfeather", "Zwartkoppen"
"""Stand in everything that the two companies could show of themselves."""


def addresses(patterns=None, namespace="", keys=frozenset()):
    """(name, keys of the address, view) of every address the resolver knows."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        found = keys | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", found, pattern.callback
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, inner, found)


def test_every_address_has_its_row():
    known = sorted(name for name, _, _ in addresses())
    assert known == sorted([*COMPANY, *INSTALLATION])


def test_no_address_takes_a_company_without_its_key():
    """What belongs to a company stands below `/o/<organisation>/`, where organisation_page looks at who asks."""
    assert sorted(name for name, keys, _ in addresses() if "organisation" not in keys) == sorted(INSTALLATION)


def test_every_address_of_a_company_asks_for_the_role_of_its_row():
    asked = {
        name: getattr(view, "needed_role", None) for name, keys, view in addresses() if "organisation" in keys
    }
    assert asked == {name: row.role for name, row in COMPANY.items()}


@dataclass
class Books:
    """The rows of one company, one of each kind that an address can name."""

    organisation: object
    people: dict
    external_id: str
    consents: dict = field(default_factory=dict)

    def fill(self, word):
        name = f"{word} Bearings"
        self.customer = make.customer(self.organisation, name, phone="+353 20 910 0140")
        self.person = make.person(
            self.customer, f"orla@{word.lower()}.example", first_name=word, last_name="Halloran"
        )
        self.invoice = make.invoice(self.customer, f"{word}-1")
        make.invoice(self.customer, f"{word}-2", balance="0.00", status="paid", total="12.00")
        self.hold = make.hold(self.invoice, HoldKind.DISPUTE, why=f"{word} says so")
        texts = {"subject": f"{word}-1 is overdue", "text": f"Dear {word},", "html": f"<p>Dear {word},</p>"}
        self.waiting = make.message(self.customer, [self.invoice], state="pending", **texts)
        content = f"Subject: {word}-1\r\n\r\nDear {word},\r\n".encode()
        before = {"run_date": make.TODAY - timedelta(days=7), "state": "uncertain", "content": content}
        self.uncertain = make.message(self.customer, [self.invoice], **before, **texts)
        self.later = make.customer(self.organisation, f"{word} Later")
        make.person(self.later, f"later@{word.lower()}.example", first_name=word)
        make.invoice(self.later, f"{word}-3", due=make.TODAY + timedelta(days=3))
        letters = Template.objects.filter(organisation=self.organisation, form="single", kind="reminder")
        self.template = letters.first()
        self.told = SourceWrite.objects.create(
            organisation=self.organisation,
            kind="comment",
            key="a cause",
            customer=self.customer,
            invoice=self.invoice,
            state="failed",
            reason=f"{word} is not told.",
            due_at=make.NOW,
            planned_at=make.NOW,
            settled_at=make.NOW,
        )
        make.facts_follow(self.organisation)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(customers=0) as running:
        yield running


@pytest.fixture
def companies(db, settings, sandbox):
    """Our company with a member of each role, and another one with the same rows; each role gave a consent in both."""
    settings.CONFIGURATION = replace(
        django_settings.CONFIGURATION,
        zoho_sandbox_url=sandbox.url,
        zoho_client_id=sandbox.client_id,
        zoho_client_secret=sandbox.client_secret,
    )
    with time_machine.travel(make.NOW, tick=True):
        yield _both(sandbox)


def _both(sandbox):
    token = sandbox.refresh_token()
    log_in = LogIn.objects.create(
        system="zoho_books",
        location="sandbox",
        accounts_url=sandbox.url,
        api_url=sandbox.url,
        refresh_token=token,
    )
    with sandbox.inside.database.reading() as db:
        external_id = str(db.execute("SELECT min(org) FROM organisations").fetchone()[0])
    made = {}
    for word, company, key in (
        (OURS, "Northwind Parts Ltd", external_id),
        (THEIRS, "Elsewhere GmbH", "4711000"),
    ):
        owner = make.user(f"owner@{word.lower()}.example", name=f"{word} Owner")
        organisation = make.organisation(company, owner=owner, is_connected=False)
        others = {role: make.member(organisation, role, name=f"{word} {role}") for role in ORDER[:-1]}
        made[word] = Books(organisation, {**others, Role.OWNER: owner}, key)
    for word, books in made.items():
        make.connection(
            books.organisation, location="sandbox", external_id=books.external_id, books_name=word
        )
        for role, person in made[OURS].people.items():
            books.consents[role] = Authorisation.objects.create(
                digest=f"{word}{role}",
                organisation=books.organisation,
                user=person,
                system="zoho_books",
                location="sandbox",
                created_at=make.NOW,
                expires_at=make.NOW + timedelta(minutes=15),
                used_at=make.NOW,
                log_in=log_in,
            )
        books.fill(word)
    return made[OURS], made[THEIRS]


def ask(user, method, address, body=None, **options):
    """Ask once, and leave no trace in the database."""
    return asked(user, method, address, body, None, **options)[0]


def asked(user, method, address, body, watched, **options):
    """Ask once; the answer, and the rows of the company that is watched, before everything is taken back."""
    client = Client(SERVER_NAME="127.0.0.1", **options)
    with transaction.atomic():
        if user is not None:
            client.force_login(user)
        response = client.get(address) if method == "GET" else client.post(address, body or {})
        rows = rows_of(watched.organisation) if watched else {}
        transaction.set_rollback(True)
    return response, rows


def rows_of(organisation):
    """Everything that is kept of a company, table by table."""
    models = [
        model
        for model in apps.get_app_config("dunright").get_models()
        if any(one.name == "organisation" for one in model._meta.fields)
    ]
    return {
        model.__name__: list(model.objects.filter(organisation=organisation).order_by("pk").values())
        for model in models
    }


def address_of(name, organisation, keys):
    return reverse(name, kwargs={"organisation": organisation.pk, **keys})


@pytest.mark.parametrize("feature", FEATURES)
def test_who_comes_in(companies, feature):
    ours, theirs = companies
    people = {"visitor": None, "stranger": theirs.people[Role.OWNER], **ours.people}
    expected, found, shown = {}, {}, {}
    for name, row in FEATURES[feature].items():
        for who, user in people.items():
            role = who if who in ORDER else Role.OWNER
            address = address_of(name, ours.organisation, row.keys(ours, role))
            for method, good in (("GET", row.get), ("POST", row.post)):
                response = ask(user, method, address, row.body(ours, role))
                found[name, who, method] = response.status_code
                expected[name, who, method] = _expected(who, row.role, good)
                if who in {"visitor", "stranger"}:
                    shown[name, who, method] = _words(response, OURS, ours.organisation.name)
                if found[name, who, method] == LOG_IN and who == "visitor":
                    assert response["Location"].startswith("/accounts/login/?next=/o/")
    assert found == expected
    assert {case: words for case, words in shown.items() if words} == {}


def _expected(who, needed, good):
    if good == NO_METHOD:
        return NO_METHOD
    if who == "visitor":
        return LOG_IN
    if who == "stranger":
        return UNKNOWN
    return good if ORDER.index(who) >= ORDER.index(needed) else REFUSED


def _words(response, *words):
    """Which of the words a body holds."""
    body = response.content.decode()
    return [word for word in words if word.casefold() in body.casefold()]


@pytest.mark.parametrize("feature", FEATURES)
def test_pages_show_their_own_company_only(companies, feature):
    ours, theirs = companies
    found, expected = {}, {}
    for name, row in FEATURES[feature].items():
        address = address_of(name, ours.organisation, row.keys(ours, Role.OWNER))
        response = ask(ours.people[Role.OWNER], "GET", address)
        found[name] = _words(response, OURS, THEIRS, theirs.organisation.name)
        expected[name] = [OURS] if row.shows_data else []
    assert found == expected


@pytest.mark.parametrize("feature", FEATURES)
def test_a_form_from_another_site_is_refused(companies, feature):
    ours, _ = companies
    found, expected = {}, {}
    for name, row in FEATURES[feature].items():
        address = address_of(name, ours.organisation, row.keys(ours, Role.OWNER))
        body = row.body(ours, Role.OWNER)
        response = ask(ours.people[Role.OWNER], "POST", address, body, enforce_csrf_checks=True)
        found[name] = response.status_code
        # Django looks for the token before the view is asked for its methods.
        expected[name] = REFUSED
    assert found == expected


@pytest.mark.parametrize("feature", FEATURES)
def test_rows_of_another_company_are_out_of_reach(companies, feature):
    """Named in the address, one key at a time and all at once, they are not there; named in a form they stay."""
    ours, theirs = companies
    owner, before, found, expected = ours.people[Role.OWNER], rows_of(theirs.organisation), {}, {}
    for name, row in FEATURES[feature].items():
        own, foreign = row.keys(ours, Role.OWNER), row.keys(theirs, Role.OWNER)
        # A day is no row of anybody's.
        singly = [{**own, key: foreign[key]} for key in own if foreign[key] != own[key]]
        for keys in singly + ([foreign] if own else []):
            address = address_of(name, ours.organisation, keys)
            for method, good in (("GET", row.get), ("POST", row.post)):
                response, after = asked(owner, method, address, row.body(ours, Role.OWNER), theirs)
                found[address, method] = (response.status_code, after == before, _words(response, THEIRS))
                expected[address, method] = (NO_METHOD if good == NO_METHOD else UNKNOWN, True, [])
        address = address_of(name, ours.organisation, own)
        response, after = asked(owner, "POST", address, row.body(theirs, Role.OWNER), theirs)
        found[name, "body"] = (response.status_code < 500, after == before, _words(response, THEIRS))
        expected[name, "body"] = (True, True, [])
    assert found == expected


@pytest.mark.parametrize("name", INSTALLATION)
def test_addresses_of_the_installation(db, name):
    row = INSTALLATION[name]
    address = reverse(name, kwargs=row.keys)
    people = {"visitor": None, "person": make.user()}
    found = {
        who: tuple(ask(user, method, address).status_code for method in ("GET", "POST"))
        for who, user in people.items()
    }
    assert found == {"visitor": row.visitor, "person": row.person}
