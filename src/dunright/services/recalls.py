"""Messages that have not been handed over wait for a person again: nothing of them leaves by itself any more."""

from django.db import transaction
from django.db.models import Q

from dunright.models import ChaseRun, MessageState, Organisation, OutboxMessage

STOPPED = "everything was stopped; it is read by a person again"


def recall(organisation: Organisation) -> int:
    """Take back every message that has not been handed over, also from a worker; the number taken back.

    A worker that has one loses it before the first byte: its attempt is a write under its token.
    """
    ready = Q(
        state__in=(
            MessageState.PLANNED,
            MessageState.APPROVED,
            MessageState.HELD,
            MessageState.RETRYING,
        )
    )
    with_worker = Q(state=MessageState.CLAIMED, handed_over_at=None)
    rows = OutboxMessage.objects.filter(ready | with_worker, organisation=organisation)
    with transaction.atomic():
        runs = set(rows.exclude(run=None).values_list("run_id", flat=True))
        count = rows.update(
            state=MessageState.PENDING,
            approved_at=None,
            approved_by=None,
            reason=STOPPED,
            token="",
            lease_until=None,
        )
        # Their approval is that of a first batch: the next run leaves by itself again (section 5).
        ChaseRun.objects.filter(organisation=organisation, pk__in=runs).update(needs_approval=True)
    return count
