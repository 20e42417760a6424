"""What holds for any facts: invariants of chasing-rules.md, tried on made-up customers and scenarios."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from dunright.domain.chasing import after_sending, decide, decide_run, explain, order_customers
from dunright.domain.facts import (
    Consumed,
    CustomerFacts,
    InvoiceFacts,
    OrganisationFacts,
    PersonFacts,
    Policy,
    Until,
)
from dunright.domain.schedules import Repeat, Schedule, Step
from dunright.domain.steps import floor_of
from tests.domain.chasing_examples import DUE, day

CURRENCIES = ("EUR", "GBP")
EMAILS = ("a@k.example", "A@k.example ", "b@k.example", "c@k.example", "nothing", None)
days = st.integers(-40, 70).map(day)
untils = st.one_of(st.just(Until()), days.map(Until))
levels = st.sampled_from(("normal", "escalated"))


@st.composite
def schedules(draw):
    offsets = draw(st.lists(st.integers(-10, 45), min_size=0, max_size=5, unique=True))
    steps = tuple(
        Step(
            f"s{number}",
            offset,
            sender=draw(levels),
            recipients=draw(levels),
            channel=draw(st.sampled_from(("email", "email", "email", "task"))),
            copy_other_level=draw(st.booleans()),
        )
        for number, offset in enumerate(offsets)
    )
    repeat = st.builds(Repeat, st.integers(1, 20), st.one_of(st.none(), st.integers(0, 3)))
    has_overdue = any(step.kind == "overdue" for step in steps)
    return Schedule(
        draw(st.sampled_from(("One", "Two"))),
        steps,
        draw(repeat) if has_overdue and draw(st.booleans()) else None,
    )


consumed = st.builds(
    Consumed,
    schedule=st.sampled_from(("One", "Two")),
    step=st.sampled_from(("s0", "s1", "s2", "gone")),
    days=st.integers(-10, 45),
    consumed_on=days,
    times_sent=st.integers(0, 4),
)
MOSTLY_FALSE = st.sampled_from((False, False, False, False, False, True))


def mostly_none(strategy):
    return st.one_of(st.none(), st.none(), st.none(), strategy)


@st.composite
def invoices(draw, id):
    return InvoiceFacts(
        id=id,
        number=draw(st.sampled_from(("INV-1", "INV-2", ""))),
        issued=draw(st.one_of(st.none(), days)),
        seen=draw(days),
        due=draw(st.one_of(st.none(), *[days] * 9)),
        status=draw(st.sampled_from(("open",) * 12 + ("draft", "void", "written_off", "paid"))),
        balance=Decimal(draw(st.integers(-5, 400))) / 4,
        currency=draw(st.sampled_from(CURRENCIES)),
        rate=draw(st.sampled_from((Decimal(1), Decimal("0.333333333333"), Decimal("1.2")))),
        schedule=draw(st.one_of(schedules(), schedules(), schedules(), st.none())),
        chasing=not draw(MOSTLY_FALSE),
        consumed=tuple({(c.schedule, c.step): c for c in draw(st.lists(consumed, max_size=3))}.values()),
        last_listed_on=draw(st.one_of(st.none(), days)),
        entry=draw(st.sampled_from(("nearest", "gently"))),
        disputed=draw(MOSTLY_FALSE),
        promised=draw(mostly_none(days)),
        paused=draw(mostly_none(untils)),
        payment_pending=draw(MOSTLY_FALSE),
        uncertain=draw(MOSTLY_FALSE),
    )


@st.composite
def customers(draw, id="K"):
    count = draw(st.integers(0, 5))
    level = st.sampled_from(("normal", "normal", "escalated", "both", "off"))
    persons = draw(st.lists(st.tuples(st.sampled_from(EMAILS), level), max_size=4))
    return CustomerFacts(
        id=id,
        invoices=tuple(draw(invoices(f"{id}{number}")) for number in range(count)),
        persons=tuple(PersonFacts(str(n), email, at) for n, (email, at) in enumerate(persons)),
        chasing=not draw(MOSTLY_FALSE),
        hold=draw(mostly_none(untils)),
        credits=draw(
            st.dictionaries(st.sampled_from(CURRENCIES), st.integers(-9, 150).map(Decimal), max_size=2)
        ),
        last_message_on=draw(st.one_of(st.none(), days)),
    )


policies = st.builds(
    Policy,
    minimum_gap_days=st.integers(0, 5),
    tolerance=st.sampled_from((Decimal(0), Decimal(0), Decimal(20))),
    minimum=st.sampled_from((Decimal(0), Decimal(0), Decimal(60))),
    grouping=st.sampled_from(("all_overdue", "due_steps")),
    escalation_notice_days=st.integers(0, 10),
    has_escalated_sender=st.booleans(),
)
organisations = st.builds(
    OrganisationFacts,
    policies,
    paused=mostly_none(untils),
    disconnected=MOSTLY_FALSE,
    stale_data=MOSTLY_FALSE,
)
spent_addresses = st.sets(st.sampled_from(("a@k.example", "b@k.example")), max_size=2)
today_dates = st.integers(-15, 60).map(day)
MORE = settings(max_examples=60, deadline=None)


@MORE
@given(organisations, customers(), today_dates, spent_addresses, st.booleans())
def test_explain_and_decide_never_disagree(organisation, customer, today, spent, is_missing):
    def missing(_):
        return ["a value"] if is_missing else []

    decision = decide(organisation, customer, today=today, spent=spent, missing=missing)
    for one in decision.decisions:
        explanation = explain(
            organisation, customer, one.invoice_id, today=today, spent=spent, missing=missing
        )
        assert (explanation.verdict, explanation.reason, explanation.until) == (
            one.verdict,
            one.reason,
            one.until,
        )
        stopping = [guard.code for guard in explanation.guards if guard.stops]
        assert stopping[:1] == ([] if one.reason is None else [one.reason])
        assert (explanation.would_send_if is None) == (one.verdict == "send")


@MORE
@given(organisations, customers(), today_dates, spent_addresses)
def test_a_message_is_of_one_kind_lists_each_invoice_once_and_adds_up(organisation, customer, today, spent):
    decision = decide(organisation, customer, today=today, spent=spent)
    message = decision.message
    sending = [one.invoice_id for one in decision.decisions if one.verdict == "send"]
    stepping = [] if message is None else [line.invoice.id for line in message.lines if line.step is not None]
    assert sorted(sending) == sorted(stepping + [task.invoice.id for task in decision.tasks])
    if message is None:
        return
    listed = [line.invoice.id for line in message.lines]
    assert len(listed) == len(set(listed))
    assert {line.step.kind for line in message.lines if line.step is not None} == {message.kind}
    assert message.step.days == max(line.step.days for line in message.lines if line.step is not None)
    sums = {}
    for line in message.lines:
        sums[line.invoice.currency] = sums.get(line.invoice.currency, 0) + line.invoice.balance
    assert message.totals == sums
    assert not message.address_keys & spent
    assert len(message.address_keys) == len(message.to) > 0


@MORE
@given(organisations, customers(), today_dates)
def test_nothing_leaves_while_held(organisation, customer, today):
    message = decide(organisation, customer, today=today).message
    if message is None:
        return
    assert organisation.paused is None or (
        organisation.paused.day is not None and organisation.paused.day <= today
    )
    assert not organisation.disconnected
    assert not organisation.stale_data
    assert customer.chasing
    assert customer.hold is None or (customer.hold.day is not None and customer.hold.day <= today)
    for line in message.lines:
        facts = line.invoice
        assert facts.status == "open"
        assert facts.balance > 0
        assert facts.chasing
        assert not facts.disputed
        assert not facts.payment_pending
        assert not facts.uncertain
        assert facts.promised is None or facts.promised < today
        assert facts.paused is None or (facts.paused.day is not None and facts.paused.day <= today)
        assert message.kind == "before_due" or facts.due < today


@MORE
@given(organisations, customers(), st.lists(st.integers(0, 6), min_size=1, max_size=25))
def test_over_many_runs_steps_never_go_back_none_is_repeated_and_the_gap_is_kept(
    organisation, customer, waits
):
    today = day(-15)
    for wait in waits:
        today += timedelta(days=wait)
        decision = decide(organisation, customer, today=today)
        message = decision.message
        after = after_sending(customer, decision, on=today)
        if message is not None and customer.last_message_on is not None:
            assert (today - customer.last_message_on).days >= organisation.policy.minimum_gap_days
        if message is not None:
            for line in message.lines:
                if line.step is None:
                    continue
                facts, schedule = line.invoice, line.invoice.schedule
                floor = floor_of(facts.consumed, schedule)
                before = {c.step for c in facts.consumed if c.schedule == schedule.name}
                repeats = line.step.id in before
                assert line.step.days >= floor
                assert not repeats or (
                    schedule.repeat is not None and line.step == schedule.last_overdue_step
                )
                assert today >= facts.due + timedelta(days=line.step.days)
        customer = after


@MORE
@given(organisations, customers(), today_dates)
def test_a_decision_holds_for_as_long_as_it_says(organisation, customer, today):
    decision = decide(organisation, customer, today=today)
    until = decision.unchanged_before or today + timedelta(days=40)
    for later in range(1, min((until - today).days, 40)):
        again = decide(organisation, customer, today=today + timedelta(days=later))
        assert (again.message, again.decisions, again.tasks) == (None, decision.decisions, ())


@MORE
@given(organisations, customers(), today_dates)
def test_until_is_the_first_day_on_which_the_reason_no_longer_stops(organisation, customer, today):
    for one in decide(organisation, customer, today=today).decisions:
        if one.until is None or one.reason in {"waits_for_overdue", "address_spent", "minimum_gap"}:
            continue
        assert one.until > today
        for at, stops in ((one.until - timedelta(days=1), True), (one.until, False)):
            explanation = explain(organisation, customer, one.invoice_id, today=at)
            guard = next(guard for guard in explanation.guards if guard.code == one.reason)
            assert guard.stops == stops


@settings(max_examples=30, deadline=None)
@given(policies, st.lists(st.sampled_from("ABCDEF"), unique=True, min_size=1), st.data())
def test_a_run_writes_once_to_an_address_and_the_order_of_the_file_counts_only_for_ties(policy, ids, data):
    facts = [data.draw(customers(id)) for id in ids]
    run = list(decide_run(OrganisationFacts(policy), facts, today=DUE))
    spent = [key for _, decision in run if decision.message for key in decision.message.address_keys]
    assert len(spent) == len(set(spent))
    backwards = order_customers(reversed(facts), last_message_on=lambda c: c.last_message_on)
    lasts = [one.last_message_on for one, _ in run]
    assert lasts == [one.last_message_on for one in backwards]
    assert lasts == sorted(lasts, key=lambda last: (last is not None, last or DUE))
