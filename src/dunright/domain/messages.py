"""From due steps to one message: its content and the guards on it (chasing-rules.md section 4, R8 to R13)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal, NamedTuple

from dunright.domain.facts import CustomerFacts, InvoiceFacts, PersonFacts, Policy, Until
from dunright.domain.guards import NOBODY_KNOWS, day_after
from dunright.domain.money import EXACT, in_base_currency
from dunright.domain.reasons import Reason
from dunright.domain.recipients import Recipients, address_keys, recipients_of
from dunright.domain.schedules import Kind, Level, Step

Form = Literal["single", "multi"]

NO_ESCALATED_RECIPIENT: Final = "no_escalated_recipient"


class Line(NamedTuple):
    """One invoice in a message, with its own due step; None: listed, but consumes nothing."""

    invoice: InvoiceFacts
    step: Step | None = None
    skipped: tuple[Step, ...] = ()
    """Candidates below the step, consumed with it as skipped (R4)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that may go: everything but its words."""

    customer_id: str
    kind: Kind
    schedule: str
    step: Step
    """The leading step (R9): it gives template, sender level and recipient level."""
    leading_invoice: str
    sender: Level
    to: tuple[PersonFacts, ...]
    """At least one when the message goes; addresses are trimmed, each occurs once."""
    cc: tuple[PersonFacts, ...]
    flags: tuple[str, ...]
    lines: tuple[Line, ...]
    """In the order they are listed: due date, number as text, id (R10)."""
    totals: Mapping[str, Decimal]
    """Listed balances by currency, never added across currencies (R11)."""
    credits: Mapping[str, Decimal] = field(default_factory=dict)
    """Unapplied credits the customer could use, in the listed currencies (R11)."""
    starts_thread: bool = False
    """Never a reply to an earlier message: a thank-you or a statement."""

    @property
    def form(self) -> Form:
        """One listed invoice takes the single template, more take the multi template (R10)."""
        return "single" if len(self.lines) == 1 else "multi"

    @property
    def address_keys(self) -> frozenset[str]:
        """Addresses this message spends for today (R8); copies spend none."""
        return address_keys(self.to)


Missing = Callable[[Draft], Sequence[str]]
"""Names the required placeholders that have no value in a draft (R13)."""


def listing_order(line: Line) -> tuple[date, str, str]:
    """Due date, number as text, id (R10)."""
    return (line.invoice.due or date.max, line.invoice.number, line.invoice.id)


def leading_line(lines: Sequence[Line]) -> Line:
    """The line whose step leads (R9): greatest `days`; tie: oldest due date, number as text, id."""
    due = [line for line in lines if line.step is not None]
    return min(due, key=lambda line: (-(line.step.days if line.step else 0), *listing_order(line)))


def open_sums(invoices: Sequence[InvoiceFacts]) -> dict[str, Decimal]:
    """The sum of all open invoices by currency, due or not, held or not."""
    sums: dict[str, Decimal] = {}
    for invoice in invoices:
        if invoice.status == "open" and invoice.balance > 0:
            sums[invoice.currency] = EXACT.add(sums.get(invoice.currency, Decimal(0)), invoice.balance)
    return sums


def covered_currencies(customer: CustomerFacts) -> frozenset[str]:
    """Currencies in which the customer's unapplied credits are at least its open invoices (`credit_covers`)."""
    if not customer.credits:
        return frozenset()
    sums = open_sums(customer.invoices)
    return frozenset(code for code, owed in sums.items() if customer.credits.get(code, Decimal(0)) >= owed)


@dataclass
class Attempt:
    """The try to send one message of one kind: what its guards look at, worked out when asked for."""

    kind: Kind
    lines: tuple[Line, ...]
    customer: CustomerFacts
    policy: Policy
    today: date
    spent: Collection[str]
    missing: Missing | None
    overdue_goes: bool

    @cached_property
    def leading(self) -> Line:
        return leading_line(self.lines)

    @property
    def step(self) -> Step:
        step = self.leading.step
        assert step is not None
        return step

    @cached_property
    def in_base(self) -> Decimal:
        """The listed balances in base currency, added without rounding."""
        total = Decimal(0)
        for line in self.lines:
            total = EXACT.add(total, in_base_currency(line.invoice.balance, line.invoice.rate))
        return total

    @cached_property
    def recipients(self) -> Recipients:
        step = self.step
        return recipients_of(
            self.customer.persons, step.recipients, spent=self.spent, copy_other_level=step.copy_other_level
        )

    @cached_property
    def missing_names(self) -> Sequence[str]:
        return () if self.missing is None or not self.recipients.chosen else self.missing(self.draft)

    @cached_property
    def draft(self) -> Draft:
        schedule = self.leading.invoice.schedule
        assert schedule is not None
        recipients = self.recipients
        totals: dict[str, Decimal] = {}
        for line in self.lines:
            code = line.invoice.currency
            totals[code] = EXACT.add(totals.get(code, Decimal(0)), line.invoice.balance)
        has_sender = self.step.sender == "normal" or self.policy.has_escalated_sender
        return Draft(
            customer_id=self.customer.id,
            kind=self.kind,
            schedule=schedule.name,
            step=self.step,
            leading_invoice=self.leading.invoice.id,
            sender=self.step.sender if has_sender else "normal",
            to=recipients.to or recipients.chosen,
            cc=recipients.cc,
            flags=(NO_ESCALATED_RECIPIENT,) if recipients.is_fallback else (),
            lines=self.lines,
            totals=totals,
            credits={
                code: amount
                for code, amount in self.customer.credits.items()
                if code in totals and amount > 0
            },
        )

    def first_stop(self) -> "tuple[Reason, Until] | None":
        """The first guard on the message that stops it."""
        for guard in MESSAGE_GUARDS:
            until = guard.stops(self)
            if until is not None:
                return guard.code, until
        return None


class MessageGuard(NamedTuple):
    code: Reason
    stops: Callable[[Attempt], Until | None]
    sees: Callable[[Attempt], str]


def _below_minimum(attempt: Attempt) -> Until | None:
    return NOBODY_KNOWS if attempt.policy.minimum and attempt.in_base < attempt.policy.minimum else None


def minimum_gap_stops(customer: CustomerFacts, policy: Policy, today: date) -> Until | None:
    """Whether the last chasing message to the customer is too recent; `until` is that day plus the gap."""
    last = customer.last_message_on
    if last is None or (today - last).days >= policy.minimum_gap_days:
        return None
    return Until(day_after(last, policy.minimum_gap_days))


def gap_words(customer: CustomerFacts, policy: Policy) -> str:
    """What the guard on the minimum gap looks at."""
    if customer.last_message_on is None:
        return "no chasing message yet"
    return f"last chasing message {customer.last_message_on}, gap {policy.minimum_gap_days} days"


def _waits_for_overdue(attempt: Attempt) -> Until | None:
    if attempt.kind == "before_due" and attempt.overdue_goes:
        return Until(day_after(attempt.today))
    return None


def _no_recipient(attempt: Attempt) -> Until | None:
    return None if attempt.recipients.chosen else NOBODY_KNOWS


def _missing_value(attempt: Attempt) -> Until | None:
    return NOBODY_KNOWS if attempt.missing_names else None


def _address_spent(attempt: Attempt) -> Until | None:
    recipients = attempt.recipients
    return Until(day_after(attempt.today)) if recipients.chosen and not recipients.to else None


def _emails(persons: Sequence[PersonFacts]) -> str:
    return ", ".join(person.email or "" for person in persons)


MESSAGE_GUARDS: Final = (
    MessageGuard(
        "below_minimum",
        _below_minimum,
        lambda a: f"{a.in_base:f} in base currency, minimum {a.policy.minimum:f}",
    ),
    MessageGuard(
        "minimum_gap",
        lambda a: minimum_gap_stops(a.customer, a.policy, a.today),
        lambda a: gap_words(a.customer, a.policy),
    ),
    MessageGuard(
        "waits_for_overdue",
        _waits_for_overdue,
        lambda a: "an overdue message goes" if a.overdue_goes else "no overdue message goes",
    ),
    MessageGuard(
        "no_recipient",
        _no_recipient,
        lambda a: _emails(a.recipients.chosen) or f"no usable address at the {a.step.recipients} level",
    ),
    MessageGuard(
        "missing_value",
        _missing_value,
        lambda a: (
            f"without a value: {', '.join(a.missing_names)}" if a.missing_names else "every value is known"
        ),
    ),
    MessageGuard(
        "address_spent",
        _address_spent,
        lambda a: f"free today: {_emails(a.recipients.to) or 'none'}",
    ),
)
"""In the order asked, after `credit_covers`, which takes invoices out of the message rather than stopping it."""
