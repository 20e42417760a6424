"""What a person is asked before something happens, and a wording that is tried out, kept and taken back."""

from datetime import date

import pytest

from dunright.models import Customer, Role, Template
from tests.support import factories as make


@pytest.fixture
def template(northwind):
    return Template.objects.filter(organisation=northwind, form="single", kind="reminder").first()


@pytest.fixture
def message(northwind, template):
    customer = make.customer(northwind)
    make.person(customer)
    return make.message(
        customer, [make.invoice(customer, "INV-1")], state="pending", template_version=template.version
    )


def address(organisation, rest=""):
    return f"/o/{organisation.pk}/upcoming/{rest}"


def test_approving_all_names_the_number_and_who(signed_in, northwind, message):
    other = make.customer(northwind, "Corrib Valve")
    make.message(other, [make.invoice(other, balance="100.00")], state="pending")
    planned = make.customer(northwind, "Planned Ltd")
    make.message(planned, [make.invoice(planned)])
    answer = signed_in.get(address(northwind, "approve/"))
    page = answer.content.decode()
    assert answer.context["title"] == "Approve 2 messages"
    assert [one.customer.name for one, _ in answer.context["waiting"]] == [
        "Halloran Bearings",
        "Corrib Valve",
    ]
    assert ("€2,965.40" in page, "Planned Ltd" in page) == (True, False)


def test_with_nothing_to_approve_it_says_so(signed_in, northwind):
    answer = signed_in.get(address(northwind, "approve/"), follow=True)
    assert "Nothing waits for approval." in answer.content.decode()


def test_not_this_time_names_the_customer_and_the_day(signed_in, northwind, message):
    page = signed_in.get(address(northwind, f"{message.pk}/cancel/")).content.decode()
    message.refresh_from_db()
    assert ("No message to Halloran Bearings this time" in page, "From tomorrow" in page, message.state) == (
        True,
        True,
        "pending",
    )


def test_in_a_dialog_it_is_the_form_alone(signed_in, northwind, message):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address(northwind)}"}
    path = address(northwind, f"{message.pk}/cancel/")
    page = signed_in.get(path, headers=headers).content.decode()
    assert ("<dialog" in page, "<html" in page) == (True, False)
    done = signed_in.post(path, headers=headers)
    assert (done.status_code, done["HX-Redirect"]) == (204, address(northwind))


def test_pausing_until_a_day_with_a_reason(signed_in, northwind, message):
    page = signed_in.get(address(northwind, "pause/")).content.decode()
    assert ("Pause chasing for Northwind Parts Ltd" in page, "1 message" in page) == (True, True)
    signed_in.post(address(northwind, "pause/"), {"until": "2026-12-01", "why": "stocktaking"})
    northwind.refresh_from_db()
    assert (northwind.is_paused, northwind.paused_until, northwind.pause_reason) == (
        True,
        date(2026, 12, 1),
        "stocktaking",
    )


def test_pausing_until_a_day_that_is_over_is_refused(signed_in, northwind):
    answer = signed_in.post(address(northwind, "pause/"), {"until": "2026-11-24"})
    northwind.refresh_from_db()
    assert (answer.status_code, northwind.is_paused) == (422, False)


def edit(client, message, **fields):
    return client.post(address(message.organisation, f"{message.pk}/edit/"), fields)


def test_looking_at_a_wording_shows_it_as_it_would_leave_and_keeps_nothing(
    signed_in, northwind, message, template
):
    body = template.version.body.replace("</p>", " Thank you kindly.</p>", 1)
    answer = edit(signed_in, message, subject="About {{ invoice.number }}", body=body, do="look")
    letter = answer.context["letter"]
    message.refresh_from_db()
    assert (answer.status_code, letter.subject, "Thank you kindly." in letter.html) == (
        200,
        "About INV-1",
        True,
    )
    assert ("Thank you kindly." in letter.text, message.edited_body) == (True, "")
    assert "style-src-attr 'unsafe-inline'" in answer["Content-Security-Policy"]


def test_a_kept_wording_is_shown_with_todays_amounts_and_can_be_taken_back(
    signed_in, northwind, message, template
):
    edit(signed_in, message, subject="About {{ invoice.number }}", body=template.version.body, do="keep")
    shown = signed_in.get(address(northwind), {"message": message.pk}).context["letter"]
    assert (shown.subject, "€2,865.40" in shown.text) == ("About INV-1", True)
    edit(signed_in, message, do="drop")
    message.refresh_from_db()
    assert (message.edited_subject, message.edited_body) == ("", "")
    assert signed_in.get(address(northwind)).context["letter"].subject == "INV-1 is overdue"


def test_an_edited_message_that_would_not_leave_says_why(signed_in, northwind, message, template):
    edit(signed_in, message, subject="About {{ invoice.number }}", body=template.version.body, do="keep")
    Customer.objects.filter(organisation=northwind).update(is_chasing=False)
    page = signed_in.get(address(northwind)).content.decode()
    assert "As things stand it would not leave: Not chasing." in page


def test_the_first_subject_of_a_thread_stands_in_the_form(signed_in, northwind, message):
    type(message).objects.filter(organisation=northwind).update(
        in_reply_to="<first@northwind.example>", subject="Re: INV-1"
    )
    form = signed_in.get(address(northwind, f"{message.pk}/edit/")).context["form"]
    assert form.initial["subject"] == "Re: INV-1"


@pytest.mark.parametrize("what", ["approve/", "pause/", "{message}/cancel/", "{message}/edit/"])
def test_a_viewer_is_not_even_asked(client, northwind, message, what):
    client.force_login(make.member(northwind, Role.VIEWER))
    path = address(northwind, what.format(message=message.pk))
    assert (client.get(path).status_code, client.post(path).status_code) == (403, 403)
