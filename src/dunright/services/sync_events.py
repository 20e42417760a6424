"""What a sync page changed, told as timeline entries: payments seen; invoices paid, voided, re-dated, moved."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from dunright.models import Invoice, Organisation, Payment, TimelineEntry
from dunright.models.listed import Listed
from dunright.services.timeline import LONGEST_SENTENCE


class _Before(NamedTuple):
    status: str
    balance: Decimal
    due_date: date | None
    customer: int = 0
    customer_name: str = ""


class Watch:
    """Looks before a page is stored and tells afterwards what is new."""

    def __init__(
        self, organisation: Organisation, resource: str, records: Sequence[Any], *, is_silent: bool
    ) -> None:
        self._organisation = organisation
        self._resource = resource
        self._is_silent = is_silent
        self._ids = [record.external_id for record in records]
        self._before: dict[str, _Before] = {}
        if not is_silent:
            self._before = self._look()

    def _look(self) -> dict[str, _Before]:
        if self._resource == "payments":
            known = Payment.objects.filter(organisation=self._organisation, external_id__in=Listed(self._ids))
            return {one: _Before("", Decimal(0), None) for one in known.values_list("external_id", flat=True)}
        known_invoices = Invoice.objects.filter(
            organisation=self._organisation, external_id__in=Listed(self._ids)
        )
        return {
            external_id: _Before(status, balance, due, customer, name)
            for external_id, status, balance, due, customer, name in known_invoices.values_list(
                "external_id", "status", "balance", "due_date", "customer_id", "customer__name"
            )
        }

    def tell(self, *, now: datetime) -> None:
        """Write the entries."""
        if self._is_silent:
            return
        # A page may bring hundreds: written together.
        TimelineEntry.objects.bulk_create(
            self._of_payments(now) if self._resource == "payments" else self._of_invoices(now)
        )

    def _of_payments(self, now: datetime) -> Iterator[TimelineEntry]:
        new = [one for one in self._ids if one not in self._before]
        rows = Payment.objects.filter(
            organisation=self._organisation, external_id__in=Listed(new)
        ).select_related("customer")
        for payment in rows:
            on = " and ".join(payment.invoice_numbers[:3])
            currency = payment.currency or payment.customer.currency
            sentence = f"Payment seen, {payment.amount:,.2f} {currency}" + (f", on {on}" if on else "")
            yield TimelineEntry(
                organisation=self._organisation,
                kind="payment_seen",
                sentence=sentence[:LONGEST_SENTENCE],
                at=now,
                customer=payment.customer,
                detail=", ".join(part for part in (payment.mode, payment.reference) if part),
                data={
                    "payment": payment.external_id,
                    "date": payment.payment_date.isoformat() if payment.payment_date else None,
                    "amount": str(payment.amount),
                    "currency": currency,
                },
            )

    def _of_invoices(self, now: datetime) -> Iterator[TimelineEntry]:
        rows = Invoice.objects.filter(organisation=self._organisation, external_id__in=Listed(self._before))
        for invoice in rows.select_related("customer"):
            before = self._before[invoice.external_id]
            if sentence := _news(invoice, before):
                yield TimelineEntry(
                    organisation=self._organisation,
                    kind="invoice_changed",
                    sentence=sentence[:LONGEST_SENTENCE],
                    at=now,
                    customer=invoice.customer,
                    invoice=invoice,
                    data={"status": invoice.status, "balance": str(invoice.balance)},
                )


def _news(invoice: Invoice, before: _Before) -> str:
    if invoice.customer_id != before.customer:
        return f"{invoice.number} now belongs to {invoice.customer.name}, no longer to {before.customer_name}"
    if invoice.status != before.status:
        words = {
            "paid": "is paid",
            "void": "was voided",
            "written_off": "was written off",
            "draft": "is a draft again",
        }
        reopened = "is open again" if before.status != "draft" else "was sent by the books"
        return f"{invoice.number} {words.get(invoice.status, reopened)}"
    if invoice.due_date != before.due_date:
        return f"The due date of {invoice.number} moved from {before.due_date} to {invoice.due_date}"
    return ""
