"""Dirty data: what real books hold besides clean rows (zoho-books-api.md sections 3, 6.2, 7.1 and 13).

While `dirty_share` is above nothing, that share of the records is shown dirty, in lists and details alike. Which ones
follows from their ids: the same records are dirty in each call, by the same kinds, until the switch is changed. The
books themselves stay as they are.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from zoho_sandbox.store.identity import STEP
from zoho_sandbox.switches import DirtKind, Switches
from zoho_sandbox.wire import encode

Row = dict[str, Any]
SPREAD, PER_MILLE = 7919, 1000
IDS = {
    "contacts": "contact_id",
    "contact_persons": "contact_person_id",
    "invoices": "invoice_id",
    "customerpayments": "payment_id",
    "creditnotes": "creditnote_id",
}
NUMBERS = {
    "payment_terms", "exchange_rate", "credit_limit", "outstanding_payable_amount", "unused_credits_payable_amount",
    "shipping_charge", "adjustment", "write_off_amount", "unprocessed_payment_amount", "bcy_amount",
    "bcy_unused_amount", "bcy_refunded_amount", "tax_amount_withheld",
}  # fmt: skip
TEXTS = (
    "reference_number",
    "website",
    "phone",
    "mobile",
    "notes",
    "description",
    "designation",
    "department",
)
NAMES = ("contact_name", "customer_name", "company_name", "last_name")
ODD = " <b>&amp;</b>\u0000\u202e'\"\n"
ABSURD_DAYS = ("0000-00-00", "9999-12-31", "2026-02-30", "")
MOMENTS = ("created_time", "last_modified_time", "updated_time", "client_viewed_time")
# These follow the customer, so that all its rows agree.
OF_CUSTOMERS: set[DirtKind] = {"no_persons", "missing_email", "odd_text", "negative_terms"}


def _empty_numbers(row: Row) -> None:
    row.update(dict.fromkeys(NUMBERS & row.keys(), ""))


def _negative_terms(row: Row) -> None:
    if "payment_terms" in row:
        row |= {"payment_terms": -3, "payment_terms_label": "Due end of next month"}


def _no_persons(row: Row) -> None:
    if "contact_type" in row:
        row.update(dict.fromkeys(("first_name", "last_name", "email", "phone", "mobile"), ""))
    if "contact_persons" in row:
        row["contact_persons"] = []
    for key, empty in (("primary_contact_id", ""), ("contact_persons_associated", [])):
        if key in row:
            row[key] = empty


def _missing_email(row: Row) -> None:
    if "email" in row:
        row["email"] = ""
    for person in row.get("contact_persons", []):
        # The detail of an invoice names only the ids of its persons.
        if isinstance(person, dict):
            person["email"] = ""
    for person in row.get("contact_persons_associated", []):
        person["contact_person_email"] = ""


def _unknown_keys(row: Row) -> None:
    row |= {"zz_unheard_of": {"since": 2026, "list": [1, None]}, "cf_region": "North", "is_new_thing": True}


def _nulls(row: Row) -> None:
    row.update({key: None for key in TEXTS if key in row})


def _odd_text(row: Row) -> None:
    row.update({key: f"{row[key]}{ODD}" for key in NAMES if row.get(key)})


def _absurd_dates(row: Row) -> None:
    identity = int(row.get("invoice_id") or row.get("payment_id") or row.get("creditnote_id") or 0)
    if identity:
        row["due_date" if "due_date" in row else "date"] = ABSURD_DAYS[identity // STEP % len(ABSURD_DAYS)]


def _changed_offsets(row: Row) -> None:
    for key in MOMENTS:
        if row.get(key):
            row[key] = _an_hour_on(row[key])


def _an_hour_on(stamp: str) -> str:
    """The same moment, written with an offset that is an hour on: the other half of the year's."""
    moment = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z")
    offset = (moment.utcoffset() or timedelta()) + timedelta(hours=1)
    return moment.astimezone(timezone(offset)).strftime("%Y-%m-%dT%H:%M:%S%z")


SOIL: dict[DirtKind, Callable[[Row], None]] = {
    "empty_numbers": _empty_numbers,
    "negative_terms": _negative_terms,
    "no_persons": _no_persons,
    "missing_email": _missing_email,
    "unknown_keys": _unknown_keys,
    "nulls": _nulls,
    "odd_text": _odd_text,
    "absurd_dates": _absurd_dates,
    "changed_offsets": _changed_offsets,
}
SALTS = {kind: 37 * place for place, kind in enumerate([*SOIL, "duplicate_rows"])}


def is_dirty(identity: int, kind: DirtKind, switches: Switches) -> bool:
    """Whether a record is shown dirty in that way."""
    if kind not in switches.dirty_kinds:
        return False
    return (identity // STEP * SPREAD + SALTS[kind]) % PER_MILLE < round(switches.dirty_share * PER_MILLE)


def without_persons(column: str, switches: Switches) -> tuple[str, int]:
    """SQL, with its value, that leaves out the persons of customers that are shown without any."""
    share = round(switches.dirty_share * PER_MILLE) if "no_persons" in switches.dirty_kinds else 0
    term = f"({column} / {STEP} * {SPREAD} + {SALTS['no_persons']}) % {PER_MILLE} >= ?"
    return term, share


def soil(key: str, row: Row, switches: Switches) -> Row:
    """Dirty a row of the list `key`, or a detail of such a record, if it is one of those."""
    if not switches.dirty_share:
        return row
    own = int(row[IDS[key]])
    customer = int(row.get("customer_id") or row.get("contact_id") or own)
    for kind, make_dirty in SOIL.items():
        if is_dirty(customer if kind in OF_CUSTOMERS else own, kind, switches):
            make_dirty(row)
    return row


def soiled(key: str, rows: list[bytes], switches: Switches) -> list[bytes]:
    """The rows of a page, some of them dirty, and invoices perhaps twice: once for each payment link made."""
    if not switches.dirty_share or key not in IDS:
        return rows
    out = []
    for encoded in rows:
        row = soil(key, msgspec.json.decode(encoded), switches)
        out.append(encode(row))
        if key == "invoices" and is_dirty(int(row["invoice_id"]), "duplicate_rows", switches):
            if "invoice_url" in row:
                head, _, tail = row["invoice_url"].rpartition("2-")
                row["invoice_url"] = f"{head}2-{secrets.token_hex(8)}{tail[16:]}"
            out.append(encode(row))
    return out
