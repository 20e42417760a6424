"""Upcoming: the messages on their way, one of them in full, who is held back, and what later runs would send."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dunright.domain.other_mail import OTHER_KINDS
from dunright.models import ComingDecision, MessageState, OutboxLine, OutboxMessage, Role
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.queries.upcoming import Forecast, HeldBack, Upcoming, forecast, held_back
from dunright.services import coming
from dunright.services.outlook import next_run_date
from dunright.services.permissions import has_at_least
from dunright.services.previews import Preview, as_it_leaves
from dunright.web.customers.stories import reason_list
from dunright.web.letters import letter_of
from dunright.web.organisation import OrganisationRequest, organisation_page
from dunright.web.upcoming.modes import how_they_leave

DAYS_AHEAD = 30
FORESEEN, FORESEEN_OF_A_DAY = 60, 12
"""Customers looked at for the days ahead, and of one day: a page that can still be read, and takes no longer."""
AT_ONCE = 100
"""Messages under one heading, until all are asked for."""
FEW_HELD = 5
"""Customers named for one reason; the list has them all."""
SHORT = 10
"""Customers held back up to which their names stand open."""
_LONGEST_KEY = 15
"""Digits."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message on its way, as the list draws it."""

    message: OutboxMessage
    amounts: Sequence[tuple[str, Decimal]]
    to: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Messages under one heading."""

    title: str
    icon: str
    tone: str
    rows: Sequence[Row]
    """The first ones, or all."""
    size: int
    """Of all of them; so are the sums."""
    sums: Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Day:
    """What one coming run would send."""

    at: datetime
    date: date
    rows: Sequence[tuple[Upcoming, Sequence[tuple[str, Decimal]], str]]
    """(message, amounts, what a person decided about it: `approved`, `worded`, `changed` or empty)"""
    more: int
    """Further customers whose turn it is."""


@require_safe
@organisation_page()
def index(request: OrganisationRequest) -> HttpResponse:
    """The messages on their way; `?message=` is the one shown in full, else the first."""
    found = outbox_lists.on_their_way(request.organisation)
    chosen = _chosen(found, request.GET.get("message", ""))
    message = outbox_lists.find(request.organisation, chosen.pk) if chosen else None
    ahead = forecast(
        request.organisation, now=request.now, days=DAYS_AHEAD, most=FORESEEN, of_a_day=FORESEEN_OF_A_DAY
    )
    held = held_back(request.organisation, few=FEW_HELD)
    held_count = _size(one for one in held if not one.is_only_early)
    role = request.membership.role
    shows_all = "all" in request.GET
    rows = [
        Row(one, outbox_lists.amounts(one), names(one.to), one.pk == getattr(message, "pk", None))
        for one in found
    ]
    return render(
        request,
        "upcoming/index.html",
        {
            "title": "Upcoming",
            "rows": rows,
            "groups": _groups(rows, at_most=len(rows) if shows_all else AT_ONCE),
            "shows_all": shows_all,
            "waiting": [one.pk for one in found if one.state == MessageState.PENDING],
            "message": message,
            **(_in_full(request, message) if message else {}),
            "held": [one for one in held if not one.is_only_early],
            "held_count": held_count,
            "held_is_short": held_count <= SHORT,
            "early": [one for one in held if one.is_only_early],
            "early_count": _size(one for one in held if one.is_only_early),
            "days": _days(ahead, coming.decisions_from(request.organisation, request.today)),
            "leaving": how_they_leave(request.settings),
            "is_whole": ahead.is_whole,
            "next_run": next_run_date(request.organisation, request.now),
            "is_paused": is_paused(request),
            "may_act": has_at_least(role, Role.CHASER),
            "may_resume": has_at_least(role, Role.MANAGER),
        },
    )


def is_paused(request: OrganisationRequest) -> bool:
    """Whether nothing leaves today; a pause until a day is over on that day."""
    organisation = request.organisation
    until = organisation.paused_until
    return organisation.is_paused and (until is None or request.today < until)


def names(people: Sequence[dict[str, str]]) -> str:
    """The people a message goes to, by name, else by address."""
    return ", ".join(one.get("name") or one.get("address", "") for one in people)


def _in_full(request: OrganisationRequest, message: OutboxMessage) -> dict[str, object]:
    """The message chosen: its letter as it would leave, what it lists, and what can be done about it."""
    lines = outbox_lists.lines(message)
    preview: Preview | None = None
    if message.state in COMING and message.edited_body:
        words = {"subject": message.edited_subject, "body": message.edited_body}
        preview = as_it_leaves(message, **words, now=request.now)
    return {
        "letter": letter_of(message, lines, preview=preview),
        "stop": reason_list(preview.stop) if preview else "",
        "listed": [(line, _days_late(line, message)) for line in lines],
        "is_only_withdrawn": message.kind == "by_hand" or message.kind in OTHER_KINDS,
        "is_pending": message.state == MessageState.PENDING,
        "may_change": message.state in COMING,
    }


def _days_late(line: OutboxLine, message: OutboxMessage) -> int | None:
    due = line.invoice.due_date
    return (message.run_date - due).days if due else None


def _groups(rows: Sequence[Row], *, at_most: int) -> list[Group]:
    """Those that wait for a person, and the others."""
    waiting = [one for one in rows if one.message.state == MessageState.PENDING]
    ready = [one for one in rows if one.message.state != MessageState.PENDING]
    groups = [
        Group("Waits for you", "hand", "amber", waiting[:at_most], len(waiting), _sums(waiting)),
        Group("Ready", "circle-check", "green", ready[:at_most], len(ready), _sums(ready)),
    ]
    return [one for one in groups if one.rows]


def _sums(rows: Sequence[Row]) -> list[tuple[str, Decimal]]:
    return outbox_lists.sums(one.message for one in rows)


def _size(groups: Iterable[HeldBack]) -> int:
    return sum(one.size for one in groups)


def _chosen(found: Sequence[OutboxMessage], asked: str) -> OutboxMessage | None:
    is_key = asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_KEY
    key = int(asked) if is_key else None
    return next((one for one in found if one.pk == key), found[0] if found else None)


def _days(ahead: Forecast, decided: Mapping[tuple[int, date], ComingDecision]) -> list[Day]:
    return [
        Day(
            day.run.at,
            day.run.date,
            [
                (
                    one,
                    sorted(one.draft.totals.items()),
                    _mark(one, decided.get((one.customer.pk, day.run.date))),
                )
                for one in day.messages
            ],
            day.more,
        )
        for day in ahead.days
    ]


def _mark(one: Upcoming, decision: ComingDecision | None) -> str:
    if decision is None:
        return ""
    if coming.changed(decision, one.draft):
        return "changed"
    return "approved" if decision.approved_at else "worded"
