"""Schedules and texts in force, as the domain knows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from dunright.domain.schedules import Repeat, Schedule, Step
from dunright.domain.wording.texts import LetterText
from dunright.models import Organisation, Template
from dunright.models import Schedule as ScheduleRow


def schedules_of(organisation: Organisation) -> dict[str, Schedule]:
    """The schedules in force by name; archived ones are not among them."""
    rows = ScheduleRow.objects.filter(organisation=organisation, archived_at=None).select_related("version")
    return {row.name: read_schedule(row) for row in rows.order_by("pk")}


def texts_of(organisation: Organisation) -> dict[tuple[str, str], tuple[LetterText, int]]:
    """(name, form) -> the text in force and the id of its version."""
    rows = Template.objects.filter(organisation=organisation).select_related("version").order_by("pk")
    return {(row.name, row.form): (_read_text(row), row.version_id or 0) for row in rows}


def read_schedule(row: ScheduleRow) -> Schedule:
    """A row's version in force as plain data."""
    assert row.version is not None, "every schedule is made with a version"
    return schedule_from(row.name, row.version.steps, row.version.repeat, is_default=row.is_default)


def schedule_from(
    name: str, steps: Iterable[Mapping[str, Any]], repeat: Mapping[str, Any] | None, *, is_default: bool
) -> Schedule:
    """Plain data from what a version holds."""
    return Schedule(
        name=name,
        steps=tuple(Step(**{**step, "attachments": tuple(step.get("attachments", ()))}) for step in steps),
        repeat=Repeat(**repeat) if repeat else None,
        default=is_default,
    )


def _read_text(row: Template) -> LetterText:
    assert row.version is not None, "every text is made with a version"
    return LetterText(
        subject=row.version.subject,
        body=row.version.body,
        form=row.form,  # type: ignore[arg-type]  # checked when it was stored
        kind=row.kind,  # type: ignore[arg-type]  # checked when it was stored
        name=row.name,
        language=row.language,
    )
