"""Which step is due: chasing-rules.md R1 to R7."""

from dataclasses import replace
from datetime import date

import pytest

from dunright.domain.facts import InvoiceFacts
from dunright.domain.schedules import Repeat, Schedule, Step
from dunright.domain.steps import Due, NotDue, consume, consumed_by_hand, due_step, floor_of
from tests.domain.chasing_examples import DUE, STANDARD, day, invoice, schedule, sent, skipped

S1, S2, S3, S4 = STANDARD.steps


def found(facts: InvoiceFacts, today: date, notice_days: int = 7) -> Due | NotDue:
    assert facts.schedule is not None
    assert facts.due is not None
    return due_step(facts, facts.schedule, facts.due, notice_days=notice_days, today=today)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (day(-4), NotDue("nothing_due", day(-3))),
        (day(-3), Due(S1)),
        (day(-1), Due(S1)),
        (day(0), Due(S1)),
        (day(1), Due(S2)),
        (day(13), Due(S2)),
        (day(14), Due(S3, (S2,))),
    ],
)
def test_r1_a_step_is_reached_from_its_day_on_and_a_missed_day_loses_nothing(today, expected):
    assert found(invoice(), today) == expected


def test_r2_a_step_of_the_schedule_in_force_counts_with_its_present_days():
    moved = schedule(Step("s2", 20), Step("s3", 14))
    assert floor_of((sent("s2", 1, day(1)),), moved) == 20


def test_r2_a_deleted_step_counts_with_the_days_it_had_when_last_consumed():
    without = schedule(Step("s3", 14), Step("s4", 30))
    facts = invoice(schedule=without, consumed=(sent("s2", 20, day(20)),), last_listed_on=day(20))
    assert found(facts, day(29)) == NotDue("nothing_due", day(30))


def test_r2_a_step_of_another_schedule_counts_with_the_days_it_had():
    facts = invoice(consumed=(sent("s2", 20, day(20), schedule="Gentle"),), last_listed_on=day(20))
    assert found(facts, day(25)) == NotDue("nothing_due", day(30))


def test_r2_a_step_that_was_deleted_and_came_back_is_still_consumed():
    facts = invoice(consumed=(sent("s2", 1, day(1)),), last_listed_on=day(1))
    assert found(facts, day(2)) == NotDue("nothing_due", day(14))


def test_r3_a_step_below_the_floor_is_no_candidate():
    facts = invoice(consumed=(sent("s3", 14, day(14)),), last_listed_on=day(14))
    assert found(facts, day(15)) == NotDue("nothing_due", day(30))


@pytest.mark.parametrize(
    ("seen", "issued", "expected"),
    [
        (day(-4), day(-10), Due(S1)),
        (day(-3), day(-10), NotDue("nothing_due", day(1))),
        (day(-10), day(-3), NotDue("nothing_due", day(1))),
        (day(-10), None, Due(S1)),
        (day(-3), None, NotDue("nothing_due", day(1))),
    ],
)
def test_r3_no_coming_due_note_planned_up_to_the_day_the_invoice_was_first_seen_open(seen, issued, expected):
    assert found(invoice(seen=seen, issued=issued), day(-2)) == expected


def test_r3_a_step_on_the_due_date_itself_is_before_due_and_ends_with_that_day():
    facts = invoice(schedule=schedule(Step("now", 0)))
    assert found(facts, day(0)) == Due(Step("now", 0))
    assert found(facts, day(1)) == NotDue("sequence_finished")


def test_r4_candidates_below_the_due_step_are_skipped_but_not_those_before_the_due_date():
    facts = invoice(consumed=(sent("s2", 1, day(1)),), last_listed_on=day(1))
    assert found(facts, day(40)) == Due(S4, (S3,))


def test_r5_an_escalated_step_gives_way_to_the_greatest_other_while_nothing_was_listed():
    assert found(invoice(), day(60)) == Due(S3, (S2,))


def test_r5_an_escalated_step_is_due_at_first_when_no_other_candidate_exists():
    facts = invoice(schedule=schedule(S4))
    assert found(facts, day(30)) == Due(S4)


def test_r5_an_escalated_step_below_the_due_one_is_skipped():
    hard, soft = Step("hard", 10, recipients="escalated"), Step("soft", 20)
    assert found(invoice(schedule=schedule(hard, soft)), day(30)) == Due(soft, (hard,))


@pytest.mark.parametrize(
    ("today", "expected"), [(day(31), NotDue("nothing_due", day(32))), (day(32), Due(S4))]
)
def test_r5_the_first_sending_of_an_escalated_step_keeps_its_notice(today, expected):
    facts = invoice(consumed=(sent("s3", 14, day(25)),), last_listed_on=day(25))
    assert found(facts, today) == expected


def test_r5_held_back_by_its_notice_it_is_no_candidate_and_the_greatest_other_is_due():
    facts = invoice(consumed=(sent("s2", 1, day(28)),), last_listed_on=day(28))
    assert found(facts, day(30)) == Due(S3)


def test_r5_held_back_by_its_notice_it_is_not_skipped_below_a_later_step():
    soft = Step("soft", 31)
    facts = invoice(
        schedule=schedule(S2, S4, soft), consumed=(sent("s2", 1, day(28)),), last_listed_on=day(28)
    )
    assert found(facts, day(31)) == Due(soft)


def test_r5_the_notice_ends_later_than_the_planned_date_of_a_step_not_reached():
    facts = invoice(consumed=(sent("s3", 14, day(28)),), last_listed_on=day(28))
    assert found(facts, day(29)) == NotDue("nothing_due", day(35))


def test_r5_a_notice_past_the_due_date_leaves_no_time_for_an_escalated_note_before_it():
    early = Step("early", -2, recipients="escalated")
    facts = invoice(schedule=schedule(Step("first", -5), early), last_listed_on=day(-5))
    facts = replace(facts, consumed=(sent("first", -5, day(-5)),))
    assert found(facts, day(-2)) == NotDue("sequence_finished")


def test_r5a_gently_takes_the_smallest_overdue_candidate_until_a_message_listed_the_invoice():
    facts = invoice(entry="gently")
    assert found(facts, day(60)) == Due(S2)
    listed = replace(facts, consumed=(sent("s2", 1, day(60)),), last_listed_on=day(60))
    assert found(listed, day(63)) == Due(S3)
    assert found(listed, day(67)) == Due(S4, (S3,))


def test_r5a_gently_never_begins_with_an_escalated_step_where_another_is_reached():
    hard = Step("hard", 1, recipients="escalated")
    facts = invoice(schedule=schedule(hard, Step("b", 5), Step("c", 9)), entry="gently")
    assert found(facts, day(60)) == Due(Step("b", 5), (hard,))


def test_r5a_gently_changes_nothing_before_the_due_date():
    steps = (Step("a", -9), Step("b", -3))
    facts = invoice(schedule=schedule(*steps), entry="gently", seen=date(2026, 1, 1))
    assert found(facts, day(-1)) == Due(steps[1], (steps[0],))


REPEATING = schedule(S2, Step("last", 10), repeat=Repeat(14, 2))
LAST = REPEATING.steps[1]


@pytest.mark.parametrize(
    ("times", "on", "today", "expected"),
    [
        (1, day(10), day(23), NotDue("nothing_due", day(24))),
        (1, day(10), day(24), Due(LAST)),
        (2, day(24), day(38), Due(LAST)),
        (3, day(38), day(52), NotDue("sequence_finished")),
        (0, day(10), day(99), NotDue("sequence_finished")),
    ],
)
def test_r6_the_last_step_repeats_after_it_was_sent_until_its_limit_is_used_up(times, on, today, expected):
    consumed = (sent("s2", 1, day(1)), sent("last", 10, on, times=times))
    facts = invoice(schedule=REPEATING, consumed=consumed, last_listed_on=on)
    assert found(facts, today) == expected


def test_r6_a_repeat_without_limit_goes_on_for_ever():
    forever = schedule(LAST, repeat=Repeat(14))
    facts = invoice(schedule=forever, consumed=(sent("last", 10, day(1000), times=99),))
    assert found(facts, day(1014)) == Due(LAST)


def test_r6_a_limit_of_zero_never_repeats():
    facts = invoice(schedule=schedule(LAST, repeat=Repeat(14, 0)), consumed=(sent("last", 10, day(10)),))
    assert found(facts, day(99)) == NotDue("sequence_finished")


def test_r6_a_consumed_step_above_the_last_one_ends_the_repeats():
    consumed = (sent("last", 10, day(10)), sent("deleted", 20, day(20)))
    facts = invoice(schedule=REPEATING, consumed=consumed, last_listed_on=day(20))
    assert found(facts, day(99)) == NotDue("sequence_finished")


def test_r6_a_repeat_waits_until_the_step_is_reached_again():
    facts = invoice(
        schedule=REPEATING, consumed=(sent("last", 10, day(10)),), due=day(60), last_listed_on=day(10)
    )
    assert found(facts, day(69)) == NotDue("nothing_due", day(70))


def test_r6_repeats_of_an_escalated_step_keep_no_notice_of_their_own():
    hard = Step("hard", 10, recipients="escalated")
    facts = invoice(
        schedule=schedule(hard, repeat=Repeat(2)),
        consumed=(sent("hard", 10, day(10)),),
        last_listed_on=day(10),
    )
    assert found(facts, day(12)) == Due(hard)


def test_r6_only_the_last_overdue_step_repeats():
    early = schedule(Step("early", -5), repeat=Repeat(2))
    facts = invoice(schedule=early, consumed=(sent("early", -5, day(-5)),))
    assert found(facts, day(-1)) == NotDue("sequence_finished")


def test_a_schedule_without_steps_is_finished_at_once():
    assert found(invoice(schedule=schedule()), day(1)) == NotDue("sequence_finished")


def test_r7_a_later_due_date_never_repeats_a_consumed_step():
    facts = invoice(due=day(30), consumed=(sent("s2", 1, day(1)),), last_listed_on=day(1))
    assert found(facts, day(31)) == NotDue("nothing_due", day(44))


@pytest.mark.parametrize("due", [date.min, date.max])
def test_absurd_due_dates_stay_inside_the_calendar(due):
    facts = invoice(due=due, seen=date(2026, 1, 1))
    assert found(facts, DUE) == (
        NotDue("nothing_due", date(9999, 12, 28)) if due == date.max else Due(S3, (S2,))
    )


def test_a_planned_date_past_the_end_of_the_calendar_is_not_known():
    facts = invoice(due=date.max, schedule=schedule(Step("s", 5)))
    assert found(facts, DUE) == NotDue("nothing_due", None)


def test_consume_counts_sendings_and_keeps_the_days_a_step_has_now():
    before = (sent("s3", 14, day(14)), skipped("s2", 1, day(14)))
    assert consume(before, "Standard", Step("s3", 20), (), on=day(34)) == (
        skipped("s2", 1, day(14)),
        sent("s3", 20, day(34), times=2),
    )


def test_consume_marks_candidates_below_as_skipped():
    assert consume((), "Standard", S3, (S2,), on=day(14)) == (
        skipped("s2", 1, day(14)),
        sent("s3", 14, day(14)),
    )


def test_by_hand_consumes_the_step_it_stands_for_and_skips_candidates_below_it():
    assert consumed_by_hand(invoice(), "s4", notice_days=7, today=day(20)) == Due(S4, (S2, S3))


@pytest.mark.parametrize("step", [None, "of another schedule"])
def test_by_hand_consumes_nothing_without_a_step_or_with_one_its_schedule_does_not_know(step):
    assert consumed_by_hand(invoice(), step, notice_days=7, today=day(20)) is None


def test_by_hand_consumes_nothing_without_a_schedule():
    assert consumed_by_hand(invoice(schedule=None), "s2", notice_days=7, today=day(20)) is None


def test_by_hand_without_a_due_date_skips_nothing():
    assert consumed_by_hand(invoice(due=None), "s3", notice_days=7, today=day(20)) == Due(S3)


def test_a_schedule_names_its_last_overdue_step():
    assert Schedule("x", (Step("a", 5), Step("b", 9), Step("c", -3))).last_overdue_step == Step("b", 9)
    assert Schedule("x", (Step("c", -3),)).last_overdue_step is None
