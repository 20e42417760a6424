"""What is written into the books: once, with no scope but those given, and leaving the rest of a record alone."""

from datetime import date

import pytest

from dunright.connectors.zoho_books import oauth
from dunright.remote.errors import BadData, NotFound, PermissionMissing, RateLimited, Unavailable
from tests.connectors.sandboxed import SandboxTokens, connected
from tests.remote.loopback import HTML, Answer
from zoho_sandbox.testing import running_sandbox

DAY = date(2026, 12, 4)
DONE = {"code": 0, "message": "Comments added."}


@pytest.fixture
def zoho():
    with running_sandbox(customers=0, life_goes_on=False) as running:
        running.stop_clock()
        yield running


def writer(zoho, *tells):
    tokens = SandboxTokens(zoho)
    tokens.refresh_token = zoho.refresh_token(scope=",".join(oauth.scopes_for(tells)))
    return connected(zoho, tokens=tokens)


def test_an_expected_date_is_written_and_taken_back(zoho):
    made = zoho.create_invoice(zoho.create_contact("Harbour Foods"), 100)
    with writer(zoho, "expected_dates") as books:
        before = books.invoice(made)
        books.expect_payment(made, DAY)
        written = books.invoice(made)
        books.expect_payment(made, None)
        after = books.invoice(made)
    assert [one.invoice.expected_payment_date for one in (before, written, after)] == [None, DAY, None]
    assert (written.lines, written.invoice.total) == (before.lines, before.invoice.total)
    assert zoho.unknown() == []


def test_where_only_whole_invoices_are_changed_the_date_goes_with_a_comment(zoho):
    zoho.switch(invoice_update="whole")
    made = zoho.create_invoice(zoho.create_contact("Harbour Foods"), 100)
    with writer(zoho, "expected_dates") as books:
        books.expect_payment(made, DAY)
        assert books.invoice(made).invoice.expected_payment_date == DAY
        assert books.comments(made) == ("Payment is promised for 2026-12-04.", "Invoice created")
        with pytest.raises(BadData) as refused:
            books.expect_payment(made, None)
    assert refused.value.sentence == (
        "Zoho Books does not take the expected payment date back; clear it there, on the invoice."
    )


def test_reminders_of_an_invoice_and_of_a_customer_are_switched_off(zoho):
    customer = zoho.create_contact("Harbour Foods")
    made = zoho.create_invoice(customer, 100)
    with writer(zoho, "reminders") as books:
        assert books.invoice(made).source_reminds
        books.stop_reminders("invoice", made)
        books.stop_reminders("customer", customer)
        assert not books.invoice(made).source_reminds
    assert zoho.unknown() == []
    token = zoho.access_token()
    assert zoho.get(f"/contacts/{customer}", token).json["contact"]["payment_reminder_enabled"] is False


def test_a_comment_is_found_as_it_was_written(zoho):
    made = zoho.create_invoice(zoho.create_contact("Harbour Foods"), 100)
    with writer(zoho, "comments") as books:
        books.add_comment(made, "Sent to Müller & Söhne <orla@harbour.example> [7f]")
        assert books.comments(made) == (
            "Sent to Müller & Söhne <orla@harbour.example> [7f]",
            "Invoice created",
        )
    assert zoho.unknown() == []


def test_a_log_in_that_may_only_read_writes_nothing(zoho):
    made = zoho.create_invoice(zoho.create_contact("Harbour Foods"), 100)
    with writer(zoho) as books:
        for write in (
            lambda: books.expect_payment(made, DAY),
            lambda: books.stop_reminders("invoice", made),
            lambda: books.add_comment(made, "no"),
        ):
            with pytest.raises(PermissionMissing) as refused:
                write()
            assert refused.value.sentence == (
                "Zoho Books does not let this log-in change “invoices”: give the permission once more, with a user "
                "whose role may change it."
            )
        assert books.comments(made) == ("Invoice created",)


def test_a_record_that_is_gone_is_told_as_such(zoho):
    with writer(zoho, "comments", "expected_dates", "reminders") as books:
        for write in (
            lambda: books.expect_payment("999", DAY),
            lambda: books.stop_reminders("customer", "999"),
            lambda: books.add_comment("../contacts", "no"),
            lambda: books.comments("999"),
        ):
            with pytest.raises(NotFound):
                write()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"code": 0}, 200, cut=3), Unavailable),
        (Answer(b"<html>busy</html>", 503, HTML), Unavailable),
        (Answer(b"<html>done?</html>", 200, HTML), Unavailable),
        (Answer({"code": 44, "message": "too many"}, 429), RateLimited),
        (Answer({"code": 4, "message": "no"}, 400), BadData),
    ],
)
def test_whatever_happens_a_write_is_sent_once(server, books, calls, answer, error):
    server.answer(answer, DONE)
    with pytest.raises(error):
        books.add_comment("1", "hello")
    assert [(one.method, one.path) for one in server.asked] == [("POST", "/books/v3/invoices/1/comments")]
    assert (calls.taken, server.asked[0].query) == (1, {"organization_id": "60001234567"})


def test_an_old_token_is_renewed_before_a_write_is_given_up(server, books, tokens):
    server.answer(Answer({"code": 14, "message": "Invalid value passed for authtoken."}, 401), DONE)
    books.add_comment("1", "hello")
    assert (len(server.asked), tokens.rejected) == (2, ["token.1"])


def test_comments_that_cannot_be_read_are_left_out(server, books):
    server.answer({"code": 0, "comments": [{"description": "a &amp; b"}, 7, {"description": None}, {}]})
    assert books.comments("1") == ("a & b", "")


def test_each_kind_of_telling_asks_for_what_it_needs_beside_reading():
    assert oauth.scopes_for() == oauth.SCOPES
    assert oauth.scopes_for(["comments", "reminders"]) == (
        *oauth.SCOPES,
        "ZohoBooks.invoices.CREATE",
        "ZohoBooks.contacts.CREATE",
    )
