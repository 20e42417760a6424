"""What comes next, in the words of pages: a title or a pill, and a line under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dunright.models import MessageState
from dunright.queries.next_steps import NextStep
from dunright.web import formats


@dataclass(frozen=True, slots=True)
class Told:
    title: str = ""
    """The name of a step; empty when a pill says it."""
    code: str = ""
    """A reason code or message state: the pill."""
    note: str = ""
    needs_you: bool = False
    """The note asks a person for something."""


def told(step: NextStep, *, today: date, amounts: Mapping[str, Decimal] | None = None) -> Told:
    """Put a next step into words; `amounts` are what its message lists, per currency."""
    money = ", ".join(formats.money(amount, code) for code, amount in (amounts or {}).items())
    if step.message is not None:
        return _message(step, money, today)
    if not step.reason:
        if not step.step:
            return Told(code="not_open")
        return Told(step.step, note=_joined(formats.day_in_words(step.day, today), money))
    return Told(code=step.reason, note=_reason(step, today))


_PHRASES: Mapping[str, str] = {
    "disputed": "is disputed",
    "promised": "is promised",
    "paused_until": "is paused",
    "payment_pending": "has a payment under way",
    "no_due_date": "has no due date",
    "invoice_not_chasing": "is not chased",
    "no_schedule": "has no schedule",
    "below_tolerance": "is below the tolerance",
    "uncertain": "waits until the last message is settled",
    "sequence_finished": "had every step of its schedule",
    "credit_covers": "is covered by credit",
    "below_minimum": "is below the minimum for a message",
    "minimum_gap": "waits, as the last message is too recent",
    "waits_for_overdue": "waits for the overdue ones",
    "no_recipient": "has nobody to go to",
    "missing_value": "lacks a value that its text needs",
    "address_spent": "waits, as every address had a message today",
    "customer_on_hold": "is on hold with its customer",
    "customer_not_chasing": "is not chased, like its customer",
    "nothing_due": "has no step due",
    "not_open": "is not open",
}
"""A reason as the end of a sentence that begins with an invoice's number."""


def phrase(step: NextStep, *, today: date) -> str:
    """`is promised for 27 November`: why an invoice is left out, after its number."""
    words = _PHRASES.get(step.reason, "waits")
    if step.reason == "promised" and step.hold is not None:
        return f"{words} for {formats.day_in_words(step.hold.date, today)}"
    if step.reason in {"paused_until", "minimum_gap"} and step.day:
        return f"{words} until {formats.day_in_words(step.day, today)}"
    return words


def _message(step: NextStep, money: str, today: date) -> Told:
    message = step.message
    assert message is not None
    if message.state == MessageState.PENDING:
        return Told(step.step, note="needs your approval", needs_you=True)
    moment = formats.moment(message.due_at, today)
    if message.state == MessageState.HELD:
        return Told(step.step, note=f"held, tried again {moment}")
    if message.state == MessageState.RETRYING:
        return Told(step.step, note=f"put off by the mail server, again {moment}")
    if message.state == MessageState.CLAIMED:
        return Told(step.step, note=_joined("leaving now", money))
    return Told(step.step, note=_joined(moment, money))


def _reason(step: NextStep, today: date) -> str:
    """The line under a reason's pill."""
    hold, until = step.hold, step.day
    by_day = f"until {formats.day_in_words(until, today)}" if until else ""
    fixed = {
        "uncertain": "say what became of the last message",
        "no_recipient": "waits for an e-mail address",
        "missing_value": "a text needs a value",
        "sequence_finished": "every step was sent",
        "no_due_date": "set one in your books",
        "no_schedule": "chosen: none, or archived",
        "payment_pending": "until it arrives or fails",
    }
    if step.reason == "promised" and hold is not None:
        return f"for {formats.day_in_words(hold.date, today)}"
    if step.reason == "disputed" and hold is not None:
        return f"since {formats.day_in_words(hold.created_at.date(), today)}"
    if step.reason in {"paused_until", "customer_on_hold"}:
        origin = {"call": "after a call, ", "reply": "they answered, "}.get(hold.origin if hold else "", "")
        return f"{origin}{by_day or 'until resumed'}"
    return fixed.get(step.reason, by_day)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part and part != formats.NOTHING)
