"""The mirror's side of a comparison with the books: open invoices, customers and numbers, as plain values."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from dunright.domain.comparing import Account, Standing
from dunright.domain.records import CustomerRecord, InvoiceRecord
from dunright.models import Customer, CustomerTotal, Invoice, Organisation

SLICE = 500
_COLUMNS = (
    "external_id",
    "number",
    "customer__external_id",
    "customer__name",
    "currency",
    "balance",
    "due_date",
)


def open_invoices(organisation: Organisation) -> QuerySet[Invoice]:
    """What is owed, as the mirror has it."""
    return Invoice.objects.filter(organisation=organisation, status="open", gone_at=None, balance__gt=0)


def standings(organisation: Organisation, ids: Iterable[str]) -> dict[str, Standing]:
    """The open invoices of the mirror among these."""
    return _standings(open_invoices(organisation).filter(external_id__in=list(ids)))


def standings_of(organisation: Organisation, customer: str) -> dict[str, Standing]:
    """The open invoices of one customer (external id)."""
    return _standings(open_invoices(organisation).filter(customer__external_id=customer))


def unseen(rows: QuerySet[Any], seen: set[str]) -> Iterator[list[str]]:
    """External ids of rows that are not among those seen, in slices."""
    ids = [one for one in rows.values_list("external_id", flat=True).iterator() if one not in seen]
    return (ids[start : start + SLICE] for start in range(0, len(ids), SLICE))


def standing(record: InvoiceRecord) -> Standing | None:
    """An invoice of the books, as far as the mirror would keep it; None when nothing is owed."""
    if record.status != "open" or record.balance <= 0:
        return None
    return Standing(
        record.external_id,
        _as_kept(Invoice, "number", record.number),
        record.customer_id,
        _as_kept(Customer, "name", record.customer_name),
        record.currency,
        record.balance,
        record.due_date,
    )


def account(row: Customer) -> Account:
    """A customer of the mirror."""
    return Account(row.external_id, row.name, row.email, row.status, row.currency)


def account_of(record: CustomerRecord) -> Account:
    """A customer of the books, as far as the mirror would keep it."""
    names = ("name", "email", "status", "currency")
    return Account(record.external_id, *(_as_kept(Customer, name, getattr(record, name)) for name in names))


def owed_by(organisation: Organisation, customers: Iterable[Customer]) -> dict[tuple[int, str], Decimal]:
    """(Key of customer, currency) -> what is open, from the invoices themselves."""
    rows = open_invoices(organisation).filter(customer__in=[one.pk for one in customers])
    found = rows.values("customer_id", "currency").annotate(owed=Sum("balance")).order_by()
    return {(row["customer_id"], row["currency"]): row["owed"] for row in found}


def customers_told(organisation: Organisation) -> Iterator[list[Customer]]:
    """Customers who owe something by the books' word or by their invoices, in slices."""
    here = Customer.objects.filter(organisation=organisation, gone_at=None, is_seen=True)
    owing = CustomerTotal.objects.filter(organisation=organisation).values("customer_id")
    told = here.filter(~Q(source_outstanding=0) | Q(pk__in=owing)).order_by("pk")
    pks = list(told.values_list("pk", flat=True))
    for start in range(0, len(pks), SLICE):
        yield list(here.filter(pk__in=pks[start : start + SLICE]))


def open_sums(organisation: Organisation) -> dict[str, Decimal]:
    """Currency -> what is open."""
    found = open_invoices(organisation).values("currency").annotate(owed=Sum("balance")).order_by("currency")
    return {row["currency"]: row["owed"] for row in found}


def numbers(organisation: Organisation) -> dict[str, int]:
    """Customers, and invoices by the books' own words: what Dunright calls otherwise is counted as they count it."""
    found = Invoice.objects.filter(organisation=organisation, gone_at=None).aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(status="open", balance__gt=0)),
        paid=Count("pk", filter=Q(source_status="paid")),
        void=Count("pk", filter=Q(source_status="void")),
    )
    found["other"] = found.pop("all") - found["open"] - found["paid"] - found["void"]
    return {"customers": Customer.objects.filter(organisation=organisation, gone_at=None).count(), **found}


def _standings(rows: QuerySet[Invoice]) -> dict[str, Standing]:
    return {row[0]: Standing(*row) for row in rows.values_list(*_COLUMNS)}


def _as_kept(model: Any, name: str, text: str) -> str:
    """Text as its column holds it."""
    return text.replace("\x00", "")[: model._meta.get_field(name).max_length]
