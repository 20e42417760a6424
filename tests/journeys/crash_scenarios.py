"""The pieces of work in which everything is made to fail: planning, sending, telling, approving, settling, reading."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dunright.models import LogIn, Membership, Notice, Organisation, OutboxMessage, Role, User
from dunright.services import organisations, outbox, outcomes, sync, work
from dunright.services.due import run_due
from dunright.services.tokens import SharedToken
from tests.journeys.company import MONDAY, at, running_company


class Scenario(NamedTuple):
    """One piece of work. `deed` does it; `go_on` is what happens afterwards, whoever does it."""

    name: str
    prepare: Callable[[Any], None]
    """Brings the company from the state of the scenario before it to where the work begins."""
    deed: Callable[[], Any]
    starts_at: datetime
    other: Callable[[], Any]
    """What another worker or person does while the first stands still."""
    again: Callable[[], Any] | None = None
    """A person whose page failed does it again; a worker's work is found by the tick."""


def begin(sandbox):
    """Two customers that owe an invoice each, and two people who may approve."""
    company = running_company(sandbox)
    colleague = User.objects.create_user("ben@northwind.example", None, name="Ben Moor")
    Membership.objects.create(organisation=company, user=colleague, role=Role.CHASER)
    contact = sandbox.create_contact(
        "Kestrel Joinery",
        persons=[{"first_name": "Una", "last_name": "Roche", "email": "una@kestrel.example"}],
    )
    sandbox.create_invoice(contact, "250.00", date="2026-10-20", due_date=str(MONDAY - timedelta(days=3)))
    now = at(MONDAY, 10, 55)
    sandbox.move_to(now)
    sync.perform(sync.request(company, by=None, now=now, full=True).pk, now=now)
    # Seals, totals and the like are done.
    run_due(now=now)


def _nothing(_sandbox):
    pass


def _plan():
    return run_due(now=at(MONDAY, 11))


def _planned(_sandbox):
    _plan()


def _messages(state):
    return list(
        OutboxMessage.objects.filter(state=state)
        .select_related("organisation", "customer", "run")
        .order_by("pk")
    )


def _person(name="ada@northwind.example"):
    return User.objects.get(email=name)


def _approve():
    return outbox.approve(_messages("pending"), by=_person(), now=at(MONDAY, 11, 2))


def _approved(_sandbox):
    _approve()


def _tell():
    return run_due(now=at(MONDAY, 11, 6))


def _send():
    return run_due(now=at(MONDAY, 11, 6))


def _left_uncertain(_sandbox):
    for message in _messages("approved"):
        claimed = work.claim(OutboxMessage, message.pk, now=at(MONDAY, 11, 6))
        work.keep(claimed, handed_over_at=at(MONDAY, 11, 6))
        outcomes.uncertain(claimed, "No answer.", now=at(MONDAY, 11, 7))


def _settle():
    return outbox.settle(_messages("uncertain"), as_sent=True, by=_person(), now=at(MONDAY, 11, 8))


def _token_ran_out(_sandbox):
    _settle()
    LogIn.objects.update(access_expires_at=datetime.now(UTC) - timedelta(minutes=1))


def _log_in():
    return SharedToken(LogIn.objects.get().pk, pause=_no_pause).current()


def _no_pause(_seconds):
    """Another worker's refresh: it does not come to its end by waiting, the thread stands still."""


def _books_change(sandbox):
    company = Organisation.objects.get()
    organisations.pause(company, by=_person(), now=at(MONDAY, 11, 30))
    sandbox.move_to(at(MONDAY, 11, 40))
    contact = sandbox.create_contact(
        "Northgate Tools",
        persons=[{"first_name": "Ivo", "last_name": "Lenk", "email": "ivo@northgate.example"}],
    )
    sandbox.create_invoice(contact, "75.00", date="2026-11-01", due_date="2026-12-01")
    sandbox.pay(_first_invoice(company), "400.00")
    sandbox.move_to(at(MONDAY, 11, 50))
    sync.request(company, by=None, now=at(MONDAY, 11, 50))


def _first_invoice(company):
    return company.invoice_set.order_by("pk").first().external_id


def _read():
    return run_due(now=at(MONDAY, 11, 50))


def _minute(hour, minute):
    return lambda: run_due(now=at(MONDAY, hour, minute))


SCENARIOS = (
    Scenario("plan a run", _nothing, _plan, at(MONDAY, 11), _minute(11, 1)),
    Scenario("tell people", _planned, _tell, at(MONDAY, 11, 6), _minute(11, 7)),
    Scenario("approval", _nothing, _approve, at(MONDAY, 11, 2), _approve, again=_approve),
    Scenario("send", _approved, _send, at(MONDAY, 11, 6), _minute(11, 7)),
    Scenario("settle", _left_uncertain, _settle, at(MONDAY, 11, 8), _settle, again=_settle),
    Scenario("token refresh", _token_ran_out, _log_in, at(MONDAY, 11, 10), _log_in, again=_log_in),
    Scenario("sync page", _books_change, _read, at(MONDAY, 11, 50), _minute(11, 51)),
)


def ticks(scenario):
    """Moments of the ticks that follow: one at once, and two when every lease and every pause is over."""
    start = scenario.starts_at
    return start + timedelta(minutes=1), start + timedelta(minutes=10), start + timedelta(minutes=16)


def must_have_arrived():
    """Message-IDs that are sent by now."""
    sent = list(
        OutboxMessage.objects.filter(state="sent", settled_by=None).values_list("message_id", flat=True)
    )
    return sent + list(Notice.objects.filter(state="sent").values_list("message_id", flat=True))
