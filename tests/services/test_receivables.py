"""Customers' totals, when several processes sum them at once."""

import threading
import time
from decimal import Decimal

import pytest
from django.db import connection, transaction

from dunright.models import CustomerTotal
from dunright.services import receivables
from tests.support import factories

pytestmark = [pytest.mark.cross_tenant, pytest.mark.django_db(transaction=True)]


def waits_for_another():
    """Whether somebody waits for a lock of this database (SQLite cannot say, so a moment is given)."""
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
    errors = []

    def sum_too():
        try:
            receivables.refresh_totals(company, today=factories.TODAY)
        except Exception as error:  # told by the test, which a thread's own error would not reach
            errors.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=sum_too)
    with transaction.atomic():
        receivables.refresh_totals(company, today=factories.TODAY)
        other.start()
        while not waits_for_another():
            assert other.is_alive()
            time.sleep(0.01)
    other.join()
    assert errors == []
    totals = CustomerTotal.objects.filter(organisation=company).values_list("customer", "outstanding")
    assert list(totals) == [(customer.pk, Decimal("120.00"))]
