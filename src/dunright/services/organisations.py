"""Organisations: made paused and unconnected, with their settings, default schedules, texts and sender."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from dunright.domain.settings import OrganisationSettings, changed, from_texts, to_texts, trial_end
from dunright.models import (
    Membership,
    Organisation,
    Role,
    Sender,
    SettingsVersion,
    User,
)
from dunright.queries.local_time import local_date, settings_of
from dunright.services import outlook, policies, recalls, timeline
from dunright.services.entries import Entries, begin
from dunright.services.permissions import require


class CannotChange(Exception):
    """The change is not possible; the message says why."""


def add(
    settings: OrganisationSettings,
    *,
    owner: User,
    now: datetime,
    is_demo: bool = False,
    trial_ends: date | None = None,
) -> Organisation:
    """Make an organisation with everything it needs to begin; it starts paused."""
    with transaction.atomic():
        organisation = Organisation.objects.create(
            name=settings.name,
            is_demo=is_demo,
            trial_ends=trial_ends,
            paused_at=now,
            pause_reason="not started yet",
        )
        _new_version(organisation, settings, by=owner, now=now)
        Membership.objects.create(organisation=organisation, user=owner, role=Role.OWNER)
        policies.install_defaults(organisation, by=owner)
        Sender.objects.create(
            organisation=organisation, level="normal", name=owner.name or settings.name, email=owner.email
        )
    return organisation


def change_settings(
    organisation: Organisation, values: Mapping[str, str], *, by: User | None, now: datetime
) -> OrganisationSettings:
    """Set some settings from text; all or none. Raises SettingError, NotAllowed, CannotChange."""
    given = dict(values)
    require(organisation, by, Role.OWNER if "owner_email" in given else Role.MANAGER)
    values = dict(values)
    trial = trial_end(values.pop("trial_ends")) if "trial_ends" in values else organisation.trial_ends
    owner_email = values.pop("owner_email", None)
    settings = changed(settings_of(organisation), values)
    with transaction.atomic():
        if owner_email is not None:
            _hand_ownership(organisation, owner_email)
        _new_version(organisation, settings, by=by, now=now)
        Organisation.objects.filter(pk=organisation.pk).update(name=settings.name, trial_ends=trial)
        named = ", ".join(sorted(given))
        timeline.record(organisation, "settings", f"Settings changed: {named}", at=now, by=by, data=given)
    organisation.refresh_from_db()
    return settings


def pause(
    organisation: Organisation, *, by: User | None, now: datetime, until: date | None = None, why: str = ""
) -> None:
    """Stop all chasing at once, also what is planned; until a date, or until somebody resumes."""
    require(organisation, by, Role.CHASER)
    if until is not None and until <= local_date(organisation, now):
        raise CannotChange(f"{until} is over already; give a later day, or none.")
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(
            is_paused=True, paused_until=until, paused_at=now, pause_reason=why[:300]
        )
        sentence = f"Chasing paused until {until}" if until else "Chasing paused"
        timeline.record(organisation, "paused", sentence, at=now, by=by, detail=why)
    organisation.refresh_from_db()


def stop_everything(organisation: Organisation, *, by: User | None, now: datetime, why: str = "") -> int:
    """Pause, and take back every message that has not been handed over; the number taken back.

    After somebody resumes, they wait for approval again, and so does the next run's batch (section 5).
    """
    require(organisation, by, Role.CHASER)
    with transaction.atomic():
        # First the pause: a worker that looks now holds what it has.
        Organisation.objects.filter(pk=organisation.pk).update(
            is_paused=True,
            paused_until=None,
            paused_at=now,
            pause_reason=why[:300],
            stopped_at=now,
            batch_approved_at=None,
        )
        count = recalls.recall(organisation)
        sentence = f"Everything stopped; {count} not yet handed over"
        timeline.record(organisation, "paused", sentence, at=now, by=by, detail=why)
    organisation.refresh_from_db()
    return count


def resume(
    organisation: Organisation, *, by: User | None, now: datetime, entries: Entries | None = None
) -> None:
    """Let reminders leave again. The first time, invoices that are overdue begin as R5a says.

    `entries`: what a person chose for them; None: all as the setting `old_invoices` says.
    """
    require(organisation, by, Role.MANAGER)
    with transaction.atomic():
        _go_on(organisation, by=by, now=now, entries=entries)
        timeline.record(organisation, "resumed", "Chasing resumed", at=now, by=by)
    organisation.refresh_from_db()
    outlook.refresh(organisation, now=now)


def end_pause(organisation: Organisation, *, now: datetime) -> bool:
    """Resume when the date of a pause has come, as a person would; whether it was so.

    The first day after a pause may be the first resume of all: then old invoices begin as R5a says.
    """
    today = local_date(organisation, now)
    over = Organisation.objects.filter(pk=organisation.pk, is_paused=True, paused_until__lte=today)
    with transaction.atomic():
        # Locked where rows can be: of two workers the second finds it ended.
        ended = over.select_for_update().first()
        if ended is not None:
            assert ended.paused_until is not None, "the filter asks for a date"
            _go_on(ended, now=now)
            last_day = ended.paused_until - timedelta(days=1)
            timeline.record(ended, "resumed", f"Chasing resumed: its pause ended with {last_day}", at=now)
    if ended is not None:
        organisation.refresh_from_db()
    return ended is not None


def _go_on(
    organisation: Organisation, *, now: datetime, by: User | None = None, entries: Entries | None = None
) -> None:
    first = organisation.first_resumed_at is None
    if Organisation.objects.filter(pk=organisation.pk, stopped_at__isnull=False).exists():
        # Also what a run planned that was deciding while everything was stopped.
        recalls.recall(organisation)
    Organisation.objects.filter(pk=organisation.pk).update(
        is_paused=False,
        paused_until=None,
        pause_reason="",
        stopped_at=None,
        first_resumed_at=now if first else organisation.first_resumed_at,
    )
    if first:
        as_set = settings_of(organisation).old_invoices
        begin(organisation, entries or Entries(as_set, as_set), by=by, now=now)


def _new_version(
    organisation: Organisation, settings: OrganisationSettings, *, by: User | None, now: datetime
) -> None:
    last = SettingsVersion.objects.filter(organisation=organisation).order_by("-number").first()
    version = SettingsVersion.objects.create(
        organisation=organisation,
        number=last.number + 1 if last else 1,
        values=to_texts(settings),
        created_at=now,
        created_by=by,
    )
    from_texts(version.values)  # what is stored can be read again
    organisation.settings_version = version
    organisation.save(update_fields=["settings_version"])


def _hand_ownership(organisation: Organisation, email: str) -> None:
    """Make this person the owner; who owned it before manages it from now on."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise CannotChange(f"Nobody here has the address {email[:100]!r}; invite the person first.")
    members = Membership.objects.filter(organisation=organisation)
    members.filter(role=Role.OWNER).exclude(user=user).update(role=Role.MANAGER)
    Membership.objects.update_or_create(organisation=organisation, user=user, defaults={"role": Role.OWNER})
