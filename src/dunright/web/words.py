"""What codes are called on pages, and the colour that goes with the word (chasing-rules.md section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tone = Literal["grey", "red", "amber", "blue", "plum", "green", "brand"]


@dataclass(frozen=True, slots=True)
class Word:
    label: str
    tone: Tone = "grey"


REASONS: Mapping[str, Word] = {
    "paused": Word("Chasing paused"),
    "disconnected": Word("Disconnected", "red"),
    "stale_data": Word("Books not fresh", "amber"),
    "customer_not_chasing": Word("Not chasing"),
    "customer_on_hold": Word("On hold"),
    "no_schedule": Word("No schedule"),
    "not_open": Word("Nothing open", "green"),
    "no_due_date": Word("No due date", "amber"),
    "invoice_not_chasing": Word("Not chasing"),
    "disputed": Word("Disputed", "plum"),
    "promised": Word("Promised", "blue"),
    "paused_until": Word("Paused"),
    "payment_pending": Word("Payment under way", "blue"),
    "below_tolerance": Word("Too small"),
    "nothing_due": Word("Nothing due"),
    "sequence_finished": Word("End of schedule"),
    "credit_covers": Word("Credit covers it", "green"),
    "below_minimum": Word("Below the minimum"),
    "minimum_gap": Word("Written to lately"),
    "waits_for_overdue": Word("Overdue ones first"),
    "no_recipient": Word("No address", "amber"),
    "missing_value": Word("Value missing", "amber"),
    "address_spent": Word("Written to today"),
    "uncertain": Word("Uncertain", "amber"),
}
"""Reason codes: the word of the pill."""

MESSAGE_STATES: Mapping[str, Word] = {
    "pending": Word("Waits for approval", "amber"),
    "planned": Word("Planned", "blue"),
    "approved": Word("Approved", "blue"),
    "claimed": Word("Leaving", "blue"),
    "held": Word("Held", "amber"),
    "retrying": Word("Tried again soon", "amber"),
    "sent": Word("Sent", "green"),
    "refused": Word("Refused", "red"),
    "failed": Word("Failed", "red"),
    "uncertain": Word("Uncertain", "amber"),
    "cancelled": Word("Cancelled"),
    "lapsed": Word("Lapsed"),
    "superseded": Word("Replaced"),
}
"""Where a message stands (chasing-rules.md section 6)."""

_KNOWN: Mapping[str, Word] = {**MESSAGE_STATES, **REASONS}


def word(code: str) -> Word:
    """The word for a reason or a message's state; an unknown code reads as itself, in grey."""
    return _KNOWN.get(code) or Word(code.replace("_", " ").capitalize())
