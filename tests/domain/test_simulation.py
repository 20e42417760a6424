"""The simulation of chasing-rules.md section 9: its example, its order of events, and its settings."""

from dunright.domain.simulation import read_scenario, simulate
from tests.domain.scenario_examples import (
    TWO_INVOICES,
    days_sent,
    decided,
    event,
    invoice,
    played,
    schedule,
    sent,
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
