"""Records that only a call of their own completes or confirms: which ones, and what the answers do to the mirror."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dunright.connectors.base import Connector
from dunright.models import (
    ContactPerson,
    CreditNote,
    Customer,
    CustomerTotal,
    Invoice,
    Organisation,
    Payment,
)
from dunright.models.fields import MoneyField
from dunright.remote.errors import BadData, NotFound
from dunright.services import mirror, people, receivables, settlements, sync_events, timeline

AT_MOST = 40
"""Records that one run completes: the rest follows with the next runs."""

SLICE = 500

_OWES = {"status": "open", "gone_at": None}


def to_complete(
    organisation: Organisation, *, has_bulk_persons: bool, is_reconcile: bool = False
) -> list[tuple[str, str]]:
    """(kind, external id) of records that the lists do not tell whole, the most useful first.

    Payments over several invoices of customers that owe; customers that owe whose address no invoice row told, or
    whose persons no list gives; those who by the source owe something else than their invoices (an opening balance);
    then the other payments, and the other customers' persons. A reconcile of books without a list of persons goes
    round all customers, those read longest ago first: a change of a person may not show in its customer.
    """
    split = Payment.objects.filter(organisation=organisation, is_allocated=False, gone_at=None)
    owes = Exists(Invoice.objects.filter(customer=OuterRef("customer"), **_OWES))
    unread = Customer.objects.filter(organisation=organisation, gone_at=None, detail_read_at=None)
    owing = unread.filter(Exists(Invoice.objects.filter(customer=OuterRef("pk"), **_OWES)))
    wanted = [
        *_first("payment", split.filter(owes), "-payment_date"),
        *_first("customer", owing.filter(billing_address__isnull=True) if has_bulk_persons else owing),
        *_first("customer", _with_other_debt(organisation)),
        *_first("payment", split, "-payment_date"),
        *([] if has_bulk_persons else _first("customer", unread)),
    ]
    if is_reconcile and not has_bulk_persons:
        rows = Customer.objects.filter(organisation=organisation, gone_at=None)
        wanted += _first("customer", rows, "detail_read_at")
    return list(dict.fromkeys(wanted))[:AT_MOST]


def read_later(organisation: Organisation, customers: Sequence[str]) -> None:
    """Let these customers (external ids) count as never read whole."""
    for start in range(0, len(customers), SLICE):
        some = customers[start : start + SLICE]
        Customer.objects.filter(organisation=organisation, external_id__in=some).update(detail_read_at=None)


class Single:
    """Reads single records into the mirror."""

    def __init__(
        self, organisation: Organisation, connector: Connector, *, today: date, now: datetime
    ) -> None:
        self._organisation = organisation
        self._connector = connector
        self._today = today
        self._now = now

    def read(self, kind: str, external_id: str) -> list[str]:
        """Read and store one record; sentences about what could not be read.

        The answer that it does not exist makes it gone: kept, but out of every sum and list.
        """
        try:
            record: Any = getattr(self._connector, kind)(external_id)
        except NotFound:
            with transaction.atomic():
                bury(self._organisation, kind, external_id, today=self._today, now=self._now)
            return []
        except BadData as error:
            # One record that cannot be read does not stop the others; a later run looks at it again.
            return [error.sentence]
        with transaction.atomic():
            self._store(kind, record)
        return list(record.problems) if kind == "customer" else []

    def _store(self, kind: str, record: Any) -> None:
        organisation = self._organisation
        match kind:
            case "customer":
                mirror.store_customer_detail(organisation, record, now=self._now)
                people.give_levels(organisation, {record.external_id}, now=self._now)
                _seen(ContactPerson, organisation, (one.external_id for one in record.persons), self._now)
            case "payment":
                settlements.store_payments(organisation, [record])
            case "credit_note":
                mirror.store_credit_notes(organisation, [record])
            case "invoice":
                record = record.invoice
                news = sync_events.Watch(organisation, "invoices", [record], is_silent=False)
                mirror.store_invoices(organisation, [record], today=self._today)
                receivables.refresh_totals(organisation, today=self._today, customers={record.customer_id})
                news.tell(now=self._now)
        _seen(_MODELS[kind], organisation, [record.external_id], self._now)


_MODELS: dict[str, Any] = {
    "customer": Customer,
    "invoice": Invoice,
    "payment": Payment,
    "credit_note": CreditNote,
}


def bury(organisation: Organisation, kind: str, external_id: str, *, today: date, now: datetime) -> None:
    """Mark a record that the books no longer have, with whatever goes with it, and tell it."""
    rows = _MODELS[kind].objects.filter(organisation=organisation, external_id=external_id, gone_at=None)
    row = rows.select_related(None if kind == "customer" else "customer").first()
    if row is None:
        return
    rows.update(gone_at=now)
    customer = row if kind == "customer" else row.customer
    if kind == "customer":
        ContactPerson.objects.filter(organisation=organisation, customer=row, gone_at=None).update(
            gone_at=now
        )
    if kind == "invoice":
        receivables.refresh_totals(organisation, today=today, customers={customer.external_id})
    timeline.record(
        organisation,
        "invoice_changed" if kind == "invoice" else f"{kind}_gone",
        _farewell(kind, row),
        at=now,
        customer=customer,
        invoice=row if kind == "invoice" else None,
        data={"external_id": external_id},
    )


def _farewell(kind: str, row: Any) -> str:
    match kind:
        case "customer":
            return f"{row.name} is no longer in the books: deleted there, or merged into another customer"
        case "payment":
            currency = row.currency or row.customer.currency
            return f"The payment of {row.amount:,.2f} {currency} is no longer in the books"
        case "credit_note":
            return f"Credit note {row.number} is no longer in the books"
        case _:
            return f"{row.number} is no longer in the books"


def _seen(model: Any, organisation: Organisation, ids: Iterable[str], now: datetime) -> None:
    model.objects.filter(organisation=organisation, external_id__in=list(ids)).update(seen_at=now)


def _with_other_debt(organisation: Organisation) -> QuerySet[Customer]:
    """Customers whose own sum at the source is not that of their invoices, read whole before their last change."""
    invoices = CustomerTotal.objects.filter(
        organisation=organisation, customer=OuterRef("pk"), currency=OuterRef("currency")
    )
    unread = Q(detail_read_at=None) | Q(detail_read_at__lt=F("modified_at"))
    return (
        Customer.objects.filter(unread, organisation=organisation, gone_at=None, is_seen=True)
        .annotate(
            invoiced=Coalesce(Subquery(invoices.values("outstanding")[:1]), 0, output_field=MoneyField())
        )
        .exclude(source_outstanding=F("invoiced") + F("opening_balance"))
    )


def _first(kind: str, rows: QuerySet[Any], *order: str) -> list[tuple[str, str]]:
    ids = rows.order_by(*order, "pk").values_list("external_id", flat=True)
    return [(kind, external_id) for external_id in ids[:AT_MOST]]
