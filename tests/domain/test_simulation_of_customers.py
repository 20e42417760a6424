"""Schedules, reminders by hand, and customers that share an address: chasing-rules.md sections 4, 7 and 9."""

from tests.domain.scenario_examples import (
    customer,
    days_sent,
    decided,
    event,
    invoice,
    played,
    schedule,
    sent,
)


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
