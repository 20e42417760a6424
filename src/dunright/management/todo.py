"""`dunright todo list`: what needs a person."""

import click

from dunright.management.common import as_json, for_organisation, show, the_organisation
from dunright.models import ToDo


@click.group()
def todo() -> None:
    """What needs a person."""


@todo.command("list", epilog="Example: dunright todo list --organisation 1 --json")
@for_organisation
@as_json
def list_(organisation_id: int, *, as_json: bool) -> None:
    """Show the open to-dos, the oldest first."""
    found = the_organisation(organisation_id)
    rows = ToDo.objects.filter(organisation=found, closed_at=None).select_related("customer", "invoice")
    todos = [
        {
            "id": one.pk,
            "kind": one.kind,
            "customer": one.customer.external_id if one.customer else None,
            "invoice": one.invoice.external_id if one.invoice else None,
            "sentence": one.sentence,
            "since": one.since,
        }
        for one in rows.order_by("since", "pk")
    ]
    text = "\n".join(f"{one['since']:%Y-%m-%d}  {one['sentence']}" for one in todos)
    show({"todos": todos}, as_json=as_json, text=text or "All clear.")
