"""What the tests of mails to a company's own people share: five people, batches, losses, and a tick."""

import pytest

from dunright.mail.post import open_mail
from dunright.models import (
    ChaseRun,
    Connection,
    Membership,
    MessageState,
    Notice,
    Role,
    User,
)
from dunright.remote.errors import AuthExpired
from dunright.services import connections, notices, work
from mail_catcher.testing import running_catcher
from tests.support import factories
from tests.support.factories import NOW, TODAY

LATER = NOW + notices.LOOK_FIRST
BASE = "https://chasing.northwind.example"


@pytest.fixture
def catcher():
    with running_catcher() as running:
        yield running


@pytest.fixture
def company(settings):
    """Ada owns it, Mia manages, Col chases; Vic only looks, Ivo has left."""
    settings.BASE_URL = BASE
    owner = User.objects.create_user("ada@northwind.example", None, name="Ada Moor")
    made = factories.organisation(owner=owner)
    for name, role in (
        ("Mia", Role.MANAGER),
        ("Col", Role.CHASER),
        ("Vic", Role.VIEWER),
        ("Ivo", Role.OWNER),
    ):
        person = User.objects.create_user(f"{name.lower()}@northwind.example", None, name=name)
        Membership.objects.create(organisation=made, user=person, role=role)
    User.objects.filter(name="Ivo").update(is_active=False)
    return made


def run_with(company, *states, outcome="", day=TODAY):
    """A run of the day with a message in each of these states."""
    run = ChaseRun.objects.create(
        organisation=company, local_date=day, due_at=NOW, state="done", outcome=outcome
    )
    for state in states:
        customer = factories.customer(company, f"Customer {factories.number()}")
        factories.person(customer, f"person{customer.pk}@halloran.example")
        factories.message(customer, [factories.invoice(customer)], run=run, run_date=day, state=state)
    return run


def waiting_batch(company, count=2, **fields):
    run = run_with(company, *[MessageState.PENDING] * count, **fields)
    notices.run_is_done(run, now=NOW)
    return run


def lost(company, *, now=NOW):
    connection = Connection.objects.get(organisation=company)
    connections.mark_disconnected(connection, AuthExpired("Zoho says the consent was revoked."), now=now)


def told(company, kind=None):
    rows = Notice.objects.filter(organisation=company).select_related("user").order_by("pk")
    if kind:
        rows = rows.filter(kind=kind)
    return [one.user.email.partition("@")[0] for one in rows]


def send_due(catcher, *, now=LATER, url=None):
    """What a tick does: every due notice once; the states they came into."""
    with open_mail(url or catcher.smtp_url) as connection:
        done = [notices.send(pk, now=now, connection=connection) for pk in work.due(Notice, now=now)]
    return [str(one.state) for one in done if one is not None]


def states(company):
    rows = Notice.objects.filter(organisation=company).order_by("pk")
    return [str(state) for state in rows.values_list("state", flat=True)]


def mails(catcher):
    return [(one["recipients"], one["subject"]) for one in catcher.messages()]
