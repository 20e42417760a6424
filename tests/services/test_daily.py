"""What the database needs as it grows."""

import pytest
from django.db import connection

from dunright.models import Customer
from dunright.services import daily
from tests.support import factories as make

pytestmark = [
    # Tables are measured as a whole.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


def grow(organisation, count):
    Customer.objects.bulk_create(
        Customer(organisation=organisation, external_id=f"grown-{make.number()}", name="Grown")
        for _ in range(count)
    )


def measured():
    """Whether tables were measured; PostgreSQL does that by itself, and is taken to be as SQLite is."""
    return daily.measure_tables() or connection.vendor != "sqlite"


def forget(index):
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1 WHERE idx = %s", [index])


def test_small_tables_are_never_measured():
    grow(make.organisation(), 400)
    assert not daily.measure_tables()


def test_tables_are_measured_once_and_again_when_they_have_outgrown_it():
    organisation = make.organisation()
    grow(organisation, 600)
    assert (measured(), daily.measure_tables()) == (True, False)
    grow(organisation, 1000)
    assert not daily.measure_tables()
    grow(organisation, 1000)
    assert (measured(), daily.measure_tables()) == (True, False)


def test_an_index_that_was_not_there_is_measured():
    grow(make.organisation(), 600)
    daily.measure_tables()
    forget("customer_name")
    assert (measured(), daily.measure_tables()) == (True, False)
