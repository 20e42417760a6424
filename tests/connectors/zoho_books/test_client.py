"""Tokens, limits and errors of the API."""

import pytest

from dunright.connectors.zoho_books import ZohoBooks
from dunright.remote.errors import (
    AuthExpired,
    BadData,
    DailyLimit,
    Misconfigured,
    NotFound,
    PermissionMissing,
    RateLimited,
    Unavailable,
    WrongOrganisation,
)
from dunright.remote.protocols import Allowance
from tests.connectors.lent import Calls, Tokens
from tests.connectors.zoho_books import shapes
from tests.connectors.zoho_books.shapes import detail, page
from tests.remote.loopback import HTML, Answer

NOT_AUTHORISED = Answer({"code": 57, "message": "You are not authorized to perform this operation"}, 401)
BAD_TOKEN = Answer({"code": 14, "message": "Invalid value passed for authtoken."}, 401)
EMPTY = page("invoices", [])


def read(books):
    return list(books.pages("invoices", start=2))


def test_token_is_sent_as_zoho_wants_it(server, books):
    server.answer(EMPTY)
    read(books)
    assert server.asked[0].headers["authorization"] == "Zoho-oauthtoken token.1"


@pytest.mark.parametrize(
    "refusal", [NOT_AUTHORISED, BAD_TOKEN, Answer(b"", 401), Answer(b"<html>", 401, HTML)]
)
def test_refused_token_is_renewed_once(server, books, tokens, calls, refusal):
    server.answer(refusal, EMPTY)
    assert [one.records for one in read(books)] == [()]
    assert (tokens.rejected, calls.taken) == (["token.1"], 2)
    assert server.asked[1].headers["authorization"] == "Zoho-oauthtoken token.2"


@pytest.mark.parametrize(
    ("refusal", "kind", "sentence"),
    [
        (
            NOT_AUTHORISED,
            PermissionMissing,
            (
                "Zoho Books does not let this log-in read “invoices”: connect again and accept all permissions, "
                "with a user whose role may see it."
            ),
        ),
        (BAD_TOKEN, AuthExpired, "Zoho Books no longer accepts this log-in: connect it again."),
    ],
)
def test_fresh_token_that_is_refused_too_is_not_renewed_again(server, books, tokens, refusal, kind, sentence):
    server.answer(refusal)
    with pytest.raises(kind) as raised:
        read(books)
    assert (raised.value.sentence, tokens.rejected, len(server.asked)) == (sentence, ["token.1"], 2)


@pytest.mark.parametrize(
    ("answer", "kind", "retry_after", "attempts"),
    [
        (Answer({"code": 44, "message": "blocked"}, 429), RateLimited, 60.0, 1),
        (Answer({"code": 43, "message": "blocked"}, 429), RateLimited, 180.0, 1),
        (Answer(b"", 429), RateLimited, 60.0, 1),
        (Answer(b"<html>", 429, HTML), RateLimited, 60.0, 1),
        (Answer({"code": 45, "message": "1,000"}, 429), DailyLimit, 3600.0, 1),
        (
            Answer({"code": 45, "message": "1,000"}, 429, {"x-rate-limit-reset": "7200"}),
            DailyLimit,
            7200.0,
            1,
        ),
        (
            Answer({"code": 45, "message": "1,000"}, 200, {"x-rate-limit-reset": "99999999"}),
            DailyLimit,
            90000.0,
            1,
        ),
        (Answer({"code": 6041, "message": "This user is not associated"}, 400), WrongOrganisation, None, 1),
        (Answer({"code": 1002, "message": "Invoice does not exist."}, 404), NotFound, None, 1),
        (Answer({"code": 3008, "message": "Contact does not exist. "}, 400), NotFound, None, 1),
        (Answer({"code": 0, "message": ""}, 404), NotFound, None, 1),
        (Answer({"code": 5, "message": "Invalid URL Passed"}, 404), BadData, None, 1),
        (Answer({"code": 2, "message": "Invalid value passed for page"}, 400), BadData, None, 1),
        (Answer({"code": "2", "message": "Invalid value passed for page"}, 200), BadData, None, 1),
        (Answer({"code": 1000, "message": "Internal error"}, 500), Unavailable, None, 3),
        (Answer(b"<html>404</html>", 404, HTML), Unavailable, None, 3),
        (Answer(b"<html>503</html>", 503, HTML), Unavailable, None, 3),
        (Answer(b"", 201), Unavailable, None, 3),
        (Answer({"code": 0}, 201), BadData, None, 1),
    ],
)
def test_errors_have_types(server, books, answer, kind, retry_after, attempts):
    server.answer(answer)
    with pytest.raises(kind) as raised:
        read(books)
    assert (type(raised.value), raised.value.retry_after) == (kind, retry_after)
    assert len(server.asked) == attempts


def test_too_many_calls_at_once_are_waited_for(server, books, monkeypatch):
    monkeypatch.setattr("dunright.connectors.zoho_books.faults.PAUSE_WHEN_CROWDED", 0.01)
    server.answer(Answer({"code": 1070, "message": "in process"}, 429), EMPTY)
    assert [one.records for one in read(books)] == [()]


def test_sentences_hold_no_token_and_no_control_characters(server, books):
    server.answer(Answer({"code": 4, "message": "bad\r\n\x1b[31m" + "x" * 500}, 400))
    with pytest.raises(BadData) as raised:
        read(books)
    assert raised.value.sentence == f"Zoho Books refused a call (HTTP 400, code 4): “bad[31m{'x' * 150}”."


def test_what_is_left_of_the_day_is_noted(server, books, calls):
    headers = {"x-rate-limit-limit": "1000", "x-rate-limit-remaining": "981", "X-Rate-Limit-Reset": "32877"}
    server.answer(
        Answer({"code": 1002, "message": "gone"}, 404, headers),
        Answer(EMPTY, 200, {"x-rate-limit-limit": "soon"}),
    )
    with pytest.raises(NotFound):
        read(books)
    read(books)
    assert calls.noted == [Allowance(1000, 981, 32877)]


def test_each_attempt_takes_a_call(server, books, calls):
    server.answer(Answer(b"<html>", 503, HTML), EMPTY)
    read(books)
    assert calls.taken == 2


def test_sandbox_needs_an_address():
    with pytest.raises(Misconfigured):
        ZohoBooks(location="sandbox", external_id="1", tokens=Tokens(), budget=Calls())


def test_pdf_of_an_invoice(server, books):
    server.answer(Answer(b"%PDF-1.7", 200, {"Content-Type": "application/pdf"}))
    assert books.invoice_pdf("103001") == b"%PDF-1.7"
    assert (server.asked[0].path, server.asked[0].query) == (
        "/books/v3/invoices/103001",
        {"accept": "pdf", "organization_id": "60001234567"},
    )


def test_something_else_than_a_pdf_is_refused(server, books):
    server.answer(detail("invoice", shapes.INVOICE))
    with pytest.raises(BadData) as raised:
        books.invoice_pdf("103001")
    assert raised.value.sentence == "Zoho Books sent something else than a PDF file."
