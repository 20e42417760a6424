"""An invoice's page: why, or why not, and what a person does about it."""

from datetime import date

import pytest

from dunright.models import Connection, Hold, Invoice, Organisation, OutboxMessage, Role
from tests.support import factories as make


@pytest.fixture
def page_of(northwind):
    def found(number):
        pk = Invoice.objects.get(organisation=northwind, number=number).pk
        return f"/o/{northwind.pk}/invoices/{pk}/"

    return found


def reasons(response):
    return [guard.title for _, guards in response.context["levels"] for guard in guards if guard.is_reason]


@pytest.mark.parametrize(
    ("number", "title", "reason"),
    [
        ("INV-3293", "Not chased today: €2,440.00 is promised for 27 November.", ["No promise running"]),
        ("INV-3236", "Not chased today: it is disputed.", ["Not disputed"]),
        ("INV-3325", "Follow-up leaves today 11:18 with 1 other invoice.", []),
        ("INV-3379", "Coming due follows on Tuesday 8 December.", ["A step is due"]),
        ("INV-3101", "Not chased today: it has no schedule.", ["Has a schedule"]),
        ("INV-3301", "Not chased today: it has nobody to go to.", ["Somebody to write to"]),
        ("INV-3280", "Not chased today: it is on hold with its customer.", ["Customer is not on hold"]),
        ("INV-3222", "Not chased today: it is not chased, like its customer.", ["Customer is chased"]),
        ("INV-3100", "Paid. Nothing is asked for any more.", ["Something is open"]),
    ],
)
def test_the_headline_and_the_guard_that_stops_it(signed_in, page_of, number, title, reason):
    response = signed_in.get(page_of(number))
    assert (response.context["verdict"]["title"], reasons(response)) == (title, reason)


def test_a_paused_company_is_the_first_reason(signed_in, page_of, northwind):
    Organisation.objects.filter(pk=northwind.pk).update(is_paused=True)
    OutboxMessage.objects.filter(organisation=northwind, state="planned").update(state="cancelled")
    response = signed_in.get(page_of("INV-3325"))
    assert (response.context["verdict"]["title"], reasons(response)) == (
        "Not chased today: chasing is paused for the whole company.",
        ["Chasing is on"],
    )


def test_a_company_without_books_still_has_pages(signed_in, page_of, northwind):
    Connection.objects.filter(organisation=northwind).delete()
    response = signed_in.get(page_of("INV-3293"))
    assert (response.status_code, b"View in" in response.content) == (200, False)


def test_what_would_make_it_send(signed_in, page_of):
    ways = signed_in.get(page_of("INV-3293")).context["ways"]
    assert [(way.text, way.button) for way in ways] == [
        ("Wait. The run of Tuesday 1 December asks again.", ""),
        ("End the promise now.", "End promise"),
        ("Write by hand. It counts as a step if you say which.", "Write"),
    ]


def test_the_guard_says_who_promised_when(signed_in, page_of):
    levels = dict(signed_in.get(page_of("INV-3293")).context["levels"])
    seen = {guard.title: (guard.seen, guard.verdict) for guard in levels["Invoice"]}
    assert seen["No promise running"] == ("27 November, set by Aoife Brennan on 19 November", "Stops it")
    assert seen["Something is open"] == ("€2,440.00 of €3,940.00", "Passes")


def test_payments_steps_and_messages_are_shown(signed_in, page_of):
    page = signed_in.get(page_of("INV-3293")).content.decode()
    for words in ("€1,500.00", "Bank transfer", "19 days late", "15 days late", "Due date, 29 October"):
        assert words in page


def test_the_promise_is_ended_from_the_invoice(signed_in, page_of, northwind):
    hold = Hold.objects.get(organisation=northwind, kind="promise")
    address = f"/o/{northwind.pk}/customers/{hold.customer_id}/holds/{hold.pk}/end/"
    response = signed_in.post(address, {"from": "invoice"})
    hold.refresh_from_db()
    assert (response["Location"], hold.ended_at is None) == (page_of("INV-3293"), False)


@pytest.mark.parametrize(
    ("form", "kind", "day"),
    [
        ({"how": "once"}, "pause", date(2026, 11, 25)),
        ({"how": "date", "until": "2026-12-02"}, "pause", date(2026, 12, 2)),
        ({"how": "resumed"}, "pause", None),
    ],
)
def test_stop_pauses_the_invoice(signed_in, page_of, northwind, form, kind, day):
    response = signed_in.post(f"{page_of('INV-3379')}stop/", form)
    hold = Hold.objects.get(organisation=northwind, invoice__number="INV-3379", ended_at=None)
    assert (response.status_code, hold.kind, hold.date) == (302, kind, day)


def test_stop_for_ever_resume_and_schedule(signed_in, page_of, northwind):
    address = page_of("INV-3379")
    signed_in.post(f"{address}stop/", {"how": "never"})
    stopped = Invoice.objects.get(organisation=northwind, number="INV-3379")
    signed_in.post(f"{address}resume/")
    signed_in.post(f"{address}schedule/", {"schedule": "Weekly"})
    resumed = Invoice.objects.get(organisation=northwind, number="INV-3379")
    assert (stopped.is_chasing, resumed.is_chasing, resumed.schedule_name) == (False, True, "Weekly")


@pytest.mark.parametrize("number", ["INV-<i>1</i>"])
def test_hostile_numbers_are_shown_as_text(signed_in, page_of, number):
    page = signed_in.get(page_of(number)).content.decode()
    assert ("<i>1</i>" in page, "&lt;i&gt;1&lt;/i&gt;" in page) == (False, True)


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_rows(client, db, django_assert_num_queries, count):
    organisation = make.organisation()
    customer = make.customer(organisation)
    make.person(customer)
    invoice = make.invoice(customer, "INV-1")
    for _ in range(count):
        other = make.invoice(customer)
        make.payment(customer, "1.00", make.TODAY, on={invoice: "1.00"})
        make.message(
            customer,
            [invoice, other],
            state="sent",
            run_date=date(2026, 11, 1),
            slot=f"by-hand-{make.number()}",
        )
    make.facts_follow(organisation)
    client.force_login(make.owner(organisation))
    with django_assert_num_queries(26):
        client.get(f"/o/{organisation.pk}/invoices/{invoice.pk}/")


def test_roles(client, page_of, northwind):
    address = page_of("INV-3293")
    actions = [f"{address}{path}/" for path in ("chasing", "schedule", "resume", "stop")]
    client.force_login(make.member(northwind, Role.VIEWER))
    assert (client.get(address).status_code, {client.post(one).status_code for one in actions}) == (
        200,
        {403},
    )
    client.force_login(make.owner(make.organisation("Other")))
    assert (client.get(address).status_code, {client.post(one).status_code for one in actions}) == (
        404,
        {404},
    )
