"""What is asked about a message before it leaves, and when a person looks at it (chasing-rules.md section 6.3).

The function that planned it is asked again, with the facts of this moment: a message of a run asks `decide`, one by
hand, a thank-you and a statement the rules of section 7. Nothing is written here.
"""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from dunright.domain.addresses import same_address_key
from dunright.domain.by_hand import ATTACH, Choice, draft_by_hand
from dunright.domain.chasing import CustomerDecision, Draft, Planned, decide
from dunright.domain.facts import CustomerFacts
from dunright.domain.other_mail import OTHER_KINDS, next_working_day
from dunright.domain.statement_runs import decide_statement
from dunright.domain.thanks import WORDS as UNTHANKED
from dunright.domain.thanks import Thanks, decide_thanks
from dunright.models import ContactPerson, Invoice, MessageState, Organisation, OutboxMessage, ThankYou
from dunright.models.outbox import COMING
from dunright.queries.facts import Surroundings, customer_facts, spent_addresses
from dunright.queries.local_time import chase_calendar
from dunright.queries.other_mail import has_schedule, is_reminded, is_run_under_way
from dunright.queries.thanks import paid_invoices
from dunright.services import outbox
from dunright.services.letters import Writer

BY_HAND = "by_hand"
REFUSALS = {
    "excluded": "the customer is on the exclusion list",
    "not_open": "not_open",
    "no_recipient": "no_recipient",
}
"""Why a reminder by hand does not go: a reason code where there is one, else a sentence."""


class Stop(NamedTuple):
    """It may not leave."""

    reason: str
    """Reason codes of the invoices it lists, or a sentence."""
    passes: bool = False
    """It is only put off: asked again soon."""
    until: date | None = None
    """It is put off to the chase time of this day."""


def ask(message: OutboxMessage, writer: Writer, around: Surroundings) -> Draft | Stop:
    """What would leave on the writer's day, or why nothing does. `writer` reads the message's customer."""
    if message.kind == BY_HAND:
        return _by_hand(message, writer, around)
    if message.kind == "thank_you":
        return _thank_you(message, writer, around)
    if message.kind == "statement":
        return _statement(message, writer, around)
    decision = _of_a_run(message, writer, around)
    return decision.message or Stop(_told(message, decision))


def not_to_write_to(organisation: Organisation, customer: int, around: Surroundings) -> frozenset[str]:
    """Keys of addresses that may not be written to, whoever asks: refused for good, or barred by the books."""
    barred = ContactPerson.objects.filter(
        organisation=organisation, customer=customer, gone_at=None, may_be_emailed=False
    )
    return around.dead_addresses | {
        same_address_key(email) for email in barred.values_list("email", flat=True) if email
    }


def _of_a_run(message: OutboxMessage, writer: Writer, around: Surroundings) -> CustomerDecision:
    organisation = message.organisation
    today = writer.today
    facts = customer_facts(organisation, [message.customer_id], around=around)[message.customer_id]
    writer.knows(facts)
    return decide(
        around.organisation,
        facts,
        today=today,
        spent=spent_addresses(organisation, today, without_message=message.pk),
        missing=writer.missing,
        planned=Planned(
            kind="before_due" if message.kind == "before_due" else "overdue",
            invoice_ids=frozenset(str(pk) for pk in _listed(message)),
        ),
    )


def _told(message: OutboxMessage, decision: CustomerDecision) -> str:
    """Why it does not go: the reasons of the invoices it would have listed, else of all."""
    listed = {str(pk) for pk in _listed(message)}
    reasons = {one.reason for one in decision.decisions if one.invoice_id in listed and one.reason}
    return ", ".join(sorted(reasons or {one.reason for one in decision.decisions if one.reason}))


def _by_hand(message: OutboxMessage, writer: Writer, around: Surroundings) -> Draft | Stop:
    if stop := _other_reminder(message):
        return stop
    organisation = message.organisation
    facts = customer_facts(organisation, [message.customer_id], around=around)[message.customer_id]
    writer.knows(facts)
    choice = Choice(
        invoice_ids=frozenset(str(pk) for pk in _listed(message)),
        step=message.step,
        person_ids=frozenset(str(one.get("person", "")) for one in message.to),
        attach=ATTACH in message.flags,
    )
    found = draft_by_hand(
        facts,
        choice,
        policy=around.organisation.policy,
        dead=not_to_write_to(organisation, message.customer_id, around),
        today=writer.today,
    )
    return Stop(REFUSALS[found]) if isinstance(found, str) else found


def _thank_you(message: OutboxMessage, writer: Writer, around: Surroundings) -> Draft | Stop:
    organisation = message.organisation
    thanked = ThankYou.objects.filter(organisation=organisation, message=message).values("invoice_id")
    rows = list(Invoice.objects.filter(organisation=organisation, pk__in=thanked, gone_at=None))
    # What settled them is known better by the books, which `services.thanks.look` has just asked, than by the mirror.
    paid = [
        replace(one, by_payment=None)
        for one in paid_invoices(organisation, rows).get(message.customer_id, ())
    ]
    found = decide_thanks(
        _facts(message, writer, around),
        paid,
        has_schedule=has_schedule(message.customer, around),
        calendar=chase_calendar(organisation),
        today=writer.today,
        is_planned=True,
    )
    writer.also_lists(rows)
    return found.message or Stop(found.reason or _unthanked(message, found))


def _unthanked(message: OutboxMessage, found: Thanks) -> str:
    """Why nothing is left to thank for."""
    if found.unthanked:
        return "; ".join(sorted({UNTHANKED[why] for why in found.unthanked.values()}))
    credited = ThankYou.objects.filter(
        organisation=message.organisation, invoice__in=_listed(message), reason="not_by_payment"
    )
    return UNTHANKED["not_by_payment" if credited.exists() else "not_paid"]


def _statement(message: OutboxMessage, writer: Writer, around: Surroundings) -> Draft | Stop:
    organisation, today = message.organisation, writer.today
    if is_run_under_way(organisation, today):
        return Stop("the day's reminders are decided first", passes=True)
    found = decide_statement(
        _facts(message, writer, around),
        has_schedule=has_schedule(message.customer, around),
        today=today,
        is_reminded=is_reminded(organisation, message.customer_id, today),
    )
    if found.message is not None:
        return found.message
    until = next_working_day(chase_calendar(organisation), today) if found.waits else None
    return Stop(found.reason, passes=found.waits, until=until)


def _facts(message: OutboxMessage, writer: Writer, around: Surroundings) -> CustomerFacts:
    facts = customer_facts(message.organisation, [message.customer_id], around=around)[message.customer_id]
    writer.knows(facts)
    return facts


def _other_reminder(message: OutboxMessage) -> Stop | None:
    """A reminder about one of the same invoices that leaves now, may have left, or left since this one was written.

    Both claim before they ask: of a reminder by hand and one of a run, at least one sees the other.
    """
    others = OutboxMessage.objects.filter(
        organisation=message.organisation,
        customer=message.customer_id,
        lines__invoice__in=_listed(message),
    ).exclude(Q(pk=message.pk) | Q(kind__in=OTHER_KINDS))
    if others.filter(state=MessageState.CLAIMED).exists():
        return Stop("another reminder to this customer is leaving", passes=True)
    if others.filter(state=MessageState.UNCERTAIN, planned_at__gt=message.planned_at).exists():
        return Stop("uncertain")
    left = Q(state=MessageState.SENT, settled_at__gt=message.planned_at)
    if others.filter(left).exists():
        return Stop("another reminder about these invoices left meanwhile")
    return None


def coming_reminders(organisation: Organisation, customer: int) -> list[OutboxMessage]:
    """Reminders of a run to a customer that have not left, a worker's among them."""
    rows = OutboxMessage.objects.filter(
        organisation=organisation,
        customer=customer,
        slot=outbox.CHASE,
        state__in=(*COMING, MessageState.CLAIMED),
    )
    return list(rows.select_related("organisation", "customer").order_by("due_at", "pk"))


def _listed(message: OutboxMessage) -> list[int]:
    lines = message.lines.filter(organisation=message.organisation)
    return list(lines.values_list("invoice_id", flat=True))
