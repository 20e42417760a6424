"""The simulation of chasing-rules.md section 9."""

import pytest

from dunright.domain.simulation import read_scenario, simulate
from tests.domain.scenario_examples import TWO_INVOICES, customer, event, invoice, scenario, schedule


def played(*events, **changes):
    return simulate(read_scenario(scenario(*events, **changes)))


def sent(answer):
    """Date, leading step and what is listed, of each message."""
    return [
        (message["at"][:10], message["step"], [(line["id"], line["step"]) for line in message["invoices"]])
        for message in answer["messages"]
    ]


def days_sent(answer):
    return [message["at"][:10] for message in answer["messages"]]


def decided(answer, day, invoice="I1"):
    return next(
        (one["verdict"], one["reason"], one["until"])
        for one in answer["decisions"]
        if one["date"] == day and one["invoice"] == invoice
    )


def test_the_example_of_the_rules_gives_its_answer():
    answer = simulate(read_scenario(TWO_INVOICES))
    assert answer["name"] == "two invoices"
    assert answer["messages"][:1] == [
        {
            "at": "2026-02-27T09:00:00+01:00",
            "customer": "K",
            "kind": "before_due",
            "step": "s1",
            "sender": "normal",
            "template": "single",
            "to": ["ap@k.example"],
            "flags": [],
            "invoices": [{"id": "I1", "step": "s1", "balance": "1000.00"}],
            "totals": {"EUR": "1000.00"},
        }
    ]
    assert answer["decisions"][:1] == [
        {
            "date": "2026-02-25",
            "invoice": "I1",
            "verdict": "wait",
            "reason": "nothing_due",
            "until": "2026-02-27",
        }
    ]
    assert [
        (message["at"], message["step"], message["to"], message["totals"])
        for message in answer["messages"][1:]
    ] == [
        ("2026-03-03T09:00:00+01:00", "s2", ["ap@k.example"], {"EUR": "1000.00"}),
        ("2026-04-01T09:00:00+02:00", "s3", ["fd@k.example"], {"EUR": "400.00"}),
    ]
    assert len(answer["decisions"]) == 33


def test_every_invoice_that_exists_gets_a_decision_in_every_run_whatever_its_state():
    answer = played(
        event("2026-02-26T08:00", "organisation_pause", until=None),
        invoices=[
            invoice("I1"),
            invoice("V", status="void"),
            invoice("L", issued="2026-02-26", seen="2026-02-27"),
        ],
        to="2026-02-27",
    )
    assert [(one["date"][-2:], one["invoice"], one["reason"]) for one in answer["decisions"]] == [
        ("25", "I1", "nothing_due"),
        ("25", "V", "not_open"),
        ("26", "I1", "paused"),
        ("26", "V", "paused"),
        ("27", "I1", "paused"),
        ("27", "V", "paused"),
        ("27", "L", "paused"),
    ]


def test_first_and_last_day_are_included_and_events_before_and_after_are_history_and_ignored():
    answer = played(
        event("2026-01-31T10:00", "payment", invoice="I1", amount="100.00"),
        event("2026-02-27T09:01", "payment", invoice="I1", amount="900.00"),
        event("2026-02-28T09:00", "payment", invoice="I1", amount="1.00"),
        **{"from": "2026-02-27", "to": "2026-02-27"},
    )
    assert [message["totals"] for message in answer["messages"]] == [{"EUR": "900.00"}]


def test_an_event_at_the_moment_of_a_run_comes_before_it():
    assert played(event("2026-02-27T09:00", "dispute", invoice="I1"), to="2026-03-01")["messages"] == []
    after = played(event("2026-02-27T09:00:01", "dispute", invoice="I1"), to="2026-03-01")
    assert days_sent(after) == ["2026-02-27"]


def test_events_at_equal_moments_are_applied_in_the_order_of_the_file():
    start, end = (
        event("2026-02-26T10:00", "dispute", invoice="I1"),
        event("2026-02-26T10:00", "dispute_end", invoice="I1"),
    )
    assert days_sent(played(start, end, to="2026-02-28")) == ["2026-02-27"]
    assert days_sent(played(end, start, to="2026-02-28")) == []


def test_a_late_line_of_the_file_may_be_an_early_event():
    answer = played(
        event("2026-03-01T10:00", "dispute_end", invoice="I1"),
        event("2026-02-26T10:00", "dispute", invoice="I1"),
    )
    assert decided(answer, "2026-02-27") == ("wait", "disputed", None)
    assert days_sent(answer)[0] == "2026-03-02"


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


class TestOrganisation:
    def test_a_pause_until_a_date_ends_by_itself(self):
        answer = played(event("2026-02-26T10:00", "organisation_pause", until="2026-03-05"), to="2026-03-20")
        assert decided(answer, "2026-03-04") == ("wait", "paused", "2026-03-05")
        assert days_sent(answer) == ["2026-03-05"]

    def test_resuming_ends_a_pause_and_a_run_that_found_a_pause_was_a_run(self):
        answer = played(
            event("2026-02-26T10:00", "organisation_pause", until=None),
            event("2026-03-03T09:30", "organisation_resume"),
            event("2026-03-03T09:40", "organisation", organisation={"chase_time": "10:00"}),
            to="2026-03-20",
        )
        assert decided(answer, "2026-03-03") == ("wait", "paused", None)
        assert [message["at"] for message in answer["messages"]] == ["2026-03-04T10:00:00+01:00"]

    def test_disconnected_until_reconnected_with_fresh_data(self):
        answer = played(
            event("2026-02-26T10:00", "disconnect"), event("2026-03-05T10:00", "reconnect"), to="2026-03-20"
        )
        assert decided(answer, "2026-03-05") == ("wait", "disconnected", None)
        assert days_sent(answer) == ["2026-03-06"]

    def test_a_chase_time_set_to_an_hour_already_over_counts_from_the_next_day(self):
        organisation = {"chase_time": "11:00"}
        early = event("2026-02-27T10:00", "organisation", organisation={"chase_time": "08:00"})
        answer = played(early, organisation=organisation, to="2026-02-28", **{"from": "2026-02-27"})
        assert (answer["messages"], answer["decisions"]) == ([], [])
        same = event("2026-02-27T10:00", "organisation", organisation={"chase_time": "10:00"})
        answer = played(same, organisation=organisation, to="2026-02-28", **{"from": "2026-02-27"})
        assert [message["at"] for message in answer["messages"]] == ["2026-02-27T10:00:00+01:00"]

    def test_at_most_one_run_a_local_day(self):
        later = event("2026-02-27T10:00", "organisation", organisation={"chase_time": "15:00"})
        answer = played(later, to="2026-02-28", **{"from": "2026-02-27"})
        assert [one["date"] for one in answer["decisions"]] == ["2026-02-27"]

    def test_a_changed_time_zone_counts_for_later_moments(self):
        moved = event("2026-03-01T10:00", "organisation", organisation={"timezone": "America/New_York"})
        assert [message["at"] for message in played(moved, to="2026-03-04")["messages"]] == [
            "2026-02-27T09:00:00+01:00",
            "2026-03-03T09:00:00-05:00",
        ]

    def test_changed_settings_count_from_that_moment(self):
        higher = event("2026-03-02T10:00", "organisation", organisation={"minimum": "1000.01"})
        answer = played(higher, to="2026-03-04")
        assert decided(answer, "2026-03-03") == ("wait", "below_minimum", None)

    def test_holidays_move_a_run_to_the_next_working_day(self):
        easter = {"holidays": True, "chase_days": ["mon"]}
        answer = played(organisation=easter, **{"from": "2026-04-06", "to": "2026-04-13"})
        assert [one["date"] for one in answer["decisions"]] == ["2026-04-07", "2026-04-13"]

    def test_without_chase_days_nothing_runs(self):
        answer = played(organisation={"chase_days": []})
        assert (answer["messages"], answer["decisions"]) == ([], [])

    def test_summer_time_runs_at_the_next_existing_minute_after_events_of_the_missing_hour(self):
        night = {"chase_days": ["sun"], "chase_time": "02:30"}
        gone = event("2026-03-29T02:45", "dispute", invoice="I1")
        period = {"from": "2026-03-29", "to": "2026-03-29"}
        assert [one["at"] for one in played(organisation=night, **period)["messages"]] == [
            "2026-03-29T03:00:00+02:00"
        ]
        assert played(gone, organisation=night, **period)["messages"] == []


class TestSchedules:
    def test_the_nearest_of_invoice_customer_and_default_decides(self):
        three = [schedule(1), schedule(2, name="Own"), schedule(3, name="Theirs")]
        answer = played(
            schedules=three,
            customers=[customer("K", "k@k.example", schedule="Theirs"), customer("L", "l@k.example")],
            invoices=[invoice("A", schedule="Own"), invoice("B"), invoice("C", customer="L")],
            organisation={"minimum_gap_days": 0, "grouping": "due_steps"},
            to="2026-03-06",
        )
        assert sent(answer) == [
            ("2026-03-03", "d1", [("C", "d1")]),
            ("2026-03-04", "d2", [("A", "d2")]),
            ("2026-03-05", "d3", [("B", "d3")]),
        ]

    def test_none_archived_and_missing_are_never_replaced_by_the_default(self):
        answer = played(
            event("2026-03-02T10:00", "archive", schedule="Own"),
            event("2026-03-02T10:00", "schedule", customer="K", schedule="none"),
            schedules=[schedule(1), schedule(1, name="Own")],
            invoices=[invoice("I1", schedule="Own"), invoice("I2")],
            to="2026-03-04",
        )
        assert [decided(answer, "2026-03-04", one) for one in ("I1", "I2")] == [
            ("wait", "no_schedule", None)
        ] * 2
        missing = played(schedules=[schedule(1, default=False)], to="2026-03-04")
        assert decided(missing, "2026-03-04") == ("wait", "no_schedule", None)

    def test_another_schedule_starts_above_the_floor(self):
        answer = played(
            event("2026-03-10T10:00", "schedule", invoice="I1", schedule="Other"),
            event("2026-03-20T10:00", "schedule", invoice="I1", schedule=None),
            schedules=[schedule(5, 20), schedule(2, 10, name="Other", default=False)],
        )
        assert sent(answer) == [
            ("2026-03-09", "d5", [("I1", "d5")]),
            ("2026-03-12", "d10", [("I1", "d10")]),
            ("2026-03-23", "d20", [("I1", "d20")]),
        ]

    def test_replaced_steps_keep_their_identity_and_their_present_days_count(self):
        steps = [{"id": "s2", "days": 20}, {"id": "low", "days": 10}, {"id": "high", "days": 25}]
        changed = event("2026-03-04T10:00", "steps", schedule="Standard", steps=steps)
        assert [one[:2] for one in sent(played(changed))] == [
            ("2026-02-27", "s1"),
            ("2026-03-03", "s2"),
            ("2026-03-27", "high"),
        ]
        assert decided(played(changed), "2026-04-10") == ("wait", "sequence_finished", None)

    def test_the_last_step_repeats_up_to_its_limit(self):
        repeating = schedule(1, repeat={"every_days": 7, "limit": 2})
        answer = played(schedules=[repeating])
        assert days_sent(answer) == ["2026-03-03", "2026-03-10", "2026-03-17"]
        assert decided(answer, "2026-03-11") == ("wait", "nothing_due", "2026-03-17")
        assert decided(answer, "2026-03-18") == ("wait", "sequence_finished", None)

    def test_a_repeat_without_limit_goes_on(self):
        forever = schedule(1, repeat={"every_days": 7, "limit": None})
        assert len(played(schedules=[forever])["messages"]) == 6


class TestByHand:
    def test_consumes_like_a_message_starts_the_gap_and_is_not_among_the_messages(self):
        answer = played(
            event("2026-03-03T08:00", "sent_by_hand", customer="K", invoices=["I1"], step="s2"),
            to="2026-03-04",
        )
        assert days_sent(answer) == ["2026-02-27"]
        assert decided(answer, "2026-03-03") == ("wait", "nothing_due", "2026-04-01")

    def test_without_a_step_it_starts_the_gap_alone(self):
        answer = played(
            event("2026-03-03T08:00", "sent_by_hand", customer="K", invoices=["I1"], step=None),
            to="2026-03-09",
        )
        assert decided(answer, "2026-03-04") == ("wait", "minimum_gap", "2026-03-06")
        assert sent(answer)[1:] == [("2026-03-06", "s2", [("I1", "s2")])]

    def test_a_step_that_its_schedule_does_not_know_consumes_nothing(self):
        answer = played(
            event("2026-02-28T08:00", "sent_by_hand", customer="K", invoices=["I1"], step="d9"),
            schedules=[schedule(1), schedule(9, name="Other")],
            to="2026-03-09",
        )
        assert sent(answer) == [("2026-03-03", "d1", [("I1", "d1")])]

    def test_counts_as_a_sending_of_the_step_that_repeats(self):
        answer = played(
            event("2026-03-05T12:00", "sent_by_hand", customer="K", invoices=["I1"], step="d1"),
            schedules=[schedule(1, repeat={"every_days": 7, "limit": 1})],
        )
        assert days_sent(answer) == ["2026-03-03"]
        assert decided(answer, "2026-03-06") == ("wait", "sequence_finished", None)

    def test_opens_the_way_for_an_escalated_step_when_it_stood_for_a_step(self):
        late = {"from": "2026-04-20", "to": "2026-04-30"}
        by_hand = event("2026-04-10T12:00", "sent_by_hand", customer="K", invoices=["I1"], step="s1")
        assert [one[1] for one in sent(played(**late))] == ["s2", "s3"]
        assert [one[1] for one in sent(played(by_hand, **late))] == ["s3"]

    def test_spends_the_addresses_of_its_level_for_that_day(self):
        answer = played(
            event("2026-03-03T08:00", "sent_by_hand", customer="L", invoices=[], step=None),
            customers=[customer("K", "same@k.example"), customer("L", "Same@k.example")],
            schedules=[schedule(1)],
            to="2026-03-05",
        )
        assert decided(answer, "2026-03-03") == ("wait", "address_spent", "2026-03-04")
        assert days_sent(answer) == ["2026-03-04"]


class TestCustomers:
    def test_an_address_gets_one_message_a_day_and_the_longest_waiting_customer_goes_first(self):
        answer = played(
            customers=[customer("K", "same@k.example"), customer("L", " SAME@k.example ")],
            schedules=[schedule(1, 2, 3, 4)],
            invoices=[invoice("A"), invoice("B", customer="L")],
            organisation={"minimum_gap_days": 1, "grouping": "due_steps"},
            to="2026-03-06",
        )
        assert [(message["customer"], message["step"], message["to"]) for message in answer["messages"]] == [
            ("K", "d1", ["same@k.example"]),
            ("L", "d2", ["SAME@k.example"]),
            ("K", "d3", ["same@k.example"]),
            ("L", "d4", ["SAME@k.example"]),
        ]
        assert decided(answer, "2026-03-03", "B") == ("wait", "address_spent", "2026-03-04")

    def test_replaced_contacts_are_the_only_ones(self):
        contacts = [{"email": "new@k.example", "level": "both"}, {"email": None, "level": "normal"}]
        answer = played(event("2026-03-01T08:00", "contacts", customer="K", contacts=contacts))
        assert [message["to"] for message in answer["messages"]] == [
            ["ap@k.example"],
            ["new@k.example"],
            ["new@k.example"],
        ]

    def test_an_escalated_step_without_escalated_contact_is_flagged(self):
        answer = played(customers=[customer("K", "ap@k.example")])
        last = answer["messages"][-1]
        assert (last["step"], last["to"], last["flags"]) == (
            "s3",
            ["ap@k.example"],
            ["no_escalated_recipient"],
        )

    def test_credits_cover_until_they_are_taken_away(self):
        answer = played(
            event("2026-02-26T10:00", "credit", customer="K", currency="EUR", amount="1000.00"),
            event("2026-03-09T10:00", "credit", customer="K", currency="EUR", amount="-0.01"),
            to="2026-03-12",
        )
        assert decided(answer, "2026-03-09") == ("wait", "credit_covers", None)
        assert days_sent(answer) == ["2026-03-10"]


def test_amounts_have_the_decimals_of_their_currency_and_totals_are_kept_apart():
    answer = played(
        invoices=[
            invoice("J", currency="JPY", total="1000.00", rate="0.006"),
            invoice("D", currency="KWD", total="1.5", rate="3"),
            invoice("E", total="0.1"),
            invoice("F", total="0.2"),
        ],
        schedules=[schedule(1)],
        to="2026-03-03",
    )
    assert answer["messages"][0]["totals"] == {"KWD": "1.500", "EUR": "0.30", "JPY": "1000"}
    assert answer["messages"][0]["template"] == "multi"
    assert [line["balance"] for line in answer["messages"][0]["invoices"]] == [
        "1.500",
        "0.10",
        "0.20",
        "1000",
    ]


def test_an_overdue_invoice_without_a_due_step_is_listed_and_keeps_its_own_reason():
    answer = played(
        invoices=[invoice("A"), invoice("B", due="2026-03-09", seen="2026-02-01")],
        schedules=[schedule(1, 8, 30)],
        to="2026-03-20",
    )
    assert sent(answer) == [
        ("2026-03-03", "d1", [("A", "d1")]),
        ("2026-03-10", "d8", [("A", "d8"), ("B", "d1")]),
        ("2026-03-17", "d8", [("A", None), ("B", "d8")]),
    ]
    assert decided(answer, "2026-03-17", "A") == ("wait", "nothing_due", "2026-04-01")
