"""What holds for any scenario: keeping decisions changes nothing, and the rules' invariants day by day."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dunright.domain.simulation import read_scenario, simulate
from tests.domain.scenario_examples import customer, event, invoice, scenario, schedule

FIRST, DAYS = date(2026, 2, 20), 45
INVOICES = ("A", "B", "C", "D")
days = st.integers(-5, DAYS).map(lambda offset: (FIRST + timedelta(days=offset)).isoformat())
moments = st.tuples(days, st.sampled_from(("08:00", "09:00", "17:30"))).map("T".join)
amounts = st.integers(1, 1500).map(lambda whole: f"{whole}.00")
one_invoice = st.sampled_from(INVOICES)
one_customer = st.sampled_from(("K", "L"))
days_of_steps = st.lists(st.integers(-5, 20), min_size=1, max_size=4, unique=True)


def events_of(kind, **keys):
    return st.fixed_dictionaries({"at": moments, "type": st.just(kind)} | keys)


an_event = st.one_of(
    *(events_of(kind, invoice=one_invoice, amount=amounts) for kind in ("payment", "payment_reversed")),
    *(events_of(kind, invoice=one_invoice) for kind in ("void", "reopen", "dispute", "dispute_end")),
    *(events_of(kind, invoice=one_invoice) for kind in ("payment_pending", "promise_end", "pause_end")),
    events_of("promise", invoice=one_invoice, date=days),
    events_of("pause", invoice=one_invoice, until=days),
    events_of("due_date", invoice=one_invoice, due=st.one_of(st.none(), days)),
    events_of("credit", customer=one_customer, currency=st.just("EUR"), amount=amounts),
    events_of("hold", customer=one_customer, until=st.one_of(st.none(), days)),
    events_of("hold_end", customer=one_customer),
    events_of("chasing", customer=one_customer, value=st.booleans()),
    events_of("schedule", invoice=one_invoice, schedule=st.sampled_from((None, "none", "Other"))),
    events_of("archive", schedule=st.just("Other")),
    events_of(
        "contacts", customer=one_customer, contacts=st.just([{"email": "new@k.example", "level": "both"}])
    ),
    events_of("organisation_pause", until=st.one_of(st.none(), days)),
    events_of("organisation_resume"),
    events_of("disconnect"),
    events_of("reconnect"),
    events_of(
        "organisation",
        organisation=st.fixed_dictionaries({"chase_time": st.sampled_from(("08:30", "16:00"))}),
    ),
    events_of(
        "steps",
        schedule=st.just("Standard"),
        steps=days_of_steps.map(lambda chosen: schedule(*chosen)["steps"]),
    ),
)


@st.composite
def scenarios(draw):
    repeat = {"every_days": draw(st.integers(1, 9)), "limit": draw(st.one_of(st.none(), st.integers(0, 3)))}
    made = [
        invoice(
            id,
            customer=draw(one_customer),
            due=draw(days),
            issued="2026-02-01",
            seen=draw(st.one_of(st.just("2026-02-01"), days)),
            status=draw(st.sampled_from(("open", "open", "open", "draft", "paid"))),
        )
        for id in INVOICES
    ]
    by_hand = [
        event(draw(moments), "sent_by_hand", customer=one["customer"], invoices=[one["id"]], step="d1")
        for one in made
        if draw(st.integers(0, 3)) == 0
    ]
    return scenario(
        *draw(st.lists(an_event, max_size=10)),
        *by_hand,
        schedules=[schedule(-3, 1, 5, repeat=repeat), schedule(2, 9, name="Other")],
        customers=[customer("K", "k@k.example", "both@k.example"), customer("L", "BOTH@k.example")],
        invoices=made,
        organisation={
            "minimum_gap_days": draw(st.integers(0, 3)),
            "grouping": draw(st.sampled_from(("all_overdue", "due_steps"))),
        },
        **{"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=DAYS)).isoformat()},
    )


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_keeping_decisions_gives_the_same_answer_as_deciding_afresh(raw):
    read = read_scenario(raw)
    assert simulate(read) == simulate(read, reuse=False)


@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_one_message_per_customer_and_address_a_day_and_no_step_twice(raw):
    answer = simulate(read_scenario(raw))
    gap = raw["organisation"]["minimum_gap_days"]
    last, spent, once = {}, set(), set()
    for message in answer["messages"]:
        day, who = date.fromisoformat(message["at"][:10]), message["customer"]
        assert who not in last or (day - last[who]).days >= max(gap, 1)
        last[who] = day
        for address in message["to"]:
            assert (day, address.lower()) not in spent
            spent.add((day, address.lower()))
        for line in message["invoices"]:
            assert (day, line["id"]) not in once
            once.add((day, line["id"]))
    decided = [(one["date"], one["invoice"]) for one in answer["decisions"]]
    assert len(decided) == len(set(decided))
    sent = {
        (message["at"][:10], line["id"])
        for message in answer["messages"]
        for line in message["invoices"]
        if line["step"] is not None
    }
    assert sent == {(one["date"], one["invoice"]) for one in answer["decisions"] if one["verdict"] == "send"}
