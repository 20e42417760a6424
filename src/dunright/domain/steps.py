"""Which step of an invoice is due (chasing-rules.md section 2, R1 to R7).

Ages are whole days since the due date: a step is reached when the invoice's age is at least its `days`, so
comparing ages says the same as comparing dates and never leaves the calendar.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

from dunright.domain.facts import Consumed, InvoiceFacts
from dunright.domain.guards import day_after
from dunright.domain.schedules import Schedule, Step

_NO_FLOOR: Final = -(10**9)
"""Below every `days`."""


class Due(NamedTuple):
    """The step that is due, and the candidates below it that are consumed with it as skipped (R4)."""

    step: Step
    skipped: tuple[Step, ...] = ()


class NotDue(NamedTuple):
    """No step is due: until when, or that none can become due any more."""

    reason: Literal["nothing_due", "sequence_finished"]
    until: date | None = None


class _Reached(NamedTuple):
    candidates: list[Step]
    next_age: int | None
    """The age at which the next step becomes a candidate; None: none ever will."""


def due_step(
    invoice: InvoiceFacts, schedule: Schedule, due: date, *, notice_days: int, today: date
) -> Due | NotDue:
    """The step that section 2 yields for an invoice with this due date, in this schedule in force."""
    age = (today - due).days
    floor = floor_of(invoice.consumed, schedule)
    candidates, next_age = _candidates(invoice, schedule, due, age=age, floor=floor, notice_days=notice_days)
    if candidates:
        step = _choose(candidates, invoice, age)
        return Due(step, tuple(other for other in candidates if other.days < step.days))
    if schedule.repeat is not None and invoice.consumed:
        repeated = _repeat(invoice, schedule, due, floor=floor, today=today)
        if repeated is not None:
            return repeated
    if next_age is None:
        return NotDue("sequence_finished")
    return NotDue("nothing_due", day_after(due, next_age))


def floor_of(consumed: Sequence[Consumed], schedule: Schedule) -> int:
    """The greatest `days` among consumed steps (R2); below every step where nothing was consumed.

    A step that still exists in the schedule in force counts with its present `days`, one that was deleted or
    belongs to another schedule with the `days` it had when last consumed.
    """
    floor = _NO_FLOOR
    for item in consumed:
        days = item.days
        if item.schedule == schedule.name:
            for step in schedule.steps:
                if step.id == item.step:
                    days = step.days
                    break
        floor = max(floor, days)
    return floor


def _candidates(
    invoice: InvoiceFacts, schedule: Schedule, due: date, *, age: int, floor: int, notice_days: int
) -> _Reached:
    """R3, and the notice before the first sending of an escalated step (R5)."""
    taken = {item.step for item in invoice.consumed if item.schedule == schedule.name}
    listed_on = invoice.last_listed_on
    notice_age = _NO_FLOOR if listed_on is None else (listed_on - due).days + notice_days
    candidates: list[Step] = []
    next_age: int | None = None
    for step in schedule.steps:
        days = step.days
        if days <= floor or step.id in taken:
            continue
        ready = notice_age if notice_age > days and step.is_escalated else days
        # R3: no "coming due" note together with the invoice itself, and none once it is overdue.
        if days <= 0 and (age > 0 or ready > 0 or days <= _first_seen_age(invoice, due)):
            continue
        if ready <= age:
            candidates.append(step)
        elif next_age is None or ready < next_age:
            next_age = ready
    return _Reached(candidates, next_age)


def _first_seen_age(invoice: InvoiceFacts, due: date) -> int:
    first = invoice.seen if invoice.issued is None else max(invoice.seen, invoice.issued)
    return (first - due).days


def _choose(candidates: list[Step], invoice: InvoiceFacts, age: int) -> Step:
    """R4, with the gentle entry of R5 and the choice of R5a for invoices that were old at the start."""
    if invoice.last_listed_on is not None:
        return max(candidates, key=_days)
    gentle = [step for step in candidates if not step.is_escalated] or candidates
    if invoice.entry == "gently" and age > 0:
        return min(gentle, key=_days)
    greatest = max(candidates, key=_days)
    return max(gentle, key=_days) if greatest.is_escalated else greatest


def _days(step: Step) -> int:
    return step.days


def _repeat(
    invoice: InvoiceFacts, schedule: Schedule, due: date, *, floor: int, today: date
) -> Due | NotDue | None:
    """R6: the last overdue step again; None when it never repeats (any more)."""
    last, repeat = schedule.last_overdue_step, schedule.repeat
    if last is None or repeat is None or floor > last.days:
        return None
    sent = next(
        (c for c in invoice.consumed if c.step == last.id and c.schedule == schedule.name and c.times_sent),
        None,
    )
    if sent is None or (repeat.limit is not None and sent.times_sent > repeat.limit):
        return None
    again, reached = day_after(sent.consumed_on, repeat.every_days), day_after(due, last.days)
    if again is None or reached is None:
        return NotDue("nothing_due")
    ready = max(again, reached)
    return Due(last) if today >= ready else NotDue("nothing_due", ready)


def consume(
    consumed: Sequence[Consumed], schedule: str, sent: Step, skipped: Sequence[Step], *, on: date
) -> tuple[Consumed, ...]:
    """What is consumed after a step was sent (or a task made) and those below it were skipped."""
    kept = {(item.schedule, item.step): item for item in consumed}
    before = kept.pop((schedule, sent.id), None)
    times = (before.times_sent if before else 0) + 1
    for step in skipped:
        kept.setdefault((schedule, step.id), Consumed(schedule, step.id, step.days, on))
    kept[schedule, sent.id] = Consumed(schedule, sent.id, sent.days, on, times)
    return tuple(kept.values())


def consumed_by_hand(
    invoice: InvoiceFacts, step_id: str | None, *, notice_days: int, today: date
) -> Due | None:
    """What a reminder by hand consumes (chasing-rules.md section 7): like R4, in the invoice's own schedule.

    None when it stands for no step, or for one that this schedule does not know.
    """
    schedule, due = invoice.schedule, invoice.due
    step = None if schedule is None else next((s for s in schedule.steps if s.id == step_id), None)
    if step is None or schedule is None:
        return None
    if due is None:
        return Due(step)
    floor = floor_of(invoice.consumed, schedule)
    age = (today - due).days
    candidates, _ = _candidates(invoice, schedule, due, age=age, floor=floor, notice_days=notice_days)
    return Due(step, tuple(other for other in candidates if other.days < step.days))
