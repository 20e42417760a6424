"""The exact letter: its HTML under a policy of its own, its head from the bytes that left, and the bytes themselves."""

import pytest

from dunright.mail.compose import Attachment, Letter, compose
from dunright.mail.headers import Mailbox
from tests.support import factories as make

HTML = (
    '<!DOCTYPE html><html lang="en"><body><p style="margin:0">Dear Orla,</p><script>x</script></body></html>'
)


def message(organisation, **fields):
    customer = make.customer(organisation)
    make.person(customer)
    return make.message(customer, [make.invoice(customer, "INV-1")], html=HTML, **fields)


def address(found, rest):
    return f"/o/{found.organisation_id}/sent/{found.pk}/{rest}"


@pytest.fixture
def content():
    return compose(
        Letter(
            sender=Mailbox("aoife@northwind.example", "Aoife Brennan"),
            to=(Mailbox("orla@halloran.example", "Orla Halloran"),),
            cc=(),
            reply_to=Mailbox("answers@northwind.example", "Aoife Brennan"),
            subject="INV-1 is overdue",
            text="Dear Orla,",
            html=HTML,
            message_id="<1@northwind.example>",
            date=make.NOW,
            attachments=(Attachment("INV-1.pdf", "application/pdf", b"%PDF-1.7"),),
        )
    )


def test_the_html_stands_alone_as_it_is_under_a_policy_that_runs_nothing(signed_in, northwind):
    answer = signed_in.get(address(message(northwind, state="sent"), "letter/"))
    policy = answer["Content-Security-Policy"]
    assert answer.content.decode() == HTML
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "img-src data:",
        "sandbox allow-same-origin",
        "style-src 'unsafe-inline'",
    ]


def test_the_page_frames_it_and_names_what_left_with_it(signed_in, northwind, content):
    found = message(northwind, state="sent", content=content, handed_over_at=make.NOW)
    answer = signed_in.get(address(found, ""))
    page, letter = answer.content.decode(), answer.context["letter"]
    assert f'sandbox="allow-same-origin" data-fit src="{address(found, "letter/")}"' in page
    assert (letter.files, letter.reply_to) == (["INV-1.pdf"], "Aoife Brennan <answers@northwind.example>")
    assert address(found, "source/") in page


def test_the_source_is_the_bytes_that_left(signed_in, northwind, content):
    answer = signed_in.get(address(message(northwind, state="sent", content=content), "source/"))
    assert (answer.content, answer["Content-Type"]) == (content, "message/rfc822")
    assert answer["Content-Disposition"].startswith("attachment; filename=")


def test_what_never_left_has_no_source(signed_in, northwind):
    found = message(northwind, state="cancelled")
    assert signed_in.get(address(found, "source/")).status_code == 404
    assert "The message as a file" not in signed_in.get(address(found, "")).content.decode()


@pytest.mark.parametrize("rest", ["letter/", "source/"])
def test_another_companys_letter_is_not_there(signed_in, northwind, content, rest):
    theirs = message(make.organisation("Other Ltd"), state="sent", content=content)
    assert signed_in.get(address(theirs, rest)).status_code == 404
