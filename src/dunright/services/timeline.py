"""What happened, written once and never changed; sealed in batches into a hash chain per organisation."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dunright.models import Customer, Invoice, Organisation, OutboxMessage, TimelineEntry, TimelineSeal, User

LONGEST_SENTENCE = 500
SEAL_AT_MOST = 500


def record(  # noqa: PLR0913 - the facts of one entry, by name
    organisation: Organisation,
    kind: str,
    sentence: str,
    *,
    at: datetime,
    customer: Customer | None = None,
    invoice: Invoice | None = None,
    message: OutboxMessage | None = None,
    by: User | None = None,
    detail: str = "",
    data: Mapping[str, Any] | None = None,
) -> TimelineEntry:
    """Write one entry. `at` is the moment it happened."""
    return TimelineEntry.objects.create(
        organisation=organisation,
        kind=kind,
        sentence=sentence[:LONGEST_SENTENCE],
        at=at,
        customer=customer,
        invoice=invoice,
        message=message,
        by=by,
        detail=detail,
        data=dict(data or {}),
    )


def seal(organisation: Organisation, *, now: datetime) -> TimelineSeal | None:
    """Put the rows that no seal covers yet under a new one; None when there are none.

    Two workers sealing at once: the unique number lets one win, the other's turn comes with the next tick.
    """
    last = TimelineSeal.objects.filter(organisation=organisation).order_by("-number").first()
    rows = list(
        TimelineEntry.objects.filter(organisation=organisation, seal=None).order_by("pk")[:SEAL_AT_MOST]
    )
    if not rows:
        return None
    previous = last.digest if last else ""
    try:
        with transaction.atomic():
            made = TimelineSeal.objects.create(
                organisation=organisation,
                number=last.number + 1 if last else 1,
                count=len(rows),
                previous=previous,
                digest=digest(previous, rows),
                sealed_at=now,
            )
            pks = [row.pk for row in rows]
            TimelineEntry.objects.filter(organisation=organisation, pk__in=pks, seal=None).update(seal=made)
    except IntegrityError:
        return None
    return made


def first_broken_seal(organisation: Organisation) -> TimelineSeal | None:
    """The first seal that does not fit its rows or its forerunner; None when the chain is whole."""
    previous = ""
    for made in TimelineSeal.objects.filter(organisation=organisation).order_by("number"):
        rows = list(TimelineEntry.objects.filter(organisation=organisation, seal=made).order_by("pk"))
        if made.previous != previous or made.count != len(rows) or made.digest != digest(previous, rows):
            return made
        previous = made.digest
    return None


def digest(previous: str, rows: list[TimelineEntry]) -> str:
    """SHA-256 over the digest before and the rows' content, in the order of their ids."""
    whole = hashlib.sha256(previous.encode())
    for row in rows:
        content = [
            row.pk,
            row.kind,
            row.at.isoformat(),
            row.customer_id,
            row.invoice_id,
            row.sentence,
            row.detail,
            row.data,
        ]
        whole.update(json.dumps(content, sort_keys=True, ensure_ascii=True).encode())
    return whole.hexdigest()
