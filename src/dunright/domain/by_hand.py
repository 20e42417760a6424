"""A reminder by hand: what it lists, what it consumes, to whom it may go, and what a person is warned of.

Source: chasing-rules.md section 7. Never to the exclusion list or to dead addresses; it asks no other guard.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from dunright.domain.addresses import same_address_key, usable_address
from dunright.domain.facts import CustomerFacts, InvoiceFacts, PersonFacts, Policy
from dunright.domain.guards import CUSTOMER_GUARDS, INVOICE_GUARDS
from dunright.domain.messages import Draft, Line, leading_line, listing_order, minimum_gap_stops
from dunright.domain.money import EXACT
from dunright.domain.reasons import Reason
from dunright.domain.recipients import recipients_of
from dunright.domain.schedules import Level, Step
from dunright.domain.steps import Due, consumed_by_hand, due_step

ATTACH: Final = "attach_invoices"
"""The flag of a message that takes the invoices' PDFs along, and what else its step attaches."""

Refusal = Literal["excluded", "not_open", "no_recipient"]


class Choice(NamedTuple):
    """What a person chose to write about, as ids of the facts."""

    invoice_ids: frozenset[str]
    step: str
    """The step it stands for; empty: for none."""
    person_ids: frozenset[str]
    attach: bool = False


class Warned(NamedTuple):
    """A guard that would have stopped a reminder by the schedule."""

    reason: Reason
    until: date | None
    number: str = ""
    """Of the invoice; empty: it is about the customer."""


def writable_invoices(customer: CustomerFacts) -> tuple[InvoiceFacts, ...]:
    """The open invoices, any of which may be written about, in the order they would be listed."""
    found = [one for one in customer.invoices if one.status == "open" and one.balance > 0]
    return tuple(line.invoice for line in sorted(map(Line, found), key=listing_order))


def writable_persons(customer: CustomerFacts, dead: Collection[str]) -> tuple[PersonFacts, ...]:
    """People with a usable address that never bounced for good, each address once, whatever their level.

    `dead`: keys of addresses that may not be written to.
    """
    found: dict[str, PersonFacts] = {}
    for person in customer.persons:
        address = usable_address(person.email) if person.email else None
        if address is not None and same_address_key(address) not in dead:
            found.setdefault(same_address_key(address), replace(person, email=address))
    return tuple(found.values())


def steps_offered(customer: CustomerFacts) -> tuple[Step, ...]:
    """Steps that a reminder by hand can stand for: those of the schedules in force, each id once, by their days."""
    found: dict[str, Step] = {}
    for invoice in writable_invoices(customer):
        for step in invoice.schedule.steps if invoice.schedule else ():
            if step.channel == "email":
                found.setdefault(step.id, step)
    return tuple(sorted(found.values(), key=lambda step: step.days))


def step_suggested(
    customer: CustomerFacts, invoice_ids: Collection[str], *, policy: Policy, today: date
) -> Step | None:
    """The step to begin from: the one due by section 2, else the last one reached; None: there is none."""
    chosen = [one for one in writable_invoices(customer) if one.id in invoice_ids and one.due is not None]
    due: list[Step] = []
    reached: list[Step] = []
    for invoice in chosen:
        if invoice.schedule is None or invoice.due is None:
            continue
        notice = policy.escalation_notice_days
        found = due_step(invoice, invoice.schedule, invoice.due, notice_days=notice, today=today)
        if isinstance(found, Due) and found.step.channel == "email":
            due.append(found.step)
        age = (today - invoice.due).days
        reached += [step for step in invoice.schedule.steps if step.days <= age and step.channel == "email"]
    return max(due or reached, key=lambda step: step.days, default=None)


def persons_suggested(customer: CustomerFacts, step: Step | None, *, dead: Collection[str]) -> frozenset[str]:
    """The people whom the step would go to (R12); addresses spent today do not matter here."""
    level: Level = step.recipients if step else "normal"
    usable = {person.id for person in writable_persons(customer, dead)}
    chosen = recipients_of(customer.persons, level, spent=()).chosen
    return frozenset(person.id for person in chosen if person.id in usable)


def warnings(
    customer: CustomerFacts, invoice_ids: Collection[str], *, policy: Policy, today: date
) -> list[Warned]:
    """What would have stopped this message, had the schedule sent it; it leaves all the same."""
    found = [
        Warned(guard.code, until.day)
        for guard in CUSTOMER_GUARDS
        if (until := guard.stops(customer, today)) is not None
    ]
    if (gap := minimum_gap_stops(customer, policy, today)) is not None:
        found.append(Warned("minimum_gap", gap.day))
    for invoice in writable_invoices(customer):
        if invoice.id not in invoice_ids:
            continue
        for invoice_guard in INVOICE_GUARDS:
            if (stop := invoice_guard.stops(invoice, policy, today)) is not None:
                found.append(Warned(invoice_guard.code, stop.day, invoice.number))
                break
    return found


def draft_by_hand(
    customer: CustomerFacts, choice: Choice, *, policy: Policy, dead: Collection[str], today: date
) -> Draft | Refusal:
    """The message, or why none may go. It consumes like R4, each invoice in its own schedule in force."""
    if customer.excluded:
        return "excluded"
    lines = _lines(customer, choice, policy=policy, today=today)
    if not lines:
        return "not_open"
    to = tuple(one for one in writable_persons(customer, dead) if one.id in choice.person_ids)
    if not to:
        return "no_recipient"
    leading = leading_line(lines) if any(line.step for line in lines) else lines[0]
    step = leading.step or _no_step(leading.invoice, today)
    files = tuple(dict.fromkeys((*step.attachments, "invoice_pdf"))) if choice.attach else ()
    step = replace(step, attachments=files, copy_other_level=False)
    has_sender = step.sender == "normal" or policy.has_escalated_sender
    totals: dict[str, Decimal] = {}
    for line in lines:
        code = line.invoice.currency
        totals[code] = EXACT.add(totals.get(code, Decimal(0)), line.invoice.balance)
    return Draft(
        customer_id=customer.id,
        kind=step.kind,
        schedule=leading.invoice.schedule.name if leading.step and leading.invoice.schedule else "",
        step=step,
        leading_invoice=leading.invoice.id,
        sender=step.sender if has_sender else "normal",
        to=to,
        cc=(),
        flags=(ATTACH,) if choice.attach else (),
        lines=lines,
        totals=totals,
        credits={code: sum_ for code, sum_ in customer.credits.items() if code in totals and sum_ > 0},
    )


def _lines(customer: CustomerFacts, choice: Choice, *, policy: Policy, today: date) -> tuple[Line, ...]:
    lines = []
    for invoice in writable_invoices(customer):
        if invoice.id not in choice.invoice_ids:
            continue
        due = consumed_by_hand(
            invoice, choice.step or None, notice_days=policy.escalation_notice_days, today=today
        )
        lines.append(Line(invoice, due.step, due.skipped) if due else Line(invoice))
    return tuple(lines)


def _no_step(invoice: InvoiceFacts, today: date) -> Step:
    """Stands where a message stands for no step: normal sender, and a kind by whether the invoice is overdue."""
    is_overdue = invoice.due is not None and invoice.due < today
    return Step(id="", days=1 if is_overdue else 0)
