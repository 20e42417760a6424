"""`dunright preview`: what the next runs would send."""

from typing import Any

import click

from dunright.domain.money import amount_text
from dunright.management.common import as_json, for_organisation, now, show, the_organisation
from dunright.models import Invoice, Organisation
from dunright.queries.upcoming import Upcoming, upcoming


@click.command(epilog="Example: dunright preview --organisation 1 --days 14")
@for_organisation
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How far to look.")
@as_json
def preview(organisation_id: int, days: int, *, as_json: bool) -> None:
    """Show what would be sent, and to whom, if nothing changed until then. Changes nothing."""
    found = the_organisation(organisation_id)
    coming = upcoming(found, now=now(), days=days)
    messages = _documents(found, coming)
    text = "\n".join(
        f"{one['at']}  {one['step']}  {', '.join(one['to'])}  {one['totals']}" for one in messages
    )
    show(
        {"messages": messages},
        as_json=as_json,
        text=text or f"Nothing would be sent in the next {days} days.",
    )


def _documents(organisation: Organisation, coming: list[Upcoming]) -> list[dict[str, Any]]:
    pks = {int(line.invoice.id) for one in coming for line in one.draft.lines}
    rows = Invoice.objects.filter(organisation=organisation, pk__in=pks)
    external = dict(rows.values_list("pk", "external_id"))
    return [
        {
            "at": one.run.at,
            "customer": one.customer.external_id,
            "kind": one.draft.kind,
            "step": one.draft.step.id,
            "sender": one.draft.sender,
            "template": one.draft.form,
            "to": [person.email for person in one.draft.to],
            "flags": list(one.draft.flags),
            "invoices": [
                {
                    "id": external[int(line.invoice.id)],
                    "step": line.step.id if line.step else None,
                    "balance": amount_text(line.invoice.balance, line.invoice.currency),
                }
                for line in one.draft.lines
            ],
            "totals": {code: amount_text(amount, code) for code, amount in one.draft.totals.items()},
        }
        for one in coming
    ]
