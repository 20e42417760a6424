"""Why an invoice is chased today or not, in words (design.md, promise 3).

Every guard of chasing-rules.md section 3 is listed with what it saw. The verdict is the one of the function
that decides; the guards here are the very objects it asks.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, NamedTuple

from dunright.domain.deciding import InvoiceDecision, Verdict, Working, task_stop, work_out
from dunright.domain.facts import CustomerFacts, InvoiceFacts, OrganisationFacts
from dunright.domain.guards import CUSTOMER_GUARDS, INVOICE_GUARDS, ORGANISATION_GUARDS
from dunright.domain.messages import (
    MESSAGE_GUARDS,
    Line,
    Missing,
    gap_words,
    minimum_gap_stops,
    open_sums,
)
from dunright.domain.reasons import LEVELS, Reason, ReasonLevel
from dunright.domain.schedules import Step
from dunright.domain.steps import Due, NotDue, due_step


class GuardSeen(NamedTuple):
    """One guard, as it was asked."""

    code: Reason
    level: ReasonLevel
    input: str
    """What it looked at, in words."""
    stops: bool


class Explanation(NamedTuple):
    verdict: Verdict
    reason: Reason | None
    until: date | None
    step: str | None
    """Id of the due step that is sent, or that waits for a reason at the level of the message."""
    sentence: str
    guards: tuple[GuardSeen, ...]
    """All of section 3, in order; the first that stops is the reason."""
    would_send_if: str | None
    """What would have to change for a message to go; None when it goes."""


_WHY: Final[dict[Reason, str]] = {
    "paused": "chasing is paused for the whole organisation",
    "disconnected": "the connection to the books needs to be authorised again",
    "stale_data": "the data from the books is too old to rely on",
    "customer_not_chasing": "this customer is set to Not chasing",
    "customer_on_hold": "this customer is on hold",
    "no_schedule": "no schedule applies to this invoice: it is archived, missing or set to none",
    "not_open": "nothing is owed on this invoice: it is not open, or its balance is not above zero",
    "no_due_date": "this invoice has no due date",
    "invoice_not_chasing": "this invoice is set to Not chasing",
    "disputed": "the customer disputes this invoice",
    "promised": "a payment is promised",
    "paused_until": "this invoice is paused",
    "payment_pending": "a payment of this invoice is under way",
    "below_tolerance": "the balance is below the tolerance",
    "uncertain": "nobody knows yet whether an earlier message about this invoice arrived",
    "nothing_due": "no step is due yet",
    "sequence_finished": "every step of the schedule is done",
    "credit_covers": "the customer's unapplied credits cover everything that is open in this currency",
    "below_minimum": "what would be listed is below the minimum for a message",
    "minimum_gap": "the last message to this customer is too recent",
    "waits_for_overdue": "the customer gets a message about overdue invoices first",
    "no_recipient": "nobody at this customer has a usable e-mail address at the level this step needs",
    "missing_value": "a placeholder that the text needs has no value",
    "address_spent": "every address has had a chasing message today",
}

_REMEDY: Final[dict[Reason, str]] = {
    "paused": "chasing is resumed",
    "disconnected": "the connection is authorised again",
    "stale_data": "a sync completes",
    "customer_not_chasing": "the customer is set to Chasing",
    "customer_on_hold": "the hold on the customer ends",
    "no_schedule": "a schedule is chosen for the invoice or the customer",
    "not_open": "the invoice is open with a balance above zero",
    "no_due_date": "the invoice gets a due date in the books",
    "invoice_not_chasing": "the invoice is set to Chasing",
    "disputed": "the dispute ends",
    "promised": "the promised day passes without the payment",
    "paused_until": "the pause on the invoice ends",
    "payment_pending": "the payment fails or leaves a part open",
    "below_tolerance": "the tolerance is lowered below the balance",
    "uncertain": "somebody settles whether the earlier message was sent",
    "nothing_due": "a step is due",
    "sequence_finished": "the schedule gets a later step or a repeat",
    "credit_covers": "the credits are used or the customer owes more than they cover",
    "below_minimum": "the balances reach the minimum",
    "minimum_gap": "the minimum gap since the last message has passed",
    "waits_for_overdue": "the overdue message has gone",
    "no_recipient": "a contact person with a usable address is given the level",
    "missing_value": "the missing value is filled in",
    "address_spent": "a day has passed since the address was last written to",
}


def explain(
    organisation: OrganisationFacts,
    customer: CustomerFacts,
    invoice_id: str,
    *,
    today: date,
    spent: Collection[str] = frozenset(),
    missing: Missing | None = None,
) -> Explanation:
    """Why the invoice is chased or not; asks the function that decides. Raises KeyError for an unknown id."""
    invoice = next((item for item in customer.invoices if item.id == invoice_id), None)
    if invoice is None:
        raise KeyError(invoice_id)
    working = work_out(organisation, customer, today=today, spent=spent, missing=missing)
    decision = next(d for d in working.decision.decisions if d.invoice_id == invoice_id)
    guards = tuple(_guards(organisation, customer, invoice, working, today))
    return Explanation(
        verdict=decision.verdict,
        reason=decision.reason,
        until=decision.until,
        step=None if decision.step is None else decision.step.id,
        sentence=_sentence(decision, guards),
        guards=guards,
        would_send_if=_would_send_if(decision, guards),
    )


def reason_words(reason: Reason) -> str:
    """A reason in plain English, as the second half of a sentence."""
    return _WHY[reason]


def step_words(step: Step) -> str:
    """A step by its place: `step s2 (1 day after the due date)`."""
    if step.days == 0:
        return f"step {step.id} (on the due date)"
    days = f"{abs(step.days)} day{'' if abs(step.days) == 1 else 's'}"
    return f"step {step.id} ({days} {'after' if step.days > 0 else 'before'} the due date)"


def day_words(day: date) -> str:
    """A date in plain English: `9 March 2026`."""
    return f"{day.day} {day:%B} {day.year}"


def _guards(
    organisation: OrganisationFacts,
    customer: CustomerFacts,
    invoice: InvoiceFacts,
    working: Working,
    today: date,
) -> Iterator[GuardSeen]:
    for guard in ORGANISATION_GUARDS:
        yield _seen(guard.code, guard.sees(organisation), stops=guard.stops(organisation, today) is not None)
    for customer_guard in CUSTOMER_GUARDS:
        stops = customer_guard.stops(customer, today) is not None
        yield _seen(customer_guard.code, customer_guard.sees(customer), stops=stops)
    policy = organisation.policy
    for invoice_guard in INVOICE_GUARDS:
        stops = invoice_guard.stops(invoice, policy, today) is not None
        yield _seen(invoice_guard.code, invoice_guard.sees(invoice, policy), stops=stops)
    yield from _step_guards(invoice, policy.escalation_notice_days, today)
    yield from _message_guards(organisation, customer, invoice, working, today)


def _seen(code: Reason, sees: str, *, stops: bool) -> GuardSeen:
    return GuardSeen(code, LEVELS[code], sees, stops)


def _step_guards(invoice: InvoiceFacts, notice_days: int, today: date) -> Iterator[GuardSeen]:
    found: Due | NotDue | None = None
    if invoice.schedule is not None and invoice.due is not None:
        found = due_step(invoice, invoice.schedule, invoice.due, notice_days=notice_days, today=today)
    if found is None:
        words = "not asked: it takes a schedule and a due date"
    elif isinstance(found, Due):
        words = f"{step_words(found.step)} is due"
    elif found.reason == "sequence_finished":
        words = "no step can become due any more"
    else:
        words = "a later step" if found.until is None else f"next step on {found.until}"
    reason = found.reason if isinstance(found, NotDue) else None
    yield _seen("nothing_due", words, stops=reason == "nothing_due")
    yield _seen("sequence_finished", words, stops=reason == "sequence_finished")


def _message_guards(
    organisation: OrganisationFacts,
    customer: CustomerFacts,
    invoice: InvoiceFacts,
    working: Working,
    today: date,
) -> Iterator[GuardSeen]:
    currency = invoice.currency
    owed, credit = open_sums(customer.invoices).get(currency), customer.credits.get(currency)
    is_covered = owed is not None and credit is not None and credit >= owed
    words = f"credits {credit or 0:f} {currency}, open {owed or 0:f} {currency}"
    yield _seen("credit_covers", words, stops=is_covered)
    decision = next(d for d in working.decision.decisions if d.invoice_id == invoice.id)
    step = decision.step
    if step is not None and step.channel == "task":
        yield from _task_guards(Line(invoice, step), organisation, working, today)
        return
    attempt = None if step is None or is_covered else working.attempts.get(step.kind)
    for guard in MESSAGE_GUARDS:
        if attempt is not None:
            yield _seen(guard.code, guard.sees(attempt), stops=guard.stops(attempt) is not None)
        elif guard.code == "minimum_gap":
            stops = minimum_gap_stops(customer, organisation.policy, today) is not None
            yield _seen(guard.code, gap_words(customer, organisation.policy), stops=stops)
        else:
            yield _seen(guard.code, "not asked: no message with this invoice was tried", stops=False)


def _task_guards(
    line: Line, organisation: OrganisationFacts, working: Working, today: date
) -> Iterator[GuardSeen]:
    """A task has the same guards but those of addresses and the minimum gap (chasing-rules.md 1)."""
    stop = task_stop(line, organisation, today, working.decision.message)
    for guard in MESSAGE_GUARDS:
        stops = stop is not None and stop[0] == guard.code
        yield _seen(guard.code, "asked for a task" if stops else "does not stop a task", stops=stops)


def _sentence(decision: InvoiceDecision, guards: tuple[GuardSeen, ...]) -> str:
    if decision.reason is None:
        assert decision.step is not None
        what = "A task is made" if decision.step.channel == "task" else "A reminder is sent"
        return f"{what}: {step_words(decision.step)} is due."
    why = _WHY[decision.reason]
    seen = next(guard.input for guard in guards if guard.code == decision.reason)
    waits = "Waits" if decision.until is None else f"Waits until {day_words(decision.until)}"
    return f"{waits}: {why} ({seen})."


def _would_send_if(decision: InvoiceDecision, guards: tuple[GuardSeen, ...]) -> str | None:
    """Every guard that stops has to let go; the first may know the day."""
    if decision.reason is None:
        return None
    conditions = [_REMEDY[guard.code] for guard in guards if guard.stops]
    if decision.until is not None:
        conditions[0] += f", on {day_words(decision.until)} at the earliest"
    return "It would be sent if " + ", and ".join(conditions) + "."
