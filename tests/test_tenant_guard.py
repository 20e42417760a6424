"""The guard itself: what it lets through and what it refuses, asked as Dunright's own code would."""

import pytest
from django.db import connection

from dunright.models import Customer, Organisation
from tests.support import tenant_guard


def ask(code, **names):
    """Run an expression as if it stood in a file of Dunright's."""
    names |= {"__name__": "dunright.queries.invented", "Customer": Customer}
    return eval(compile(code, tenant_guard.OURS + "queries/invented.py", "eval"), names)


@pytest.fixture
def customer(db):
    organisation = Organisation.objects.create(name="Ours")
    return Customer.objects.create(organisation=organisation, external_id="1", name="Riverside Bakery")


@pytest.mark.parametrize(
    "code",
    [
        "list(Customer.objects.all())",
        "Customer.objects.get(pk=customer.pk)",
        "Customer.objects.filter(name='Riverside Bakery').update(name='')",
        "Customer.objects.filter(external_id='1').delete()",
        "Customer.objects.filter(organisation__name='Ours').count()",
        "list(Customer.objects.raw('SELECT * FROM dunright_customer'))",
    ],
)
def test_statement_without_organisation_is_refused(customer, code):
    with pytest.raises(
        tenant_guard.TenantLeak, match=r"dunright\.queries\.invented\.<module> asks dunright_customer"
    ):
        ask(code, customer=customer)
    assert len(tenant_guard.leaks) == 1
    tenant_guard.leaks.clear()


@pytest.mark.parametrize(
    "code",
    [
        "list(Customer.objects.filter(organisation=customer.organisation))",
        "list(Customer.objects.filter(organisation_id__in=[customer.organisation_id]))",
        "Customer.objects.get(organisation=customer.organisation, pk=customer.pk)",
        "customer.save()",
        "customer.refresh_from_db()",
        "customer.delete()",
        "Customer.objects.filter(organisation=customer.organisation, external_id='1').delete()",
        "Customer.objects.create(organisation=customer.organisation, external_id='2', name='Second')",
        "list(Customer.objects.raw('SELECT * FROM dunright_customer WHERE organisation_id = %s', [1]))",
    ],
)
def test_statement_with_organisation_or_row_in_hand_passes(customer, code):
    ask(code, customer=customer)
    assert tenant_guard.leaks == []


@pytest.mark.cross_tenant
def test_marked_test_may_ask_across(customer):
    assert ask("Customer.objects.count()") == 1


def test_statements_of_the_tests_are_not_looked_at(customer):
    assert Customer.objects.count() == 1


def test_tables_with_an_organisation_are_watched():
    watched = tenant_guard.tenant_tables()
    assert {"dunright_customer", "dunright_invoice", "dunright_outboxmessage"} <= watched
    assert "dunright_organisation" not in watched


def test_every_connection_is_watched(db):
    connection.ensure_connection()
    assert tenant_guard._watch in connection.execute_wrappers
