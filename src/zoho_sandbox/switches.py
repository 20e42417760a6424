"""What can be set to behave otherwise: each uncertain or changeable behaviour of Zoho has one switch."""

from typing import Annotated, Literal

import msgspec

ListName = Literal["contacts", "invoices", "customerpayments", "creditnotes"]
LISTS: tuple[ListName, ...] = ("contacts", "invoices", "customerpayments", "creditnotes")

DirtKind = Literal[
    "empty_numbers", "negative_terms", "no_persons", "missing_email", "unknown_keys", "nulls", "odd_text",
    "absurd_dates", "changed_offsets", "duplicate_rows",
]  # fmt: skip
DIRT: tuple[DirtKind, ...] = (
    "empty_numbers", "negative_terms", "no_persons", "missing_email", "unknown_keys", "nulls", "odd_text",
    "absurd_dates", "changed_offsets", "duplicate_rows",
)  # fmt: skip
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


def _all_dirt() -> list[DirtKind]:
    return list(DIRT)


def _all_lists() -> list[ListName]:
    return list(LISTS)


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Set by `POST /sandbox/api/switches`. Sources: zoho-books-api.md sections 2.3, 3.1, 4, 6.3 and 13."""

    # Status of most OAuth errors; live ones come with 200.
    token_error_status: Literal[200, 400] = 200
    # Status of the throttle's "Access Denied": 400 in two reports, 200 in one.
    access_denied_status: Literal[200, 400] = 400
    access_token_seconds: Count = 3600
    # Ten, fifteen or thirty by different pages of Zoho; beyond it the oldest ends.
    live_access_tokens: AtLeastOne = 10
    # At most ten grant codes in ten minutes for a client.
    throttle_codes: bool = False
    # Whether a user who never consented gets a refresh token without prompt=consent.
    lasting_without_prompt: Literal["never", "first"] = "never"
    last_modified_filter: Literal["since", "exact", "ignored"] = "since"
    # The lists that filter as set above; the others ignore it (live ones of contacts were seen to).
    last_modified_filter_lists: list[ListName] = msgspec.field(default_factory=_all_lists)
    last_modified_sort: Literal["honoured", "ignored", "refused"] = "honoured"
    # The lists whose sorting behaves as set above; the others honour it.
    last_modified_sort_lists: list[ListName] = msgspec.field(default_factory=_all_lists)
    bulk_persons: Literal["on", "404", "57"] = "on"
    bulk_persons_cap: AtLeastOne = 200
    # Whether the bulk list of persons has those of vendors and of archived customers too.
    bulk_persons_vendors: bool = False
    bulk_persons_inactive: bool = True
    # What a list gives when nobody asks, 200 live and 10 in the documents; and the most it gives.
    per_page_default: AtLeastOne = 200
    per_page_cap: AtLeastOne = 200
    # The share of records that is shown dirty, and in which ways; see `api.dirt`.
    dirty_share: Share = 0.0
    dirty_kinds: list[DirtKind] = msgspec.field(default_factory=_all_dirt)
    # Whether the payment link of an invoice differs from call to call, as live.
    invoice_url: Literal["changing", "stable", "absent"] = "changing"
    # What moves the last modified time of what else; nobody has looked at real books.
    payment_moves_invoice: bool = True
    payment_deletion_moves_invoice: bool = True
    credit_moves_invoice: bool = True
    balance_moves_contact: bool = False
    person_edit_moves_contact: bool = True
    address_edit_moves_contact: bool = True
    rename_moves_documents: bool = False
    merge_moves_documents: bool = True
    # Whether a comment, and switching Zoho's own reminders, move the last modified time.
    comment_moves_invoice: bool = False
    reminder_switch_moves_record: bool = False
    # Whether debit notes stand among the invoices, with their `type`; nobody has seen a live one.
    debit_notes: Literal["among_invoices", "hidden"] = "among_invoices"
    # Whether an update of an invoice must carry customer_id and line_items, as the documents say.
    invoice_update: Literal["partial", "whole"] = "partial"
    # Limits: counted and shown always, enforced when switched on.
    enforce_limits: bool = False
    per_minute: Count = 100
    per_day: Count = 10_000
    in_flight: Count = 10
    # Calls per minute above which code 43 comes (seen at about 54); 0 for never. How long 43 and 44 then last.
    burst: Count = 0
    burst_block_seconds: Count = 300
    per_minute_block_seconds: Count = 0
    # Whether the daily cap is written "1000" or "1,000", and whether refused calls count.
    per_day_written: Literal["plain", "comma"] = "plain"
    refused_calls_count: bool = True
    # Seconds each call takes, and is in flight.
    answer_seconds: Seconds = 0.0
    # What a contacts list shows when filter_by is not sent: recorded as all, but archived ones were seen hidden.
    contacts_default_filter: Literal["Status.All", "Status.Active"] = "Status.All"
    # Status of an invoice that is past due and paid in part; not seen live.
    partly_paid_overdue: Literal["overdue", "partially_paid"] = "overdue"
    # How a person's communication_preference is told: with e-mail as seen live, as documented, or not at all.
    communication_preference: Literal["live", "documented", "absent"] = "live"
    # Webhooks: how they are signed, tried again, ordered, doubled and lost. Waits double from one try to the next.
    webhook_signature: Literal["billing", "payments", "none"] = "billing"
    webhook_retries: Count = 3
    webhook_retry_seconds: Seconds = 5.0
    webhook_order: Literal["in_order", "newest_first"] = "in_order"
    webhook_twice: bool = False
    webhook_loss: Share = 0.0
    # Whether plans are carried out when the clock passes them.
    life_goes_on: bool = True


def changed(switches: Switches, wanted: bytes) -> Switches:
    """The switches with some of them changed by a JSON object; ValueError with a clear sentence otherwise."""
    try:
        changes = msgspec.json.decode(wanted, type=dict[str, object])
        return msgspec.convert(msgspec.to_builtins(switches) | changes, Switches)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        message = f"These switches cannot be set: {error}"
        raise ValueError(message) from error
