"""A customer's page and what a person does on it, with and without script."""

import json
from datetime import date

import pytest

from dunright.models import ContactPerson, Customer, Hold, Invoice, OutboxMessage, Role
from tests.support import factories as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def halloran(northwind):
    return Customer.objects.get(organisation=northwind, name="Halloran Bearings")


@pytest.fixture
def base(halloran):
    return f"/o/{halloran.organisation_id}/customers/{halloran.pk}/"


def holds_of(customer):
    rows = Hold.objects.filter(organisation=customer.organisation, customer=customer, ended_at=None)
    return [(one.kind, one.invoice and one.invoice.number, one.date) for one in rows.order_by("pk")]


BEFORE = [("dispute", "INV-3236", None), ("promise", "INV-3293", date(2026, 11, 27))]


def test_the_verdict_says_what_leaves_to_whom_and_what_is_left_out(signed_in, base):
    verdict = signed_in.get(base).context["verdict"]
    assert (verdict.title, verdict.note) == (
        "Follow-up for 2 invoices, €4,043.40, goes to Orla Halloran today at 11:18.",
        "Left out: INV-3236 is disputed, INV-3293 is promised for 27 November.",
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Lissadoon Quarries", "Nothing leaves."),
        ("Inver Precision", "On hold until 1 December."),
        ("Fennick Agri Systems", "Not chased."),
        ("Tolka Cold Store", "Coming due for INV-3390 follows on Tuesday 1 December."),
        ("Eastpier Boatworks", "Nothing leaves."),
    ],
)
def test_other_verdicts(signed_in, northwind, name, title):
    customer = Customer.objects.get(organisation=northwind, name=name)
    verdict = signed_in.get(f"/o/{northwind.pk}/customers/{customer.pk}/").context["verdict"]
    assert verdict.title == title


def test_a_message_that_waits_for_approval_says_so(signed_in, base, halloran):
    OutboxMessage.objects.filter(organisation=halloran.organisation, state="planned").update(state="pending")
    verdict = signed_in.get(base).context["verdict"]
    assert verdict.title == (
        "Follow-up for 2 invoices, €4,043.40, waits for your approval. It would go to Orla Halloran."
    )


def test_figures(signed_in, base):
    figures = [
        (label, [(code, f"{amount:.2f}") for code, amount in one.amounts], one.note)
        for label, one in signed_in.get(base).context["figures"]
    ]
    assert figures == [
        ("Outstanding", [("EUR", "13863.40")], "5 open invoices"),
        ("Overdue", [("EUR", "10743.40")], "4 invoices, oldest 53 days late"),
        ("Leaves today", [("EUR", "4043.40")], "Follow-up, 2 invoices"),
        ("Held back", [("EUR", "6700.00")], "1 disputed, 1 promised"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_rows(client, db, django_assert_num_queries, count):
    organisation = make.organisation()
    customer = make.customer(organisation)
    for place in range(count):
        make.person(customer, f"p{place}@x.example")
        make.hold(make.invoice(customer), "dispute")
    make.message(customer, [make.invoice(customer) for _ in range(count)])
    make.facts_follow(organisation)
    client.force_login(make.owner(organisation))
    with django_assert_num_queries(29):
        client.get(f"/o/{organisation.pk}/customers/{customer.pk}/")


def test_the_row_comes_back_after_the_switch_with_script(signed_in, base, halloran):
    response = signed_in.post(
        f"{base}chasing/", {"chasing": "off"}, headers={**HTMX, "HX-Target": f"customer-{halloran.pk}"}
    )
    page = response.content.decode()
    assert (response.status_code, page.lstrip().startswith(f'<tr id="customer-{halloran.pk}"')) == (200, True)
    assert ('aria-checked="false"' in page, "Not chasing" in page) == (True, True)
    assert json.loads(response["HX-Trigger"])["toast"]["text"].startswith("Halloran Bearings is not chased")
    halloran.refresh_from_db()
    assert halloran.is_chasing is False


def test_the_switch_works_without_script(signed_in, base, halloran):
    response = signed_in.post(f"{base}chasing/", {"chasing": "off"}, follow=True)
    assert [str(one) for one in response.context["messages"]] == [
        "Halloran Bearings is not chased any more. The reminder that was on its way is withdrawn."
    ]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"how": "once"}, [*BEFORE, ("customer", None, date(2026, 11, 25))]),
        ({"how": "date", "until": "2026-12-24"}, [*BEFORE, ("customer", None, date(2026, 12, 24))]),
        ({"how": "resumed"}, [*BEFORE, ("customer", None, None)]),
        ({"how": "never"}, BEFORE),
    ],
)
def test_stop_chasing(signed_in, base, halloran, form, expected):
    response = signed_in.post(f"{base}stop/", {**form, "why": "They asked."})
    assert (response.status_code, response["Location"]) == (302, base)
    assert holds_of(halloran) == expected
    halloran.refresh_from_db()
    assert halloran.is_chasing is (form["how"] != "never")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"what": "paid", "until": "2026-11-27"}, [*BEFORE, ("customer", None, date(2026, 11, 27))]),
        (
            {"what": "promise", "promised": "2026-11-30", "invoices": ["INV-3325", "INV-3293"]},
            [
                BEFORE[0],
                ("promise", "INV-3293", date(2026, 11, 30)),
                ("promise", "INV-3325", date(2026, 11, 30)),
            ],
        ),
        ({"what": "dispute", "invoices": ["INV-3379"]}, [*BEFORE, ("dispute", "INV-3379", None)]),
    ],
)
def test_they_answered(signed_in, base, halloran, form, expected):
    numbers = dict(Invoice.objects.filter(organisation=halloran.organisation).values_list("number", "pk"))
    values = {**form, "invoices": [numbers[one] for one in form.get("invoices", ())], "note": "By phone."}
    response = signed_in.post(f"{base}answered/", values)
    assert response.status_code == 302
    assert holds_of(halloran) == expected


def test_the_wrong_person_gets_no_more(signed_in, base, halloran):
    orla = ContactPerson.objects.get(organisation=halloran.organisation, first_name="Orla", customer=halloran)
    response = signed_in.post(f"{base}answered/", {"what": "wrong_person", "person": orla.pk}, follow=True)
    orla.refresh_from_db()
    assert orla.level == "off"
    # Pat, who gets the escalated ones, is still there; the normal reminder has nobody to go to.
    assert [str(one) for one in response.context["messages"]] == [
        "Orla Halloran now gets no reminders. The reminder that was on its way is withdrawn."
    ]


@pytest.mark.parametrize(
    ("path", "form", "error"),
    [
        ("stop/", {"how": "date"}, "Give the day from which reminders may go again."),
        ("stop/", {"how": "date", "until": "2026-11-24"}, "Give a day from 2026-11-25"),
        ("stop/", {"how": "date", "until": "9999-99-99"}, "Give a day such as 2026-12-01."),
        ("stop/", {"how": "sideways"}, "Select a valid choice"),
        ("answered/", {}, "Choose what they said."),
        ("answered/", {"what": "promise", "promised": "2026-12-01"}, "Choose at least one invoice."),
        ("answered/", {"what": "promise"}, "Give the day on which they will pay."),
        ("answered/", {"what": "dispute", "invoices": ["999999"]}, "Select a valid choice"),
        ("answered/", {"what": "wrong_person"}, "Choose the person who is the wrong one."),
        ("contact/", {"kind": "call", "text": " "}, "This field is required."),
        ("contact/", {"kind": "call", "text": "x" * 1001}, "at most 1000 characters"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_refused_forms_say_what_to_do_and_change_nothing(
    signed_in, base, halloran, path, form, error, headers
):
    response = signed_in.post(f"{base}{path}", form, headers=headers)
    assert (response.status_code, error in response.content.decode()) == (422, True)
    assert holds_of(halloran) == BEFORE


def test_a_dialog_for_script_a_page_without(signed_in, base):
    dialog = signed_in.get(f"{base}stop/", headers=HTMX).content.decode()
    page = signed_in.get(f"{base}stop/").content.decode()
    assert ("<dialog" in dialog, "<html" in dialog) == (True, False)
    assert ("<dialog" in page, "<html" in page) == (False, True)


def test_after_a_dialog_the_page_that_asked_is_loaded_again(signed_in, base, northwind):
    there = f"http://testserver/o/{northwind.pk}/receivables/?state=overdue"
    response = signed_in.post(f"{base}stop/", {"how": "resumed"}, headers={**HTMX, "HX-Current-URL": there})
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        f"/o/{northwind.pk}/receivables/?state=overdue",
    )


def test_the_invoice_that_a_link_names_is_chosen(signed_in, base, halloran):
    invoice = Invoice.objects.get(organisation=halloran.organisation, number="INV-3379")
    assert signed_in.get(f"{base}answered/", {"invoice": invoice.pk}).context["chosen"] == {invoice.pk}
    overdue = signed_in.get(f"{base}answered/").context["chosen"]
    assert (len(overdue), invoice.pk in overdue) == (4, False)


def test_a_call_is_logged_and_holds(signed_in, base, halloran):
    signed_in.post(f"{base}contact/", {"kind": "call", "text": "<b>Pays</b>", "until": "2026-12-01"})
    page = signed_in.get(base).content.decode()
    assert ("<b>Pays</b>" in page, "&lt;b&gt;Pays&lt;/b&gt;" in page) == (False, True)
    assert holds_of(halloran) == [*BEFORE, ("customer", None, date(2026, 12, 1))]


def test_holds_are_ended_and_the_customer_is_resumed(signed_in, base, halloran):
    signed_in.post(f"{base}stop/", {"how": "resumed"})
    signed_in.post(f"{base}resume/")
    assert holds_of(halloran) == BEFORE
    dispute = Hold.objects.get(organisation=halloran.organisation, kind="dispute")
    signed_in.post(f"{base}holds/{dispute.pk}/end/")
    assert holds_of(halloran) == BEFORE[1:]


def test_levels_and_schedules_are_chosen(signed_in, base, halloran):
    stores = ContactPerson.objects.get(organisation=halloran.organisation, first_name="Stores")
    signed_in.post(f"{base}people/{stores.pk}/level/", {"level": "both"})
    signed_in.post(f"{base}schedule/", {"schedule": "Weekly"})
    stores.refresh_from_db()
    halloran.refresh_from_db()
    assert (stores.level, stores.level_chosen, halloran.schedule_name) == ("both", True, "Weekly")


@pytest.mark.parametrize("kind", ["messages", "payments", "notes", "nonsense"])
def test_the_timeline_is_filtered(signed_in, base, kind):
    kinds = {story.entry.kind for story in signed_in.get(base, {"events": kind}).context["stories"]}
    expected = {
        "messages": {"message_sent", "message_planned"},
        "payments": {"payment_seen"},
        "notes": {"note", "call", "promise"},
        "nonsense": {"message_sent", "message_planned", "payment_seen", "note", "call", "promise"},
    }
    assert kinds == expected[kind]


def actions(base, halloran):
    person = ContactPerson.objects.filter(organisation=halloran.organisation, customer=halloran).first()
    hold = Hold.objects.filter(organisation=halloran.organisation, customer=halloran).first()
    paths = ("chasing/", "schedule/", "resume/", "stop/", "answered/", "contact/")
    return [f"{base}{path}" for path in (*paths, f"people/{person.pk}/level/", f"holds/{hold.pk}/end/")]


def test_a_viewer_may_look_but_not_touch(client, base, halloran):
    client.force_login(make.member(halloran.organisation, Role.VIEWER))
    assert [client.get(base).status_code, client.get(f"{base}paid/").status_code] == [200, 200]
    assert {client.post(path, {"chasing": "off"}).status_code for path in actions(base, halloran)} == {403}
    assert holds_of(halloran) == BEFORE


def test_a_stranger_finds_nothing(client, base, halloran):
    client.force_login(make.owner(make.organisation("Other")))
    paths = [base, f"{base}paid/", *actions(base, halloran)]
    assert {client.post(path).status_code for path in paths[2:]} == {404}
    assert {client.get(path).status_code for path in paths[:2]} == {404}


def test_another_companys_customer_is_not_found_in_mine(client, base, halloran):
    other = make.organisation("Other")
    client.force_login(make.owner(other))
    theirs = base.replace(f"/o/{halloran.organisation_id}/", f"/o/{other.pk}/")
    paths = [path.replace(base, theirs) for path in actions(base, halloran)]
    statuses = {client.post(path, {"chasing": "off", "level": "off"}).status_code for path in paths}
    assert (client.get(theirs).status_code, statuses) == (404, {404})
    assert holds_of(halloran) == BEFORE
