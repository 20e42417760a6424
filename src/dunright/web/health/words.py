"""What is said about a difference or a trouble in the books, and what to do about it."""

from collections.abc import Mapping
from typing import NamedTuple

from dunright.web.words import Tone


class Advice(NamedTuple):
    """A kind of trouble: its name, and what to do."""

    title: str
    what: str
    is_blocking: bool = True
    """Nobody is chased about it until it is set right."""


ISSUES: Mapping[str, Advice] = {
    "no_due_date": Advice(
        "Needs a due date", "Without one nothing falls due: give the invoice a due date in Zoho Books."
    ),
    "no_recipient": Advice(
        "Nobody to write to",
        "Add a contact person with an e-mail address in Zoho Books, or choose who gets reminders.",
    ),
    "missing_value": Advice(
        "A value is missing",
        "The text of the next step uses something that the books do not say; fill it in.",
    ),
    "refused": Advice(
        "Address refused",
        "A mail server refused the address for good: correct it in Zoho Books, or clear it with the customer.",
    ),
    "same_number": Advice(
        "Number stands twice",
        "Two open invoices have the same number: see whether one of them was entered by mistake.",
        is_blocking=False,
    ),
    "same_address": Advice(
        "Same address, two customers",
        "Customers who owe something share an address: merge them in Zoho Books if they are one.",
        is_blocking=False,
    ),
    "archived": Advice(
        "Archived, and owes something",
        "The customer is inactive in Zoho Books and has open invoices: make it active, or write them off.",
        is_blocking=False,
    ),
    "unreadable": Advice(
        "Left out", "Zoho sent a value that cannot be right: correct it in Zoho Books, then sync."
    ),
}
"""Kind of `queries.health.issues` -> what it is called, and the remedy."""

OUTCOMES: Mapping[str, tuple[str, Tone]] = {
    "left": ("Differs", "red"),
    "mended": ("Mended", "green"),
    "explained": ("No fault", "grey"),
}
LEFT: Mapping[str, str] = {
    "unreadable": "Correct the value in Zoho Books, then check again.",
    "count": "Check again; should it stay so, read everything again with a full sync.",
    "customer_sum": "Look at the customer in Zoho Books, then check again.",
}
"""What to do about a difference that is left."""
CHECK_AGAIN = "It may have changed while it was read: check again."
EXPLAINED = "Every invoice is equal. What the books count beyond them is never chased."
MENDED = "It was read again, and is equal now."


def remedy(kind: str, outcome: str) -> str:
    """What to do about a difference, or why there is nothing to do."""
    if outcome == "left":
        return LEFT.get(kind, CHECK_AGAIN)
    return MENDED if outcome == "mended" else EXPLAINED
