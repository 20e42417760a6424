"""`dunright customer …`: list customers, switch chasing, choose schedules."""

from decimal import Decimal
from typing import Any

import click

from dunright.management.common import (
    amounts,
    as_json,
    for_organisation,
    now,
    one_line,
    pairs,
    show,
    the_organisation,
)
from dunright.models import Customer, CustomerTotal
from dunright.services import customers as service


@click.group()
def customer() -> None:
    """Customers as the books show them, and whether they are chased."""


@customer.command("list", epilog="Example: dunright customer list --organisation 1 --json")
@for_organisation
@as_json
def list_(organisation_id: int, *, as_json: bool) -> None:
    """Show every customer with what it owes."""
    found = the_organisation(organisation_id)
    outstanding: dict[int, dict[str, Decimal]] = {}
    overdue: dict[int, dict[str, Decimal]] = {}
    for total in CustomerTotal.objects.filter(organisation=found):
        outstanding.setdefault(total.customer_id, {})[total.currency] = total.outstanding
        overdue.setdefault(total.customer_id, {})[total.currency] = total.overdue
    rows = [
        {
            "external_id": one.external_id,
            "name": one.name,
            "chasing": one.is_chasing,
            "schedule": one.schedule_name or None,
            "outstanding": amounts(outstanding.get(one.pk, {})),
            "overdue": amounts(overdue.get(one.pk, {})),
            "gone": one.gone_at is not None,
        }
        for one in Customer.objects.filter(organisation=found).order_by("name", "pk")
    ]
    show(
        {"customers": rows},
        as_json=as_json,
        text=lambda: "\n".join(_line(row) for row in rows) or "No customers.",
    )


@customer.command(
    "set", epilog="Example: dunright customer set --organisation 1 --external-id 4719 chasing=off"
)
@for_organisation
@click.option("--external-id", required=True, help="Id in the books.")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...")
@as_json
def set_(organisation_id: int, external_id: str, values: tuple[str, ...], *, as_json: bool) -> None:
    """Set chasing=on/off, schedule=NAME/none/default."""
    found = the_organisation(organisation_id)
    given = pairs(values)
    if unknown := sorted(set(given) - {"chasing", "schedule"}):
        raise click.ClickException(f"{unknown[0]} cannot be set; there are chasing and schedule.")
    if given.get("chasing", "on") not in {"on", "off"}:
        raise click.ClickException(f"chasing takes on or off, not {given['chasing']!r}.")
    row = Customer.objects.filter(organisation=found, external_id=external_id).first()
    if row is None:
        raise click.ClickException(
            f"{found.name} has no customer {external_id!r}; `dunright customer list` shows them."
        )
    with one_line(service.CannotDecide):
        if "schedule" in given:
            service.choose_schedule(row, given["schedule"], by=None, now=now())
        if "chasing" in given:
            service.set_chasing(row, chasing=given["chasing"] == "on", by=None, now=now())
    show({"changed": sorted(given)}, as_json=as_json, text=f"{row.name}: {', '.join(values)}")


def _line(row: dict[str, Any]) -> str:
    owed = ", ".join(f"{amount} {currency}" for currency, amount in row["outstanding"].items()) or "-"
    return f"{row['external_id']}  {row['name']}  {owed}  {'chasing' if row['chasing'] else 'not chasing'}"
