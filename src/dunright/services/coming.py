"""Messages before their run: seen as the run would plan them, approved or worded anew (chasing-rules.md section 5).

What a person decides is kept by customer and run date. It holds while the leading step and the recipients stay as they
were seen and no invoice is added; else the message waits for review.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from dunright.domain.calendar import Run
from dunright.domain.chasing import Draft
from dunright.domain.messages import Form
from dunright.domain.wording.texts import LetterText
from dunright.models import ComingDecision, Customer, Organisation, Role, Sender, User
from dunright.queries.facts import customer_facts, surroundings
from dunright.queries.next_steps import as_if_running
from dunright.queries.upcoming import upcoming
from dunright.services import outbox, timeline
from dunright.services.letters import Writer
from dunright.services.permissions import require

DAYS_AHEAD = 30
"""How far ahead a message may be decided on: as far as Upcoming shows them."""
OTHER_STEP = "it changed since you decided on it: another step leads it now"
OTHER_PEOPLE = "it changed since you decided on it: it goes to other people"
MORE_INVOICES = "it changed since you decided on it: it lists more invoices"


class CannotDecideYet(Exception):
    """Nothing can be decided about such a message; the message says why."""


@dataclass(frozen=True)
class Foreseen:
    """A message that a coming run would plan, as things stand."""

    customer: Customer
    run: Run
    draft: Draft
    writer: Writer
    decision: ComingDecision | None
    """What a person decided about it, whether or not it still holds."""

    @property
    def seen(self) -> str:
        """What a person has before them when they decide: a digest of step, people and invoices."""
        return digest(self.draft)

    @property
    def changed(self) -> str:
        """Why the decision no longer holds; empty: it does, or there is none."""
        return changed(self.decision, self.draft) if self.decision else ""

    @property
    def own_words(self) -> LetterText | None:
        """A person's own wording, while it holds."""
        decision = self.decision
        if decision is None or not decision.body or self.changed:
            return None
        form: Form = "multi" if decision.form == "multi" else "single"
        return LetterText(decision.subject, decision.body, form, name="edited by hand")

    @property
    def text(self) -> LetterText:
        """The words it would leave in: a person's own, else those of its step."""
        return self.own_words or self.writer.text_of(self.draft)[0]

    @property
    def sender(self) -> Sender | None:
        return self.writer.sender_of(self.draft)

    @property
    def to(self) -> list[dict[str, str]]:
        """The people as rows of the outbox hold them."""
        found: list[dict[str, str]] = outbox.described(self.draft)["to"]
        return found

    @property
    def cc(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = outbox.described(self.draft)["cc"]
        return found


def foresee(customer: Customer, day: date, *, now: datetime) -> Foreseen | None:
    """What the run of a day would send to a customer as things stand; None when nothing, or too far ahead."""
    organisation = customer.organisation
    found = upcoming(organisation, now=now, days=DAYS_AHEAD, customers=[customer.pk])
    one = next((one for one in found if one.run.date == day), None)
    if one is None:
        return None
    around = as_if_running(surroundings(organisation, now=now, is_fresh=True))
    writer = Writer(organisation, [customer.pk], around=around, today=day)
    writer.knows(customer_facts(organisation, [customer.pk], around=around)[customer.pk])
    decision = decisions(organisation, day, [customer.pk]).get(customer.pk)
    return Foreseen(customer, one.run, one.draft, writer, decision)


def approve(foreseen: Foreseen, *, seen: str, by: User | None, now: datetime) -> None:
    """Let the message leave at its run as it was seen. Raises CannotDecideYet when it is another one by now."""
    _may(foreseen, seen=seen, by=by)
    _keep(foreseen, {"approved_at": now, "approved_by": by}, by=by, now=now)
    _tell(foreseen, "approved", "approved before its run", by=by, now=now)


def word(foreseen: Foreseen, *, subject: str, body: str, seen: str, by: User | None, now: datetime) -> None:
    """Keep a person's own wording; amounts and dates in it are filled in when it leaves. Raises CannotDecideYet."""
    _may(foreseen, seen=seen, by=by)
    if not subject.strip() or not body.strip():
        raise CannotDecideYet("Subject and text may not be empty; to send nothing, choose “Not this time”.")
    if "\n" in subject or "\r" in subject:
        raise CannotDecideYet("The subject takes one line.")
    _keep(foreseen, {"subject": subject.strip()[:1000], "body": body}, by=by, now=now)
    _tell(foreseen, "edited", "worded anew before its run", by=by, now=now)


def forget(foreseen: Foreseen, *, by: User | None, now: datetime) -> bool:
    """Take approval and wording back; the run decides as if nobody had. False when there was nothing."""
    organisation = foreseen.customer.organisation
    require(organisation, by, Role.CHASER)
    rows = ComingDecision.objects.filter(
        organisation=organisation, customer=foreseen.customer, run_date=foreseen.run.date
    )
    if not rows.delete()[0]:
        return False
    _tell(foreseen, "edited", "approval and wording taken back", by=by, now=now)
    return True


def decisions(organisation: Organisation, day: date, customers: Collection[int]) -> dict[int, ComingDecision]:
    """What people decided about these customers' messages of the run of a day."""
    rows = ComingDecision.objects.filter(organisation=organisation, run_date=day, customer__in=customers)
    return {one.customer_id: one for one in rows.select_related("approved_by")}


def decisions_from(organisation: Organisation, day: date) -> dict[tuple[int, date], ComingDecision]:
    """(customer, run date) -> what people decided about messages of runs from a day on."""
    rows = ComingDecision.objects.filter(organisation=organisation, run_date__gte=day)
    return {(one.customer_id, one.run_date): one for one in rows.defer("body")}


def postpone(organisation: Organisation, *, day: date, to: date) -> None:
    """A run that is made up on a later day takes the decisions about it along."""
    taken = ComingDecision.objects.filter(organisation=organisation, run_date=to).values("customer_id")
    of_run = ComingDecision.objects.filter(organisation=organisation, run_date=day)
    of_run.exclude(customer_id__in=list(taken.values_list("customer_id", flat=True))).update(run_date=to)


def changed(decision: ComingDecision, draft: Draft) -> str:
    """Why a decision does not hold for what would be sent, a sentence; empty when it does."""
    if (decision.schedule_name, decision.step) != (draft.schedule, draft.step.id):
        return OTHER_STEP
    if decision.address_keys != sorted(draft.address_keys):
        return OTHER_PEOPLE
    return "" if set(_listed(draft)) <= set(decision.invoices) else MORE_INVOICES


def digest(draft: Draft) -> str:
    """Says whether two drafts are the same to a person who decides: step, people and invoices."""
    parts: Sequence[str] = (
        draft.schedule,
        draft.step.id,
        *sorted(draft.address_keys),
        *map(str, _listed(draft)),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _may(foreseen: Foreseen, *, seen: str, by: User | None) -> None:
    require(foreseen.customer.organisation, by, Role.CHASER)
    if seen != foreseen.seen:
        raise CannotDecideYet(
            "This message has changed since the page was opened; read it again, then decide."
        )


def _keep(foreseen: Foreseen, fields: dict[str, Any], *, by: User | None, now: datetime) -> None:
    """Keep a decision about what is seen now. One about something else gives way as a whole."""
    draft, organisation = foreseen.draft, foreseen.customer.organisation
    about = {
        "schedule_name": draft.schedule,
        "step": draft.step.id,
        "form": draft.form,
        "address_keys": sorted(draft.address_keys),
        "invoices": _listed(draft),
        "changed_at": now,
        "changed_by": by,
    }
    afresh = {"subject": "", "body": "", "approved_at": None, "approved_by": None}
    is_other = bool(foreseen.changed)
    if foreseen.decision is not None and foreseen.decision.body and not is_other:
        # The wording was written for so many invoices as it says.
        about["form"] = draft.form if "body" in fields else foreseen.decision.form
    with transaction.atomic():
        ComingDecision.objects.update_or_create(
            organisation=organisation,
            customer=foreseen.customer,
            run_date=foreseen.run.date,
            defaults={**(afresh if is_other else {}), **about, **fields},
            create_defaults={**afresh, **about, **fields},
        )


def _tell(foreseen: Foreseen, kind: str, what: str, *, by: User | None, now: datetime) -> None:
    step = foreseen.draft.step
    timeline.record(
        foreseen.customer.organisation,
        kind,
        f"{step.template or step.id} of {foreseen.run.date}, {what}",
        at=now,
        customer=foreseen.customer,
        by=by,
        detail=outbox.sentence_of(foreseen.draft),
    )


def _listed(draft: Draft) -> list[int]:
    return sorted(int(line.invoice.id) for line in draft.lines)
