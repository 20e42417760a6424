"""Single records: one call each (zoho-books-api.md sections 6.2, 7.2 and 8)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from dunright.connectors.zoho_books import mapping, values, wire
from dunright.connectors.zoho_books.client import Client, Envelope, usable_id
from dunright.connectors.zoho_books.rows import decode_row, storable
from dunright.domain.records import (
    CreditNoteRecord,
    CustomerRecord,
    InvoiceDetailRecord,
    PaymentRecord,
    PersonRecord,
)
from dunright.remote.errors import BadData, NotFound

RowT = TypeVar("RowT", bound=msgspec.Struct)
RecordT = TypeVar("RecordT")


def customer(client: Client, external_id: str) -> CustomerRecord:
    """Read one customer with persons, billing address and notes; `problems` name the persons left out."""
    row = _fetch(
        client,
        f"contacts/{usable_id(external_id)}",
        wire.CustomerDetail,
        "contact",
        "contact_id",
        external_id,
    )

    persons, problems = _persons(row.contact_persons or [], external_id)
    record = _believed(lambda: mapping.customer_detail(row, persons), f"Zoho's contact {external_id}")
    if record is None:
        raise NotFound(f"Zoho's contact {external_id} is no customer (any more).")
    return record._replace(problems=problems)


def _persons(raws: list[msgspec.Raw], customer_id: str) -> tuple[tuple[PersonRecord, ...], tuple[str, ...]]:
    """The persons that can be read, and a sentence about each that cannot: one odd person costs no other."""
    persons, problems = [], []
    for place, raw in enumerate(raws, start=1):
        try:
            row = decode_row(bytes(raw), wire.PersonRow, "contact_person_id")
            persons.append(mapping.person(row, customer_id))
        except (ValueError, RecursionError) as error:
            problems.append(
                f"Contact person {place} of Zoho's contact {customer_id} was left out: {_reason(error)}."
            )
    return tuple(persons), tuple(problems)


def invoice(client: Client, external_id: str) -> InvoiceDetailRecord:
    """Read one invoice with recipients and lines."""
    row = _fetch(
        client, f"invoices/{usable_id(external_id)}", wire.InvoiceDetail, "invoice", "invoice_id", external_id
    )

    def mapped() -> InvoiceDetailRecord:
        people = _parts(
            row.contact_persons_associated or row.contact_persons_details,
            wire.RecipientRow,
            "contact_person_id",
        )
        return InvoiceDetailRecord(
            invoice=mapping.invoice(row),
            recipients=tuple(mapping.recipient(part) for part in people),
            lines=tuple(mapping.invoice_line(part) for part in _parts(row.line_items, wire.LineRow, "")),
            source_reminds=bool(row.payment_reminder_enabled),
            payment_made=values.amount(row.payment_made, "paid amount"),
            credits_applied=values.amount(row.credits_applied, "credited amount"),
            notes=row.notes or "",
        )

    return _believed(mapped, f"Zoho's invoice {external_id}")


def payment(client: Client, external_id: str) -> PaymentRecord:
    """Read one payment with its allocations."""
    path = f"customerpayments/{usable_id(external_id)}"
    row = _fetch(client, path, wire.PaymentDetail, "payment", "payment_id", external_id)

    def mapped() -> PaymentRecord:
        return mapping.payment_detail(row, _parts(row.invoices, wire.AppliedRow, "invoice_id"))

    return _believed(mapped, f"Zoho's payment {external_id}")


def credit_note(client: Client, external_id: str) -> CreditNoteRecord:
    """Read one credit note."""
    path = f"creditnotes/{usable_id(external_id)}"
    row = _fetch(client, path, wire.CreditNoteRow, "creditnote", "creditnote_id", external_id)
    return _believed(lambda: mapping.credit_note(row), f"Zoho's credit note {external_id}")


def invoice_pdf(client: Client, external_id: str) -> bytes:
    """Return the invoice as Zoho prints it."""
    return client.get_pdf(f"invoices/{usable_id(external_id)}")


class _Detail(Envelope):
    row: msgspec.Raw = wire.NOTHING


def _fetch(client: Client, path: str, row: type[RowT], key: str, id_field: str, external_id: str) -> RowT:
    decoder = _decoder(key)
    detail = client.get(path, lambda body: decoder.decode(storable(body)))
    if bytes(detail.row) == b"null":
        raise BadData(f"Zoho Books left {external_id} out of its answer.")
    found = _believed(lambda: decode_row(bytes(detail.row), row, id_field), f"Zoho's record {external_id}")
    if getattr(found, id_field) != external_id:
        raise BadData(f"Zoho Books was asked for {external_id} and answered with another record.")
    return found


def _parts(raws: list[msgspec.Raw] | None, row: type[RowT], id_field: str) -> list[RowT]:
    return [decode_row(bytes(raw), row, id_field) for raw in raws or ()]


def _believed(make: Callable[[], RecordT], what: str) -> RecordT:
    try:
        return make()
    except (ValueError, RecursionError) as error:
        raise BadData(f"{what} cannot be used: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    return str(error) if type(error) is ValueError else "it is not readable"


@lru_cache(maxsize=8)
def _decoder(key: str) -> "msgspec.json.Decoder[Any]":
    kind = msgspec.defstruct(
        "Detail", [("row", msgspec.Raw, wire.NOTHING)], bases=(_Detail,), rename={"row": key}
    )
    return msgspec.json.Decoder(kind)
