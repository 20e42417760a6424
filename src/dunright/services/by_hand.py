"""Reminders by hand, "chase now": chosen and worded by a person, sent like any other (chasing-rules.md section 7).

The message becomes a row of the outbox that is approved already; handing over, the last look at the books and what
becomes of it are those of every message (section 6).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from dunright.domain.by_hand import (
    Choice,
    Warned,
    draft_by_hand,
    persons_suggested,
    step_suggested,
    steps_offered,
    warnings,
    writable_invoices,
    writable_persons,
)
from dunright.domain.chasing import Draft
from dunright.domain.facts import CustomerFacts, InvoiceFacts, PersonFacts, Policy
from dunright.domain.schedules import Step
from dunright.domain.wording.liquid_text import TextFault
from dunright.domain.wording.render import CannotRender, MissingValue, Rendered
from dunright.domain.wording.texts import LetterText
from dunright.mail.compose import one_line
from dunright.models import Customer, MessageState, OutboxMessage, Role, SpentAddress, User
from dunright.queries.facts import Surroundings, customer_facts, surroundings
from dunright.queries.local_time import local_date
from dunright.services import drafted, last_check, outbox, timeline, work
from dunright.services.letters import Writer, default_name
from dunright.services.permissions import require

_KEY = re.compile(r"[0-9a-f]{16,32}")
_REFUSALS = {
    "excluded": "{name} is on the exclusion list; take it off there first.",
    "not_open": "None of these invoices is open any more; choose again.",
    "no_recipient": "Choose somebody with a usable e-mail address to write to.",
}


class CannotWrite(Exception):
    """No such message can go; the message says why, and what to do."""


@dataclass(frozen=True)
class Desk:
    """All that a person needs to write to one customer, read once."""

    customer: Customer
    facts: CustomerFacts
    around: Surroundings
    writer: Writer
    dead: frozenset[str]
    today: date
    coming: list[OutboxMessage]
    """Reminders of a run on their way, which give way to one by hand."""

    @property
    def invoices(self) -> tuple[InvoiceFacts, ...]:
        """The open invoices."""
        return writable_invoices(self.facts)

    @property
    def persons(self) -> tuple[PersonFacts, ...]:
        """The people who can be written to."""
        return writable_persons(self.facts, self.dead)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the message can stand for."""
        return steps_offered(self.facts)

    def step_for(self, invoice_ids: frozenset[str]) -> Step | None:
        """The step that these invoices call for."""
        return step_suggested(self.facts, invoice_ids, policy=self._policy, today=self.today)

    def persons_for(self, step: Step | None) -> frozenset[str]:
        """To whom that step goes."""
        return persons_suggested(self.facts, step, dead=self.dead)

    def warnings(self, invoice_ids: frozenset[str]) -> list[Warned]:
        """What would have stopped the schedule."""
        found = warnings(self.facts, invoice_ids, policy=self._policy, today=self.today)
        paused = self.around.organisation.paused
        return [Warned("paused", paused.day), *found] if paused else found

    def name_of(self, step: Step) -> str:
        """What people know a step by: its text."""
        schedule = next((one for one in self.around.schedules.values() if step in one.steps), None)
        return step.template or default_name(schedule, step)

    def draft(self, choice: Choice) -> Draft:
        """The message chosen. Raises CannotWrite."""
        found = draft_by_hand(self.facts, choice, policy=self._policy, dead=self.dead, today=self.today)
        if isinstance(found, str):
            raise CannotWrite(_REFUSALS[found].format(name=self.customer.name))
        return found

    def text(self, choice: Choice) -> tuple[LetterText, int | None]:
        """What to begin from, and the version it comes from: the text of the step, else of the one called for."""
        draft = self.draft(choice)
        if not draft.step.id and (step := self.step_for(choice.invoice_ids)) is not None:
            draft = replace(draft, step=step)
        return self.writer.text_of(draft)

    def render(self, choice: Choice, subject: str, body: str) -> Rendered:
        """The message as it would leave now. Raises CannotWrite."""
        draft = self.draft(choice)
        if self.writer.sender_of(draft) is None:
            raise CannotWrite("Nobody is set up to write from; add a sender first.")
        text = LetterText(subject, body, draft.form, name="by hand")
        try:
            return self.writer.write(draft, attachments=self.writer.attachments(draft), text=text)
        except (CannotRender, MissingValue, TextFault) as error:
            raise CannotWrite(str(error)) from error

    @property
    def _policy(self) -> Policy:
        return self.around.organisation.policy


def desk(customer: Customer, *, now: datetime) -> Desk:
    """Everything about writing to a customer now, in a constant number of statements."""
    organisation = customer.organisation
    today = local_date(organisation, now)
    around = surroundings(organisation, now=now, is_fresh=True)
    facts = customer_facts(organisation, [customer.pk], around=around)[customer.pk]
    writer = Writer(organisation, [customer.pk], around=around, today=today)
    writer.knows(facts)
    dead = last_check.not_to_write_to(organisation, customer.pk, around)
    coming = last_check.coming_reminders(organisation, customer.pk)
    return Desk(customer, facts, around, writer, dead, today, coming)


def send(
    customer: Customer,
    choice: Choice,
    *,
    subject: str,
    body: str,
    key: str,
    by: User | None,
    now: datetime,
) -> OutboxMessage:
    """Let a reminder by hand leave now; the row it became. Sent twice with one `key` it is one message.

    A reminder of a run that is on its way to the customer gives way to it. Raises CannotWrite.
    """
    organisation = customer.organisation
    require(organisation, by, Role.CHASER)
    if not _KEY.fullmatch(key):
        raise CannotWrite("This page is out of date; load it again.")
    slot = f"by_hand-{key}"
    known = OutboxMessage.objects.filter(organisation=organisation, customer=customer, slot=slot).first()
    if known is not None:
        return known
    subject = one_line(subject).strip()
    if not subject or not body.strip():
        raise CannotWrite("Subject and text may not be empty.")
    found = desk(customer, now=now)
    draft, rendered = found.draft(choice), found.render(choice, subject, body)
    try:
        with transaction.atomic():
            # First, so that the addresses it spent are free again.
            _give_way(found, now=now)
            message = _create(found, draft, rendered, choice, slot=slot, by=by, now=now)
            OutboxMessage.objects.filter(organisation=organisation, pk=message.pk).update(
                edited_subject=subject, edited_body=body
            )
    except IntegrityError:
        # Another press of the same button came first.
        return OutboxMessage.objects.get(organisation=organisation, customer=customer, slot=slot)
    message.refresh_from_db()
    return message


def _create(
    found: Desk,
    draft: Draft,
    rendered: Rendered,
    choice: Choice,
    *,
    slot: str,
    by: User | None,
    now: datetime,
) -> OutboxMessage:
    customer = found.customer
    organisation = customer.organisation
    sender = found.writer.sender_of(draft)
    assert sender is not None, "rendered, so there is a sender"
    token = slot.rpartition("-")[2]
    written = drafted.columns(draft, rendered, found.writer, sender, token=token)
    # A person's choice of text is no step's: which version it came from is known here only.
    written |= {"kind": last_check.BY_HAND, "template_version_id": found.text(choice)[1]}
    message = OutboxMessage.objects.create(
        organisation=organisation,
        customer=customer,
        run_date=found.today,
        slot=slot,
        state=MessageState.APPROVED,
        approved_at=now,
        approved_by=by,
        due_at=now,
        planned_at=now,
        **written | drafted.of_reminder(draft, found.writer),
    )
    outbox.write_lines(message, draft.lines)
    # Addresses that had a message today already stop nothing here; the others have theirs now (R8).
    SpentAddress.objects.bulk_create(
        [
            SpentAddress(organisation=organisation, day=found.today, address_key=key, message=message)
            for key in sorted(draft.address_keys)
        ],
        ignore_conflicts=True,
    )
    timeline.record(
        organisation,
        "message_planned",
        "Reminder by hand, written",
        at=now,
        customer=customer,
        message=message,
        by=by,
        detail=outbox.sentence_of(draft),
    )
    work.wake(message)
    return message


def _give_way(found: Desk, *, now: datetime) -> None:
    """Reminders of a run that have not left are withdrawn: nobody is to get two. Raises CannotWrite.

    One that a worker has in this moment cannot be stopped any more, so the one by hand must wait.
    """
    for one in last_check.coming_reminders(found.customer.organisation, found.customer.pk):
        if not outbox.withdraw(one, MessageState.SUPERSEDED, "a reminder by hand took its place", now=now):
            raise CannotWrite(
                "A reminder to this customer is leaving in this moment; see under Sent what becomes of it, then write."
            )


def open_choice(found: Desk, invoice_ids: Sequence[str]) -> Choice:
    """What a person begins with: these invoices, else the overdue ones, else all; the step and people they call for."""
    known = {one.id for one in found.invoices}
    chosen = frozenset(invoice_ids) & known
    overdue = frozenset(one.id for one in found.invoices if one.due is not None and one.due < found.today)
    ids = chosen or overdue or frozenset(known)
    step = found.step_for(ids)
    attach = step is not None and "invoice_pdf" in step.attachments
    return Choice(ids, step.id if step else "", found.persons_for(step), attach)
