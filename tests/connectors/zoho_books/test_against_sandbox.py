"""The connector on the sandbox: consent to revocation, limits, faults and switches, over real HTTP."""

from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest

from dunright.connectors.base import Problem
from dunright.connectors.zoho_books import oauth
from dunright.connectors.zoho_books.data_centres import data_centre
from dunright.remote.errors import (
    AuthExpired,
    ConsentRefused,
    DailyLimit,
    Misconfigured,
    NotFound,
    PermissionMissing,
    RateLimited,
    Unavailable,
    WrongOrganisation,
)
from dunright.remote.http import Retry
from dunright.remote.oauth import ClientId
from tests.connectors.lent import Calls
from tests.connectors.sandboxed import SandboxTokens, connected, sample_of
from zoho_sandbox.testing import running_sandbox

BACK = "http://127.0.0.1:8000/connect/back/"


@pytest.fixture(scope="module")
def running():
    with running_sandbox(customers=12, life_goes_on=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The module's sandbox, as it was at first."""
    yield running
    running.clear_faults()
    running.switch(
        bulk_persons="on",
        last_modified_sort="honoured",
        last_modified_filter="since",
        per_page_cap=200,
        enforce_limits=False,
        token_error_status=200,
    )


def ids(pages):
    return [record.external_id for page in pages for record in page.records]


def log_in(sandbox, **consent):
    """Go the whole way of a person who connects."""
    client = ClientId(sandbox.client_id, sandbox.client_secret, BACK)
    url = oauth.authorize_url(client, location="sandbox", state="s", sandbox_url=sandbox.url)
    back = dict(parse_qsl(urlsplit(sandbox.consent(url, **consent)).query))
    callback = oauth.read_callback(back, state="s", location="sandbox", sandbox_url=sandbox.url)
    return oauth.exchange(client, callback)


def test_consent_gives_lasting_access_to_all_that_is_read(sandbox):
    found = log_in(sandbox)
    assert (found.centre.key, set(found.grant.scope)) == ("sandbox", set(oauth.SCOPES))
    client = ClientId(sandbox.client_id, sandbox.client_secret, BACK)
    grant = oauth.refresh(client, found.centre, refresh_token=found.grant.refresh_token)
    assert sandbox.get("/organizations", grant.access_token).status == 200


def test_consent_that_is_refused(sandbox):
    with pytest.raises(ConsentRefused):
        log_in(sandbox, accept=False)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("client", "refresh_token", "kind"),
    [
        (ClientId("1000.NOBODY", "x", BACK), "", Misconfigured),
        (None, "1000.dead.token", AuthExpired),
    ],
)
def test_token_errors(sandbox, status, client, refresh_token, kind):
    sandbox.switch(token_error_status=status)
    known = ClientId(sandbox.client_id, sandbox.client_secret, BACK)
    centre = data_centre("sandbox", sandbox_url=sandbox.url)
    with pytest.raises(kind):
        oauth.refresh(client or known, centre, refresh_token=refresh_token or sandbox.refresh_token())


def test_wrong_secret_is_the_operators_fault(sandbox):
    client = ClientId(sandbox.client_id, "wrong", BACK)
    with pytest.raises(Misconfigured) as raised:
        oauth.refresh(
            client, data_centre("sandbox", sandbox_url=sandbox.url), refresh_token=sandbox.refresh_token()
        )
    assert raised.value.sentence == (
        "Zoho refuses the client secret: check DUNRIGHT_ZOHO_CLIENT_SECRET (it may differ by data centre)."
    )


def test_revoked_log_in_ends_in_reconnecting(sandbox):
    tokens = SandboxTokens(sandbox)
    with connected(sandbox, tokens=tokens) as books:
        assert ids(books.pages("currencies"))
        oauth.revoke(tokens.centre, refresh_token=tokens.refresh_token)
        with pytest.raises(AuthExpired):
            list(books.pages("currencies"))
    assert tokens.refreshes == 1


def test_expired_token_is_renewed_without_a_word(sandbox):
    tokens = SandboxTokens(sandbox)
    with connected(sandbox, tokens=tokens) as books:
        tokens.access_token = "1000.old.token"
        assert len(ids(books.pages("currencies"))) == sample_of(sandbox).counts["currencies"]
    assert tokens.refreshes == 1


def test_scope_that_was_not_given_is_named(sandbox):
    tokens = SandboxTokens(sandbox)
    tokens.refresh_token = sandbox.refresh_token(scope="ZohoBooks.contacts.READ,ZohoBooks.settings.READ")
    with connected(sandbox, tokens=tokens) as books:
        assert ids(books.pages("customers"))
        with pytest.raises(PermissionMissing) as raised:
            list(books.pages("invoices"))
    assert raised.value.sentence.startswith("Zoho Books does not let this log-in read “invoices”")
    assert tokens.refreshes == 2


def test_books_that_the_log_in_does_not_reach(sandbox):
    with connected(sandbox, external_id="1") as books, pytest.raises(WrongOrganisation):
        list(books.pages("invoices"))


def test_limits_are_told_apart_and_what_is_left_is_noted(sandbox):
    calls = Calls()
    with connected(sandbox, budget=calls) as books:
        list(books.pages("currencies"))
        assert (calls.noted[-1].limit, calls.taken) == (10_000, 1)
        sandbox.switch(enforce_limits=True, per_minute=1)
        with pytest.raises(RateLimited) as raised:
            list(books.pages("invoices"))
        assert (type(raised.value), raised.value.retry_after) == (RateLimited, 60.0)
        sandbox.switch(per_minute=100, per_day=1)
        with pytest.raises(DailyLimit) as raised:
            list(books.pages("invoices"))
        # Nine o'clock in Dublin: fifteen hours until its midnight, a little less by now.
        assert 53_000 < raised.value.retry_after <= 54_000
        sandbox.switch(per_day=10_000)


@pytest.mark.parametrize("kind", ["status", "html", "malformed", "cut", "reset"])
def test_fault_that_passes_is_not_noticed(sandbox, kind):
    sandbox.fault("/invoices", kind=kind, status=503 if kind in {"status", "html"} else 200, count=2)
    with connected(sandbox, retry=Retry(3, 0.01, 0.02)) as books:
        assert len(ids(books.pages("invoices"))) == sample_of(sandbox).counts["invoices"]


def test_fault_that_stays_is_unavailable_and_the_read_goes_on_later(sandbox):
    sandbox.switch(per_page_cap=50)
    sandbox.fault("/invoices.*page=3", kind="html", status=503, count=-1)
    with connected(sandbox) as books:
        pages = books.pages("invoices")
        first = [next(pages), next(pages)]
        with pytest.raises(Unavailable):
            next(pages)
        sandbox.clear_faults()
        rest = list(books.pages("invoices", start=first[-1].number + 1))
    assert len(set(ids(first + rest))) == sample_of(sandbox).counts["invoices"]


@pytest.mark.parametrize("cap", [50, 200])
@pytest.mark.parametrize("bulk", ["on", "404"])
def test_all_persons_are_read_one_way_or_the_other(sandbox, cap, bulk):
    sandbox.switch(bulk_persons=bulk, per_page_cap=cap)
    with connected(sandbox) as books:
        customers = tuple(ids(books.pages("customers")))
        pages = list(books.persons(customers))
        assert books.probes == {"bulk_persons": bulk == "on", "customers_sorted_by_change": True}
    assert len(set(ids(pages))) == sample_of(sandbox).counts["persons"]


@pytest.mark.parametrize("kind", ["since", "exact", "ignored"])
@pytest.mark.parametrize("sort", ["honoured", "ignored", "refused"])
def test_payment_is_seen_as_a_change_whatever_sort_and_filter_do(sandbox, sort, kind):
    sandbox.switch(last_modified_sort=sort, last_modified_filter=kind)
    with connected(sandbox) as books:
        watermark = next(books.pages("invoices")).watermark
        assert (watermark is None) == (sort != "honoured" and kind != "since")
        learnt = {"invoices_sorted_by_change": sort == "honoured"}
        if sort != "honoured":
            learnt["invoices_filtered_by_change"] = kind == "since"
        assert books.probes == learnt
        since = watermark or sandbox.now()
        (opened, *_) = ids(books.all_open_invoices())
        before = books.invoice(opened).invoice
        sandbox.move(seconds=60)
        sandbox.control("POST", "payments/create", invoice=opened, amount=1)
        changed = {
            record.external_id: record
            for page in books.pages("invoices", since=since)
            for record in page.records
        }
        assert changed[opened].balance == before.balance - 1
        is_read_whole = len(changed) == sample_of(sandbox).counts["invoices"]
        assert is_read_whole == (sort != "honoured" and kind != "since")
        assert opened in {one.external_id for one in books.open_invoices_of(before.customer_id)}


def test_order_that_is_refused_one_day_costs_no_change(sandbox):
    with connected(sandbox) as books:
        watermark = next(books.pages("invoices")).watermark
        sandbox.switch(last_modified_sort="refused", last_modified_filter="ignored")
        pages = list(books.pages("invoices", since=watermark))
        assert len(set(ids(pages))) == sample_of(sandbox).counts["invoices"]
        assert books.probes["invoices_sorted_by_change"] is False


def test_filter_that_ceases_to_work_costs_no_change(sandbox):
    sandbox.switch(last_modified_sort="ignored")
    with connected(sandbox) as books:
        watermark = next(books.pages("invoices")).watermark
        sandbox.switch(last_modified_filter="ignored")
        pages = list(books.pages("invoices", since=watermark))
        assert len(set(ids(pages))) == sample_of(sandbox).counts["invoices"]
        assert books.probes["invoices_filtered_by_change"] is False


def test_life_of_an_invoice_shows_in_its_status(sandbox):
    with connected(sandbox) as books:
        opened = [record for page in books.all_open_invoices() for record in page.records]
        first, second, third, *_ = (one.external_id for one in opened if one.balance == one.total)
        customer = books.invoice(first).invoice.customer_id
        sandbox.control("POST", "invoices/void", invoice=first)
        sandbox.control("POST", "invoices/write-off", invoice=second)
        sandbox.control("POST", "payments/create", invoice=third)
        found = [books.invoice(one).invoice for one in (first, second, third)]
        assert [one.status for one in found] == ["void", "written_off", "paid"]
        assert {first, second, third}.isdisjoint(ids(books.all_open_invoices()))
        assert first not in {one.external_id for one in books.open_invoices_of(customer)}
        sandbox.control("POST", "invoices/delete", invoice=first)
        with pytest.raises(NotFound):
            books.invoice(first)


def test_odd_row_is_told_and_costs_no_other(sandbox):
    with connected(sandbox) as books:
        (odd, *_) = ids(books.all_open_invoices())
        count = sample_of(sandbox).counts["invoices"]
        due_date = books.invoice(odd).invoice.due_date.isoformat()
        sandbox.control("POST", "records/patch", kind="invoice", id=odd, set={"due_date": "9999-99-99"})
        pages = list(books.pages("invoices"))
        sandbox.control("POST", "records/patch", kind="invoice", id=odd, set={"due_date": due_date})
    problems = [problem for page in pages for problem in page.problems]
    assert problems == [
        Problem(odd, f"Zoho's invoice {odd} was left out: its due date “9999-99-99” is no date.")
    ]
    assert len(ids(pages)) == count - 1


def test_quiet_books_cost_one_call_a_list(sandbox):
    with connected(sandbox) as books:
        lists = ("customers", "invoices", "payments", "credit_notes")
        marks = {what: next(books.pages(what)).watermark for what in lists}
        before = sandbox.calls()
        for what, watermark in marks.items():
            list(books.pages(what, since=watermark))
        assert sandbox.calls() - before == 4


def test_nothing_is_asked_that_zoho_does_not_know():
    with running_sandbox(customers=5, life_goes_on=False) as sandbox, connected(sandbox) as books:
        books.organisations()
        found = {what: ids(books.pages(what)) for what in books.reads if what != "organisations"}
        assert Counter({what: len(set(one)) for what, one in found.items()}) == sample_of(sandbox).counts
        invoice = books.invoice(ids(books.all_open_invoices())[0]).invoice
        books.open_invoices_of(invoice.customer_id)
        books.customer(found["customers"][0])
        books.payment(found["payments"][0])
        books.invoice_pdf(invoice.external_id)
        with pytest.raises(NotFound):
            books.invoice("123456")
        assert sandbox.unknown() == []
