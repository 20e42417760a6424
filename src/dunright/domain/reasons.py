"""Why an invoice is not chased today: every reason code of chasing-rules.md section 3, in the order asked."""

from typing import Final, Literal

ReasonLevel = Literal["organisation", "customer", "invoice", "step", "message"]

Reason = Literal[
    "paused",
    "disconnected",
    "stale_data",
    "customer_not_chasing",
    "customer_on_hold",
    "no_schedule",
    "not_open",
    "no_due_date",
    "invoice_not_chasing",
    "disputed",
    "promised",
    "paused_until",
    "payment_pending",
    "below_tolerance",
    "uncertain",
    "nothing_due",
    "sequence_finished",
    "credit_covers",
    "below_minimum",
    "minimum_gap",
    "waits_for_overdue",
    "no_recipient",
    "missing_value",
    "address_spent",
]

LEVELS: Final[dict[Reason, ReasonLevel]] = {
    "paused": "organisation",
    "disconnected": "organisation",
    "stale_data": "organisation",
    "customer_not_chasing": "customer",
    "customer_on_hold": "customer",
    "no_schedule": "customer",
    "not_open": "invoice",
    "no_due_date": "invoice",
    "invoice_not_chasing": "invoice",
    "disputed": "invoice",
    "promised": "invoice",
    "paused_until": "invoice",
    "payment_pending": "invoice",
    "below_tolerance": "invoice",
    # Section 6.4: while a message has an unknown fate, its invoices get no further step. Asked last, so that
    # a reason which a person can do something about is named first.
    "uncertain": "invoice",
    "nothing_due": "step",
    "sequence_finished": "step",
    "credit_covers": "message",
    "below_minimum": "message",
    "minimum_gap": "message",
    "waits_for_overdue": "message",
    "no_recipient": "message",
    "missing_value": "message",
    "address_spent": "message",
}
"""In the order in which the guards are asked; the first that stops names the reason."""

TO_DO_REASONS: Final[frozenset[Reason]] = frozenset({"sequence_finished", "no_recipient", "missing_value"})
"""Reasons that make one open to-do for a person."""
