"""A chase run: in which order customers are taken, and what their messages leave behind (chasing-rules.md R8).

`decide` and `explain` speak about one customer; they are offered here too, as callers think of them as chasing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from dunright.domain.deciding import CustomerDecision, InvoiceDecision, Planned, decide
from dunright.domain.explain import Explanation, GuardSeen, explain
from dunright.domain.facts import CustomerFacts, InvoiceFacts, OrganisationFacts
from dunright.domain.messages import Draft, Line, Missing
from dunright.domain.steps import Due, consume, consumed_by_hand

T = TypeVar("T")


def order_customers(customers: Iterable[T], *, last_message_on: Callable[[T], date | None]) -> list[T]:
    """R8: the longest time since their last chasing message first (never: before all), then as they come.

    Give them in the order of the file or of their id. `last_message_on` may answer moments instead of days, as
    long as it does so for all.
    """
    known = [(last_message_on(customer), customer) for customer in customers]
    never = [customer for last, customer in known if last is None]
    dated = [(last, customer) for last, customer in known if last is not None]
    dated.sort(key=lambda pair: pair[0])
    return never + [customer for _, customer in dated]


def decide_run(
    organisation: OrganisationFacts,
    customers: Sequence[CustomerFacts],
    *,
    today: date,
    spent: Iterable[str] = (),
    missing: Missing | None = None,
) -> Iterator[tuple[CustomerFacts, CustomerDecision]]:
    """Decide a whole run in the order of R8; each message spends its addresses for those after it.

    `spent`: keys of addresses that had a chasing message today before this run.
    """
    used = set(spent)
    for customer in order_customers(customers, last_message_on=lambda c: c.last_message_on):
        decision = decide(organisation, customer, today=today, spent=used, missing=missing)
        if decision.message is not None:
            used |= decision.message.address_keys
        yield customer, decision


def after_sending(customer: CustomerFacts, decision: CustomerDecision, *, on: date) -> CustomerFacts:
    """The customer's facts once this decision's message was sent and its tasks were made."""
    lines = {line.invoice.id: line for line in decision.tasks}
    message = decision.message
    if message is not None:
        lines |= {line.invoice.id: line for line in message.lines if line.step is not None}
    if not lines:
        return customer
    invoices = tuple(
        after_step(invoice, lines[invoice.id], on=on) if invoice.id in lines else invoice
        for invoice in customer.invoices
    )
    last_message_on = customer.last_message_on if message is None else on
    return replace(customer, invoices=invoices, last_message_on=last_message_on)


def after_step(invoice: InvoiceFacts, line: Line, *, on: date) -> InvoiceFacts:
    """An invoice's facts once its step was sent; a task consumes, but lists the invoice in no message."""
    if line.step is None or invoice.schedule is None:
        return invoice
    consumed = consume(invoice.consumed, invoice.schedule.name, line.step, line.skipped, on=on)
    if line.step.channel == "task":
        return replace(invoice, consumed=consumed)
    return replace(invoice, consumed=consumed, last_listed_on=on)


__all__ = [
    "CustomerDecision",
    "Draft",
    "Due",
    "Explanation",
    "GuardSeen",
    "InvoiceDecision",
    "Line",
    "Missing",
    "Planned",
    "after_sending",
    "after_step",
    "consume",
    "consumed_by_hand",
    "decide",
    "decide_run",
    "explain",
    "order_customers",
]
