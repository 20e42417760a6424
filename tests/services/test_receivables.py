"""Customers' totals, when several processes sum them at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from dunright.models import CustomerTotal
from dunright.services import receivables
from tests.support import factories

pytestmark = [pytest.mark.cross_tenant, pytest.mark.django_db(transaction=True)]


def waits_for_another():
    """Whether somebody waits for a lock of this server (SQLite cannot say, so a moment is given)."""
    if connection.vendor == "sqlite":
        time.sleep(0.2)
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_two_that_sum_at_once_come_to_the_same_totals():
    company = factories.organisation()
    customer = factories.customer(company)
    factories.invoice(customer, balance=Decimal("120.00"))

    def sum_too():
        try:
            receivables.refresh_totals(company, today=factories.TODAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            receivables.refresh_totals(company, today=factories.TODAY)
            other = pool.submit(sum_too)
            while not waits_for_another():
                assert not other.done()
                time.sleep(0.01)
        other.result()
    totals = CustomerTotal.objects.filter(organisation=company).values_list("customer", "outstanding")
    assert list(totals) == [(customer.pk, Decimal("120.00"))]
