"""When books cannot be connected: one page for each reason, with what to do next."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dunright.models import Authorisation, Connection, Organisation
from dunright.services.connections import CannotConnect, Reason
from dunright.web.onboarding.regions import Region, likely_region, redirect_address, regions

BAD = 400


class Kind(NamedTuple):
    """How the page of one reason looks."""

    title: str
    icon: str = "triangle-alert"
    can_retry: bool = True
    """Going to Zoho again may help."""
    other_log_in: bool = False
    """Only another person at Zoho helps."""
    shows_address: bool = False
    """The redirect address is part of the remedy."""


KINDS: dict[Reason, Kind] = {
    "refused": Kind("You did not give access", "hand"),
    "forged": Kind("This answer is not yours", "shield-alert", can_retry=False),
    "used": Kind("This answer was taken already", "history", can_retry=False),
    "late": Kind("That took too long", "hourglass"),
    "code": Kind("Zoho’s answer has run out", "hourglass"),
    "choice_over": Kind("This choice is over", "hourglass"),
    "scopes": Kind("A permission is missing", "lock"),
    "no_books": Kind("No books in this log-in", "book-x", other_log_in=True),
    "not_reached": Kind("These books are out of reach", "book-x", other_log_in=True),
    "other_books": Kind("These are other books", "book-x", other_log_in=True),
    "taken": Kind("These books are connected already", "link", other_log_in=True),
    "inactive": Kind("These books are not active", "book-x"),
    "set_up": Kind("The client at Zoho needs a look", "wrench", shows_address=True),
    "not_now": Kind("Zoho cannot answer just now", "cloud-off"),
    "not_understood": Kind("Zoho’s answer cannot be used"),
    "not_connected": Kind("Not connected", can_retry=False),
    "token": Kind("This token cannot be used"),
}


def problem(
    request: HttpRequest, error: CannotConnect, *, pending: Authorisation | None = None
) -> HttpResponse:
    """The page of an attempt that came to nothing; a `pending` consent that is still good is taken up again."""
    kind = KINDS[error.reason]
    organisation = error.organisation
    region = _region_of(organisation)
    is_waiting = pending is not None and pending.log_in_id is not None
    context = {
        "title": kind.title,
        "kind": kind,
        "sentence": str(error),
        "was": _was(organisation, error.reason),
        "region": region,
        "accounts": region.accounts if region and kind.other_log_in else "",
        "redirect_uri": redirect_address(request) if kind.shows_address else "",
        "choose_url": _address("choose", organisation, pending.pk) if is_waiting and pending else "",
        "retry_url": _address("connect", organisation) if kind.can_retry and region else "",
        "back_url": _address("connection", organisation) if organisation else "/",
        "back": f"Back to {organisation.name}" if organisation else "Go to the start page",
    }
    return render(request, "onboarding/problem.html", context, status=BAD)


def _address(name: str, organisation: Organisation | None, *more: int) -> str:
    return reverse(f"onboarding:{name}", args=[organisation.pk, *more]) if organisation else ""


def _was(organisation: Organisation | None, reason: Reason) -> str:
    """What the failure left as it was."""
    if reason in {"used", "not_connected"}:
        return ""
    before = Connection.objects.filter(organisation=organisation).first() if organisation else None
    if before is None:
        return "Nothing was connected and nothing was read."
    if before.state == "connected":
        return f"The connection to the books of {before.books_name} goes on as before."
    return "Nothing was connected; settings, customers and history are as they were."


def _region_of(organisation: Organisation | None) -> Region | None:
    """Where to try again: where the books are, or where they were looked for last."""
    if organisation is None:
        return None
    known = regions()
    before = Connection.objects.filter(organisation=organisation).first()
    if before:
        return known.get(before.location)
    last = Authorisation.objects.filter(organisation=organisation).order_by("-pk").first()
    return known.get(last.location if last else likely_region(""))
