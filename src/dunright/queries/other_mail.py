"""What thank-yous and statements depend on besides the customer's own facts (chasing-rules.md section 7)."""

from datetime import date

from dunright.models import ChaseRun, Customer, MessageState, Organisation, OutboxMessage
from dunright.queries.facts import NOT_CHASED, Surroundings
from dunright.queries.local_time import settings_of

REMINDERS = ("before_due", "overdue", "by_hand")
_DID_NOT_LEAVE = (
    MessageState.CANCELLED,
    MessageState.FAILED,
    MessageState.LAPSED,
    MessageState.REFUSED,
    MessageState.SUPERSEDED,
)


def has_schedule(customer: Customer, around: Surroundings) -> bool:
    """Whether the customer's own schedule, or the default, is in force; with `none` it is not chased."""
    if not customer.schedule_name:
        return around.default is not None
    return customer.schedule_name != NOT_CHASED and customer.schedule_name in around.schedules


def waits_for_batch(organisation: Organisation) -> bool:
    """Whether a person has yet to approve the first batch of reminders."""
    return settings_of(organisation).approval == "first_batch" and organisation.batch_approved_at is None


def is_reminded(organisation: Organisation, customer: int, day: date) -> bool:
    """Whether a customer got a reminder on a day, or one for that day is on its way."""
    reminders = OutboxMessage.objects.filter(
        organisation=organisation, customer=customer, kind__in=REMINDERS, run_date=day
    )
    return reminders.exclude(state__in=_DID_NOT_LEAVE).exists()


def is_run_under_way(organisation: Organisation, day: date) -> bool:
    """Whether the day's chase run has yet to decide: nobody knows who gets a reminder."""
    runs = ChaseRun.objects.filter(organisation=organisation, local_date=day)
    return runs.filter(state__in=("queued", "running")).exists()
