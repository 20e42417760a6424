"""What a run said, written when it differs from what was said of the invoice last."""

from collections.abc import Iterable
from datetime import datetime

from dunright.domain.chasing import CustomerDecision, InvoiceDecision
from dunright.domain.explain import reason_words
from dunright.models import ChaseRun, Customer, Decision, Invoice
from dunright.services import todos

ASKING = frozenset({"no_recipient", "missing_value", "sequence_finished"})
"""Reasons that ask a person for something: one to-do each (R6, R12, R13)."""
_COLUMNS = ("decided_on", "verdict", "reason", "reason_until", "decided_step")


def record(run: ChaseRun, decided: Iterable[tuple[Customer, CustomerDecision]], *, now: datetime) -> int:
    """Write the decisions of some customers; the number that were news. Inside a transaction."""
    organisation = run.organisation
    pairs = [(customer, one) for customer, decision in decided for one in decision.decisions]
    rows = Invoice.objects.filter(organisation=organisation, pk__in=[int(one.invoice_id) for _, one in pairs])
    invoices = {row.pk: row for row in rows.only("pk", "number", "organisation", "customer", *_COLUMNS)}
    news, changed = [], []
    for customer, one in pairs:
        invoice = invoices[int(one.invoice_id)]
        step = one.step.id if one.step else ""
        said = (one.verdict, one.reason or "", one.until, step)
        if said == (invoice.verdict, invoice.reason, invoice.reason_until, invoice.decided_step):
            continue
        invoice.verdict, invoice.reason, invoice.reason_until, invoice.decided_step = said
        invoice.decided_on = run.local_date
        changed.append(invoice)
        news.append(_row(run, customer, one, step))
        _ask(run, customer, invoice, one, now=now)
    Decision.objects.bulk_create(
        news,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["organisation", "invoice", "date"],
        update_fields=["run", "verdict", "reason", "until", "step"],
    )
    Invoice.objects.bulk_update(changed, _COLUMNS, batch_size=500)
    return len(news)


def _row(run: ChaseRun, customer: Customer, one: InvoiceDecision, step: str) -> Decision:
    return Decision(
        organisation=run.organisation,
        run=run,
        customer=customer,
        invoice_id=int(one.invoice_id),
        date=run.local_date,
        verdict=one.verdict,
        reason=one.reason or "",
        until=one.until,
        step=step,
    )


def _ask(run: ChaseRun, customer: Customer, invoice: Invoice, one: InvoiceDecision, *, now: datetime) -> None:
    """Open the to-do that a reason asks for, and close those that are solved."""
    organisation = run.organisation
    for kind in ("no_recipient", "missing_value"):
        if one.reason != kind:
            todos.close(organisation, kind, now=now, customer=customer)
    if one.reason in {"no_recipient", "missing_value"}:
        sentence = f"{customer.name} gets no reminder: {reason_words(one.reason)}."
        todos.open_todo(organisation, one.reason, sentence, now=now, customer=customer)
    if one.reason == "sequence_finished":
        sentence = f"Every step of {invoice.number} ({customer.name}) was sent; decide what comes next."
        todos.open_todo(organisation, one.reason, sentence, now=now, invoice=invoice)
    else:
        todos.close(organisation, "sequence_finished", now=now, invoice=invoice)
