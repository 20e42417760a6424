"""Upcoming: the messages on their way, one of them in full, and what later runs would send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dunright.models import MessageState, OutboxMessage, Role
from dunright.models.outbox import COMING
from dunright.queries import messages as outbox_lists
from dunright.queries.upcoming import Upcoming, upcoming
from dunright.services.outlook import next_run_date
from dunright.services.permissions import has_at_least
from dunright.web.organisation import OrganisationRequest, organisation_page

DAYS_AHEAD = 30
LONGEST_FORECAST = 200
"""Rows: a page that can still be read."""
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
class Day:
    """What one coming run would send."""

    at: datetime
    rows: Sequence[tuple[Upcoming, Sequence[tuple[str, Decimal]]]]


@require_safe
@organisation_page()
def index(request: OrganisationRequest) -> HttpResponse:
    """The messages on their way; `?message=` is the one shown in full, else the first."""
    found = outbox_lists.on_their_way(request.organisation)
    chosen = _chosen(found, request.GET.get("message", ""))
    message = outbox_lists.find(request.organisation, chosen.pk) if chosen else None
    forecast = upcoming(request.organisation, now=request.now, days=DAYS_AHEAD)
    role = request.membership.role
    return render(
        request,
        "upcoming/index.html",
        {
            "title": "Upcoming",
            "rows": [
                Row(one, outbox_lists.amounts(one), names(one.to), one.pk == getattr(message, "pk", None))
                for one in found
            ],
            "waiting": [one.pk for one in found if one.state == MessageState.PENDING],
            "message": message,
            "is_pending": message is not None and message.state == MessageState.PENDING,
            "may_change": message is not None and message.state in COMING,
            "days": _days(forecast[:LONGEST_FORECAST]),
            "left_out": max(len(forecast) - LONGEST_FORECAST, 0),
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


def _chosen(found: Sequence[OutboxMessage], asked: str) -> OutboxMessage | None:
    is_key = asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_KEY
    key = int(asked) if is_key else None
    return next((one for one in found if one.pk == key), found[0] if found else None)


def _days(forecast: Sequence[Upcoming]) -> list[Day]:
    return [
        Day(at, [(one, sorted(one.draft.totals.items())) for one in rows])
        for at, rows in groupby(forecast, key=lambda one: one.run.at)
    ]
