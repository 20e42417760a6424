"""Thank-yous: planned on the working day after an invoice was seen fully paid (chasing-rules.md section 7).

Never twice for an invoice: what was decided about it is a row of its own (`ThankYou`), unique on the invoice.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Final

from django.db import transaction

from dunright.domain.calendar import calendar_of
from dunright.domain.records import InvoiceDetailRecord
from dunright.domain.thanks import Thanks, decide_thanks, thank_you_day
from dunright.models import (
    Connection,
    Customer,
    Invoice,
    Organisation,
    OtherMailRun,
    OutboxMessage,
    ThankYou,
)
from dunright.models.outbox import COMING
from dunright.queries.facts import Surroundings, customer_facts
from dunright.queries.local_time import chase_calendar, local_date, settings_of
from dunright.queries.other_mail import has_schedule
from dunright.queries.thanks import paid_invoices, to_thank_for
from dunright.remote.errors import NotFound
from dunright.services import budgets, connections, mirror, other_mail, outbox, receivables
from dunright.services.letters import Writer

KIND: Final = "thank_you"


def schedule_run(organisation: Organisation, *, now: datetime) -> OtherMailRun | None:
    """Make the row of today's run when there is something to thank for; None when there is none to make."""
    settings = settings_of(organisation)
    calendar = calendar_of(settings)
    today = calendar.local_date(now)
    if not settings.thank_you or not calendar.is_working_day(today):
        return None
    runs = OtherMailRun.objects.filter(organisation=organisation, kind=KIND, period=today.isoformat())
    if runs.exists():
        return None
    days = to_thank_for(organisation, today=today).order_by().values_list("paid_seen_date", flat=True)
    own_days = {thank_you_day(calendar, day) for day in days.distinct() if day is not None}
    is_late = now >= calendar.moment(today, calendar.chase_time)
    # What was missed on an earlier day leaves at a chase time, so not after today's.
    if not own_days or (is_late and today not in own_days):
        return None
    return other_mail.open_run(organisation, KIND, today.isoformat(), on=today, now=now)


def decide_all(run: OtherMailRun, around: Surroundings, *, now: datetime, stop: other_mail.Stop) -> bool:
    """Plan the thank-yous of a run; false when `stop` put an end to it before the last. Raises LostLease."""
    organisation = run.organisation
    wanted = to_thank_for(organisation, today=run.local_date)

    def begin(pks: Sequence[int]) -> other_mail.PlanOne:
        batch = _Batch(run, pks, around, now=now)
        return batch.plan_one

    customers = Customer.objects.filter(
        organisation=organisation, gone_at=None, pk__in=wanted.values("customer_id")
    )
    return other_mail.decide_all(run, customers, begin, stop=stop)


class _Batch:
    """Some customers of a run, with all that deciding them needs."""

    def __init__(self, run: OtherMailRun, pks: Sequence[int], around: Surroundings, *, now: datetime) -> None:
        self.run, self.around, self.now = run, around, now
        self.organisation = run.organisation
        self.calendar = chase_calendar(run.organisation)
        self.facts = customer_facts(self.organisation, pks, around=around)
        self.writer = Writer(self.organisation, pks, around=around, today=run.local_date)
        self.customers = Customer.objects.filter(organisation=self.organisation, pk__in=pks).in_bulk()
        rows = to_thank_for(self.organisation, today=run.local_date).filter(customer__in=pks)
        self.rows: dict[int, list[Invoice]] = defaultdict(list)
        for row in rows.order_by("pk"):
            self.rows[row.customer_id].append(row)
        self.paid = paid_invoices(self.organisation, [row for group in self.rows.values() for row in group])

    def plan_one(self, pk: int) -> int:
        found = decide_thanks(
            self.facts[pk],
            self.paid[pk],
            has_schedule=has_schedule(self.customers[pk], self.around),
            calendar=self.calendar,
            today=self.run.local_date,
        )
        if found.message is None:
            self._note(found, None)
            return 0
        self.writer.knows(self.facts[pk])
        self.writer.also_lists(self.rows[pk])
        if (waiting := self._waiting(pk)) is not None and self._join(waiting, found):
            self._note(found, waiting)
            return 0
        slot = f"{KIND}-{self.run.period}"
        message = other_mail.plan(
            self.run, self.customers[pk], found.message, self.writer, slot=slot, now=self.now
        )
        self._note(found, message)
        return 1

    def _note(self, found: Thanks, message: OutboxMessage | None) -> None:
        """What was decided, once for each invoice."""
        ThankYou.objects.bulk_create(
            ThankYou(
                organisation=self.organisation,
                invoice_id=int(one.id),
                message=message,
                reason=found.reason,
                decided_on=self.run.local_date,
            )
            for one in found.thankful
        )

    def _waiting(self, customer: int) -> OutboxMessage | None:
        """An earlier thank-you that still waits, as no person has worded or approved it."""
        return OutboxMessage.objects.filter(
            organisation=self.organisation,
            customer=customer,
            kind=KIND,
            state__in=COMING,
            approved_at=None,
            edited_body="",
        ).first()

    def _join(self, waiting: OutboxMessage, found: Thanks) -> bool:
        """Let the message that waits thank for these invoices, too: one message, not two; false when it has left."""
        lines = waiting.lines.filter(organisation=self.organisation).select_related("invoice")
        listed = [line.invoice for line in lines.order_by("position")]
        self.writer.also_lists(listed)
        paid = [*paid_invoices(self.organisation, listed)[waiting.customer_id], *found.thankful]
        customer = self.facts[waiting.customer_id]
        both = decide_thanks(
            customer,
            paid,
            has_schedule=True,
            calendar=self.calendar,
            today=self.run.local_date,
            is_planned=True,
        )
        assert both.message is not None, "there is something to thank for, and somebody to thank"
        rendered = self.writer.write(both.message)
        coming = OutboxMessage.objects.filter(
            organisation=self.organisation, pk=waiting.pk, state__in=COMING, approved_at=None
        )
        described = outbox.described(both.message) | {"kind": KIND}
        if not coming.update(**described, subject=rendered.subject, html=rendered.html, text=rendered.text):
            return False
        outbox.write_lines(waiting, both.message.lines)
        return True


def look(connection: Connection, message: OutboxMessage, *, now: datetime) -> None:
    """Read the invoices of a thank-you again, one call each, and let go of those that are not to be thanked for.

    An invoice that was reopened may be thanked for once it is paid anew. Raises RemoteError when unreadable.
    """
    organisation = message.organisation
    thanked = ThankYou.objects.filter(organisation=organisation, message=message).select_related("invoice")
    found: list[InvoiceDetailRecord] = []
    gone: list[str] = []
    budget = budgets.SharedBudget(organisation, use=budgets.Use.LOOK)
    with closing(connections.open_connector(connection, budget)) as connector:
        for external_id in [one.invoice.external_id for one in thanked]:
            try:
                found.append(connector.invoice(external_id))
            except NotFound:
                gone.append(external_id)
    today = local_date(organisation, now)
    with transaction.atomic():
        records = [detail.invoice for detail in found]
        mirror.store_invoices(organisation, records, today=today)
        Invoice.objects.filter(organisation=organisation, external_id__in=gone).update(gone_at=now)
        receivables.refresh_totals(organisation, today=today, customers=[message.customer.external_id])
        unpaid = [one.external_id for one in records if one.status != "paid"]
        credited = [one.invoice.external_id for one in found if one.credits_applied > 0]
        thanked.filter(invoice__external_id__in=[*gone, *unpaid]).delete()
        thanked.filter(invoice__external_id__in=credited).update(message=None, reason="not_by_payment")
