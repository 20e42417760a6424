"""The last look before a message leaves: the customer's open invoices, read again this moment (section 6.3).

One list call a customer; for a large run one pass over all open invoices instead, good for five minutes. An invoice
that should be open and is not among them is looked up singly before it is believed to be closed or gone.
"""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from dunright.connectors.base import Connector
from dunright.domain.records import InvoiceRecord
from dunright.models import Connection, Customer, Invoice, Organisation
from dunright.queries.local_time import local_date
from dunright.remote.errors import NotFound
from dunright.services import budgets, connections, mirror, receivables

PASS_IS_GOOD_FOR = timedelta(minutes=5)
LARGE_RUN = 100
"""Messages from which one pass over all open invoices is cheaper than a call each."""


def look(connection: Connection, customer: Customer, *, large: bool, now: datetime) -> None:
    """Bring the customer's open invoices into the mirror as they are now. Raises RemoteError when unreadable."""
    organisation = connection.organisation
    budget = budgets.SharedBudget(organisation, use=budgets.Use.LOOK)
    with closing(connections.open_connector(connection, budget)) as connector:
        if large:
            start = _pass(organisation, connector, now=now)
            missing = _open_invoices(organisation, customer).exclude(open_seen_at=start)
        else:
            found = connector.open_invoices_of(customer.external_id)
            _store(organisation, customer, found, now=now)
            missing = _open_invoices(organisation, customer).exclude(
                external_id__in=[record.external_id for record in found]
            )
        _look_up(organisation, customer, connector, list(missing), now=now)


def _open_invoices(organisation: Organisation, customer: Customer) -> QuerySet[Invoice]:
    return Invoice.objects.filter(organisation=organisation, customer=customer, status="open", gone_at=None)


def _pass(organisation: Organisation, connector: Connector, *, now: datetime) -> datetime:
    """One pass over all open invoices, unless one began within five minutes; the start of the one that counts."""
    last = Organisation.objects.values_list("open_pass_at", flat=True).get(pk=organisation.pk)
    if last is not None and last <= now < last + PASS_IS_GOOD_FOR:
        return last
    for page in connector.all_open_invoices():
        with transaction.atomic():
            mirror.store_invoices(organisation, page.records, today=local_date(organisation, now))
            ids = [record.external_id for record in page.records]
            Invoice.objects.filter(organisation=organisation, external_id__in=ids).update(open_seen_at=now)
            receivables.refresh_totals(
                organisation,
                today=local_date(organisation, now),
                customers={record.customer_id for record in page.records},
            )
    # Only a pass that came to its end counts: a page that failed must not make its invoices look closed.
    Organisation.objects.filter(pk=organisation.pk).update(open_pass_at=now)
    return now


def _look_up(
    organisation: Organisation,
    customer: Customer,
    connector: Connector,
    missing: list[Invoice],
    *,
    now: datetime,
) -> None:
    found: list[InvoiceRecord] = []
    gone: list[int] = []
    for invoice in missing:
        try:
            found.append(connector.invoice(invoice.external_id).invoice)
        except NotFound:
            gone.append(invoice.pk)
    if not missing:
        return
    with transaction.atomic():
        Invoice.objects.filter(organisation=organisation, pk__in=gone).update(gone_at=now)
        _store(organisation, customer, found, now=now)


def _store(
    organisation: Organisation, customer: Customer, records: Iterable[InvoiceRecord], *, now: datetime
) -> None:
    today = local_date(organisation, now)
    with transaction.atomic():
        mirror.store_invoices(organisation, records, today=today)
        receivables.refresh_totals(organisation, today=today, customers=[customer.external_id])
