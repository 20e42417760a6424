"""What migrations do to rows that are there already."""

from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from dunright.models import Customer, Invoice
from tests.support import factories as make


@pytest.mark.cross_tenant
@pytest.mark.django_db
def test_invoices_paid_before_it_was_noted_count_as_paid_when_first_seen_open():
    customer = make.customer(make.organisation())
    opened = {"first_open_date": date(2026, 6, 1)}
    old = make.invoice(customer, "old", status="paid", **opened)
    make.invoice(customer, "noted", status="paid", paid_seen_date=date(2026, 7, 1), **opened)
    make.invoice(customer, "open", **opened)
    make.invoice(customer, "never open", status="paid", first_open_date=None)
    migration = import_module("dunright.migrations.0007_paid_before")
    migration.note(apps, SimpleNamespace(connection=connection))
    days = Invoice.objects.filter(organisation=customer.organisation).values_list("number", "paid_seen_date")
    assert dict(days) == {
        "old": old.first_open_date,
        "noted": date(2026, 7, 1),
        "open": None,
        "never open": None,
    }


@pytest.mark.cross_tenant
@pytest.mark.django_db
def test_whoever_owed_something_before_days_to_look_were_noted_is_looked_at():
    organisation = make.organisation()
    make.customer(organisation, "Owes", next_verdict="wait", next_reason="promised")
    make.customer(organisation, "Owes nothing")
    migration = import_module("dunright.migrations.0010_next_look")
    migration.note(apps, SimpleNamespace(connection=connection))
    days = Customer.objects.filter(organisation=organisation).values_list("name", "next_look_date")
    assert dict(days) == {"Owes": date(2000, 1, 1), "Owes nothing": None}
