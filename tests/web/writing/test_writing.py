"""Writing by hand: what is offered, what the address chooses, looking, sending once, and what is refused."""

from datetime import date

import pytest

from dunright.models import Customer, Hold, Invoice, OutboxMessage, Role, Template
from tests.support import factories as make

STATEMENTS = 30
KEY = "0123456789abcdef"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def halloran(northwind):
    """Owes INV-1, eleven days late, and INV-2, not due yet; Pat gets no reminders."""
    customer = make.customer(northwind)
    make.person(customer)
    make.person(customer, "pat@halloran.example", "off", first_name="Pat", last_name="Devlin")
    make.invoice(customer, "INV-1")
    make.invoice(customer, "INV-2", due=date(2026, 12, 9))
    return customer


def address(customer, query=""):
    return f"/o/{customer.organisation_id}/customers/{customer.pk}/write/{query}"


def words(customer, **fields):
    texts = Template.objects.filter(organisation=customer.organisation, form="single", name="Follow-up")
    version = texts.select_related("version").get().version
    return {"subject": "About {{ invoice.number }}", "body": version.body, "key": KEY, "do": "send", **fields}


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_rows(signed_in, northwind, django_assert_num_queries, count):
    customer = make.customer(northwind)
    for place in range(count):
        make.person(customer, f"p{place}@halloran.example")
        make.invoice(customer)
    with django_assert_num_queries(STATEMENTS):
        response = signed_in.get(address(customer))
    assert (len(response.context["invoices"]), len(response.context["persons"])) == (count, count)


def test_it_begins_with_what_is_overdue(signed_in, halloran):
    context = signed_in.get(address(halloran)).context
    assert [(one.number, is_on) for one, is_on in context["invoices"]] == [("INV-1", True), ("INV-2", False)]
    assert [(name, is_on) for _, name, is_on in context["persons"]] == [
        ("Orla Halloran", True),
        ("Pat Devlin", False),
    ]
    assert [name for _, name, is_on in context["steps"] if is_on] == ["Follow-up"]
    assert (context["warnings"], context["names"]) == ([], "Orla Halloran")


def test_an_invoice_named_by_the_link_is_chosen(signed_in, halloran, northwind):
    second = Invoice.objects.get(organisation=northwind, number="INV-2")
    context = signed_in.get(address(halloran, f"?invoice={second.pk}")).context
    assert [one.number for one, is_on in context["invoices"] if is_on] == ["INV-2"]


def test_a_choice_gives_the_text_of_its_step_and_form(signed_in, halloran, northwind):
    first, second = Invoice.objects.filter(organisation=northwind).order_by("number")
    pat = halloran.persons.get(organisation=northwind, first_name="Pat")
    query = f"?chosen=1&invoice={first.pk}&invoice={second.pk}&step=firm&to={pat.pk}"
    context = signed_in.get(address(halloran, query)).context
    text = Template.objects.select_related("version").get(organisation=northwind, name="Firm", form="multi")
    assert (context["form"].initial["body"], context["names"], context["attach"]) == (
        text.version.body,
        "Pat Devlin",
        False,
    )


def test_looking_keeps_nothing(signed_in, halloran, northwind):
    answer = signed_in.post(address(halloran), words(halloran, do="look"))
    assert (answer.status_code, answer.context["letter"].subject) == (200, "About INV-1")
    assert "style-src-attr 'unsafe-inline'" in answer["Content-Security-Policy"]
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


def test_sending_leads_to_the_message_and_twice_is_once(signed_in, halloran, northwind):
    answers = [signed_in.post(address(halloran), words(halloran)) for _ in range(2)]
    message = OutboxMessage.objects.get(organisation=northwind)
    assert [(one.status_code, one.url) for one in answers] == [
        (302, f"/o/{northwind.pk}/sent/{message.pk}/")
    ] * 2
    assert (message.kind, message.state, message.subject) == ("by_hand", "approved", "About INV-1")
    page = signed_in.get(answers[0].url).content.decode()
    assert "About INV-1" in page
    upcoming = signed_in.get(f"/o/{northwind.pk}/upcoming/").content.decode()
    assert ("By hand" in upcoming, "Withdraw" in upcoming, "Not this time" in upcoming) == (True, True, False)


def test_one_on_its_way_can_be_withdrawn_without_a_hold(signed_in, halloran, northwind):
    signed_in.post(address(halloran), words(halloran))
    message = OutboxMessage.objects.get(organisation=northwind)
    path = f"/o/{northwind.pk}/upcoming/{message.pk}/cancel/"
    assert "Withdraw the reminder to Halloran Bearings" in signed_in.get(path).content.decode()
    signed_in.post(path)
    message.refresh_from_db()
    assert (message.state, Hold.objects.filter(organisation=northwind).count()) == ("cancelled", 0)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"subject": ""}, "This field is required."),
        ({"body": "<script>x</script>"}, "which letters may not use"),
        ({"body": "<p>{{ nothing.known }}</p>"}, "There is no placeholder called"),
        ({"key": "x"}, "out of date"),
    ],
)
def test_words_that_cannot_leave_are_refused(signed_in, halloran, northwind, fields, sentence):
    answer = signed_in.post(address(halloran), words(halloran, **fields))
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?chosen=1", "None of these invoices is open any more"),
        ("?chosen=1&invoice=²&to=x&step=%00", "None of these invoices is open any more"),
        ("?chosen=1&invoice={invoice}", "Choose somebody with a usable e-mail address"),
    ],
)
def test_a_choice_that_cannot_go_says_why(signed_in, halloran, northwind, query, sentence):
    first = Invoice.objects.get(organisation=northwind, number="INV-1")
    query = query.format(invoice=first.pk)
    page = signed_in.get(address(halloran, query))
    assert (page.status_code, sentence in page.content.decode(), "form" in page.context) == (200, True, False)
    assert signed_in.post(address(halloran, query), words(halloran)).status_code == 200
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


def test_the_exclusion_list_wins(signed_in, halloran, northwind):
    Customer.objects.filter(organisation=northwind).update(is_excluded=True)
    assert "is on the exclusion list" in signed_in.get(address(halloran)).content.decode()
    signed_in.post(address(halloran), words(halloran))
    assert not OutboxMessage.objects.filter(organisation=northwind).exists()


def test_it_says_what_the_schedule_would_wait_for(signed_in, halloran, northwind):
    first = Invoice.objects.get(organisation=northwind, number="INV-1")
    make.hold(first, "promise", day=date(2026, 11, 27))
    make.message(halloran, [first])
    page = signed_in.get(address(halloran))
    assert page.context["warnings"] == ["INV-1: promised, until 28 November"]
    assert "It is withdrawn when you send this one." in page.content.decode()


def test_hostile_names_are_text(signed_in, northwind):
    customer = make.customer(northwind, HOSTILE)
    make.person(customer, first_name=HOSTILE)
    make.invoice(customer, HOSTILE)
    answer = signed_in.post(address(customer), words(customer, do="look"))
    assert (answer.status_code, HOSTILE in answer.content.decode()) == (200, False)


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.CHASER, 200)])
def test_who_may_write(client, halloran, northwind, role, status):
    client.force_login(make.member(northwind, role))
    assert client.get(address(halloran)).status_code == status


def test_the_lists_and_pages_lead_here(signed_in, halloran, northwind):
    make.facts_follow(northwind)
    first = Invoice.objects.get(organisation=northwind, number="INV-1")
    base = f"/o/{northwind.pk}"
    found = {
        path: f'href="{address(halloran)}' in signed_in.get(f"{base}/{path}").content.decode()
        for path in (
            "receivables/",
            "receivables/invoices/",
            f"customers/{halloran.pk}/",
            f"invoices/{first.pk}/",
        )
    }
    assert set(found.values()) == {True}
