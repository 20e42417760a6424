"""Sent: the list in its order, one message in full, and the settling of uncertain ones."""

from datetime import UTC, datetime

import pytest

from dunright.models import Role
from tests.support import factories as make

LIST_STATEMENTS = 9
PAGE_STATEMENTS = 10
ENDED = datetime(2026, 11, 17, 11, 22, tzinfo=UTC)


def over(organisation, state="sent", *, count=1, **fields):
    customer = make.customer(organisation)
    make.person(customer, f"p{make.number()}@halloran.example")
    invoices = [make.invoice(customer) for _ in range(count)]
    return make.message(customer, invoices, state=state, **{"settled_at": ENDED, **fields})


def address(organisation, rest=""):
    return f"/o/{organisation.pk}/sent/{rest}"


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_rows(signed_in, northwind, django_assert_num_queries, count):
    for _ in range(count):
        over(northwind)
    with django_assert_num_queries(LIST_STATEMENTS):
        response = signed_in.get(address(northwind))
    assert len(response.context["rows"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_statements_of_a_message(signed_in, northwind, django_assert_num_queries, count):
    message = over(northwind, count=count)
    with django_assert_num_queries(PAGE_STATEMENTS):
        response = signed_in.get(address(northwind, f"{message.pk}/"))
    assert len(response.context["lines"]) == count


def test_problems_come_first_then_the_latest(signed_in, northwind):
    old = over(northwind)
    new = over(northwind, "cancelled", settled_at=ENDED.replace(day=20))
    refused, failed, uncertain = (over(northwind, state) for state in ("refused", "failed", "uncertain"))
    over(northwind, "planned", settled_at=None)
    rows = [row[0] for row in signed_in.get(address(northwind)).context["rows"]]
    assert rows == [uncertain, failed, refused, new, old]


def test_the_list_is_narrowed_to_one_state(signed_in, northwind):
    over(northwind)
    lapsed = over(northwind, "lapsed", reason="promised")
    response = signed_in.get(address(northwind), {"state": "lapsed"})
    assert [(row[0], row[2]) for row in response.context["rows"]] == [(lapsed, "Promised")]
    assert len(signed_in.get(address(northwind), {"state": "nonsense"}).context["rows"]) == 2
    assert "Nothing matches" in signed_in.get(address(northwind), {"state": "failed"}).content.decode()


def test_fifty_a_page(signed_in, northwind):
    customer = make.customer(northwind)
    one = make.invoice(customer)
    for place in range(51):
        make.message(customer, [one], state="sent", settled_at=ENDED, slot=f"by-hand-{place}")
    assert len(signed_in.get(address(northwind)).context["rows"]) == 50
    assert len(signed_in.get(address(northwind), {"page": "2"}).context["rows"]) == 1
    assert len(signed_in.get(address(northwind), {"page": "x"}).context["rows"]) == 50


def test_a_message_is_shown_with_everything_known_about_it(signed_in, northwind):
    message = over(
        northwind,
        "refused",
        text="Dear <b>Orla</b>,",
        cc=[{"address": "pat@halloran.example", "name": "Pat Devlin", "person": "1"}],
        reason="550 No such user HERE",
        server_reply="550 5.1.1 unknown",
    )
    page = signed_in.get(address(northwind, f"{message.pk}/")).content.decode()
    line = message.lines.get(organisation=northwind)
    for words in (
        "Dear &lt;b&gt;Orla&lt;/b&gt;,",
        "pat@halloran.example",
        "550 No such user HERE",
        "550 5.1.1 unknown",
        message.message_id.strip("<>"),
        f"/o/{northwind.pk}/invoices/{line.invoice_id}/",
    ):
        assert words in page
    assert "It was sent" not in page


@pytest.mark.parametrize(
    ("answer", "state"), [("sent", "sent"), ("not_sent", "cancelled"), ("?", "uncertain")]
)
def test_an_uncertain_message_is_settled(signed_in, northwind, answer, state):
    message = over(northwind, "uncertain", settled_at=None, handed_over_at=ENDED)
    assert "It was not sent" in signed_in.get(address(northwind, f"{message.pk}/")).content.decode()
    signed_in.post(address(northwind, f"{message.pk}/settle/"), {"answer": answer})
    message.refresh_from_db()
    assert message.state == state


@pytest.mark.parametrize(
    ("answer", "title", "follows"),
    [
        ("sent", "The message to Halloran Bearings was sent", "Its step counts as sent"),
        ("not_sent", "The message to Halloran Bearings was not sent", "would get it twice if it did arrive"),
    ],
)
def test_it_is_asked_before_it_is_settled_with_what_is_known(signed_in, northwind, answer, title, follows):
    message = over(
        northwind,
        "uncertain",
        settled_at=None,
        handed_over_at=ENDED,
        server_reply="421 <closing>",
        provider_message_id="P-1",
    )
    page = signed_in.get(address(northwind, f"{message.pk}/settle/"), {"answer": answer}).content.decode()
    for words in (
        title,
        follows,
        "421 &lt;closing&gt;",
        "P-1",
        "17 November, 11:22",
        message.message_id.strip("<>"),
        message.subject,
        message.sender.email,
        message.to[0]["address"],
    ):
        assert words in page
    message.refresh_from_db()
    assert message.state == "uncertain"


def test_an_answer_that_comes_too_late_says_so(signed_in, northwind):
    message = over(northwind, "sent")
    for ask in (signed_in.get, signed_in.post):
        page = ask(address(northwind, f"{message.pk}/settle/"), {"answer": "not_sent"}, follow=True)
        assert "Nothing was changed: this message is not uncertain any more." in page.content.decode()
    page = signed_in.get(address(northwind, f"{message.pk}/settle/"), follow=True)
    assert "Say whether the message was sent or not." in page.content.decode()


def test_a_message_that_is_certain_is_left_alone(signed_in, northwind):
    message = over(northwind, "failed")
    signed_in.post(address(northwind, f"{message.pk}/settle/"), {"answer": "sent"})
    message.refresh_from_db()
    assert message.state == "failed"


def test_another_companys_message_is_not_there(signed_in, northwind):
    theirs = over(make.organisation("Other Ltd"), "uncertain")
    assert signed_in.get(address(northwind, f"{theirs.pk}/")).status_code == 404
    assert signed_in.post(address(northwind, f"{theirs.pk}/settle/"), {"answer": "sent"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "uncertain"


def test_a_viewer_may_read_but_not_settle(client, northwind):
    message = over(northwind, "uncertain")
    client.force_login(make.member(northwind, Role.VIEWER))
    assert "It was sent" not in client.get(address(northwind, f"{message.pk}/")).content.decode()
    assert client.post(address(northwind, f"{message.pk}/settle/"), {"answer": "sent"}).status_code == 403
