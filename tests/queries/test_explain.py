"""Why an invoice is chased or not, from rows."""

from datetime import date, timedelta

import pytest

from dunright.models import Connection, Invoice, SpentAddress
from dunright.queries import one_invoice
from dunright.queries.explain import explain_invoice
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice():
    organisation = make.organisation()
    customer = make.customer(organisation)
    make.person(customer)
    return make.invoice(customer, "INV-1", due=date(2026, 11, 13), balance="100.00")


def explained(invoice, **changes):
    row = Invoice.objects.select_related("customer").get(organisation=invoice.organisation, pk=invoice.pk)
    return explain_invoice(invoice.organisation, row, **{"today": make.TODAY, "now": make.NOW, **changes})


def test_it_sends(invoice):
    found = explained(invoice)
    assert (found.verdict, found.reason, found.step) == ("send", None, "follow-up")
    assert [guard.code for guard in found.guards if guard.stops] == []


def test_the_first_guard_that_stops_is_the_reason(invoice):
    make.hold(invoice, "promise", day=date(2026, 11, 27))
    found = explained(invoice)
    assert (found.verdict, found.reason, found.until) == ("wait", "promised", date(2026, 11, 28))


def test_old_data_stop_everything(invoice):
    Connection.objects.filter(organisation=invoice.organisation).update(
        complete_sync_at=make.NOW - timedelta(hours=25)
    )
    assert explained(invoice).reason == "stale_data"


def test_required_values_are_asked_for_when_a_writer_is_given(invoice):
    assert explained(invoice, missing=lambda draft: ["pay_link"]).reason == "missing_value"


def test_an_address_spent_by_its_own_message_does_not_stop_it(invoice):
    message = make.message(invoice.customer, [invoice])
    SpentAddress.objects.create(
        organisation=invoice.organisation,
        day=make.TODAY,
        address_key="orla@halloran.example",
        message=message,
    )
    assert explained(invoice).reason == "address_spent"
    assert explained(invoice, without_message=message.pk).verdict == "send"


@pytest.mark.parametrize("status", ["paid", "void", "written_off", "draft"])
def test_an_invoice_that_no_run_looks_at_is_explained_from_its_row(invoice, status):
    Invoice.objects.filter(organisation=invoice.organisation, pk=invoice.pk).update(status=status, balance=0)
    found = explained(invoice)
    assert (found.verdict, found.reason, found.until) == ("wait", "not_open", None)


@pytest.mark.parametrize("state", [{}, {"status": "paid", "balance": 0}, {"is_chasing": False}])
def test_a_page_explains_the_same_from_what_it_has_read(invoice, state):
    Invoice.objects.filter(organisation=invoice.organisation, pk=invoice.pk).update(**state)
    Connection.objects.filter(organisation=invoice.organisation).update(state="disconnected")
    row = one_invoice.find(invoice.organisation, invoice.pk)
    page = one_invoice.read(invoice.organisation, row, next_run=make.TODAY, now=make.NOW)
    assert page.explained == explained(invoice)
