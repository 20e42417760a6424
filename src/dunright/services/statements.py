"""The month's statements: when they are due, and one for each customer who owes something (chasing-rules.md section 7).

Never two a month for a customer: the run is unique on its month, and so is the message, whose slot names the month.
What a statement says is read when it leaves (`services.last_check`, `services.attachments`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dunright.domain.calendar import calendar_of
from dunright.domain.settings import from_texts
from dunright.domain.statement_runs import decide_statement, month_due
from dunright.models import Connection, Customer, Organisation, OtherMailRun, OutboxMessage, SettingsVersion
from dunright.queries.facts import Surroundings, customer_facts, customers_with_open_invoices
from dunright.queries.local_time import settings_of
from dunright.queries.other_mail import has_schedule
from dunright.services import other_mail
from dunright.services.letters import Writer

KIND: Final = "statement"


def schedule_run(organisation: Organisation, *, now: datetime) -> OtherMailRun | None:
    """Make the row of the month's run once its day has come; None when there is none to make."""
    settings = settings_of(organisation)
    if settings.statement_day is None:
        return None
    connection = Connection.objects.filter(organisation=organisation).first()
    if connection is None:
        return None
    last = OtherMailRun.objects.filter(organisation=organisation, kind=KIND).order_by("-period").first()
    calendar, last_month = calendar_of(settings), last.period if last else ""
    day = settings.statement_day
    if not month_due(calendar, day, now=now, since=connection.connected_at, last_month=last_month):
        return None
    # The versions of the settings are read on the few days only on which it may matter.
    since = max(connection.connected_at, _wanted_since(organisation, day))
    found = month_due(calendar, day, now=now, since=since, last_month=last_month)
    if found is None:
        return None
    return other_mail.open_run(organisation, KIND, found.month, on=found.date, now=now)


def _wanted_since(organisation: Organisation, day: int) -> datetime:
    """Since when statements leave on this day of the month: days that were over by then were not missed."""
    since: datetime | None = None
    versions = SettingsVersion.objects.filter(organisation=organisation).order_by("-number")
    for version in versions.iterator(chunk_size=20):
        if from_texts(version.values).statement_day != day:
            break
        since = version.created_at
    assert since is not None, "the settings in force are the latest version"
    return since


def decide_all(run: OtherMailRun, around: Surroundings, *, now: datetime, stop: other_mail.Stop) -> bool:
    """Plan the statements of a run; false when `stop` put an end to it before the last. Raises LostLease."""
    organisation = run.organisation

    def begin(pks: Sequence[int]) -> other_mail.PlanOne:
        facts = customer_facts(organisation, pks, around=around)
        writer = Writer(organisation, pks, around=around, today=run.local_date)
        rows = Customer.objects.filter(organisation=organisation, pk__in=pks).in_bulk()
        slot = f"{KIND}-{run.period}"
        served = set(
            OutboxMessage.objects.filter(
                organisation=organisation, kind=KIND, slot=slot, customer__in=pks
            ).values_list("customer_id", flat=True)
        )

        def plan_one(pk: int) -> int:
            if pk in served:
                return 0
            found = decide_statement(
                facts[pk], has_schedule=has_schedule(rows[pk], around), today=run.local_date
            )
            if found.message is None:
                return 0
            writer.knows(facts[pk])
            other_mail.plan(run, rows[pk], found.message, writer, slot=slot, now=now)
            return 1

        return plan_one

    return other_mail.decide_all(run, customers_with_open_invoices(organisation), begin, stop=stop)
