"""What events do to invoices, and what holds them: chasing-rules.md sections 3 and 9."""

import pytest

from tests.domain.scenario_examples import (
    days_sent,
    decided,
    event,
    invoice,
    played,
    sent,
)


class TestInvoices:
    def test_one_that_comes_by_an_event_exists_from_that_moment(self):
        early = event("2026-03-03T10:00", "invoice", invoice=invoice("E"))
        answer = played(early, invoices=[], to="2026-03-05")
        assert sent(answer) == [("2026-03-04", "s2", [("E", "s2")])]
        assert [one["date"] for one in answer["decisions"]] == ["2026-03-04", "2026-03-05"]

    def test_one_that_comes_by_an_event_exists_from_its_seen_day_if_later(self):
        late = event("2026-03-03T10:00", "invoice", invoice=invoice("E", seen="2026-03-05"))
        assert [one["date"] for one in played(late, invoices=[], to="2026-03-06")["decisions"]] == [
            "2026-03-05",
            "2026-03-06",
        ]

    def test_one_that_comes_by_an_event_was_first_seen_open_on_the_seen_day_it_states(self):
        comes = event("2026-02-27T08:00", "invoice", invoice=invoice("E", seen="2026-02-20"))
        assert days_sent(played(comes, invoices=[], to="2026-02-27")) == ["2026-02-27"]

    def test_seen_is_the_issue_date_where_it_is_not_given(self):
        bare = invoice("I1", issued="2026-02-27")
        del bare["seen"]
        assert days_sent(played(invoices=[bare], to="2026-03-03")) == ["2026-03-03"]

    def test_decisions_come_in_the_order_of_the_file(self):
        answer = played(
            invoices=[invoice("Z"), invoice("A", seen="2026-02-26"), invoice("M")], to="2026-02-26"
        )
        assert [one["invoice"] for one in answer["decisions"]] == ["Z", "M", "Z", "A", "M"]

    def test_paid_has_a_balance_of_zero_and_a_reversed_payment_opens_it_again(self):
        answer = played(
            event("2026-03-10T10:00", "payment_reversed", invoice="I1", amount="300.00"),
            invoices=[invoice("I1", status="paid")],
            to="2026-03-11",
        )
        assert decided(answer, "2026-03-10") == ("wait", "not_open", None)
        assert [message["totals"] for message in answer["messages"]] == [{"EUR": "300.00"}]

    def test_the_balance_is_plain_arithmetic_also_while_closed_and_below_zero(self):
        answer = played(
            event("2026-03-01T10:00", "void", invoice="I1"),
            event("2026-03-02T10:00", "payment", invoice="I1", amount="1200.00"),
            event("2026-03-02T10:01", "credit_applied", invoice="I1", amount="50.00"),
            event("2026-03-04T10:00", "reopen", invoice="I1"),
            event("2026-03-06T10:00", "payment_reversed", invoice="I1", amount="300.00"),
            event("2026-03-06T10:01", "credit_removed", invoice="I1", amount="0.01"),
            to="2026-03-09",
            **{"from": "2026-03-03"},
        )
        assert [decided(answer, f"2026-03-{day}")[1] for day in ("03", "05", "06")] == ["not_open"] * 3
        assert [message["totals"] for message in answer["messages"]] == [{"EUR": "50.01"}]

    def test_a_draft_that_is_opened_is_first_seen_open_that_day(self):
        answer = played(
            event("2026-02-27T08:00", "reopen", invoice="I1"), invoices=[invoice("I1", status="draft")]
        )
        assert decided(answer, "2026-02-26") == ("wait", "not_open", None)
        assert days_sent(answer)[0] == "2026-03-03"

    def test_a_void_invoice_that_is_reopened_keeps_the_day_it_was_first_seen_open(self):
        void = event("2026-02-25T08:00", "void", invoice="I1")
        assert days_sent(played(void, event("2026-02-27T08:00", "reopen", invoice="I1")))[0] == "2026-02-27"

    def test_a_written_off_invoice_is_not_open(self):
        answer = played(event("2026-02-26T08:00", "write_off", invoice="I1"), to="2026-03-05")
        assert (decided(answer, "2026-03-05"), answer["messages"]) == (("wait", "not_open", None), [])

    def test_no_due_date(self):
        answer = played(event("2026-03-04T10:00", "due_date", invoice="I1", due=None), to="2026-03-05")
        assert decided(answer, "2026-03-05") == ("wait", "no_due_date", None)

    def test_a_later_due_date_repeats_nothing(self):
        moved = event("2026-03-04T10:00", "due_date", invoice="I1", due="2026-03-06")
        assert sent(played(moved, to="2026-04-03")) == [
            ("2026-02-27", "s1", [("I1", "s1")]),
            ("2026-03-03", "s2", [("I1", "s2")]),
        ]


class TestHolds:
    @pytest.mark.parametrize(
        ("start", "end", "reason", "until"),
        [
            (("dispute", {}), "dispute_end", "disputed", None),
            (("promise", {"date": "2026-03-31"}), "promise_end", "promised", "2026-04-01"),
            (("pause", {"until": "2026-03-31"}), "pause_end", "paused_until", "2026-03-31"),
            (("payment_pending", {}), "payment_failed", "payment_pending", None),
        ],
    )
    def test_of_an_invoice_hold_and_end_and_lead_to_one_message(self, start, end, reason, until):
        kind, keys = start
        answer = played(
            event("2026-02-26T10:00", kind, invoice="I1", **keys),
            event("2026-03-12T10:00", end, invoice="I1"),
            to="2026-03-20",
        )
        assert decided(answer, "2026-02-27") == ("wait", reason, until)
        assert sent(answer) == [("2026-03-13", "s2", [("I1", "s2")])]

    def test_the_promised_day_belongs_to_the_customer_and_a_pause_ends_with_its_day(self):
        promise = event("2026-02-26T10:00", "promise", invoice="I1", date="2026-03-10")
        pause = event("2026-02-26T10:00", "pause", invoice="I1", until="2026-03-10")
        assert days_sent(played(promise, to="2026-03-20")) == ["2026-03-11"]
        assert days_sent(played(pause, to="2026-03-20")) == ["2026-03-10"]

    def test_a_new_promise_replaces_the_one_before(self):
        first = event("2026-02-26T10:00", "promise", invoice="I1", date="2026-03-30")
        second = event("2026-03-02T10:00", "promise", invoice="I1", date="2026-03-05")
        assert days_sent(played(first, second, to="2026-03-20")) == ["2026-03-06"]

    def test_a_payment_under_way_ends_with_the_next_payment_also_a_part(self):
        answer = played(
            event("2026-02-26T10:00", "payment_pending", invoice="I1"),
            event("2026-03-03T10:00", "credit_applied", invoice="I1", amount="1.00"),
            event("2026-03-05T10:00", "payment", invoice="I1", amount="9.00"),
            to="2026-03-20",
        )
        assert days_sent(answer) == ["2026-03-06"]

    def test_payments_due_dates_and_reopening_end_no_hold(self):
        answer = played(
            event("2026-02-26T10:00", "dispute", invoice="I1"),
            event("2026-02-26T11:00", "payment", invoice="I1", amount="1.00"),
            event("2026-02-26T12:00", "due_date", invoice="I1", due="2026-03-01"),
            event("2026-02-26T13:00", "reopen", invoice="I1"),
        )
        assert answer["messages"] == []

    @pytest.mark.parametrize(("until", "expected"), [("2026-03-10", "2026-03-10"), (None, "2026-03-13")])
    def test_of_a_customer_hold_until_their_day_or_their_end(self, until, expected):
        answer = played(
            event("2026-02-26T10:00", "hold", customer="K", until=until),
            event("2026-03-12T10:00", "hold_end", customer="K"),
            to="2026-03-20",
        )
        assert decided(answer, "2026-02-27") == ("wait", "customer_on_hold", until)
        assert days_sent(answer)[0] == expected

    def test_chasing_is_switched_for_a_customer_or_an_invoice(self):
        answer = played(
            event("2026-02-26T10:00", "chasing", customer="K", value="off"),
            event("2026-03-04T10:00", "chasing", customer="K", value=True),
            event("2026-03-04T10:00", "chasing", invoice="I1", value=False),
            event("2026-03-09T10:00", "chasing", invoice="I1", value="on"),
            to="2026-03-20",
        )
        assert decided(answer, "2026-02-27") == ("wait", "customer_not_chasing", None)
        assert decided(answer, "2026-03-05") == ("wait", "invoice_not_chasing", None)
        assert days_sent(answer) == ["2026-03-10"]
