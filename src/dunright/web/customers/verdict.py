"""A customer in one line: what leaves, to whom, when, and what is left out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dunright.domain.facts import OrganisationFacts
from dunright.models import MessageState, OutboxMessage
from dunright.queries.next_steps import name_of
from dunright.queries.one_customer import CustomerPage, OpenInvoice
from dunright.web import formats
from dunright.web.receivables.told import phrase

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    title: str
    note: str = ""
    icon: str = "send"
    tone: str = "brand"
    can_resume: bool = False
    """The customer itself is held back: one button ends that."""


def verdict(page: CustomerPage, *, today: date) -> Verdict:
    """What happens next with the customer."""
    if page.message is not None:
        return _coming(page, page.message, today)
    trouble = organisation_trouble(page.teller.organisation_facts)
    customer = page.customer
    if not page.invoices:
        return Verdict("Nothing is open.", trouble, "circle-check", "green", not customer.is_chasing)
    if not customer.is_chasing or customer.is_excluded:
        why = "On the exclusion list, which wins over everything." if customer.is_excluded else trouble
        return Verdict("Not chased.", why, "hand", "grey", not customer.is_excluded)
    held = page.teller.hold_behind("customer_on_hold", invoice=None)
    if held is not None and any(one.next.reason == "customer_on_hold" for one in page.invoices):
        until = f"until {formats.day_in_words(held.date, today)}" if held.date else "until somebody resumes"
        return Verdict(f"On hold {until}.", held.why or trouble, "hand", "grey", can_resume=True)
    draft = page.decided.decision.message
    if draft is not None:
        people = _named([f"{one.first_name} {one.last_name}".strip() or one.email or "" for one in draft.to])
        title = (
            f"{name_of(draft.step)} for {formats.count(len(draft.lines), 'invoice')}, {sums(draft.totals)}, "
            f"goes to {people} {_on(page.decided.day, today)}."
        )
        listed = {int(line.invoice.id) for line in draft.lines}
        return Verdict(title, _joined(_left_out(page.invoices, listed, today), trouble))
    return _nothing_leaves(page, trouble, today)


def organisation_trouble(facts: OrganisationFacts) -> str:
    """What stops everything, in a sentence."""
    if facts.paused is not None:
        return "Chasing is paused for the whole company, so nothing leaves."
    if facts.disconnected:
        return "The books are not connected, so nothing leaves."
    return ""


def sums(amounts: Mapping[str, Decimal]) -> str:
    """Amounts of several currencies beside one another, never added."""
    return " and ".join(formats.money(amount, code) for code, amount in amounts.items())


def message_sums(message: OutboxMessage) -> dict[str, Decimal]:
    """A message's totals as amounts."""
    return {code: Decimal(amount) for code, amount in message.totals.items()}


def _coming(page: CustomerPage, message: OutboxMessage, today: date) -> Verdict:
    lines = list(message.lines.all())
    people = _named([one["name"] or one["address"] for one in message.to])
    what = (
        f"{page.teller.message_name(message)} for {formats.count(len(lines), 'invoice')}, "
        f"{sums(message_sums(message))},"
    )
    note = _left_out(page.invoices, {line.invoice_id for line in lines}, today)
    if message.state == MessageState.PENDING:
        return Verdict(f"{what} waits for your approval. It would go to {people}.", note, "clock", "amber")
    moment = formats.moment(message.due_at, today).replace(" ", " at ", 1).replace(", ", " at ")
    if message.state in {MessageState.HELD, MessageState.RETRYING}:
        note = _joined(message.reason.capitalize(), note)
        return Verdict(f"{what} could not leave yet; it is tried again {moment}.", note, "clock", "amber")
    near = moment if moment.startswith(("today", "tomorrow", "yesterday")) else f"on {moment}"
    return Verdict(f"{what} goes to {people} {near}.", note)


def _nothing_leaves(page: CustomerPage, trouble: str, today: date) -> Verdict:
    later = [one for one in page.invoices if one.next.step and one.next.day]
    left_out = _left_out(page.invoices, set(), today)
    if later:
        first = min(later, key=lambda one: one.next.day or date.max)
        same = [
            one.invoice.number
            for one in later
            if (one.next.step, one.next.day) == (first.next.step, first.next.day)
        ]
        title = f"{first.next.step} for {_named(same)} follows {_on(first.next.day, today)}."
        return Verdict(title, _joined(left_out, trouble), "calendar-clock", "brand")
    return Verdict("Nothing leaves.", _joined(left_out.replace("Left out: ", "", 1), trouble), "hand", "grey")


def _left_out(invoices: Sequence[OpenInvoice], listed: set[int], today: date) -> str:
    parts = [
        f"{one.invoice.number} {phrase(one.next, today=today)}"
        for one in invoices
        if one.invoice.pk not in listed and one.next.reason and one.next.reason != "nothing_due"
    ]
    if not parts:
        return ""
    more = len(parts) - MOST_NAMED
    shown = parts[:MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
    return f"Left out: {', '.join(shown)}."


def _on(day: date | None, today: date) -> str:
    if day is None:
        return "later"
    words = formats.day_in_words(day, today)
    return words if words in {"today", "tomorrow"} else f"on {formats.weekday(day)}"


def _named(names: Sequence[str]) -> str:
    if not names:
        return "nobody"
    if len(names) > MOST_NAMED:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _joined(*sentences: str) -> str:
    return " ".join(one for one in sentences if one)
