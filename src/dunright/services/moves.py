"""Invoices that the books moved to another customer, as a merge does: what held them holds them there."""

from collections.abc import Mapping

from dunright.models import Customer, Hold, HoldKind, Invoice, Organisation


def follow(organisation: Organisation, owners: Mapping[str, str]) -> None:
    """Let decisions follow moved invoices; `owners`: invoice -> customer it had before, both as external ids.

    Nobody who was not to be chased is chased because of a merge: what stopped the former customer (Not chasing, a hold,
    the exclusion list, a schedule of its own) now stops its invoices one by one, and goes on or ends there.
    """
    if not owners:
        return
    former = {
        one.external_id: one
        for one in Customer.objects.filter(organisation=organisation, external_id__in=set(owners.values()))
    }
    invoices = Invoice.objects.filter(organisation=organisation, external_id__in=owners)
    for invoice in invoices.select_related("customer"):
        before = former[owners[invoice.external_id]]
        if before.pk == invoice.customer_id:
            # An older version of the invoice said so; the mirror kept the newer one.
            continue
        holds = Hold.objects.filter(organisation=organisation, ended_at=None)
        holds.filter(invoice=invoice).update(customer=invoice.customer)
        if not before.is_chasing or before.is_excluded:
            invoice.is_chasing = False
        invoice.schedule_name = invoice.schedule_name or before.schedule_name
        invoice.save(update_fields=["is_chasing", "schedule_name"])
        whole = holds.filter(customer=before, invoice=None).first()
        if whole is not None and not holds.filter(invoice=invoice, kind=HoldKind.PAUSE).exists():
            Hold.objects.create(
                organisation=organisation,
                customer=invoice.customer,
                invoice=invoice,
                kind=HoldKind.PAUSE,
                date=whole.date,
                why=whole.why or f"{before.name} was on hold.",
                origin=whole.origin,
                created_at=whole.created_at,
                created_by=whole.created_by,
            )
