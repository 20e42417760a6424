"""Schedules and texts of an organisation, kept as versions that never change."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dunright.domain.schedules import Schedule
from dunright.domain.wording.defaults import DEFAULT_SCHEDULES, default_texts
from dunright.domain.wording.texts import LetterText, check_text
from dunright.models import Organisation, Role, ScheduleVersion, Template, TemplateVersion, User
from dunright.models import Schedule as ScheduleRow
from dunright.queries.facts import NOT_CHASED
from dunright.services import timeline
from dunright.services.permissions import require


class CannotUse(Exception):
    """A schedule or text that cannot be used; the message says why."""


def install_defaults(organisation: Organisation, *, by: User | None) -> None:
    """The default schedules and texts (default-templates.md)."""
    for schedule in DEFAULT_SCHEDULES:
        _store_schedule(organisation, schedule, by=by)
    for text in default_texts():
        _store_text(organisation, text, by=by)


def import_schedules(
    organisation: Organisation, schedules: Iterable[Schedule], *, by: User | None, now: datetime
) -> int:
    """Replace schedules of the same name; none is archived by itself. The number stored. Raises CannotUse."""
    require(organisation, by, Role.MANAGER)
    schedules = list(schedules)
    defaults = [one for one in schedules if one.default]
    if len(defaults) > 1:
        raise CannotUse(
            f"Only one schedule can be the default; {defaults[0].name} and {defaults[1].name} both are."
        )
    with transaction.atomic():
        if defaults:
            ScheduleRow.objects.filter(organisation=organisation, is_default=True).update(is_default=False)
        for schedule in schedules:
            _store_schedule(organisation, schedule, by=by)
        names = ", ".join(one.name for one in schedules)
        timeline.record(organisation, "policy", f"Schedules saved: {names}", at=now, by=by)
    return len(schedules)


def import_texts(
    organisation: Organisation, texts: Iterable[LetterText], *, by: User | None, now: datetime
) -> int:
    """Replace texts of the same name, form and language; all or none. Raises CannotUse."""
    require(organisation, by, Role.MANAGER)
    texts = list(texts)
    for text in texts:
        if problems := check_text(text.subject, text.body, text.form, kind=text.kind):
            raise CannotUse(f"{text.name} ({text.form}), {problems[0].place}: {problems[0].sentence}")
    with transaction.atomic():
        for text in texts:
            _store_text(organisation, text, by=by)
        names = ", ".join(sorted({one.name for one in texts}))
        timeline.record(organisation, "policy", f"Texts saved: {names}", at=now, by=by)
    return len(texts)


def _store_schedule(organisation: Organisation, schedule: Schedule, *, by: User | None) -> None:
    if schedule.name == NOT_CHASED:
        raise CannotUse(f"“{NOT_CHASED}” means that nobody is chased; give the schedule another name.")
    row, _ = ScheduleRow.objects.get_or_create(
        organisation=organisation, name=schedule.name, defaults={"is_default": schedule.default}
    )
    steps = [asdict(step) for step in schedule.steps]
    for step in steps:
        step["attachments"] = list(step["attachments"])
    last = ScheduleVersion.objects.filter(organisation=organisation, schedule=row).aggregate(
        last=Max("number")
    )
    version = ScheduleVersion.objects.create(
        organisation=organisation,
        schedule=row,
        number=(last["last"] or 0) + 1,
        steps=steps,
        repeat=asdict(schedule.repeat) if schedule.repeat else None,
        created_by=by,
    )
    ScheduleRow.objects.filter(organisation=organisation, pk=row.pk).update(
        version=version, archived_at=None, is_default=schedule.default or row.is_default
    )


def _store_text(organisation: Organisation, text: LetterText, *, by: User | None) -> None:
    row, _ = Template.objects.get_or_create(
        organisation=organisation,
        name=text.name,
        form=text.form,
        language=text.language,
        defaults={"kind": text.kind},
    )
    last = TemplateVersion.objects.filter(organisation=organisation, template=row).aggregate(
        last=Max("number")
    )
    version = TemplateVersion.objects.create(
        organisation=organisation,
        template=row,
        number=(last["last"] or 0) + 1,
        subject=text.subject,
        body=text.body,
        created_by=by,
    )
    Template.objects.filter(organisation=organisation, pk=row.pk).update(version=version, kind=text.kind)
