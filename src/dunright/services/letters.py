"""From a draft to its words: the text of the leading step, filled with the customer's facts.

One `Writer` serves a batch of customers. The facts it fills in are those of the moment it is asked (R13: days overdue,
balances and dates are computed when the message leaves, not when it was planned).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import get_args

from dunright.domain.calendar import ChaseCalendar
from dunright.domain.chasing import Draft
from dunright.domain.facts import CustomerFacts, InvoiceFacts
from dunright.domain.schedules import Schedule, Step
from dunright.domain.wording import letter_facts as facts
from dunright.domain.wording.custom_fields import custom_fields, order_number
from dunright.domain.wording.defaults import (
    COMING_DUE,
    FIRM,
    FOLLOW_UP,
    JUST_PASSED,
    LAST_STEP,
    STATEMENT,
    THANK_YOU,
    default_text,
)
from dunright.domain.wording.render import Rendered, render
from dunright.domain.wording.texts import LetterText, missing_values
from dunright.models import (
    Allocation,
    ContactPerson,
    Customer,
    Invoice,
    MessageState,
    Organisation,
    OutboxLine,
    OutboxMessage,
    Sender,
)
from dunright.queries.facts import Surroundings
from dunright.queries.local_time import chase_calendar, settings_of
from dunright.queries.policies import texts_of

OWN_DEFAULTS = (THANK_YOU, STATEMENT)
"""Texts that no reminder can stand in for."""


class Writer:
    """Writes the letters of some customers of one organisation."""

    def __init__(
        self, organisation: Organisation, customers: Collection[int], *, around: Surroundings, today: date
    ) -> None:
        self.organisation = organisation
        self.today = today
        self._around = around
        self._settings = settings_of(organisation)
        self._calendar = chase_calendar(organisation)
        self._texts = texts_of(organisation)
        self.senders = {
            one.level: one for one in Sender.objects.filter(organisation=organisation, is_active=True)
        }
        self._customers = {
            one.pk: one for one in Customer.objects.filter(organisation=organisation, pk__in=customers)
        }
        self._persons = {
            str(one.pk): one
            for one in ContactPerson.objects.filter(organisation=organisation, customer__in=customers)
        }
        self._invoices = {
            str(one.pk): one
            for one in Invoice.objects.filter(
                organisation=organisation, customer__in=customers, status="open"
            )
        }
        self._paid = _payments(organisation, customers)
        self._facts: dict[str, CustomerFacts] = {}
        self._written = _earlier_letters(organisation, customers)

    def also_lists(self, rows: Iterable[Invoice]) -> None:
        """Take rows of paid invoices, for letters of thanks; money settled them whole."""
        for row in rows:
            self._invoices[str(row.pk)] = row
            self._paid[str(row.pk)] = row.total

    def knows(self, customer: CustomerFacts) -> None:
        """Take the facts that the next questions about this customer are answered from."""
        self._facts[customer.id] = customer

    def missing(self, draft: Draft) -> Sequence[str]:
        """Required placeholders without a value (R13)."""
        return missing_values(self.text_of(draft)[0], self._letter(draft, attachments=()))

    def write(
        self, draft: Draft, *, attachments: Sequence[facts.Attachment] = (), text: LetterText | None = None
    ) -> Rendered:
        """The letter as it would leave today. `text`: what a person wrote instead; their subject stays as it is."""
        earlier = None if text else self.earlier(draft)
        return render(
            text or self.text_of(draft)[0],
            self._letter(draft, attachments=attachments),
            continues=earlier is not None,
            first_subject=earlier.subject if earlier else "",
        )

    def text_of(self, draft: Draft) -> tuple[LetterText, int | None]:
        """The text of the leading step and the id of its version; a step that names none gets a default one."""
        name = draft.step.template or self._fitting(draft.schedule, draft.step)
        found = self._texts.get((name, draft.form))
        if found is None:
            fitting = name if name in OWN_DEFAULTS else self._fitting(draft.schedule, draft.step)
            return default_text(fitting, draft.form), None
        return found

    def attachments(self, draft: Draft) -> tuple[facts.Attachment, ...]:
        """What the leading step attaches, for a letter that is not on its way yet."""
        return tuple(kind for kind in get_args(facts.Attachment) if kind in draft.step.attachments)

    def sender_of(self, draft: Draft) -> Sender | None:
        """Who writes (R12): the normal one where there is no active escalated one."""
        return self.senders.get(draft.sender) or self.senders.get("normal")

    def earlier(self, draft: Draft) -> OutboxMessage | None:
        """The latest sent message to the same people about one of the same invoices: the thread to go on with."""
        if draft.starts_thread:
            return None
        to = {(person.email or "").casefold() for person in draft.to}
        for message, invoices in self._written.get(int(draft.customer_id), ()):
            same_people = {str(one["address"]).casefold() for one in message.to} == to
            if same_people and invoices & {line.invoice.id for line in draft.lines}:
                return message
        return None

    def invoice(self, facts_of_invoice: InvoiceFacts) -> Invoice:
        """The row of a listed invoice."""
        return self._invoices[facts_of_invoice.id]

    def customer(self, draft: Draft) -> Customer:
        """The row of the draft's customer."""
        return self._customers[int(draft.customer_id)]

    def _fitting(self, schedule_name: str, step: Step) -> str:
        schedule = self._around.schedules.get(schedule_name)
        return default_name(schedule, step)

    def _letter(self, draft: Draft, *, attachments: Sequence[facts.Attachment]) -> facts.LetterFacts:
        customer = self.customer(draft)
        sender = self.sender_of(draft)
        return facts.LetterFacts(
            organisation=facts.Organisation(
                name=self._settings.name,
                country=self._settings.country,
                bank_details=self._settings.bank_details,
            ),
            sender=_sender(sender),
            customer=self._customer_facts(customer, draft),
            invoices=[self._line(line.invoice, customer) for line in draft.lines],
            today=self.today,
            recipients=[self._recipient(person.id) for person in draft.to],
            language=customer.language or self._settings.language,
            written_on=[
                message.run_date
                for message, invoices in self._written.get(customer.pk, ())
                if invoices & {line.invoice.id for line in draft.lines}
            ],
            attachments=attachments,
            next_step=draft.step.next_step,
            reply_by_date=working_days_later(self._calendar, self.today, draft.step.reply_days),
            final_date=working_days_later(self._calendar, self.today, draft.step.final_days),
        )

    def _customer_facts(self, customer: Customer, draft: Draft) -> facts.Customer:
        outstanding: dict[str, Decimal] = defaultdict(Decimal)
        overdue: dict[str, Decimal] = defaultdict(Decimal)
        count = 0
        known = self._facts.get(str(customer.pk))
        for invoice in known.invoices if known else [line.invoice for line in draft.lines]:
            if invoice.status != "open" or invoice.balance <= 0:
                continue
            outstanding[invoice.currency] += invoice.balance
            held = invoice.disputed or invoice.promised is not None or invoice.paused is not None
            if invoice.due is not None and invoice.due < self.today and not held:
                overdue[invoice.currency] += invoice.balance
                count += 1
        return facts.Customer(
            name=customer.name,
            company=customer.company_name,
            credits=dict(draft.credits),
            outstanding=dict(outstanding),
            overdue=dict(overdue),
            overdue_count=count,
            custom=custom_fields(customer.extra),
        )

    def _line(self, invoice: InvoiceFacts, customer: Customer) -> facts.InvoiceLine:
        row = self._invoices.get(invoice.id)
        total = row.total if row else invoice.balance
        return facts.InvoiceLine(
            number=invoice.number,
            currency=invoice.currency,
            total=total,
            balance=invoice.balance,
            due_date=invoice.due,
            issue_date=invoice.issued,
            paid=self._paid.get(invoice.id, Decimal(0)),
            reference=row.reference if row else "",
            order_number=order_number(row.extra, reference=row.reference) if row else "",
            project=row.project if row else "",
            terms=customer.payment_terms_label,
            expected_date=row.expected_payment_date if row else None,
            salesperson=row.salesperson if row else "",
            link=row.link if row else "",
            custom=custom_fields(row.extra) if row else {},
        )

    def _recipient(self, person_id: str) -> facts.Recipient:
        person = self._persons[person_id]
        return facts.Recipient(person.first_name, person.last_name, person.salutation)


def default_name(schedule: Schedule | None, step: Step) -> str:
    """The default text for a step that names none: by its kind, level and place among the overdue steps."""
    if step.kind == "before_due":
        return COMING_DUE
    if step.is_escalated:
        return LAST_STEP
    earlier = [
        one for one in (schedule.steps if schedule else ()) if one.kind == "overdue" and one.days < step.days
    ]
    return (JUST_PASSED, FOLLOW_UP, FIRM)[min(len(earlier), 2)]


def working_days_later(calendar: ChaseCalendar, day: date, count: int) -> date:
    """The day so many working days after another."""
    for _ in range(count):
        day = calendar.working_day_from(date.fromordinal(day.toordinal() + 1))
    return day


def _sender(sender: Sender | None) -> facts.Sender:
    if sender is None:
        return facts.Sender(name="")
    return facts.Sender(
        sender.name, sender.title, sender.phone, sender.email, signature_html=sender.signature
    )


def _payments(organisation: Organisation, customers: Collection[int]) -> dict[str, Decimal]:
    """What was paid on each open invoice: money alone, no credits and no write-offs."""
    rows = Allocation.objects.filter(
        organisation=organisation,
        invoice__customer__in=customers,
        invoice__status="open",
        payment__gone_at=None,
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for invoice, amount in rows.values_list("invoice_id", "amount"):
        sums[str(invoice)] += amount
    return dict(sums)


def _earlier_letters(
    organisation: Organisation, customers: Collection[int]
) -> dict[int, list[tuple[OutboxMessage, set[str]]]]:
    """Sent chasing messages of these customers, the latest first, each with the ids of the invoices it listed."""
    messages = OutboxMessage.objects.filter(
        organisation=organisation,
        customer__in=customers,
        state=MessageState.SENT,
        kind__in=("before_due", "overdue", "by_hand"),
    ).defer("content", "html", "text")
    lines: dict[int, set[str]] = defaultdict(set)
    rows = OutboxLine.objects.filter(organisation=organisation, message__in=messages)
    for message, invoice in rows.values_list("message_id", "invoice_id"):
        lines[message].add(str(invoice))
    found: dict[int, list[tuple[OutboxMessage, set[str]]]] = defaultdict(list)
    for one in messages.order_by("-settled_at", "-pk"):
        found[one.customer_id].append((one, lines[one.pk]))
    return found
