"""What happens next with each customer, as `domain.chasing.decide` says about the next run.

Stored on the customers, so that lists can filter and sort by it; made anew after each sync, run and decision of a
person, and when the local date changes. Messages already planned are overlaid by the pages that show them.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from dunright.domain.calendar import first_day, next_run
from dunright.domain.chasing import CustomerDecision, decide
from dunright.models import ChaseRun, Connection, Customer, Organisation
from dunright.queries.facts import Surroundings, customer_facts, customers_with_open_invoices, surroundings
from dunright.queries.local_time import chase_calendar, local_date, settings_of
from dunright.queries.next_steps import as_if_running

SLICE = 500
_COLUMNS = (
    "next_verdict",
    "next_reason",
    "next_until",
    "next_step",
    "next_date",
    "next_amounts",
    "next_look_date",
)


def next_run_date(organisation: Organisation, now: datetime) -> date:
    """The local date of the next run; today where no run is to come."""
    settings = settings_of(organisation)
    connection = Connection.objects.filter(organisation=organisation).first()
    last = ChaseRun.objects.filter(organisation=organisation).order_by("-local_date").first()
    calendar = chase_calendar(organisation)
    earliest = None
    if connection is not None:
        connected = calendar.local_date(connection.connected_at)
        earliest = first_day(connected, settings.first_run_after_days)
    run = next_run(calendar, after=now, last_run_on=last.local_date if last else None, first_day=earliest)
    return run.date if run else local_date(organisation, now)


def refresh(organisation: Organisation, *, now: datetime, customers: Collection[int] | None = None) -> None:
    """Ask about these customers, or about all that owe something."""
    if organisation.settings_version is None:
        organisation.refresh_from_db()
    day = next_run_date(organisation, now)
    around = as_if_running(surroundings(organisation, now=now, is_fresh=True))
    if customers is None:
        customers = list(customers_with_open_invoices(organisation).values_list("pk", flat=True))
        quiet = Customer.objects.filter(organisation=organisation).exclude(next_verdict="")
        quiet.exclude(pk__in=customers_with_open_invoices(organisation).values("pk")).update(
            next_verdict="",
            next_reason="",
            next_until=None,
            next_step="",
            next_date=None,
            next_amounts={},
            next_look_date=None,
        )
    for some in _slices(sorted(customers)):
        _refresh_slice(organisation, some, around, day)


def _refresh_slice(organisation: Organisation, pks: Sequence[int], around: Surroundings, day: date) -> None:
    facts = customer_facts(organisation, pks, around=around)
    changed = []
    for customer in Customer.objects.filter(organisation=organisation, pk__in=pks).only("pk", *_COLUMNS):
        decision = decide(around.organisation, facts[customer.pk], today=day)
        before = tuple(getattr(customer, name) for name in _COLUMNS)
        _say(customer, decision, day)
        if before != tuple(getattr(customer, name) for name in _COLUMNS):
            changed.append(customer)
    Customer.objects.bulk_update(changed, _COLUMNS)


def _say(customer: Customer, decision: CustomerDecision, day: date) -> None:
    """Write the decision into the customer's columns: what goes, or the reason that tells most."""
    message = decision.message
    customer.next_look_date = decision.unchanged_before
    if message is not None:
        customer.next_verdict, customer.next_reason, customer.next_until = "send", "", None
        customer.next_step, customer.next_date = message.step.template or message.step.id, day
        customer.next_amounts = {currency: str(amount) for currency, amount in message.totals.items()}
        return
    waiting = [one for one in decision.decisions if one.reason not in {None, "not_open"}]
    customer.next_amounts = {}
    customer.next_date = None
    if not waiting:
        customer.next_verdict, customer.next_reason, customer.next_until, customer.next_step = (
            "",
            "",
            None,
            "",
        )
        return
    # What comes soonest tells most; a reason that nobody can date comes before one that is years away.
    told = min(waiting, key=lambda one: (one.reason == "nothing_due", one.until or date.min))
    customer.next_verdict, customer.next_reason, customer.next_until = "wait", told.reason or "", told.until
    customer.next_step = (told.step.template or told.step.id) if told.step else ""


def _slices(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + SLICE] for start in range(0, len(pks), SLICE))
