"""`dunright outbox …`: messages on their way; approve, cancel, settle."""

from collections.abc import Callable
from typing import Any

import click

from dunright.management.common import as_json, for_organisation, now, one_line, show, the_organisation
from dunright.models import MessageState, OutboxMessage
from dunright.models.outbox import COMING
from dunright.services import organisations
from dunright.services import outbox as service


@click.group()
def outbox() -> None:
    """Messages: waiting, planned, sent, and those that need you."""


@outbox.command("list", epilog="Example: dunright outbox list --organisation 1 --state pending --json")
@for_organisation
@click.option("--state", type=click.Choice(MessageState.values), help="Only messages in this state.")
@as_json
def list_(organisation_id: int, state: str | None, *, as_json: bool) -> None:
    """Show messages, in the order they leave or left."""
    found = the_organisation(organisation_id)
    rows = (
        OutboxMessage.objects.filter(organisation=found)
        .select_related("customer")
        .defer("content", "html", "text")
    )
    if state:
        rows = rows.filter(state=state)
    messages = [_document(one) for one in rows.prefetch_related("lines__invoice").order_by("due_at", "pk")]
    text = "\n".join(
        f"{one['id']:>5}  {one['state']}  {one['at']:%Y-%m-%d %H:%M}  {', '.join(one['to'])}"
        for one in messages
    )
    show({"messages": messages}, as_json=as_json, text=text or "No messages.")


def _document(one: OutboxMessage) -> dict[str, Any]:
    return {
        "id": one.pk,
        "customer": one.customer.external_id,
        "kind": one.kind,
        "step": one.step or None,
        "state": one.state,
        "reason": one.reason or None,
        "at": one.settled_at if one.state == MessageState.SENT and one.settled_at else one.due_at,
        "to": [str(to["address"]) for to in one.to],
        "invoices": [line.invoice.external_id for line in one.lines.all()],
        "message_id": one.message_id or None,
        "attempts": one.attempts,
    }


def _chosen(
    organisation_id: int, ids: tuple[int, ...], *, everything: bool, states: tuple[str, ...]
) -> list[OutboxMessage]:
    if everything == bool(ids):
        raise click.UsageError("Give ids of messages, or --all.")
    found = the_organisation(organisation_id)
    rows = OutboxMessage.objects.filter(organisation=found).select_related("organisation", "customer", "run")
    if everything:
        return list(rows.filter(state__in=states).order_by("pk"))
    messages = list(rows.filter(pk__in=ids).order_by("pk"))
    if lacking := sorted(set(ids) - {one.pk for one in messages}):
        raise click.ClickException(
            f"{found.name} has no message {lacking[0]}; `dunright outbox list` shows them."
        )
    if wrong := next((one for one in messages if one.state not in states), None):
        raise click.ClickException(
            f"Message {wrong.pk} is {wrong.state}; this takes messages that are {', '.join(states)}."
        )
    return messages


_everything = click.option("--all", "everything", is_flag=True, help="Every message this can be done to.")
_ids: Callable[..., Any] = click.argument("ids", nargs=-1, type=int, metavar="[ID...]")


@outbox.command(epilog="Example: dunright outbox approve --organisation 1 --all")
@for_organisation
@_ids
@_everything
@as_json
def approve(organisation_id: int, ids: tuple[int, ...], *, everything: bool, as_json: bool) -> None:
    """Let waiting messages leave."""
    messages = _chosen(organisation_id, ids, everything=everything, states=(MessageState.PENDING,))
    with one_line(service.CannotChangeMessage):
        changed = service.approve(messages, by=None, now=now())
    show({"changed": changed}, as_json=as_json, text=f"{changed} approved.")


@outbox.command(epilog="Example: dunright outbox cancel --organisation 1 17")
@for_organisation
@_ids
@_everything
@as_json
def cancel(organisation_id: int, ids: tuple[int, ...], *, everything: bool, as_json: bool) -> None:
    """Withdraw messages that have not left."""
    messages = _chosen(organisation_id, ids, everything=everything, states=COMING)
    changed = service.cancel(messages, by=None, now=now())
    show({"changed": changed}, as_json=as_json, text=f"{changed} cancelled.")


@outbox.command(epilog="Example: dunright outbox settle --organisation 1 --as sent 17")
@for_organisation
@_ids
@_everything
@click.option(
    "--as", "outcome", type=click.Choice(["sent", "not-sent"]), required=True, help="What became of them."
)
@as_json
def settle(
    organisation_id: int, ids: tuple[int, ...], outcome: str, *, everything: bool, as_json: bool
) -> None:
    """Say what became of uncertain messages."""
    messages = _chosen(organisation_id, ids, everything=everything, states=(MessageState.UNCERTAIN,))
    with one_line(service.CannotChangeMessage):
        changed = service.settle(messages, as_sent=outcome == "sent", by=None, now=now())
    show({"changed": changed}, as_json=as_json, text=f"{changed} settled.")


@outbox.command(epilog='Example: dunright outbox stop --organisation 1 --why "wrong prices"')
@for_organisation
@click.option("--why", default="", help="Shown to whoever resumes.")
@as_json
def stop(organisation_id: int, why: str, *, as_json: bool) -> None:
    """Stop everything now: pause, and hold what has not been handed over until it is approved again."""
    found = the_organisation(organisation_id)
    changed = organisations.stop_everything(found, by=None, now=now(), why=why)
    show(
        {"changed": changed},
        as_json=as_json,
        text=f"{found.name} is stopped; {changed} not handed over, waiting for approval.",
    )
