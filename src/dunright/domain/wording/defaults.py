"""The texts and schedules that a new organisation starts with (default-templates.md).

The texts lie in `default_texts/`, one file per name and form: the subject on the first line, then the body as it is
stored. They are read once. Their tone, lengths and renderings are held by tests/domain/wording.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from dunright.domain.schedules import Repeat, Schedule, Step
from dunright.domain.wording.placeholders import Form
from dunright.domain.wording.texts import FORMS, LetterText, TextKind

COMING_DUE: Final = "Coming due"
JUST_PASSED: Final = "Just passed"
FOLLOW_UP: Final = "Follow-up"
FIRM: Final = "Firm"
LAST_STEP: Final = "Last step"
THANK_YOU: Final = "Thank you"
STATEMENT: Final = "Statement"
PROMISE_CONFIRMED: Final = "Promise confirmed"
PROMISE_MISSED: Final = "Promise missed"

REMINDERS: Final = (COMING_DUE, JUST_PASSED, FOLLOW_UP, FIRM, LAST_STEP)


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    stem: str
    kind: TextKind = "reminder"
    both_forms: bool = False


_SOURCES: Final = (
    _Source(COMING_DUE, "coming_due"),
    _Source(JUST_PASSED, "just_passed"),
    _Source(FOLLOW_UP, "follow_up"),
    _Source(FIRM, "firm"),
    _Source(LAST_STEP, "last_step"),
    _Source(THANK_YOU, "thank_you", "thank_you"),
    _Source(STATEMENT, "statement", "statement", both_forms=True),
    _Source(PROMISE_CONFIRMED, "promise_confirmed", "promise_confirmed"),
    _Source(PROMISE_MISSED, "promise_missed", "promise_missed"),
)


@lru_cache(maxsize=1)
def default_texts() -> tuple[LetterText, ...]:
    """All default texts in the order of the table, each name in its single and its multi form."""
    return tuple(_read(source, form) for source in _SOURCES for form in FORMS)


def default_text(name: str, form: Form) -> LetterText:
    """One default text. Raises KeyError for a name that is not among the defaults."""
    for text in default_texts():
        if text.name == name and text.form == form:
            return text
    raise KeyError(name)


def _read(source: _Source, form: Form) -> LetterText:
    file = f"{source.stem}.{'both' if source.both_forms else form}.html"
    stored = resources.files(__package__).joinpath("default_texts", file).read_text(encoding="utf-8")
    head, _, body = stored.partition("\n")
    return LetterText(head.removeprefix("Subject: "), body.strip(), form, source.kind, source.name, "en")


_INVOICE: Final[tuple[str, ...]] = ("invoice_pdf",)
_BOTH: Final = ("invoice_pdf", "statement")


def _steps(before_due: int) -> tuple[Step, ...]:
    """The five steps; only the first one's day differs between schedules.

    None says whether it waits for approval: that follows the organisation's `approve_escalated`.
    """
    return (
        Step("coming-due", before_due, template=COMING_DUE, attachments=_INVOICE),
        Step("just-passed", 1, template=JUST_PASSED, attachments=_INVOICE),
        Step("follow-up", 8, template=FOLLOW_UP, attachments=_INVOICE),
        Step("firm", 15, template=FIRM, attachments=_BOTH, copy_other_level=True),
        Step(
            "last-step",
            29,
            sender="escalated",
            recipients="escalated",
            template=LAST_STEP,
            attachments=_BOTH,
            copy_other_level=True,
        ),
    )


STANDARD: Final = Schedule("Standard", _steps(-7), default=True)
WEEKLY: Final = Schedule(
    "Weekly",
    (
        Step("coming-due", -7, template=COMING_DUE, attachments=_INVOICE),
        # The step that repeats asks for a date: "slipped through" would wear thin in the third week.
        Step("weekly", 1, template=FOLLOW_UP, attachments=_INVOICE),
    ),
    repeat=Repeat(every_days=7),
)
STANDARD_SHORT_TERMS: Final = Schedule("Standard, short terms", _steps(-3))
DEFAULT_SCHEDULES: Final = (STANDARD, WEEKLY, STANDARD_SHORT_TERMS)

SHORT_TERMS_DAYS: Final = 14
"""Up to this many days of payment terms the schedule for short terms is proposed."""


def schedule_for_terms(payment_terms_days: int | None) -> Schedule:
    """Which default schedule to propose to a customer with these payment terms; unknown terms: the standard one."""
    if payment_terms_days is not None and payment_terms_days <= SHORT_TERMS_DAYS:
        return STANDARD_SHORT_TERMS
    return STANDARD
