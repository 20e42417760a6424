"""`dunright explain`: why an invoice is chased or not."""

from datetime import datetime

import click

from dunright.management.common import as_json, day_of, for_organisation, now, on_day, show, the_organisation
from dunright.models import Invoice
from dunright.queries.explain import explain_invoice
from dunright.queries.local_time import local_date


@click.command(epilog="Example: dunright explain --organisation 1 --invoice INV-000231")
@for_organisation
@click.option("--invoice", "number", required=True, help="Its number.")
@on_day
@as_json
def explain(organisation_id: int, number: str, day: datetime | None, *, as_json: bool) -> None:
    """Say what would happen to an invoice on a day, and which rule says so. Changes nothing."""
    found = the_organisation(organisation_id)
    rows = Invoice.objects.filter(organisation=found, number=number, gone_at=None).select_related("customer")
    invoice = rows.order_by("-pk").first()
    if invoice is None:
        raise click.ClickException(f"{found.name} has no invoice {number!r}.")
    moment = now()
    seen = explain_invoice(found, invoice, today=day_of(day, local_date(found, moment)), now=moment)
    document = {
        "verdict": seen.verdict,
        "reason": seen.reason,
        "until": seen.until,
        "step": seen.step,
        "sentence": seen.sentence,
        "guards": [{"code": one.code, "input": one.input, "stops": one.stops} for one in seen.guards],
        "would_send_if": seen.would_send_if,
    }
    show(document, as_json=as_json, text=seen.sentence)
