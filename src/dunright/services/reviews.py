"""Which messages of a run wait for a person, and why: approval, escalated steps, the cap (sections 5 and 6.5)."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from dunright.domain.chasing import Draft
from dunright.domain.money import EXACT, in_base_currency
from dunright.domain.settings import OrganisationSettings
from dunright.domain.volume import LOOKED_AT, Cap, read_cap, unusual_from
from dunright.models import (
    ChaseRun,
    ComingDecision,
    Currency,
    MessageState,
    Organisation,
    OutboxLine,
    OutboxMessage,
)
from dunright.queries.local_time import settings_of
from dunright.services import coming
from dunright.services.planning import Review

ALWAYS = "every reminder is read by a person first"
FIRST_BATCH = "the first reminders after connecting or after a long pause are read by a person first"
STEP = "reminders of this step are read by a person first"
OVER_CAP = "this run is over its cap of {cap}"


class Reviews:
    """What is asked about the messages of one run, in the order in which they are planned."""

    def __init__(self, run: ChaseRun) -> None:
        """Read what the run planned before it was taken up again; nothing where it is only looked ahead."""
        self._run = run
        self._settings = settings_of(run.organisation)
        self._cap = read_cap(self._settings.run_cap)
        self._limit = _in_base(self._cap, run.organisation, self._settings)
        self._decided: dict[int, ComingDecision] = {}
        is_kept = run.pk is not None
        self.leaving = _leaving(run).count() if is_kept else 0
        self._amount = _sum_in_base(run) if is_kept and self._limit is not None else Decimal(0)
        self.unusual_from = unusual_from(counts_before(run.organisation, run.local_date))
        """Number of messages from which people are warned; None: nobody knows what is usual."""

    def read(self, customers: Collection[int]) -> None:
        """Take what people decided before the run about these customers."""
        self._decided = coming.decisions(self._run.organisation, self._run.local_date, customers)

    def of(self, draft: Draft) -> Review:
        """What a person has to do, or has done, about this message."""
        waits = self._waits(draft)
        decision = self._decided.get(int(draft.customer_id))
        if decision is None:
            return Review(waits=waits)
        if changed := coming.changed(decision, draft):
            return Review(waits=changed)
        if decision.approved_at is not None:
            waits = ""
        return Review(
            waits=waits,
            approved_at=decision.approved_at,
            approved_by=decision.approved_by,
            subject=decision.subject,
            body=decision.body,
            form=decision.form if decision.body else "",
        )

    def planned(self, draft: Draft, state: str) -> bool:
        """Count a message that was planned; true for the one with which the run becomes unusual."""
        if state == MessageState.PENDING:
            return False
        self.leaving += 1
        self._amount = EXACT.add(self._amount, _listed(draft))
        return self.leaving == self.unusual_from

    def _waits(self, draft: Draft) -> str:
        if self._run.needs_approval:
            return ALWAYS if self._settings.approval == "always" else FIRST_BATCH
        if draft.step.approval or (
            draft.step.approval is None and draft.step.is_escalated and self._settings.approve_escalated
        ):
            return STEP
        if self._cap is not None and not self._fits(draft, self._cap):
            return OVER_CAP.format(cap=self._cap)
        return ""

    def _fits(self, draft: Draft, cap: Cap) -> bool:
        if cap.messages is not None:
            return self.leaving < cap.messages
        # A cap in a currency whose rate nobody knows lets nothing leave by itself: too little rather than too much.
        return self._limit is not None and EXACT.add(self._amount, _listed(draft)) <= self._limit


def counts_before(organisation: Organisation, day: date) -> list[int]:
    """How many messages the latest runs planned, the latest first; those that were stopped whole say nothing."""
    runs = ChaseRun.objects.filter(
        organisation=organisation, local_date__lt=day, part=0, state="done", outcome=""
    )
    return list(runs.order_by("-local_date").values_list("message_count", flat=True)[:LOOKED_AT])


def _leaving(run: ChaseRun) -> QuerySet[OutboxMessage]:
    """The run's messages that leave by themselves, or left."""
    of_run = OutboxMessage.objects.filter(organisation=run.organisation, run=run)
    return of_run.exclude(state=MessageState.PENDING)


def _sum_in_base(run: ChaseRun) -> Decimal:
    lines = OutboxLine.objects.filter(organisation=run.organisation, message__in=_leaving(run))
    total = Decimal(0)
    for balance, rate in lines.values_list("balance", "invoice__rate"):
        total = EXACT.add(total, in_base_currency(balance, rate))
    return total


def _listed(draft: Draft) -> Decimal:
    total = Decimal(0)
    for line in draft.lines:
        total = EXACT.add(total, in_base_currency(line.invoice.balance, line.invoice.rate))
    return total


def _in_base(cap: Cap | None, organisation: Organisation, settings: OrganisationSettings) -> Decimal | None:
    """The amount of a cap in base currency; None without one, or where its rate is not known."""
    if cap is None or cap.amount is None:
        return None
    if cap.currency == settings.currency:
        return cap.amount
    found = Currency.objects.filter(organisation=organisation, code=cap.currency).first()
    return in_base_currency(cap.amount, found.rate) if found is not None else None
