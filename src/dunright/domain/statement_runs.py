"""When a month's statements leave, and which customers get one (chasing-rules.md section 7).

Month arithmetic anchors on the original day: 31 is the last day of a short month and the 31st again after it.
"""

import calendar as months
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dunright.domain.calendar import ChaseCalendar
from dunright.domain.facts import CustomerFacts
from dunright.domain.messages import Draft
from dunright.domain.other_mail import draft_of, not_written_to
from dunright.domain.wording.defaults import STATEMENT

REMINDED = "its customer gets a reminder today"
NOTHING_OUTSTANDING = "nothing is outstanding"


class MonthDue(NamedTuple):
    """A month whose statements are to leave now."""

    month: str
    """As 2026-11: there is one run for each."""
    date: date
    """The working day they leave on: the month's own, or a later one on which a missed day is made up."""


class StatementFor(NamedTuple):
    """What to do about one customer on the day of its statement."""

    message: Draft | None
    """With all outstanding invoices, whatever the tolerance."""
    reason: str = ""
    """Why none leaves today; empty when one does."""
    waits: bool = False
    """It leaves the next working day instead."""


def statement_date(calendar: ChaseCalendar, year: int, month: int, day: int) -> date:
    """The working day on which the statements of a month leave, for a day of the month from 1 to 31."""
    return calendar.working_day_from(date(year, month, min(day, months.monthrange(year, month)[1])))


def month_due(
    calendar: ChaseCalendar, day: int, *, now: datetime, since: datetime, last_month: str = ""
) -> MonthDue | None:
    """The month whose statements are due now and were not made yet.

    From the first minute of their day on, so that people see what leaves at the chase time. A day that was missed is
    made up once: at once while it is still that day, else on the next working day before its chase time; of several
    only the latest.

    Args:
        calendar: the organisation's.
        day: of the month, 1 to 31.
        now: the moment asked about.
        since: the moment from which on statements are wanted; days whose chase time was over by then are not missed.
        last_month: the latest month that had its run, as 2026-11.
    """
    today = calendar.local_date(now)
    first = today.replace(day=1)
    # The day of this month may not have come, and that of the month before may have moved into this one.
    while (own := statement_date(calendar, first.year, first.month, day)) > today:
        first = (first - timedelta(days=1)).replace(day=1)
    month = f"{first:%Y-%m}"
    if month <= last_month or calendar.moment(own, calendar.chase_time) <= since:
        return None
    may_begin = own == today or (
        calendar.is_working_day(today) and now < calendar.moment(today, calendar.chase_time)
    )
    return MonthDue(month, today) if may_begin else None


def decide_statement(
    customer: CustomerFacts, *, has_schedule: bool, today: date, is_reminded: bool = False
) -> StatementFor:
    """Decide whether a customer gets its statement today; `is_reminded`: it gets a reminder on the same day."""
    outstanding = [one for one in customer.invoices if one.status == "open" and one.balance > 0]
    if not outstanding:
        return StatementFor(None, NOTHING_OUTSTANDING)
    if reason := not_written_to(customer, has_schedule=has_schedule, today=today):
        return StatementFor(None, reason)
    if is_reminded:
        return StatementFor(None, REMINDED, waits=True)
    return StatementFor(draft_of(customer, outstanding, template=STATEMENT, attachments=("statement",)))
