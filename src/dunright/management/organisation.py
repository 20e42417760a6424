"""`dunright organisation …`: add, list, settings, pause and resume."""

from typing import Any

import click
from django.db import transaction

from dunright.domain.settings import OrganisationSettings, SettingError, changed
from dunright.management.common import (
    as_json,
    now,
    one_line,
    pairs,
    prepare_database,
    show,
    the_organisation,
)
from dunright.models import Connection, Organisation
from dunright.services import budgets, organisations
from dunright.services.accounts import AccountError, person_with_address


@click.group()
def organisation() -> None:
    """Companies whose invoices are chased."""


@organisation.command(
    epilog='Example: dunright organisation add --name "Northwind Parts Ltd" --country IE '
    "--timezone Europe/Dublin --currency EUR --owner-email ada@northwind.example"
)
@click.option("--name", required=True)
@click.option("--country", default="", help="Two letters, such as IE.")
@click.option("--timezone", required=True, help="Such as Europe/Dublin.")
@click.option("--currency", required=True, help="Such as EUR.")
@click.option("--owner-email", required=True, help="Who owns it; made known here if new.")
@as_json
def add(name: str, country: str, timezone: str, currency: str, owner_email: str, *, as_json: bool) -> None:
    """Make an organisation; it starts paused and unconnected."""
    prepare_database()
    with one_line(SettingError, AccountError):
        base = OrganisationSettings(name="-", timezone="UTC", currency="EUR")
        settings = changed(
            base, {"name": name, "timezone": timezone, "currency": currency, "country": country}
        )
        made = organisations.add(settings, owner=person_with_address(owner_email), now=now())
    show({"id": made.pk, "name": made.name}, as_json=as_json, text=f"Organisation {made.pk}: {made.name}")


@organisation.command("list", epilog="Example: dunright organisation list --json")
@as_json
def list_(*, as_json: bool) -> None:
    """Show every organisation with its state and connection."""
    prepare_database()
    connections = {one.organisation_id: one for one in Connection.objects.all()}
    rows = [_described(one, connections.get(one.pk)) for one in Organisation.objects.order_by("pk")]
    lines = [f"{row['id']:>4}  {row['name']}  {row['state']}  {row['connection']['state']}" for row in rows]
    show({"organisations": rows}, as_json=as_json, text="\n".join(lines) or "There is no organisation yet.")


@organisation.command(
    "set", epilog="Example: dunright organisation set 1 chase_days=mon,thu chase_time=09:30"
)
@click.argument("organisation_id", type=int, metavar="ID")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...")
@as_json
def set_(organisation_id: int, values: tuple[str, ...], *, as_json: bool) -> None:
    """Change settings; with one that is wrong, nothing changes. A new owner is made known here if new."""
    found = the_organisation(organisation_id)
    given = pairs(values)
    with one_line(SettingError, AccountError, organisations.CannotChange), transaction.atomic():
        if "owner_email" in given:
            person_with_address(given["owner_email"])
        # Not a setting that decisions are made by: it is kept with the calls.
        settings = {key: value for key, value in given.items() if key != "call_share"}
        if "call_share" in given:
            budgets.set_share(found, given["call_share"], by=None, now=now())
        if settings:
            organisations.change_settings(found, settings, by=None, now=now())
    show({"changed": sorted(given)}, as_json=as_json, text=f"Changed: {', '.join(sorted(given))}")


@organisation.command(epilog="Example: dunright organisation pause 1 --until 2026-12-01")
@click.argument("organisation_id", type=int, metavar="ID")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="First day on which chasing goes on.")
@as_json
def pause(organisation_id: int, until: Any, *, as_json: bool) -> None:
    """Stop all chasing at once, also what is planned."""
    found = the_organisation(organisation_id)
    with one_line(organisations.CannotChange):
        organisations.pause(found, by=None, now=now(), until=until.date() if until else None)
    show({"state": "paused"}, as_json=as_json, text=f"{found.name} is paused.")


@organisation.command(epilog="Example: dunright organisation resume 1")
@click.argument("organisation_id", type=int, metavar="ID")
@as_json
def resume(organisation_id: int, *, as_json: bool) -> None:
    """Let reminders leave again."""
    found = the_organisation(organisation_id)
    organisations.resume(found, by=None, now=now())
    show({"state": "running"}, as_json=as_json, text=f"{found.name} is running.")


def _described(one: Organisation, connection: Connection | None) -> dict[str, Any]:
    reason = None
    if one.is_paused:
        until = f" until {one.paused_until}" if one.paused_until else ""
        reason = (one.pause_reason or "paused") + until
    return {
        "id": one.pk,
        "name": one.name,
        "state": "paused" if one.is_paused else "running",
        "reason": reason,
        "connection": {
            "system": connection.system if connection else None,
            "state": connection.state if connection else "none",
            "reason": (connection.sentence or None) if connection else None,
            "last_complete_sync": connection.complete_sync_at if connection else None,
        },
    }
