"""Resume: how old invoices begin is chosen with the numbers in sight; later it says what waits (R5a)."""

from datetime import date, timedelta

import pytest

from dunright.models import Hold, Invoice, Organisation, Role
from dunright.services import organisations
from tests.support import factories as make
from tests.web.messages import messages

STATEMENTS = 26
OLD = make.TODAY - timedelta(days=181)


@pytest.fixture
def beginner(northwind):
    """Never resumed: one invoice eleven days overdue, one 181."""
    Organisation.objects.filter(pk=northwind.pk).update(is_paused=True, first_resumed_at=None)
    for number, due in (("YOUNG", date(2026, 11, 13)), ("OLD", OLD)):
        customer = make.customer(northwind, f"Customer {number}")
        make.person(customer, f"{number.lower()}@customer.example")
        make.invoice(customer, number, due=due)
    northwind.refresh_from_db()
    return northwind


def address(organisation):
    return f"/o/{organisation.pk}/resume/"


def begun(organisation):
    held = set(Hold.objects.filter(organisation=organisation).values_list("invoice__number", flat=True))
    rows = Invoice.objects.filter(organisation=organisation).order_by("pk").values_list("number", "entry")
    return {number: "leave_alone" if number in held else entry for number, entry in rows}


def test_the_numbers_are_shown_before_anything_happens(signed_in, beginner):
    answer = signed_in.get(address(beginner))
    page = answer.content.decode()
    outcome = answer.context["outcome"]
    assert (outcome.messages, outcome.left_alone, outcome.by_step) == (1, 1, [("Just passed", 1)])
    assert [(one.name, one.size) for one in answer.context["groups"]] == [("overdue", 1), ("very_old", 1)]
    chosen = {
        one.name: [option.value for option in one.options if option.is_chosen]
        for one in answer.context["groups"]
    }
    assert chosen == {"overdue": ["gently"], "very_old": ["leave_alone"]}
    assert ("1 × Just passed" in page, "1 invoice would be left alone" in page) == (True, True)
    beginner.refresh_from_db()
    assert (beginner.is_paused, begun(beginner)) == (True, {"YOUNG": "nearest", "OLD": "nearest"})


def test_a_choice_is_tried_without_resuming(signed_in, beginner):
    answer = signed_in.post(
        address(beginner), {"overdue": "leave_alone", "very_old": "nearest", "do": "look"}
    )
    outcome = answer.context["outcome"]
    assert (outcome.messages, outcome.left_alone) == (1, 1)
    beginner.refresh_from_db()
    assert (beginner.is_paused, begun(beginner)) == (True, {"YOUNG": "nearest", "OLD": "nearest"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"YOUNG": "gently", "OLD": "leave_alone"}),
        ({"overdue": "nearest", "very_old": "gently"}, {"YOUNG": "nearest", "OLD": "gently"}),
    ],
)
def test_resuming_begins_each_as_chosen(signed_in, beginner, given, expected):
    answer = signed_in.post(address(beginner), {**given, "do": "resume"}, follow=True)
    beginner.refresh_from_db()
    assert (beginner.is_paused, begun(beginner)) == (False, expected)
    assert "Chasing is resumed. The next run is today." in answer.content.decode()


def test_single_invoices_go_their_own_way(signed_in, beginner):
    young, old = (Invoice.objects.get(organisation=beginner, number=one) for one in ("YOUNG", "OLD"))
    theirs = make.invoice(make.customer(make.organisation("Other Ltd")), "THEIRS")
    given = {
        f"invoice-{young.pk}": "leave_alone",
        f"invoice-{old.pk}": "nearest",
        f"invoice-{theirs.pk}": "leave_alone",
        "invoice-²": "gently",
        f"invoice-{'9' * 30}": "gently",
        "invoice-x": "gently",
    }
    signed_in.post(address(beginner), {**given, "do": "resume"})
    assert begun(beginner) == {"YOUNG": "leave_alone", "OLD": "nearest"}
    assert begun(theirs.organisation) == {"THEIRS": "nearest"}


def test_a_choice_that_does_not_exist_changes_nothing(signed_in, beginner):
    answer = signed_in.post(address(beginner), {"overdue": "loudly", "do": "resume"})
    beginner.refresh_from_db()
    assert (answer.status_code, beginner.is_paused) == (200, True)


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_invoices(signed_in, beginner, django_assert_num_queries, count):
    for place in range(count):
        make.invoice(make.customer(beginner, f"More {place}"))
    with django_assert_num_queries(STATEMENTS):
        answer = signed_in.get(address(beginner))
    assert len(answer.context["rows"]) == 2 + count


def test_without_old_invoices_there_is_nothing_to_choose(signed_in, northwind):
    Organisation.objects.filter(pk=northwind.pk).update(is_paused=True, first_resumed_at=None)
    answer = signed_in.get(address(northwind))
    assert (answer.context["groups"], "One by one" in answer.content.decode()) == ([], False)


def test_later_it_says_what_waits_and_resumes(signed_in, northwind):
    messages(northwind, "planned", "sent")
    organisations.stop_everything(northwind, by=None, now=make.NOW, why="wrong prices")
    page = signed_in.get(address(northwind)).content.decode()
    for words in ("Everything is stopped since today 09:00", "wrong prices", "1 message waits for approval"):
        assert words in page
    assert "By more than" not in page
    signed_in.post(address(northwind))
    northwind.refresh_from_db()
    assert (northwind.is_paused, northwind.stopped_at) == (False, None)


def test_running_there_is_nothing_to_resume(signed_in, northwind):
    for ask in (signed_in.get, signed_in.post):
        assert "There is nothing to resume." in ask(address(northwind)).content.decode()


def test_a_chaser_may_not_resume(client, beginner):
    client.force_login(make.member(beginner, Role.CHASER))
    assert (client.get(address(beginner)).status_code, client.post(address(beginner)).status_code) == (
        403,
        403,
    )
