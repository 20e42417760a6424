"""What a list of Receivables is narrowed to: plain values, checked at the edge, and the conditions they stand for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Aggregate,
    Case,
    ExpressionWrapper,
    F,
    FloatField,
    Model,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.sql.compiler import SQLCompiler

from dunright.models import (
    ContactPerson,
    Customer,
    CustomerTotal,
    Invoice,
    Organisation,
    OutboxLine,
    OutboxMessage,
)
from dunright.queries.facts import NOT_CHASED
from dunright.queries.next_steps import ON_ITS_WAY

STATES = ("all", "overdue", "leaves", "held", "not_chasing")
NOT_YET = ("nothing_due", "minimum_gap", "waits_for_overdue", "address_spent")
"""Reasons that pass by themselves within days: nobody holds anything back."""
PAGE_SIZE = 50
LONGEST_SEARCH = 200
RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True)
class Filters:
    state: str = "all"
    """One of STATES."""
    schedule: str = ""
    """Name of a schedule, or `none`; empty: any."""
    reason: str = ""
    """A reason code; empty: any."""
    search: str = ""
    sort: str = ""
    """A key of the list's columns, with `-` for descending."""
    page: int = 1


def clamped(page: int, count: int) -> int:
    """The page asked for, or the last one that exists."""
    return min(page, max(1, -(-count // PAGE_SIZE)))


def in_base(amount: str, currency: str, rates: Mapping[str, Decimal]) -> Combinable:
    """An amount in base currency, for ordering only: amounts of several currencies are compared, never shown as one."""
    if all(rate == 1 for rate in rates.values()):
        return F(amount)
    weights = [When(**{currency: code}, then=Value(float(rate))) for code, rate in rates.items()]
    weight = Case(*weights, default=Value(1.0), output_field=FloatField())
    return ExpressionWrapper(F(amount) * weight, output_field=FloatField())


def customers_with_coming(organisation: Organisation) -> QuerySet[OutboxMessage, int]:
    """Keys of customers with a chasing message on its way."""
    rows = OutboxMessage.objects.filter(organisation=organisation, slot="chase", state__in=ON_ITS_WAY)
    return rows.order_by().values_list("customer_id", flat=True)


def invoices_with_coming(organisation: Organisation) -> QuerySet[OutboxLine, int]:
    """Keys of invoices that a chasing message on its way lists."""
    rows = OutboxLine.objects.filter(
        organisation=organisation, message__slot="chase", message__state__in=ON_ITS_WAY
    )
    return rows.order_by().values_list("invoice_id", flat=True)


def owing(organisation: Organisation, *, overdue: bool = False) -> QuerySet[CustomerTotal, int]:
    """Keys of customers who owe something, or something overdue."""
    rows = CustomerTotal.objects.filter(organisation=organisation)
    if overdue:
        rows = rows.filter(overdue__gt=0)
    return rows.order_by().values_list("customer_id", flat=True)


def on_schedule(name: str, default: str, *, prefix: str = "") -> Q:
    """Customers on a schedule; those without a choice of their own follow the default."""
    chosen = Q(**{f"{prefix}schedule_name": name})
    return chosen | Q(**{f"{prefix}schedule_name": ""}) if name == default and name != NOT_CHASED else chosen


def customers_found(organisation: Organisation, text: str) -> Q:
    """Customers who hold every word of the search: in their names, addresses, phones, persons, or invoice numbers."""
    found = Q()
    for word in text.split():
        numbers = Invoice.objects.filter(organisation=organisation, number__icontains=word, gone_at=None)
        found &= customer_holds(organisation, word) | Q(pk__in=numbers.values("customer_id"))
    return found


def invoices_found(organisation: Organisation, text: str) -> Q:
    """Invoices of which every word of the search is in the number, the reference, or something of the customer's."""
    found = Q()
    for word in text.split():
        holding = Customer.objects.filter(customer_holds(organisation, word), organisation=organisation)
        found &= (
            # Customers are asked once, and not for each of their invoices; and first, as looking one up is quicker
            # than reading through two texts.
            Q(customer__in=holding.values("pk")) | Q(number__icontains=word) | Q(reference__icontains=word)
        )
    return found


def customer_holds(organisation: Organisation, word: str) -> Q:
    """A word in a customer's names, address or phone, or in those of one of the contact persons."""
    persons = ContactPerson.objects.filter(organisation=organisation, gone_at=None).filter(
        Q(first_name__icontains=word)
        | Q(last_name__icontains=word)
        | Q(email__icontains=word)
        | Q(phone__icontains=word)
        | Q(mobile__icontains=word)
    )
    found = Q(pk__in=persons.values("customer_id"))
    for column in ("name", "company_name", "email", "phone"):
        found |= Q(**{f"{column}__icontains": word})
    return found


def settled_on(
    rows: QuerySet[RowT], everything: QuerySet[RowT], *, at_most: int | None = None
) -> QuerySet[RowT]:
    """The same rows by their keys: a search is then made once and not once for each figure.

    With more than `at_most` the rows stay as they are: there, looking each key up takes longer than to search again.
    """
    if at_most is None:
        # Put together by the database: ten thousand rows are not made into objects for it.
        text: str = rows.order_by().aggregate(keys=_KeysAsText("pk"))["keys"] or "[]"
        return everything.filter(pk__in=_as_one_value(text))
    keys = list(rows.order_by().values_list("pk", flat=True)[: at_most + 1])
    return rows if len(keys) > at_most else everything.filter(pk__in=_as_one_value(json.dumps(keys)))


class _KeysAsText(Aggregate):
    """The JSON array of keys, None for no rows on PostgreSQL."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="JSON_AGG(%(expressions)s)::text")


def _as_one_value(keys: str) -> RawSQL:
    """Any number of keys under one placeholder: a statement takes only so many of those."""
    unpacked = {
        "sqlite": "SELECT value FROM json_each(%s)",
        "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s::json)",
    }
    return RawSQL(unpacked[connection.vendor], [keys])  # noqa: S611 - a constant, see above


def sums(rows: QuerySet[CustomerTotal]) -> dict[str, tuple[Decimal, Decimal]]:
    """Currency -> (outstanding, overdue) of these totals."""
    found = rows.values("currency").annotate(owed=Sum("outstanding"), late=Sum("overdue")).order_by()
    return {row["currency"]: (row["owed"], row["late"]) for row in found}
