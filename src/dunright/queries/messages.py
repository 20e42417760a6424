"""Messages of one organisation as the pages Upcoming and Sent list and show them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, DateTimeField, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce

from dunright.domain.by_hand import ATTACH
from dunright.models import MessageState, Organisation, OutboxLine, OutboxMessage
from dunright.models.outbox import COMING

ON_THEIR_WAY = (*COMING, MessageState.CLAIMED)
PROBLEMS = (MessageState.UNCERTAIN, MessageState.FAILED, MessageState.REFUSED)
"""What a person has to look at; the first of them waits for an answer."""
OVER = (
    *PROBLEMS,
    MessageState.SENT,
    MessageState.CANCELLED,
    MessageState.LAPSED,
    MessageState.SUPERSEDED,
)
_TEXT_NAME = Case(
    When(kind="by_hand", then=Value("By hand")),
    default=Coalesce("template_version__template__name", "step"),
    output_field=CharField(),
)
"""What a message is called: the name of its text, else of its step."""
_HEAVY = (
    *("html", "text", "content", "edited_body", "server_reply", "facts"),
    *("customer__extra", "customer__billing_address", "customer__notes", "customer__next_amounts"),
)


def on_their_way(organisation: Organisation) -> list[OutboxMessage]:
    """Messages that have not left: those that wait for a person first, then by the moment they leave."""
    return list(
        OutboxMessage.objects.filter(organisation=organisation, state__in=ON_THEIR_WAY)
        .select_related("customer")
        .defer(*_HEAVY)
        .annotate(invoice_count=Count("lines"), text_name=_TEXT_NAME, place=_place((MessageState.PENDING,)))
        .order_by("place", "due_at", "pk")
    )


def over(organisation: Organisation, *, state: str = "") -> QuerySet[OutboxMessage]:
    """Messages that are over: problems first, then the latest; narrowed to one state when it is one of `OVER`."""
    states = (state,) if state in OVER else OVER
    return (
        OutboxMessage.objects.filter(organisation=organisation, state__in=states)
        .select_related("customer")
        .defer(*_HEAVY)
        .annotate(
            text_name=_TEXT_NAME,
            place=_place(PROBLEMS),
            ended_at=Coalesce("settled_at", "handed_over_at", "planned_at", output_field=DateTimeField()),
        )
        .order_by("place", "-ended_at", "-pk")
    )


def counts(organisation: Organisation) -> Mapping[str, int]:
    """How many messages are over, by state; states without any are left out."""
    rows = (
        OutboxMessage.objects.filter(organisation=organisation, state__in=OVER)
        .order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    return dict(rows)


def find(organisation: Organisation, pk: int) -> OutboxMessage | None:
    """One message with everything its page shows; None when the organisation has no such message."""
    return (
        OutboxMessage.objects.filter(organisation=organisation, pk=pk)
        .select_related(
            "organisation",
            "customer",
            "run",
            "sender",
            "template_version__template",
            "schedule_version",
            "approved_by",
            "settled_by",
        )
        .defer("content")
        .first()
    )


def waiting(organisation: Organisation, pks: list[int]) -> list[OutboxMessage]:
    """Of these messages the ones that wait for approval, ready for `services.outbox.approve`."""
    return list(
        OutboxMessage.objects.filter(organisation=organisation, pk__in=pks, state=MessageState.PENDING)
        .select_related("organisation", "customer", "run")
        .defer("content")
        .order_by("due_at", "pk")
    )


def lines(message: OutboxMessage) -> list[OutboxLine]:
    """What a message lists, in its order."""
    found = OutboxLine.objects.filter(organisation=message.organisation, message=message)
    return list(found.select_related("invoice").order_by("position"))


def files(message: OutboxMessage, listed: Sequence[OutboxLine]) -> list[str]:
    """Names of the files that a message on its way takes along, as far as the books give them."""
    steps = message.schedule_version.steps if message.schedule_version else []
    step: Mapping[str, Any] = next((one for one in steps if one.get("id") == message.step), {})
    kinds = step.get("attachments", ())
    if message.kind == "by_hand":
        kinds = (*kinds, "invoice_pdf") if ATTACH in message.flags else ()
    found = [f"{line.invoice.number}.pdf" for line in listed] if "invoice_pdf" in kinds else []
    if message.kind == "statement" or "statement" in kinds:
        found.append(f"Statement {message.run_date}.pdf")
    return found


def content(message: OutboxMessage) -> bytes:
    """The bytes as handed over; empty for a message that never was."""
    rows = OutboxMessage.objects.filter(organisation=message.organisation, pk=message.pk)
    found = rows.values_list("content", flat=True).first()
    return bytes(found) if found else b""


def amounts(message: OutboxMessage) -> list[tuple[str, Decimal]]:
    """(currency, amount) of what a message asks for, never added across currencies (R11)."""
    return [(code, Decimal(amount)) for code, amount in sorted(message.totals.items())]


def sums(messages: Iterable[OutboxMessage]) -> list[tuple[str, Decimal]]:
    """(currency, amount) of what several messages ask for, never added across currencies (R11)."""
    found: dict[str, Decimal] = {}
    for message in messages:
        for code, amount in amounts(message):
            found[code] = found.get(code, Decimal(0)) + amount
    return sorted(found.items())


def _place(first: tuple[str, ...]) -> Case:
    """Rank of a row: its place among the states named, all others after them."""
    cases = [When(state=state, then=Value(place)) for place, state in enumerate(first)]
    return Case(*cases, default=Value(len(first)), output_field=IntegerField())
