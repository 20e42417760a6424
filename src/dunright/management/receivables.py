"""`dunright receivables`: what is owed, by age."""

from datetime import datetime

import click

from dunright.management.common import (
    amounts,
    as_json,
    day_of,
    for_organisation,
    now,
    on_day,
    show,
    the_organisation,
)
from dunright.queries.ageing import ageing
from dunright.queries.local_time import local_date


@click.command(epilog="Example: dunright receivables --organisation 1 --on 2026-11-30 --json")
@for_organisation
@on_day
@as_json
def receivables(organisation_id: int, day: datetime | None, *, as_json: bool) -> None:
    """Sum the open invoices per currency and age; credits are not netted."""
    found = the_organisation(organisation_id)
    totals = {}
    for currency, one in ageing(found, today=day_of(day, local_date(found, now()))).items():
        totals[currency] = {
            "outstanding": amounts({currency: one.outstanding})[currency],
            "overdue": amounts({currency: one.overdue})[currency],
            "open": one.count,
            "ageing": {band: amounts({currency: amount})[currency] for band, amount in one.bands.items()},
        }
    lines = [
        f"{currency}: {one['outstanding']} outstanding, {one['overdue']} overdue"
        for currency, one in totals.items()
    ]
    show({"totals": totals}, as_json=as_json, text="\n".join(lines) or "Nobody owes anything.")
