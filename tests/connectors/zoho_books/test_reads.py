"""Reading lists page by page from a server that answers as told."""

from datetime import UTC, datetime

import pytest

from dunright.connectors.base import Problem
from dunright.remote.errors import BadData, Unavailable
from tests.connectors.zoho_books import shapes
from tests.connectors.zoho_books.shapes import page, row
from tests.remote.loopback import Answer

CHANGE = "last_modified_time"


def invoices(*ids, **changes):
    return [row(shapes.INVOICE, invoice_id=one, **changes) for one in ids]


def changed(*moments):
    return [
        row(shapes.INVOICE, invoice_id=f"{place} {moment}", last_modified_time=moment)
        for place, moment in enumerate(moments)
    ]


def ids(pages):
    return [[record.external_id for record in found.records] for found in pages]


def asked(server):
    return [one.query for one in server.asked]


def test_full_read_asks_for_the_watermark_then_reads_in_order_of_creation(server, books):
    server.answer(
        page("invoices", invoices("3"), more=True, sorted_by=CHANGE),
        page("invoices", invoices("1", "2"), more=True, sorted_by="created_time"),
        page("invoices", invoices("3"), sorted_by="created_time"),
    )
    pages = list(books.pages("invoices"))
    assert ids(pages) == [["1", "2"], ["3"]]
    assert [(one.number, one.is_last, one.watermark) for one in pages] == [
        (1, False, datetime(2026, 6, 3, 15, 40, 9, tzinfo=UTC)),
        (2, True, None),
    ]
    common = {"filter_by": "Status.All", "organization_id": "60001234567"}
    assert asked(server) == [
        {**common, "sort_column": CHANGE, "sort_order": "D", "page": "1", "per_page": "1"},
        {**common, "sort_column": "created_time", "sort_order": "A", "page": "1", "per_page": "200"},
        {**common, "sort_column": "created_time", "sort_order": "A", "page": "2", "per_page": "200"},
    ]


def test_empty_list_costs_one_call(server, books):
    server.answer(page("invoices", [], sorted_by=CHANGE))
    pages = list(books.pages("invoices"))
    assert [(one.records, one.is_last, one.watermark) for one in pages] == [((), True, None)]
    assert len(server.asked) == 1


def test_full_read_goes_on_at_a_page(server, books):
    server.answer(page("invoices", invoices("9")))
    pages = list(books.pages("invoices", start=7))
    assert [(one.number, one.is_last, one.watermark) for one in pages] == [(7, True, None)]
    assert [query["page"] for query in asked(server)] == ["7"]


def test_watermark_is_unknown_when_the_list_cannot_be_sorted_by_change(server, books):
    server.answer(page("invoices", invoices("1"), sorted_by="created_time"))
    assert [one.watermark for one in books.pages("invoices")] == [None]


@pytest.mark.parametrize(
    ("what", "path", "key", "shape", "params"),
    [
        (
            "customers",
            "/contacts",
            "contacts",
            shapes.CUSTOMER,
            {"filter_by": "Status.All", "contact_type": "customer"},
        ),
        ("invoices", "/invoices", "invoices", shapes.INVOICE, {"filter_by": "Status.All"}),
        ("payments", "/customerpayments", "customerpayments", shapes.PAYMENT, {}),
        ("credit_notes", "/creditnotes", "creditnotes", shapes.CREDIT_NOTE, {"filter_by": "Status.All"}),
        ("currencies", "/settings/currencies", "currencies", shapes.CURRENCY, {}),
        ("persons", "/contacts/contactpersons", "contact_persons", shapes.BULK_PERSON, {}),
    ],
)
def test_each_list_is_read_from_its_place(server, books, what, path, key, shape, params):
    books.probes["bulk_persons"] = True
    server.answer(page(key, [shape]))
    pages = list(books.pages(what))
    assert [len(one.records) for one in pages] == [1]
    last = server.asked[-1]
    assert last.path == f"/books/v3{path}"
    own = {"organization_id", "page", "per_page", "sort_column", "sort_order"}
    assert {name: value for name, value in last.query.items() if name not in own} == params


def test_changes_are_read_until_the_watermark_less_ten_minutes(server, books):
    server.answer(
        page(
            "invoices",
            changed("2026-06-03T12:00:00+0100", "2026-06-03T11:00:00+0100"),
            more=True,
            sorted_by=CHANGE,
        ),
        page(
            "invoices",
            # Winter and summer in one list: the offsets differ, the order is right.
            changed("2026-06-03T04:52:00-0500", "2026-06-03T10:49:00+0100"),
            more=True,
            sorted_by=CHANGE,
        ),
    )
    pages = list(books.pages("invoices", since=datetime(2026, 6, 3, 10, 0, tzinfo=UTC)))
    assert [(one.number, one.is_last, one.watermark) for one in pages] == [
        (1, False, datetime(2026, 6, 3, 11, 0, tzinfo=UTC)),
        (2, True, None),
    ]
    assert [(query["sort_column"], query["sort_order"], CHANGE in query) for query in asked(server)] == [
        (CHANGE, "D", False)
    ] * 2


@pytest.mark.parametrize(
    ("sorted_by", "moments"),
    [
        ("created_time", ("2026-06-03T12:00:00+0100", "2026-01-01T11:00:00+0000")),
        (CHANGE, ("2026-01-01T12:00:00+0000", "2026-06-03T11:00:00+0100", "2026-01-01T12:00:00+0000")),
        (CHANGE, ("", "soon")),
    ],
)
def test_an_order_that_is_not_kept_is_not_believed(server, books, sorted_by, moments):
    server.answer(
        page("invoices", changed(*moments), more=True, sorted_by=sorted_by),
        page("invoices", invoices("9"), sorted_by=sorted_by),
    )
    pages = list(books.pages("invoices", since=datetime(2026, 6, 3, tzinfo=UTC)))
    assert [(one.number, one.is_last, one.watermark) for one in pages] == [(1, False, None), (2, True, None)]


def test_list_without_changes_is_one_call(server, books):
    server.answer(page("customerpayments", [], sorted_by=CHANGE))
    pages = list(books.pages("payments", since=datetime(2026, 6, 3, tzinfo=UTC)))
    assert [(one.records, one.is_last) for one in pages] == [((), True)]
    assert len(server.asked) == 1


def test_doubles_within_a_page_become_one_the_newest(server, books):
    older = row(shapes.INVOICE, balance=5, last_modified_time="2026-06-01T00:00:00+0000")
    newer = row(shapes.INVOICE, balance=3, last_modified_time="2026-06-02T00:00:00+0000")
    server.answer(page("invoices", [newer, older, *invoices("2")]))
    (only,) = books.pages("invoices", start=2)
    assert [(record.external_id, record.balance) for record in only.records] == [
        ("471900000000103001", 3),
        ("2", shapes.INVOICE["balance"]),
    ]


def test_row_that_cannot_be_believed_leaves_its_page_whole(server, books):
    rows = [*invoices("1"), *invoices("2", due_date="9999-01-01"), *invoices("3", balance=float("1e300"))]
    rows += [*invoices(["odd"]), *invoices("5", customer_name=5), "rubbish", None, *invoices("8")]
    server.answer(page("invoices", rows))
    (only,) = books.pages("invoices", start=2)
    assert ids([only]) == [["1", "5", "8"]]
    assert list(only.problems) == [
        Problem("", "Row 4 of a page of invoices was left out: it has no usable id."),
        Problem("", "Row 6 of a page of invoices was left out: it is no object."),
        Problem("", "Row 7 of a page of invoices was left out: it is no object."),
        Problem("2", "Zoho's invoice 2 was left out: its due date 9999-01-01 cannot be right."),
        Problem("3", "Zoho's invoice 3 was left out: its balance “1E+300” cannot be right."),
    ]


@pytest.mark.parametrize("odd", [b"1" * 5000, b"1e99999999999999999999"])
def test_value_that_no_decoder_takes_costs_its_row_only(server, books, odd):
    body = Answer(page("invoices", [*invoices("1"), *invoices("2", balance="ODD"), *invoices("3")])).sent
    server.answer(Answer(body.replace(b'"ODD"', odd)))
    (only,) = books.pages("invoices", start=2)
    assert (ids([only]), len(only.problems)) == ([["1", "3"]], 1)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a\\u0000b", "ab"),
        (b"a\\ud83db", "ab"),
        (b"a\\ude00b", "ab"),
        (b"a\\ud83d\\ude00b", "a\U0001f600b"),
        (b"\\ud83d\\ud83d\\ude00\\ude00", "\U0001f600"),
        (b"a\\\\u0000b\\u0000", "a\\u0000b"),
        (b"a\\\\ud800\\u0000", "a\\ud800"),
    ],
)
def test_characters_that_no_database_takes_are_dropped(server, books, sent, kept):
    body = Answer(page("invoices", [*invoices("1"), *invoices("2", customer_name="ODD")])).sent
    server.answer(Answer(body.replace(b"ODD", sent)))
    (only,) = books.pages("invoices", start=2)
    assert [record.customer_name for record in only.records] == ["Harbour Foods", kept]


def test_page_nested_beyond_all_reason_is_not_read(server, books):
    body = Answer(page("invoices", invoices("1", balance="ODD"))).sent
    server.answer(Answer(body.replace(b'"ODD"', b"[" * 100_000 + b"]" * 100_000)))
    with pytest.raises(Unavailable):
        list(books.pages("invoices", start=2))


def test_vendors_are_left_out_without_a_word(server, books):
    server.answer(page("contacts", [row(shapes.CUSTOMER, contact_type="vendor"), shapes.CUSTOMER]))
    (only,) = books.pages("customers", start=2)
    assert (len(only.records), only.problems) == (1, ())


def test_empty_page_is_the_end_whatever_it_promises(server, books):
    server.answer(page("invoices", invoices("1"), more=True), page("invoices", [], more=True))
    pages = list(books.pages("invoices", start=2))
    assert [(one.number, one.is_last) for one in pages] == [(2, False), (3, True)]


def test_page_that_comes_again_and_again_ends_the_read(server, books):
    server.answer(page("invoices", invoices("1"), more=True))
    with pytest.raises(BadData) as raised:
        list(books.pages("invoices", start=2))
    assert raised.value.sentence == (
        "Zoho Books gives the same page of “invoices” again and again; reading it was stopped."
    )


def test_list_that_tells_nothing_of_pages_is_read_until_it_is_empty_or_repeats(server, books):
    plain = {"code": 0, "invoices": invoices("1")}
    server.answer(plain, {"code": 0, "invoices": []})
    assert ids(books.pages("invoices", start=2)) == [["1"], []]
    server.answer(plain)
    assert ids(books.pages("invoices", start=2)) == [["1"], []]


@pytest.mark.parametrize("rows", [{}, {"invoices": None}])
def test_answer_without_rows_is_an_empty_page(server, books, rows):
    server.answer({"code": 0, **rows})
    assert [(one.records, one.is_last) for one in books.pages("invoices", start=2)] == [((), True)]


@pytest.mark.parametrize("rows", ["x", {"a": 1}, 5])
def test_rows_that_are_no_list_are_bad_data(server, books, rows):
    server.answer({"code": 0, "invoices": rows})
    with pytest.raises(BadData):
        list(books.pages("invoices", start=2))


def test_open_invoices_of_the_books_in_one_pass(server, books):
    server.answer(
        page("invoices", [*invoices("1", status="sent"), *invoices("2")], more=True),
        page("invoices", [*invoices("3"), *invoices("4", status="paid", balance=0)]),
    )
    pages = list(books.all_open_invoices())
    assert (ids(pages), [one.is_last for one in pages]) == ([["1", "2"], ["3"]], [False, True])
    assert [query["status"] for query in asked(server)] == ["unpaid", "unpaid"]
    assert [query.get("filter_by") for query in asked(server)] == [None, None]


def test_overdue_invoices_are_asked_for_when_unpaid_shows_none(server, books):
    server.answer(page("invoices", invoices("1", status="sent")), page("invoices", invoices("2")))
    pages = list(books.pages("invoices", only_open=True))
    assert [(ids([one]), one.number, one.is_last) for one in pages] == [
        ([["1"]], 1, False),
        ([["2"]], 100_001, True),
    ]
    assert [query["status"] for query in asked(server)] == ["unpaid", "overdue"]
    server.answer(page("invoices", invoices("3")))
    assert [one.number for one in books.pages("invoices", only_open=True, start=100_002)] == [100_002]
    assert (asked(server)[-1]["status"], asked(server)[-1]["page"]) == ("overdue", "2")


def test_open_invoices_go_on_with_the_second_pass_behind_the_end_of_the_first(server, books):
    server.answer(page("invoices", []), page("invoices", invoices("2")))
    pages = list(books.pages("invoices", only_open=True, start=2))
    assert [(ids([one]), one.number, one.is_last) for one in pages] == [([["2"]], 100_001, True)]


def test_open_invoices_of_a_customer_take_one_call(server, books):
    rows = [
        *invoices("1", balance=900, customer_id="7"),
        *invoices("2", balance=800, status="draft", customer_id="7"),
        *invoices("3", balance=700, customer_id="8"),
        *invoices("4", balance=600, status="sent", customer_id="7"),
        *invoices("5", balance=0, status="paid", customer_id="7", due_date="9999-01-01"),
    ]
    server.answer(page("invoices", rows, more=True, sorted_by="balance"))
    assert [one.external_id for one in books.open_invoices_of("7")] == ["1", "4"]
    assert asked(server) == [
        {
            "organization_id": "60001234567",
            "filter_by": "Status.All",
            "customer_id": "7",
            "sort_column": "balance",
            "sort_order": "D",
            "page": "1",
            "per_page": "200",
        }
    ]


@pytest.mark.parametrize("sorted_by", ["balance", "created_time"])
def test_open_invoices_of_a_customer_are_read_to_the_end_when_the_order_is_not_kept(server, books, sorted_by):
    rows = [
        *invoices("1", balance=0, status="paid"),
        *invoices("2", balance=5),
        *invoices("3", balance=0, status="paid"),
    ]
    server.answer(
        page("invoices", rows, more=True, sorted_by=sorted_by),
        page("invoices", invoices("4"), sorted_by=sorted_by),
    )
    found = books.open_invoices_of(shapes.INVOICE["customer_id"])
    assert [one.external_id for one in found] == ["2", "4"]


def test_open_invoice_that_cannot_be_believed_stops_the_last_look(server, books):
    server.answer(page("invoices", invoices("1", balance=""), sorted_by="balance"))
    with pytest.raises(BadData) as raised:
        books.open_invoices_of(shapes.INVOICE["customer_id"])
    assert raised.value.sentence == "Zoho's invoice 1 was left out: it has no balance."


def test_organisations_are_asked_without_naming_one(server, books):
    server.answer({"code": 0, "message": "success", "organizations": [shapes.ORGANISATION]})
    assert [one.external_id for one in books.organisations()] == ["60001234567"]
    assert [(one.path, one.query) for one in server.asked] == [("/books/v3/organizations", {})]


def test_organisations_that_cannot_be_read_are_bad_data(server, books):
    server.answer({"code": 0, "organizations": [{"name": "No id"}]})
    with pytest.raises(BadData):
        books.organisations()
    server.answer({"code": 0, "organizations": []})
    assert books.organisations() == ()
