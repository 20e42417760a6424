"""Why an invoice is chased or not: the facts gathered, `domain.chasing.explain` asked (design.md, promise 3)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from dunright.domain.chasing import Explanation, Missing, explain
from dunright.domain.facts import CustomerFacts, InvoiceFacts
from dunright.models import Customer, Invoice, Organisation
from dunright.queries.facts import (
    Surroundings,
    customer_facts,
    schedule_in_force,
    spent_addresses,
    surroundings,
)


class Gathered(NamedTuple):
    """What a page has just read, so that it need not be read again."""

    around: Surroundings
    customer: CustomerFacts


def explain_invoice(
    organisation: Organisation,
    invoice: Invoice,
    *,
    today: date,
    now: datetime,
    missing: Missing | None = None,
    without_message: int | None = None,
    gathered: Gathered | None = None,
) -> Explanation:
    """Explain one invoice as the run of `today` would decide it.

    `missing` names required placeholders without a value (R13); None: not asked. `without_message`: the key of a
    message already planned, which must not stop itself. An invoice that no run looks at (paid, void) is explained
    from its own row. `gathered`: the facts of `now`; None: read here.
    """
    customer = invoice.customer
    if gathered is None:
        around = surroundings(organisation, now=now)
        facts = customer_facts(organisation, [customer.pk], around=around)[customer.pk]
    else:
        around, facts = gathered
    facts = _with_invoice(facts, invoice, customer, around)
    spent: Collection[str] = spent_addresses(organisation, today, without_message=without_message)
    return explain(around.organisation, facts, str(invoice.pk), today=today, spent=spent, missing=missing)


def _with_invoice(
    facts: CustomerFacts, invoice: Invoice, customer: Customer, around: Surroundings
) -> CustomerFacts:
    if any(one.id == str(invoice.pk) for one in facts.invoices):
        return facts
    own = InvoiceFacts(
        id=str(invoice.pk),
        number=invoice.number,
        issued=invoice.issue_date,
        seen=invoice.first_open_date or invoice.issue_date or date.max,
        due=invoice.due_date,
        status=invoice.status,  # type: ignore[arg-type]  # the connector's own five words
        balance=invoice.balance,
        currency=invoice.currency,
        rate=invoice.rate,
        schedule=schedule_in_force(invoice, customer, around),
        chasing=invoice.is_chasing,
    )
    return replace(facts, invoices=(*facts.invoices, own))
