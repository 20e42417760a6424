"""What a customer's statement of account says on a day, from the mirror (chasing-rules.md section 7).

Balances of an earlier day are worked out from the payments that came after it (`domain.statements.balance_on`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from dunright.domain.statements import (
    Settled,
    StatementCredit,
    StatementDocument,
    StatementInvoice,
    StatementParty,
    balance_on,
    build_accounts,
)
from dunright.domain.wording.language import language_for
from dunright.models import Allocation, CreditNote, Customer, Invoice, Organisation, Payment, Sender
from dunright.queries.local_time import settings_of

_ADDRESS: Final = ("attention", "street", "street2", "city", "state", "postcode", "country")


class BalancesUnknown(Exception):
    """The books have not told enough to say what was owed on a day that is over; the message says of what."""


def statement_of(
    organisation: Organisation, customer: Customer, *, day: date, today: date
) -> StatementDocument:
    """The statement of one customer as of a day: all that is open, and its credits, in every currency.

    `today` is the organisation's date: from then on the balances are those of the mirror. Raises BalancesUnknown.
    """
    settings = settings_of(organisation)
    sender = Sender.objects.filter(organisation=organisation, level="normal", is_active=True).first()
    invoices = (
        _open_invoices(organisation, customer)
        if day >= today
        else _invoices_open_on(day, organisation, customer)
    )
    language = language_for(customer.language or settings.language, settings.country)
    return StatementDocument(
        seller=StatementParty(
            name=settings.name, email=sender.email if sender else "", phone=sender.phone if sender else ""
        ),
        customer=StatementParty(
            name=customer.company_name or customer.name, address=_address(customer.billing_address)
        ),
        day=day,
        accounts=build_accounts(
            invoices,
            _credits(organisation, customer, day),
            today=day,
            first_currency=customer.currency or settings.currency,
        ),
        locale=str(language.locale),
        how_to_pay=tuple(settings.bank_details.splitlines()),
        contact=", ".join(part for part in (sender.name, sender.phone, sender.email) if part)
        if sender
        else "",
    )


def _open_invoices(organisation: Organisation, customer: Customer) -> list[StatementInvoice]:
    rows = _rows(organisation, customer).filter(status="open", balance__gt=0)
    return [_line(row, row["balance"]) for row in rows]


def _invoices_open_on(day: date, organisation: Organisation, customer: Customer) -> list[StatementInvoice]:
    """Open ones and those paid since, as they stood on the day."""
    settled = _settled(organisation, customer)
    found: list[StatementInvoice] = []
    for row in _rows(organisation, customer).filter(Q(issue_date=None) | Q(issue_date__lte=day)):
        balance = balance_on(
            day, total=row["total"], balance=row["balance"], settled=settled.get(row["pk"], ())
        )
        if balance is None:
            raise BalancesUnknown(
                f"The books have not told how the payments on {row['number']} were split, so its balance on {day} "
                "is not known; give a later day."
            )
        if balance > 0:
            found.append(_line(row, balance))
    return found


def _rows(organisation: Organisation, customer: Customer) -> QuerySet[Invoice, Any]:
    rows = Invoice.objects.filter(
        organisation=organisation, customer=customer, gone_at=None, status__in=("open", "paid")
    )
    return rows.order_by("due_date", "number", "pk").values(
        "pk", "number", "issue_date", "due_date", "total", "balance", "currency", "reference"
    )


def _line(row: dict[str, Any], balance: Any) -> StatementInvoice:
    return StatementInvoice(
        number=row["number"],
        issued=row["issue_date"],
        due=row["due_date"],
        total=row["total"],
        balance=balance,
        currency=row["currency"],
        reference=row["reference"],
    )


def _settled(organisation: Organisation, customer: Customer) -> dict[int, list[Settled]]:
    """Payments on the customer's invoices by the invoice's key; the parts of some are not known yet."""
    found: dict[int, list[Settled]] = defaultdict(list)
    known = Allocation.objects.filter(
        organisation=organisation, invoice__customer=customer, payment__gone_at=None
    )
    for invoice, dated, amount in known.values_list("invoice_id", "payment__payment_date", "amount"):
        found[invoice].append(Settled(dated, amount))
    unknown = list(
        Payment.objects.filter(
            organisation=organisation, customer=customer, gone_at=None, is_allocated=False
        ).values_list("payment_date", "invoice_numbers")
    )
    if unknown:
        numbers = {row["number"]: row["pk"] for row in _rows(organisation, customer)}
        for dated, mentioned in unknown:
            for number in set(mentioned) & numbers.keys():
                found[numbers[number]].append(Settled(dated, None))
    return found


def _credits(organisation: Organisation, customer: Customer, day: date) -> Iterator[StatementCredit]:
    """Credit notes and payments that settle nothing yet, dated on the day or before."""
    notes = CreditNote.objects.filter(
        Q(issue_date=None) | Q(issue_date__lte=day),
        organisation=organisation,
        customer=customer,
        status="open",
        gone_at=None,
        balance__gt=0,
    )
    for note in notes.order_by("issue_date", "pk"):
        yield StatementCredit(
            "credit_note", note.number, note.issue_date, note.balance, note.currency, note.reference
        )
    payments = Payment.objects.filter(
        Q(payment_date=None) | Q(payment_date__lte=day),
        organisation=organisation,
        customer=customer,
        gone_at=None,
        unused__gt=0,
    )
    for one in payments.order_by("payment_date", "pk"):
        currency = one.currency or customer.currency
        yield StatementCredit("payment", one.number, one.payment_date, one.unused, currency, one.reference)


def _address(stored: dict[str, Any] | None) -> tuple[str, ...]:
    """The lines of a postal address; town and postcode share one."""
    parts = {name: str((stored or {}).get(name) or "").strip() for name in _ADDRESS}
    town = " ".join(_filled((parts["postcode"], parts["city"])))
    street = [line for name in ("attention", "street", "street2") for line in parts[name].splitlines()]
    return tuple(_filled((*street, town, parts["state"], parts["country"])))


def _filled(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]
