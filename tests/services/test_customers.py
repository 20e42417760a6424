"""What a person decides about customers and invoices: holds, switches, schedules, and messages withdrawn for them."""

from datetime import date

import pytest

from dunright.models import ContactPerson, Customer, Hold, Invoice, OutboxMessage, Role, TimelineEntry
from dunright.services import customers
from dunright.services.holds import CannotHold
from dunright.services.permissions import NotAllowed
from tests.support import factories as make

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def organisation():
    return make.organisation()


@pytest.fixture
def owner(organisation):
    return make.owner(organisation)


@pytest.fixture
def customer(organisation):
    """Two invoices overdue; a message about both leaves today."""
    customer = make.customer(organisation)
    make.person(customer, is_primary=True)
    make.invoice(customer, "INV-1", due=date(2026, 11, 13), balance="100.00")
    make.invoice(customer, "INV-2", due=date(2026, 11, 15), balance="200.00")
    make.facts_follow(organisation)
    return customer


@pytest.fixture
def message(customer):
    return make.message(customer, list(customer.invoices.filter(organisation=customer.organisation)))


def state_of(message):
    return OutboxMessage.objects.get(organisation=message.organisation, pk=message.pk).state


def open_holds(customer):
    rows = Hold.objects.filter(organisation=customer.organisation, customer=customer, ended_at=None)
    return [(one.kind, one.invoice.number if one.invoice else "", one.date) for one in rows.order_by("pk")]


def timeline_of(customer):
    rows = TimelineEntry.objects.filter(organisation=customer.organisation, customer=customer)
    return [(one.kind, one.sentence) for one in rows.order_by("pk")]


def invoices_of(customer):
    return list(
        customer.invoices.filter(organisation=customer.organisation)
        .select_related("customer", "organisation")
        .order_by("number")
    )


def test_switching_chasing_off_withdraws_the_message_and_says_so(customer, message, owner):
    outcome = customers.set_chasing(customer, chasing=False, by=owner, now=NOW)
    assert outcome == customers.Outcome(
        "Halloran Bearings is not chased any more. The reminder that was on its way is withdrawn.", 1
    )
    assert state_of(message) == "cancelled"
    changed = Customer.objects.get(organisation=customer.organisation, pk=customer.pk)
    assert (changed.is_chasing, changed.next_verdict, changed.next_reason) == (
        False,
        "wait",
        "customer_not_chasing",
    )
    assert timeline_of(customer) == [
        ("chasing", "Set to Not chasing"),
        ("message_cancelled", "Cancelled: customer_not_chasing"),
    ]


def test_switching_on_what_is_on_writes_nothing(customer, owner):
    customers.set_chasing(customer, chasing=True, by=owner, now=NOW)
    assert timeline_of(customer) == []


def test_a_customer_on_the_exclusion_list_cannot_be_chased(customer, owner):
    customer.is_excluded = True
    with pytest.raises(customers.CannotDecide, match="exclusion list"):
        customers.set_chasing(customer, chasing=True, by=owner, now=NOW)


@pytest.mark.parametrize(
    ("how", "until", "expected"),
    [
        # The run of today at 11:00 is the next one.
        ("once", None, date(2026, 11, 25)),
        ("date", date(2026, 12, 24), date(2026, 12, 24)),
        ("resumed", None, None),
    ],
)
def test_stop_holds_the_customer(customer, message, owner, how, until, expected):
    customers.stop(customer, how, until=until, why="They moved.", by=owner, now=NOW)
    assert open_holds(customer) == [("customer", "", expected)]
    assert state_of(message) == "cancelled"


def test_stop_this_time_is_about_the_message_on_its_way(customer, owner):
    make.message(customer, invoices_of(customer), run_date=date(2026, 12, 1))
    assert customers.day_after_run(customer, now=NOW) == date(2026, 12, 2)


def test_stop_for_ever_sets_not_chasing(customer, owner):
    customers.stop(customer, "never", until=None, why="", by=owner, now=NOW)
    changed = Customer.objects.get(organisation=customer.organisation, pk=customer.pk)
    assert (changed.is_chasing, open_holds(customer)) == (False, [])


def test_stop_until_a_day_needs_the_day(customer, owner):
    with pytest.raises(customers.CannotDecide, match="Give the day"):
        customers.stop(customer, "date", until=None, why="", by=owner, now=NOW)


def test_stop_until_a_day_that_is_over_is_refused(customer, owner):
    with pytest.raises(CannotHold, match="is over already"):
        customers.stop(customer, "date", until=date(2026, 11, 24), why="", by=owner, now=NOW)


def test_resume_ends_the_hold_and_not_chasing_but_no_dispute(customer, owner):
    first = invoices_of(customer)[0]
    customers.disputes(customer, [first], note="", by=owner, now=NOW)
    customers.stop(customer, "resumed", until=None, why="", by=owner, now=NOW)
    customers.set_chasing(customer, chasing=False, by=owner, now=NOW)
    customers.resume(customer, by=owner, now=NOW)
    changed = Customer.objects.get(organisation=customer.organisation, pk=customer.pk)
    assert (changed.is_chasing, open_holds(customer)) == (True, [("dispute", "INV-1", None)])


def test_they_say_it_is_paid_waits_three_working_days(customer, message, owner):
    outcome = customers.says_paid(customer, until=None, note="By transfer.", by=owner, now=NOW)
    assert open_holds(customer) == [("customer", "", date(2026, 11, 27))]
    assert state_of(message) == "cancelled"
    assert outcome.sentence.startswith("Halloran Bearings is left alone until 27 November 2026")
    assert Hold.objects.get(organisation=customer.organisation).why == "Says it is paid. By transfer."


def test_working_days_leave_out_the_weekend(organisation):
    thursday = NOW.replace(day=26)
    assert customers.payment_expected_by(organisation, now=thursday) == date(2026, 12, 1)


def test_a_promise_on_one_invoice_lets_the_message_go_on(customer, message, owner):
    first = invoices_of(customer)[0]
    outcome = customers.promises(customer, [first], day=date(2026, 11, 27), note="", by=owner, now=NOW)
    assert outcome == customers.Outcome("INV-1 is promised for 27 November 2026.", 0)
    assert open_holds(customer) == [("promise", "INV-1", date(2026, 11, 27))]
    assert state_of(message) == "planned"


def test_a_promise_on_every_invoice_withdraws_the_message(customer, message, owner):
    customers.promises(customer, invoices_of(customer), day=date(2026, 11, 27), note="", by=owner, now=NOW)
    assert state_of(message) == "cancelled"


def test_a_promise_needs_a_day_to_come_and_sets_none_otherwise(customer, owner):
    with pytest.raises(CannotHold):
        customers.promises(
            customer, invoices_of(customer), day=date(2026, 11, 23), note="", by=owner, now=NOW
        )
    assert open_holds(customer) == []


def test_disputes_hold_the_invoices_chosen(customer, message, owner):
    outcome = customers.disputes(customer, invoices_of(customer), note="40 short", by=owner, now=NOW)
    assert outcome.sentence.startswith("INV-1 and INV-2 are disputed.")
    assert open_holds(customer) == [("dispute", "INV-1", None), ("dispute", "INV-2", None)]
    assert state_of(message) == "cancelled"


def test_an_answer_about_no_invoice_is_refused(customer, owner):
    with pytest.raises(customers.CannotDecide, match="at least one invoice"):
        customers.disputes(customer, [], note="", by=owner, now=NOW)


def test_an_answer_about_another_customers_invoice_is_refused(customer, organisation, owner):
    other = make.invoice(make.customer(organisation, "Other"), "INV-9")
    with pytest.raises(customers.CannotDecide, match="not all of Halloran"):
        customers.disputes(customer, [other], note="", by=owner, now=NOW)


def test_the_wrong_person_gets_no_more_and_nobody_is_left(customer, message, owner):
    person = ContactPerson.objects.select_related("customer", "organisation").get(customer=customer)
    outcome = customers.wrong_person(customer, person, note="He left.", by=owner, now=NOW)
    person.refresh_from_db()
    assert (person.level, person.level_chosen) == ("off", True)
    assert outcome.sentence == (
        "Orla Halloran now gets no reminders. Nobody at Halloran Bearings gets reminders now; give somebody a "
        "level. The reminder that was on its way is withdrawn."
    )
    assert state_of(message) == "cancelled"


def test_the_wrong_person_of_another_customer_is_refused(customer, organisation, owner):
    stranger = make.person(make.customer(organisation, "Other"), "x@other.example")
    with pytest.raises(customers.CannotDecide, match="not at Halloran"):
        customers.wrong_person(customer, stranger, note="", by=owner, now=NOW)


def test_a_call_goes_on_the_timeline_and_may_hold(customer, message, owner):
    person = ContactPerson.objects.get(customer=customer, organisation=customer.organisation)
    customers.log_contact(
        customer, "call", "Pays on Friday.", person=person, until=date(2026, 11, 28), by=owner, now=NOW
    )
    assert timeline_of(customer)[0] == ("call", "Call with Orla Halloran")
    assert open_holds(customer) == [("customer", "", date(2026, 11, 28))]
    assert Hold.objects.get(organisation=customer.organisation).origin == "call"


def test_a_note_holds_nothing(customer, message, owner):
    customers.log_contact(customer, "note", "Moves in May.", by=owner, now=NOW)
    assert timeline_of(customer) == [("note", "Note by Aoife Brennan")]
    assert (open_holds(customer), state_of(message)) == ([], "planned")


def test_an_empty_note_is_refused(customer, owner):
    with pytest.raises(customers.CannotDecide, match="Write what was said"):
        customers.log_contact(customer, "note", "  ", by=owner, now=NOW)


def test_a_schedule_is_chosen_by_name_and_none_stops(customer, message, owner):
    customers.choose_schedule(customer, "none", by=owner, now=NOW)
    changed = Customer.objects.get(organisation=customer.organisation, pk=customer.pk)
    assert (changed.schedule_name, changed.next_reason, state_of(message)) == (
        "none",
        "no_schedule",
        "cancelled",
    )


def test_an_unknown_schedule_is_refused(customer, owner):
    with pytest.raises(customers.CannotDecide, match="no schedule called “Fast”"):
        customers.choose_schedule(customer, "Fast", by=owner, now=NOW)


def test_an_invoice_has_its_own_schedule_switch_and_pause(customer, owner):
    invoice = invoices_of(customer)[0]
    customers.choose_schedule(invoice, "Weekly", by=owner, now=NOW)
    customers.stop_invoice(invoice, "date", until=date(2026, 12, 1), why="", by=owner, now=NOW)
    customers.stop_invoice(invoice, "never", until=None, why="", by=owner, now=NOW)
    changed = Invoice.objects.get(organisation=customer.organisation, pk=invoice.pk)
    assert (changed.schedule_name, changed.is_chasing) == ("Weekly", False)
    assert open_holds(customer) == [("pause", "INV-1", date(2026, 12, 1))]
    customers.resume_invoice(changed, by=owner, now=NOW)
    changed.refresh_from_db()
    assert (changed.is_chasing, open_holds(customer)) == (True, [])


def test_a_paused_company_withdraws_nothing_for_a_note_or_level(customer, message, organisation, owner):
    organisation.is_paused = True
    organisation.save()
    customers.log_contact(customer, "note", "Hello.", by=owner, now=NOW)
    assert state_of(message) == "planned"


@pytest.mark.parametrize(
    "act",
    [
        lambda c, by: customers.set_chasing(c, chasing=False, by=by, now=NOW),
        lambda c, by: customers.stop(c, "resumed", until=None, why="", by=by, now=NOW),
        lambda c, by: customers.resume(c, by=by, now=NOW),
        lambda c, by: customers.says_paid(c, until=None, note="", by=by, now=NOW),
        lambda c, by: customers.promises(c, invoices_of(c), day=date(2026, 12, 1), note="", by=by, now=NOW),
        lambda c, by: customers.disputes(c, invoices_of(c), note="", by=by, now=NOW),
        lambda c, by: customers.log_contact(c, "note", "x", by=by, now=NOW),
        lambda c, by: customers.choose_schedule(c, "Weekly", by=by, now=NOW),
        lambda c, by: customers.choose_schedule(invoices_of(c)[0], "Weekly", by=by, now=NOW),
        lambda c, by: customers.resume_invoice(invoices_of(c)[0], by=by, now=NOW),
    ],
)
def test_a_viewer_may_decide_nothing(customer, organisation, act):
    viewer = make.member(organisation, Role.VIEWER)
    with pytest.raises(NotAllowed):
        act(customer, viewer)
    assert (timeline_of(customer), open_holds(customer)) == ([], [])
