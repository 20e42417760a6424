"""What vanished without a word: Zoho tells no deletions, so a record that whole lists stopped showing is looked up.

A record that two runs in a row read around (each from end to end) is asked for by its id; only the answer that it does
not exist makes it gone (zoho-books-api.md sections 12.1 and 12.2). A page that failed ends its run: it proves nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from dunright.connectors.base import Connector, Page
from dunright.domain.sync_calls import pages
from dunright.models import (
    CallBudget,
    ContactPerson,
    CreditNote,
    Customer,
    Invoice,
    Organisation,
    Payment,
    SyncMark,
    SyncRun,
)
from dunright.models.listed import Listed
from dunright.queries.local_time import zone_of

MODELS: dict[str, Any] = {
    "customers": Customer,
    "invoices": Invoice,
    "credit_notes": CreditNote,
    "payments": Payment,
    "persons": ContactPerson,
}
"""The lists in which rows can vanish, in the order in which missing ones are looked up."""
KINDS = {"customers": "customer", "invoices": "invoice", "credit_notes": "credit_note", "payments": "payment"}
OPEN_INVOICES = "open_invoices"
AT_MOST = 100
"""Missing records that one run looks up."""
SMALL = 10
"""Calls up to which a long list is read whole each time."""

NIGHT = range(1, 5)
"""Hours of the organisation's day in which a reconcile is in nobody's way."""
PART_OF_DAY = 4
"""A reconcile that takes more than this part of a day's calls waits for a week to pass."""


def is_due(organisation: Organisation, *, now: datetime) -> bool:
    """Whether the next sync should be a reconcile: nightly, weekly where the lists are long for the day's calls.

    A machine that is off at night does it by day, once half a day has passed beyond the time.
    """
    last = (
        SyncRun.objects.filter(organisation=organisation, is_complete=True)
        .exclude(kind="incremental")
        .order_by("-started_at")
        .first()
    )
    if last is None or last.started_at is None:
        return False
    every = timedelta(days=1 if _is_cheap(organisation) else 7)
    age = now - last.started_at
    is_night = now.astimezone(zone_of(organisation)).hour in NIGHT
    return age >= every + timedelta(hours=12) or (is_night and age >= every - timedelta(hours=8))


def read_whole(run: SyncRun, connector: Connector) -> list[str]:
    """The lists that a run which begins now reads from end to end."""
    if run.kind == "incremental":
        return []
    whole = [one for one in ("currencies", *MODELS) if one in connector.reads]
    if "persons" in whole and not connector.has_bulk_persons():
        whole.remove("persons")
    if run.kind == "reconcile":
        rows = SMALL * connector.per_page
        long = [one for one in ("invoices", "payments") if _known(run.organisation, one) > rows]
        whole = [one for one in whole if one not in long]
    return whole


def note_seen(run: SyncRun, resource: str, page: Page[Any]) -> None:
    """Mark what a page of a whole list showed, unreadable rows included: they are there."""
    # A first sync has just made its rows; marking each would write everything twice.
    if run.kind == "first" or resource not in MODELS:
        return
    ids = [record.external_id for record in page.records]
    ids += [problem.external_id for problem in page.problems]
    rows = MODELS[resource].objects.filter(organisation=run.organisation, external_id__in=Listed(ids))
    rows.update(seen_at=run.started_at)


def note_whole(run: SyncRun) -> None:
    """A run came to its end: who was not seen by it was missed by it."""
    if run.kind == "first":
        return
    read = [resource for resource in run.whole if resource in MODELS]
    for key in [*read, OPEN_INVOICES] if run.kind in {"full", "reconcile"} else read:
        SyncMark.objects.update_or_create(
            organisation=run.organisation, resource=key, defaults={"full_at": run.started_at}
        )


def missing(run: SyncRun) -> list[tuple[str, str]]:
    """(kind, external id) of records to look up: missed by this run's whole lists and by those before.

    Persons are looked up through their customers. Where payments are not read whole, those are looked up by which an
    invoice would be settled further than it is: one of them was deleted.
    """
    organisation = run.organisation
    wanted: list[tuple[str, str]] = []
    for resource, model in MODELS.items():
        rows = model.objects.filter(organisation=organisation, gone_at=None)
        if resource in run.whole:
            missed = _missed(organisation, rows, resource)
        elif resource == "invoices":
            missed = _missed(organisation, rows.filter(status="open"), OPEN_INVOICES)
        else:
            continue
        if resource == "persons":
            of = missed.order_by("pk").values_list("customer__external_id", flat=True)
            wanted += [("customer", external_id) for external_id in of[:AT_MOST]]
        else:
            ids = missed.order_by("pk").values_list("external_id", flat=True)
            wanted += [(KINDS[resource], external_id) for external_id in ids[:AT_MOST]]
    if "payments" not in run.whole:
        wanted += [("payment", external_id) for external_id in _doubtful_payments(organisation)]
    return list(dict.fromkeys(wanted))[:AT_MOST]


def _missed(organisation: Organisation, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """Rows that neither the list just read nor the whole one before it showed."""
    mark = SyncMark.objects.filter(organisation=organisation, resource=key).first()
    before = mark.full_at if mark else None
    if before is None:
        return rows.none()
    # Never seen by a whole list, and older than the one before: that one should have shown it.
    never = Q(seen_at=None) & (Q(created_at=None) | Q(created_at__lt=before))
    return rows.filter(Q(seen_at__lt=before) | never)


def _doubtful_payments(organisation: Organisation) -> list[str]:
    settled = (
        Invoice.objects.filter(organisation=organisation, gone_at=None, allocations__payment__gone_at=None)
        .annotate(paid=Sum("allocations__amount"))
        .filter(paid__gt=F("total") - F("balance"))
    )
    payments = Payment.objects.filter(
        organisation=organisation, gone_at=None, allocations__invoice__in=settled.values("pk")
    )
    return list(payments.order_by("pk").values_list("external_id", flat=True).distinct()[:AT_MOST])


def _is_cheap(organisation: Organisation) -> bool:
    budget = CallBudget.objects.filter(organisation=organisation).first() or CallBudget()
    rows = sum(_known(organisation, resource) for resource in ("customers", "persons", "credit_notes"))
    rows += Invoice.objects.filter(organisation=organisation, gone_at=None, status="open").count()
    return pages(rows) <= budget.daily_limit * budget.share_percent / 100 / PART_OF_DAY


def _known(organisation: Organisation, resource: str) -> int:
    return int(MODELS[resource].objects.filter(organisation=organisation, gone_at=None).count())
