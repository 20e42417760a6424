"""Schedules of dunning steps: what a company wants to say, and how many days from the due date.

Source: chasing-rules.md section 1. Plain data; `domain.chasing` decides with it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

Level = Literal["normal", "escalated"]
Kind = Literal["before_due", "overdue"]
Channel = Literal["email", "task"]
REPLY_DAYS: Final = 5
FINAL_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Step:
    """One dunning step, known by its schedule and its stable id."""

    id: str
    days: int
    """Relative to the due date; negative is before it."""
    sender: Level = "normal"
    recipients: Level = "normal"
    channel: Channel = "email"
    template: str | None = None
    """Name of the pair of texts (single and multi form)."""
    approval: bool | None = None
    """Whether this step waits for a person; None follows the organisation's setting for escalated steps."""
    attachments: tuple[str, ...] = ()
    copy_other_level: bool = False
    """Put the people of the other level in copy (R12)."""
    next_step: str = ""
    """The user's own sentence about what follows; the letter tells it (default-templates.md)."""
    reply_days: int = REPLY_DAYS
    """Working days until the reply-by date of the letter."""
    final_days: int = FINAL_DAYS
    """Working days until the final date of the letter."""

    @property
    def kind(self) -> Kind:
        """`before_due` up to and with the due date, `overdue` after it."""
        return "overdue" if self.days >= 1 else "before_due"

    @property
    def is_escalated(self) -> bool:
        """Escalated when its sender or its recipient level is."""
        return "escalated" in (self.sender, self.recipients)

    def planned_date(self, due: date) -> date:
        """The first day on which this step is reached (R1)."""
        return due + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The last overdue step again, every so many days after it was last sent (R6)."""

    every_days: int
    limit: int | None = None
    """How many repeats after the first sending; None is for ever."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """An ordered list of steps; no two share `days`."""

    name: str
    steps: tuple[Step, ...]
    repeat: Repeat | None = None
    default: bool = False
    last_overdue_step: Step | None = field(init=False, repr=False, compare=False)
    """The one that repeats: the overdue step with the greatest `days`."""

    def __post_init__(self) -> None:
        overdue = (step for step in self.steps if step.kind == "overdue")
        object.__setattr__(self, "last_overdue_step", max(overdue, key=lambda step: step.days, default=None))
