"""From a decision of a run to a row of the outbox: one per customer and run date, with its words (section 6.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from dunright.domain.chasing import Draft
from dunright.domain.messages import Form
from dunright.domain.wording.liquid_text import TextFault
from dunright.domain.wording.render import CannotRender, MissingValue, Rendered
from dunright.domain.wording.texts import LetterText
from dunright.models import (
    ChaseRun,
    Customer,
    MessageState,
    OutboxMessage,
    Sender,
    SpentAddress,
    User,
)
from dunright.queries.local_time import settings_of
from dunright.services import drafted, outbox, timeline, work
from dunright.services.letters import Writer

UNREADABLE = "your wording cannot be filled in any more: {error}"


class AddressTaken(Exception):
    """Another message of the day has the address already (R8)."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person has to do about a message that is planned, or has done before its run (section 5)."""

    waits: str = ""
    """Why it waits for approval, a sentence; empty: it leaves by itself."""
    approved_at: datetime | None = None
    approved_by: User | None = None
    subject: str = ""
    body: str = ""
    """A person's own wording; empty: the words of the step's text."""
    form: str = ""
    """For how many invoices that wording was written."""


def plan(
    run: ChaseRun, customer: Customer, draft: Draft, writer: Writer, review: Review, *, now: datetime
) -> OutboxMessage | None:
    """Plan the customer's message of the run; None when there is one already. Inside a transaction.

    Raises AddressTaken when another worker's message spent the address in this moment.
    """
    organisation = run.organisation
    sender = writer.sender_of(draft)
    assert sender is not None, "a draft without a sender has a missing value"
    rendered, review = _worded(draft, writer, review)
    try:
        with transaction.atomic():
            message = _create(run, customer, draft, writer, rendered, review, sender=sender, now=now)
    except IntegrityError:
        return None
    outbox.write_lines(message, draft.lines)
    _spend(message, draft)
    timeline.record(
        organisation,
        "message_planned",
        f"{draft.step.template or draft.step.id}, {_state_words(review)}",
        at=now,
        customer=customer,
        message=message,
        detail=outbox.sentence_of(draft),
    )
    if not review.waits:
        work.wake(message)
    if message.state == MessageState.APPROVED:
        outbox.batch_is_read(run, now=now)
    return message


def _worded(draft: Draft, writer: Writer, review: Review) -> tuple[Rendered, Review]:
    """The letter in a person's words, else in those of its text: then it waits for that person again."""
    files = writer.attachments(draft)
    if review.body:
        form: Form = "multi" if review.form == "multi" else "single"
        text = LetterText(review.subject, review.body, form, name="edited by hand")
        try:
            return writer.write(draft, attachments=files, text=text), review
        except (CannotRender, MissingValue, TextFault) as error:
            review = Review(waits=UNREADABLE.format(error=error))
    return writer.write(draft, attachments=files), review


def _create(
    run: ChaseRun,
    customer: Customer,
    draft: Draft,
    writer: Writer,
    rendered: Rendered,
    review: Review,
    *,
    sender: Sender,
    now: datetime,
) -> OutboxMessage:
    organisation = run.organisation
    key = f"{organisation.pk}-{customer.pk}-{run.local_date}-{outbox.CHASE}"
    spread = timedelta(minutes=settings_of(organisation).spread_minutes)
    token = outbox.token_of(key, message_time=now)
    written = drafted.columns(draft, rendered, writer, sender, token=token) | drafted.of_reminder(
        draft, writer
    )
    if review.body:
        written["form"] = review.form
    return OutboxMessage.objects.create(
        organisation=organisation,
        customer=customer,
        run=run,
        run_date=run.local_date,
        slot=outbox.CHASE,
        state=_state(review),
        reason=review.waits[:1000],
        approved_at=None if review.waits else review.approved_at,
        approved_by=None if review.waits else review.approved_by,
        edited_subject=review.subject,
        edited_body=review.body,
        due_at=run.due_at + outbox.spread_of(key, spread) if spread else now,
        planned_at=now,
        **written,
    )


def _state(review: Review) -> MessageState:
    if review.waits:
        return MessageState.PENDING
    return MessageState.APPROVED if review.approved_at else MessageState.PLANNED


def _state_words(review: Review) -> str:
    if review.waits:
        return "waits for approval"
    return "approved before its run" if review.approved_at else "planned"


def _spend(message: OutboxMessage, draft: Draft) -> None:
    """One chasing message per address and day, kept by a unique key over all workers (R8)."""
    try:
        with transaction.atomic():
            SpentAddress.objects.bulk_create(
                SpentAddress(
                    organisation=message.organisation, day=message.run_date, address_key=key, message=message
                )
                for key in sorted(draft.address_keys)
            )
    except IntegrityError as error:
        raise AddressTaken from error
