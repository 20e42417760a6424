"""What coming runs would send: day by day as a run decides, and the part that a page of a large company shows."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dunright.domain.chasing import after_sending, decide_run
from dunright.models import Connection, Customer, HoldKind, SpentAddress
from dunright.queries.facts import customer_facts, surroundings
from dunright.queries.upcoming import forecast, runs_to_come, upcoming
from tests.support import factories as make

NOW, TODAY = make.NOW, make.TODAY
WEEKDAYS = {"chase_days": ("mon", "tue", "wed", "thu", "fri"), "holidays": False}
STATEMENTS = 18


def due(organisation, name, *, days, **fields):
    """A customer with one invoice that falls due so many days from today."""
    customer = make.customer(organisation, name, **fields)
    make.person(customer, f"p{make.number()}@customer.example")
    make.invoice(customer, due=TODAY + timedelta(days=days))
    return customer


def life(organisation, seed):
    """Thirty customers in every state that chasing knows, some of them sharing an address."""
    chance = random.Random(seed)
    for place in range(30):
        customer = make.customer(
            organisation, f"Customer {place}", is_chasing=chance.random() > 0.1, currency="EUR"
        )
        if last := chance.choice([None, None, 3, 9, 40]):
            customer.last_message_date = TODAY - timedelta(days=last)
            customer.save()
        if chance.random() > 0.1:
            make.person(customer, f"p{place % 25}@customer.example", chance.choice(["normal", "both"]))
        for _ in range(chance.randint(1, 3)):
            fields = {"payment_pending": True} if chance.random() < 0.1 else {}
            invoice = make.invoice(
                customer,
                due=TODAY + timedelta(days=chance.randint(-90, 40)),
                balance=Decimal(chance.randint(1, 9000)),
                **fields,
            )
            if kind := chance.choice([None, None, None, HoldKind.DISPUTE, HoldKind.PROMISE, HoldKind.PAUSE]):
                day = None if kind == HoldKind.DISPUTE else TODAY + timedelta(days=chance.randint(0, 40))
                make.hold(invoice, kind, day=day)
        if chance.random() < 0.2:
            make.message(customer, [invoice], state=chance.choice(["planned", "pending"]))
        elif chance.random() < 0.2:
            make.hold(customer, HoldKind.CUSTOMER, day=TODAY + timedelta(days=chance.randint(1, 40)))
    make.facts_follow(organisation)


def told(found):
    """(day, customer, what the message lists and to whom) of each."""
    return [
        (
            one.run.date,
            one.customer.name,
            one.draft.step.id,
            tuple(line.invoice.number for line in one.draft.lines),
            tuple(person.email for person in one.draft.to),
        )
        for one in found
    ]


def day_by_day(organisation):
    """Every run asked about everybody, each day afresh."""
    around = surroundings(organisation, now=NOW, is_fresh=True)
    keys = Customer.objects.filter(organisation=organisation).values_list("pk", flat=True)
    names = dict(Customer.objects.filter(organisation=organisation).values_list("pk", "name"))
    facts = customer_facts(organisation, list(keys), around=around)
    known = [facts[pk] for pk in sorted(facts)]
    found = []
    for run in runs_to_come(organisation, now=NOW, days=30):
        after = {}
        for customer, decision in decide_run(around.organisation, known, today=run.date):
            if decision.message is not None:
                lines = tuple(line.invoice.number for line in decision.message.lines)
                to = tuple(person.email for person in decision.message.to)
                found.append((run.date, names[int(customer.id)], decision.message.step.id, lines, to))
            after[customer.id] = after_sending(customer, decision, on=run.date)
        known = [after[one.id] for one in known]
    return found


def messages_of(seen):
    return [message for day in seen.days for message in day.messages]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_page_tells_what_the_preview_tells(db, seed):
    organisation = make.organisation(**WEEKDAYS)
    life(organisation, seed)
    preview = told(upcoming(organisation, now=NOW))
    seen = forecast(organisation, now=NOW, most=100, of_a_day=3)
    assert len(preview) > len({row[1] for row in preview}) > 10
    assert told(messages_of(seen)) == preview
    assert (seen.is_whole, {day.more for day in seen.days}) == (True, {0})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_asking_only_when_something_may_have_changed_tells_the_same(db, seed):
    organisation = make.organisation(**WEEKDAYS)
    life(organisation, seed)
    organisation.outboxmessage_set.filter(organisation=organisation).delete()
    assert told(upcoming(organisation, now=NOW)) == day_by_day(organisation)


def test_an_invoice_that_waits_for_ever_hides_none_that_falls_due(db):
    organisation = make.organisation(**WEEKDAYS)
    customer = due(organisation, "Both", days=20)
    make.hold(make.invoice(customer, "disputed"), HoldKind.DISPUTE)
    make.facts_follow(organisation)
    customer.refresh_from_db()
    seen = messages_of(forecast(organisation, now=NOW, most=9, of_a_day=9))
    assert (customer.next_reason, customer.next_until) == ("disputed", None)
    assert seen
    assert customer.next_look_date <= seen[0].run.date


def test_of_a_large_company_the_first_of_each_day_are_looked_at(db):
    organisation = make.organisation(**WEEKDAYS)
    for place in range(6):
        due(organisation, f"Late {place}", days=-30)
    written = due(organisation, "Written to before", days=-30, last_message_date=TODAY - timedelta(days=60))
    for place in range(4):
        due(organisation, f"Early {place}", days=20)
    make.facts_follow(organisation)
    seen = forecast(organisation, now=NOW, most=5, of_a_day=2)
    whole = told(upcoming(organisation, now=NOW))
    first, *later = seen.days
    assert [one.customer.name for one in first.messages] == ["Late 0", "Late 1", "Late 2"]
    assert (first.run.date, first.more, seen.is_whole) == (TODAY, 4, False)
    assert written.name not in {one.customer.name for one in messages_of(seen)}
    assert [row for row in told(messages_of(seen)) if row not in whole] == []
    assert [day.more for day in later if day.more] == [2]


def test_whoever_has_a_message_on_its_way_or_waits_for_a_person_is_looked_at_last(db):
    organisation = make.organisation(**WEEKDAYS)
    has_one = due(organisation, "A", days=-30)
    make.message(has_one, [has_one.invoices.get(organisation=organisation)])
    nobody = make.customer(organisation, "B")
    make.invoice(nobody)
    due(organisation, "C", days=-30)
    due(organisation, "D", days=-30)
    make.facts_follow(organisation)
    seen = forecast(organisation, now=NOW, most=3, of_a_day=1)
    first = seen.days[0]
    assert (first.more, [one.customer.name for one in first.messages]) == (1, ["C"])


@pytest.mark.parametrize("count", [1, 12])
def test_statements_do_not_grow(db, django_assert_num_queries, count):
    organisation = make.organisation(**WEEKDAYS)
    for place in range(count):
        due(organisation, f"Late {place}", days=-30 + place)
    make.facts_follow(organisation)
    with django_assert_num_queries(STATEMENTS):
        seen = forecast(organisation, now=NOW, most=10, of_a_day=5)
    assert seen.days


def test_an_address_that_had_its_message_of_the_day_gets_none(db):
    organisation = make.organisation(**WEEKDAYS)
    customer = due(organisation, "Late", days=-30)
    other = make.customer(organisation, "Its other firm")
    message = make.message(other, [make.invoice(other)], state="sent")
    email = customer.persons.get(organisation=organisation).email
    SpentAddress.objects.create(organisation=organisation, day=TODAY, address_key=email, message=message)
    make.facts_follow(organisation)
    days = [row[0] for row in told(upcoming(organisation, now=NOW)) if row[1] == "Late"]
    assert days[0] == date(2026, 11, 25)


def test_while_paused_only_the_runs_after_it_count(db):
    organisation = make.organisation(**WEEKDAYS)
    due(organisation, "Late", days=-30)
    make.facts_follow(organisation)
    organisation.is_paused, organisation.paused_until = True, date(2026, 12, 1)
    days = [day.run.date for day in forecast(organisation, now=NOW, most=9, of_a_day=9).days]
    organisation.paused_until = None
    assert (days[0], forecast(organisation, now=NOW, most=9, of_a_day=9).days) == (date(2026, 12, 1), [])


def test_nothing_is_foreseen_without_the_books(db):
    organisation = make.organisation(**WEEKDAYS)
    due(organisation, "Late", days=-30)
    make.facts_follow(organisation)
    Connection.objects.filter(organisation=organisation).update(state="disconnected")
    assert (forecast(organisation, now=NOW, most=9, of_a_day=9).days, upcoming(organisation, now=NOW)) == (
        [],
        [],
    )
