"""Messages before their run, on the later days of Upcoming: read, approved, worded, put off."""

from datetime import date

import pytest

from dunright.models import ComingDecision, Hold, Invoice, Role
from dunright.services import coming
from tests.support import factories as make

RUN = date(2026, 12, 1)
PAGE_STATEMENTS = 45
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def halloran(northwind):
    """Due on Friday: the run of next Tuesday writes."""
    customer = make.customer(northwind, HOSTILE)
    make.person(customer)
    make.invoice(customer, "INV-1", due=date(2026, 11, 27))
    make.facts_follow(northwind)
    return customer


def address(customer, what="", day=RUN):
    return f"/o/{customer.organisation_id}/upcoming/{customer.pk}/{day}/{what}"


def seen(customer):
    return coming.foresee(customer, RUN, now=make.NOW).seen


def listed(client, customer):
    return client.get(f"/o/{customer.organisation_id}/upcoming/").content.decode()


def kept(customer):
    return ComingDecision.objects.filter(organisation=customer.organisation).first()


def test_upcoming_leads_to_it_and_it_is_shown_as_it_would_leave(signed_in, halloran):
    assert f'href="{address(halloran)}"' in listed(signed_in, halloran)
    answer = signed_in.get(address(halloran))
    page = answer.content.decode()
    assert answer.context["letter"].subject == "Invoice INV-1 from Northwind Parts Ltd, due 27 November 2026"
    assert ("INV-1" in page, "4 days late that day" in page, "1 December, 11:00" in page) == (
        True,
        True,
        True,
    )
    assert (HOSTILE in page, "&lt;script&gt;alert(1)&lt;/script&gt;" in page) == (False, True)
    assert "style-src-attr 'unsafe-inline'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_invoices(signed_in, halloran, django_assert_num_queries, count):
    for _ in range(count):
        make.invoice(halloran, due=date(2026, 11, 26))
    with django_assert_num_queries(PAGE_STATEMENTS):
        answer = signed_in.get(address(halloran))
    assert len(answer.context["lines"]) == count + 1


def test_approving_it_is_told_on_the_page_and_in_the_list_and_taken_back(signed_in, northwind, halloran):
    answer = signed_in.post(address(halloran, "approve/"), {"seen": seen(halloran)}, follow=True)
    page = answer.content.decode()
    assert "It leaves with the run of 1 December, if nothing of it changes." in page
    assert ("Approved by Aoife Brennan" in page, ">Approve</button>" in page) == (True, False)
    assert kept(halloran).approved_by == make.owner(northwind)
    assert ">Approved</span>" in listed(signed_in, halloran)
    signed_in.post(address(halloran, "forget/"))
    assert kept(halloran) is None
    assert ">Approved</span>" not in listed(signed_in, halloran)


def test_what_changed_since_the_page_was_opened_is_not_approved(signed_in, halloran):
    before = seen(halloran)
    make.invoice(halloran, "INV-2", due=date(2026, 11, 26))
    answer = signed_in.post(address(halloran, "approve/"), {"seen": before}, follow=True)
    assert "This message has changed since the page was opened" in answer.content.decode()
    assert kept(halloran) is None


def test_what_changed_after_it_was_approved_says_so(signed_in, halloran):
    signed_in.post(address(halloran, "approve/"), {"seen": seen(halloran)})
    make.invoice(halloran, "INV-2", due=date(2026, 11, 26))
    page = signed_in.get(address(halloran)).content.decode()
    assert (
        "It waits for review at its run: it changed since you decided on it: it lists more invoices." in page
    )
    make.facts_follow(halloran.organisation)
    assert ">Waits for review</span>" in listed(signed_in, halloran)


def test_wording_is_looked_at_kept_and_shown(signed_in, halloran):
    path = address(halloran, "edit/")
    form = signed_in.get(path).context["form"]
    words = {"subject": "About {{ invoice.number }}", "body": form.initial["body"], "seen": seen(halloran)}
    tried = signed_in.post(path, {**words, "do": "look"})
    assert (tried.context["letter"].subject, kept(halloran)) == ("About INV-1", None)
    answer = signed_in.post(path, {**words, "do": "keep"})
    assert (answer.status_code, answer.url) == (302, address(halloran))
    assert signed_in.get(address(halloran)).context["letter"].subject == "About INV-1"
    assert signed_in.get(path).context["form"].initial["subject"] == "About {{ invoice.number }}"
    assert ">Worded</span>" in listed(signed_in, halloran)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"subject": ""}, "This field is required."),
        ({"body": "<p>Pay {{ nothing.known }}</p>"}, "There is no placeholder called “nothing.known”"),
        ({"seen": "another"}, "This message has changed since the page was opened"),
    ],
)
def test_a_wording_that_cannot_be_kept_is_refused(signed_in, halloran, change, sentence):
    path = address(halloran, "edit/")
    words = {
        "subject": "S",
        "body": signed_in.get(path).context["form"].initial["body"],
        "seen": seen(halloran),
    }
    answer = signed_in.post(path, {**words, **change})
    assert (answer.status_code, kept(halloran)) == (422, None)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "day", "why"),
    [
        ({}, date(2026, 12, 2), "not this time"),
        ({"until": "2026-12-20"}, date(2026, 12, 20), "not before a date"),
        ({"until": "2026-12-20", "why": "they are moving"}, date(2026, 12, 20), "they are moving"),
    ],
)
def test_not_this_time_and_not_before_are_holds(signed_in, halloran, given, day, why):
    assert "before 2 December" in signed_in.get(address(halloran, "later/")).content.decode()
    answer = signed_in.post(address(halloran, "later/"), given, follow=True)
    hold = Hold.objects.get(organisation=halloran.organisation)
    assert (hold.kind, hold.date, hold.why) == ("customer", day, why)
    assert "is on hold until" in answer.content.decode()


def test_a_day_that_is_over_is_refused(signed_in, halloran):
    answer = signed_in.post(address(halloran, "later/"), {"until": "2026-11-24"})
    assert answer.status_code == 422
    assert "Give a day from 2026-11-25" in answer.content.decode()
    assert Hold.objects.filter(organisation=halloran.organisation).count() == 0


@pytest.mark.parametrize("what", ["", "edit/", "approve/", "forget/"])
def test_what_the_run_does_not_send_any_more_leads_back(signed_in, halloran, what):
    Invoice.objects.filter(organisation=halloran.organisation).update(status="paid", balance=0)
    ask = signed_in.get if what in {"", "edit/"} else signed_in.post
    answer = ask(address(halloran, what), follow=True)
    assert answer.redirect_chain == [(f"/o/{halloran.organisation_id}/upcoming/", 302)]
    assert "As things stand the run of 1 December sends" in answer.content.decode()


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "0000-00-00"])
def test_a_day_of_no_calendar_is_not_there(signed_in, halloran, day):
    assert signed_in.get(address(halloran, day=day)).status_code == 404


def test_a_viewer_reads_it_without_buttons(client, northwind, halloran):
    client.force_login(make.member(northwind, Role.VIEWER))
    page = client.get(address(halloran)).content.decode()
    assert ("Invoice INV-1" in page, "Approve" in page, "Not this time" in page) == (True, False, False)


def test_not_before_a_day_also_for_a_message_on_its_way(signed_in, northwind, halloran):
    message = make.message(halloran, [Invoice.objects.get(organisation=northwind)], state="pending")
    path = f"/o/{northwind.pk}/upcoming/{message.pk}/cancel/"
    assert signed_in.post(path, {"until": "2026-11-24"}).status_code == 422
    signed_in.post(path, {"until": "2026-12-20"})
    message.refresh_from_db()
    hold = Hold.objects.get(organisation=northwind)
    assert (message.state, hold.date, hold.why) == ("cancelled", date(2026, 12, 20), "not before a date")
