"""The demo company: made, connected and chased day by day up to today, through the real services."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dunright.domain.calendar import moment
from dunright.domain.settings import OrganisationSettings
from dunright.models import (
    ChaseRun,
    MessageState,
    Organisation,
    OtherMailRun,
    OutboxMessage,
    Role,
    Sender,
    User,
)
from dunright.queries.local_time import settings_of
from dunright.services import (
    accounts,
    chasing,
    connections,
    organisations,
    other_mail_runs,
    outbox,
    sending,
    sync,
    thanks,
    work,
)
from dunright.services.due import run_due
from dunright.services.tokens import SharedToken

ZONE = "Europe/Dublin"
OWNER = "aoife@northwind.example"
Control = Callable[[str, Mapping[str, Any]], Any]


def prepare(control: Control, *, begun: date, say: Callable[[str], None]) -> str:
    """Make the company when it is new, catch up with today, and return the secret of a one-time link.

    Empty once somebody has come in: the demo's owner then logs in by password.
    """
    organisation = Organisation.objects.filter(is_demo=True).first()
    if organisation is None:
        say(f"Playing the past {(datetime.now(UTC).date() - begun).days} days of a demo company…")
        organisation = _make(control, begun)
        _play(control, organisation, begun)
    control("clock", {"now": datetime.now(UTC).isoformat()})
    owner = User.objects.filter(membership__organisation__is_demo=True, membership__role=Role.OWNER).earliest(
        "pk"
    )
    if owner.last_login is not None:
        return ""
    return accounts.new_link(purpose=accounts.SIGN_IN, now=datetime.now(UTC), user=owner)


def _make(control: Control, begun: date) -> Organisation:
    now = _at(begun, 9, 0)
    control("clock", {"now": now.isoformat()})
    owner = User.objects.filter(email=OWNER).first() or User.objects.create_user(
        OWNER, None, name="Aoife Brennan", is_operator=True
    )
    settings = OrganisationSettings(
        name="Northwind Parts Ltd",
        timezone=ZONE,
        currency="EUR",
        country="IE",
        # A new company is chased twice a week here, so that sixty days have a story.
        chase_days=("tue", "fri"),
        bank_details="IBAN IE29 AIBK 9311 5212 3456 78",
    )
    organisation = organisations.add(settings, owner=owner, now=now, is_demo=True)
    Sender.objects.filter(organisation=organisation).update(title="Accounts", phone="+353 20 910 0100")
    Sender.objects.create(
        organisation=organisation,
        level="escalated",
        name="Declan Moore",
        title="Finance director",
        email="declan@northwind.example",
        phone="+353 20 910 0101",
    )
    token = control("refresh-token", {})["refresh_token"]
    log_in = connections.new_log_in("sandbox", token, by=owner)
    SharedToken(log_in.pk).current()
    books = connections.reachable_books(log_in, organisation)[0]
    connections.connect(organisation, log_in, books.external_id, by=owner, now=now)
    sync.perform(sync.request(organisation, by=owner, now=now).pk, now=now)
    organisations.resume(organisation, by=owner, now=now)
    return organisation


def _play(control: Control, organisation: Organisation, begun: date) -> None:
    """Each day: a sync and the run at its hour, a person who approves what waits, the messages on their way; thanks."""
    owner = User.objects.get(email=OWNER)
    today = datetime.now(ZoneInfo(ZONE)).date()
    chase_time = settings_of(organisation).chase_time
    day = begun + timedelta(days=1)
    while day < today:
        control("clock", {"now": _at(day, 7, 30).isoformat()})
        if day.weekday() in {1, 4} and (today - day).days > settings_of(organisation).minimum_gap_days:
            run_due(now=_at(day, chase_time.hour, chase_time.minute + 1))
            waiting = OutboxMessage.objects.filter(organisation=organisation, state=MessageState.PENDING)
            outbox.approve(
                waiting.select_related("organisation", "customer", "run"),
                by=owner,
                now=_at(day, chase_time.hour, 10),
            )
            run_due(now=_at(day, chase_time.hour, 45))
        elif thanking := thanks.schedule_run(organisation, now=_at(day, 8, 0)):
            _thank(thanking, day, chase_time)
        day += timedelta(days=1)
    now = datetime.now(UTC)
    control("clock", {"now": now.isoformat()})
    # What comes next is for the visitor to look at: a batch that waits for approval.
    organisations.change_settings(organisation, {"approval": "always"}, by=owner, now=now)
    sync.perform(sync.request(organisation, by=owner, now=now).pk, now=now)
    run = ChaseRun.objects.create(
        organisation=organisation, local_date=today, due_at=now, kind="by_hand", requested_by=owner
    )
    chasing.perform(run.pk, now=now)


def _thank(run: OtherMailRun, day: date, chase_time: time) -> None:
    """Thank for what the last sync saw paid: no other of its own is needed on such a day."""
    other_mail_runs.perform(run.pk, now=_at(day, 8, 0))
    now = _at(day, chase_time.hour, 45)
    with sending.Post() as post:
        for pk in work.due(OutboxMessage, now=now):
            sending.send(pk, now=now, post=post)


def _at(day: date, hour: int, minute: int) -> datetime:
    return moment(datetime.combine(day, time(hour, minute)), ZONE).astimezone(UTC)
