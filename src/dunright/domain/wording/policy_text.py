"""Policy as text: templates and schedules in the files of `dunright template` and `dunright schedule` (commands.md).

Strict both ways: a key nobody knows, a missing one or a value of the wrong kind is refused with its place, and what is
written reads back as exactly the same. Schedules are as in chasing-rules.md section 9 with `template`, `approval` and
`attachments` (and `channel`, `copy_other_level`, `next_step`, `reply_days`, `final_days`) where they are set.
"""

from collections.abc import Iterable
from typing import Any, Final, get_args

from dunright.domain.schedules import FINAL_DAYS, REPLY_DAYS, Channel, Level, Repeat, Schedule, Step
from dunright.domain.wording.letter_facts import Attachment
from dunright.domain.wording.placeholders import Form
from dunright.domain.wording.policy_file import FileFormat, PolicyFault, Row, format_of, rows_of, written
from dunright.domain.wording.texts import LetterText, TextKind, check_text

_DAYS_AT_MOST: Final = 3650
_LIMIT_AT_MOST: Final = 1000
_WORKING_DAYS_AT_MOST: Final = 60
_SENTENCE_AT_MOST: Final = 300
_TEMPLATE_KEYS: Final = ("name", "kind", "form", "language", "subject", "body")
_SCHEDULE_KEYS: Final = ("name", "default", "steps", "repeat")
_STEP_KEYS: Final = (
    "id", "days", "sender", "recipients", "channel", "template", "approval", "attachments", "copy_other_level",
    "next_step", "reply_days", "final_days",
)  # fmt: skip


def read_templates(text: str, file_format: FileFormat = "yaml") -> tuple[LetterText, ...]:
    """Read `{"templates": [...]}`. Raises PolicyFault; each text is also checked as when it is saved."""
    found: list[LetterText] = []
    for row in rows_of(text, "templates", file_format):
        row.only(_TEMPLATE_KEYS)
        template = LetterText(
            subject=row.text("subject"),
            body=row.text("body"),
            form=row.one_of("form", get_args(Form)),
            kind=row.one_of("kind", get_args(TextKind)),
            name=row.name("name"),
            language=row.text("language"),
        )
        for problem in check_text(template.subject, template.body, template.form, kind=template.kind):
            raise PolicyFault(row.at(problem.place), problem.sentence)
        if any(_identity(other) == _identity(template) for other in found):
            raise PolicyFault(
                row.place, f"“{template.name}” in the {template.form} form stands in this file twice."
            )
        found.append(template)
    return tuple(found)


def _identity(text: LetterText) -> tuple[str, str, str]:
    return text.name, text.form, text.language


def write_templates(texts: Iterable[LetterText], file_format: FileFormat = "yaml") -> str:
    """Write texts so that `read_templates` gives them back unchanged."""
    rows = [{key: getattr(text, key) for key in _TEMPLATE_KEYS} for text in texts]
    return written({"templates": rows}, file_format)


def read_schedules(text: str, file_format: FileFormat = "yaml") -> tuple[Schedule, ...]:
    """Read `{"schedules": [...]}`. Raises PolicyFault."""
    found: list[Schedule] = []
    for row in rows_of(text, "schedules", file_format):
        schedule = _schedule(row)
        if any(other.name == schedule.name for other in found):
            raise PolicyFault(row.place, f"The schedule “{schedule.name}” stands in this file twice.")
        if schedule.default and any(other.default for other in found):
            raise PolicyFault(row.at("default"), "Only one schedule can be the default.")
        found.append(schedule)
    return tuple(found)


def write_schedules(schedules: Iterable[Schedule], file_format: FileFormat = "yaml") -> str:
    """Write schedules so that `read_schedules` gives them back unchanged."""
    return written({"schedules": [_schedule_row(schedule) for schedule in schedules]}, file_format)


def _schedule(row: Row) -> Schedule:
    row.only(_SCHEDULE_KEYS)
    name = row.name("name")
    if name == "none":
        raise PolicyFault(row.at("name"), "“none” is reserved for “not chased”; choose another name.")
    steps: list[Step] = []
    for step_row in row.rows("steps"):
        step = _step(step_row)
        if any(other.id == step.id for other in steps):
            raise PolicyFault(step_row.at("id"), f"Two steps have the id “{step.id}”.")
        if any(other.days == step.days for other in steps):
            raise PolicyFault(step_row.at("days"), f"Two steps stand at {step.days} days; move one of them.")
        steps.append(step)
    schedule = Schedule(name, tuple(steps), _repeat(row), row.flag("default") or False)
    if schedule.repeat and schedule.last_overdue_step is None:
        raise PolicyFault(
            row.at("repeat"), "Only an overdue step can repeat; add one with days of 1 or more."
        )
    return schedule


def _step(row: Row) -> Step:
    row.only(_STEP_KEYS)
    return Step(
        id=row.name("id"),
        days=row.whole("days", at_least=-_DAYS_AT_MOST, at_most=_DAYS_AT_MOST),
        sender=row.one_of("sender", get_args(Level), otherwise="normal"),
        recipients=row.one_of("recipients", get_args(Level), otherwise="normal"),
        channel=row.one_of("channel", get_args(Channel), otherwise="email"),
        template=row.name("template") if row.has("template") else None,
        approval=row.flag("approval"),
        attachments=row.several_of("attachments", get_args(Attachment)),
        copy_other_level=row.flag("copy_other_level") or False,
        next_step=_sentence(row, "next_step"),
        reply_days=_working_days(row, "reply_days", REPLY_DAYS),
        final_days=_working_days(row, "final_days", FINAL_DAYS),
    )


def _sentence(row: Row, key: str) -> str:
    """One line of text, empty where there is none."""
    text = row.text(key) if row.has(key) else ""
    if not text.isprintable() or text != text.strip() or len(text) > _SENTENCE_AT_MOST:
        raise PolicyFault(
            row.at(key),
            f"It has to be one line of at most {_SENTENCE_AT_MOST} characters, without blanks around it.",
        )
    return text


def _working_days(row: Row, key: str, otherwise: int) -> int:
    return row.whole(key, at_least=1, at_most=_WORKING_DAYS_AT_MOST) if row.has(key) else otherwise


def _repeat(row: Row) -> Repeat | None:
    if not row.has("repeat"):
        return None
    repeat = row.row("repeat")
    repeat.only(("every_days", "limit"))
    limit = repeat.whole("limit", at_least=1, at_most=_LIMIT_AT_MOST) if repeat.has("limit") else None
    return Repeat(repeat.whole("every_days", at_least=1, at_most=_DAYS_AT_MOST), limit)


def _schedule_row(schedule: Schedule) -> dict[str, Any]:
    row: dict[str, Any] = {"name": schedule.name, "default": schedule.default}
    row["steps"] = [_step_row(step) for step in schedule.steps]
    if schedule.repeat:
        row["repeat"] = {"every_days": schedule.repeat.every_days, "limit": schedule.repeat.limit}
    return row


def _step_row(step: Step) -> dict[str, Any]:
    """Levels always; the rest only where it is set."""
    row: dict[str, Any] = {
        "id": step.id,
        "days": step.days,
        "sender": step.sender,
        "recipients": step.recipients,
    }
    if step.channel != "email":
        row["channel"] = step.channel
    if step.template is not None:
        row["template"] = step.template
    if step.approval is not None:
        row["approval"] = step.approval
    if step.attachments:
        row["attachments"] = list(step.attachments)
    if step.copy_other_level:
        row["copy_other_level"] = True
    if step.next_step:
        row["next_step"] = step.next_step
    if step.reply_days != REPLY_DAYS:
        row["reply_days"] = step.reply_days
    if step.final_days != FINAL_DAYS:
        row["final_days"] = step.final_days
    return row


__all__ = [
    "FileFormat",
    "PolicyFault",
    "format_of",
    "read_schedules",
    "read_templates",
    "write_schedules",
    "write_templates",
]
