"""What a person has to do: one open to-do per kind and subject, closed when solved."""

from datetime import datetime

from django.db import IntegrityError, transaction

from dunright.models import Customer, Invoice, Organisation, OutboxMessage, ToDo


def open_todo(
    organisation: Organisation,
    kind: str,
    sentence: str,
    *,
    now: datetime,
    customer: Customer | None = None,
    invoice: Invoice | None = None,
    message: OutboxMessage | None = None,
) -> None:
    """Ask for something, unless the same is asked already."""
    subject = _subject(customer, invoice, message)
    if ToDo.objects.filter(organisation=organisation, kind=kind, subject=subject, closed_at=None).exists():
        return
    try:
        with transaction.atomic():
            ToDo.objects.create(
                organisation=organisation,
                kind=kind,
                subject=subject,
                sentence=sentence[:500],
                since=now,
                customer=customer or (invoice.customer if invoice else None),
                invoice=invoice,
                message=message,
            )
    except IntegrityError:
        # Another worker asked the same in this moment: one to-do is what is wanted.
        return


def close(
    organisation: Organisation,
    kind: str,
    *,
    now: datetime,
    customer: Customer | None = None,
    invoice: Invoice | None = None,
    message: OutboxMessage | None = None,
) -> int:
    """Close the to-do about this subject; the number closed."""
    subject = _subject(customer, invoice, message)
    open_ones = ToDo.objects.filter(organisation=organisation, kind=kind, subject=subject, closed_at=None)
    return open_ones.update(closed_at=now)


def _subject(customer: Customer | None, invoice: Invoice | None, message: OutboxMessage | None) -> str:
    if message is not None:
        return f"message:{message.pk}"
    if invoice is not None:
        return f"invoice:{invoice.pk}"
    return f"customer:{customer.pk}" if customer is not None else "organisation"
