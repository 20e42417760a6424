import pytest

from dunright.models import MessageState
from dunright.web import words

REASONS = (
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
    "nothing_due",
    "sequence_finished",
    "credit_covers",
    "below_minimum",
    "minimum_gap",
    "waits_for_overdue",
    "no_recipient",
    "missing_value",
    "address_spent",
)
"""Every code of chasing-rules.md section 3."""


def test_every_reason_code_has_a_word():
    assert [code for code in REASONS if code not in words.REASONS] == []


def test_every_state_of_a_message_has_a_word():
    assert sorted(words.MESSAGE_STATES) == sorted(MessageState.values)


@pytest.mark.parametrize(
    ("code", "label", "tone"),
    [
        ("disputed", "Disputed", "plum"),
        ("promised", "Promised", "blue"),
        ("customer_on_hold", "On hold", "grey"),
        ("no_recipient", "No address", "amber"),
        ("credit_covers", "Credit covers it", "green"),
        ("uncertain", "Uncertain", "amber"),
        ("sequence_finished", "End of schedule", "grey"),
        ("refused", "Refused", "red"),
        ("a_code_of_tomorrow", "A code of tomorrow", "grey"),
    ],
)
def test_words(code, label, tone):
    assert words.word(code) == words.Word(label, tone)
