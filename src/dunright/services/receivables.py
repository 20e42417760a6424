"""Customers' totals per currency, computed in SQL: after each page of a sync, and when the local date changes."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection, transaction

from dunright.models import Customer, CustomerTotal, Invoice, Organisation
from dunright.models.listed import Listed

_SUMMING = 7_310_246
"""The key of PostgreSQL's advisory lock for an organisation's totals."""
_TOTALS = """
INSERT INTO {totals} (organisation_id, customer_id, currency, outstanding, overdue, open_count, overdue_count,
                      oldest_due_date)
SELECT organisation_id, customer_id, currency, SUM(balance),
       SUM(CASE WHEN due_date < %s THEN balance ELSE 0 END), COUNT(*),
       SUM(CASE WHEN due_date < %s THEN 1 ELSE 0 END), MIN(due_date)
FROM {invoices}
WHERE organisation_id = %s AND status = 'open' AND balance > 0 AND gone_at IS NULL {some}
GROUP BY organisation_id, customer_id, currency
"""


def refresh_totals(
    organisation: Organisation, *, today: date, customers: Collection[str] | None = None
) -> None:
    """Sum the open invoices anew, of some customers (external ids) or of all. An invoice due today is not overdue."""
    rows = CustomerTotal.objects.filter(organisation=organisation)
    day = connection.ops.adapt_datefield_value(today)
    parameters: list[Any] = [day, day, organisation.pk]
    some = ""
    if customers is not None:
        mine = Customer.objects.filter(organisation=organisation, external_id__in=Listed(customers))
        pks = list(mine.values_list("pk", flat=True))
        if not pks:
            return
        rows = rows.filter(customer_id__in=Listed(pks))
        some = f"AND customer_id IN ({', '.join(['%s'] * len(pks))})"
        parameters += pks
    statement = _TOTALS.format(
        totals=CustomerTotal._meta.db_table, invoices=Invoice._meta.db_table, some=some
    )
    with transaction.atomic():
        _wait_for_turn(organisation)
        rows.delete()
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
        if customers is None:
            Organisation.objects.filter(pk=organisation.pk).update(totals_date=today)


def _wait_for_turn(organisation: Organisation) -> None:
    """Let one process at a time sum an organisation, until its transaction ends: two would insert the same rows.

    No row is locked for it: whoever holds invoices and comes here last waits for nobody who wants them. SQLite has one
    writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SUMMING, organisation.pk])
