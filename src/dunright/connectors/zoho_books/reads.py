"""The lists of Zoho Books as a table, and how one is read page by page (zoho-books-api.md sections 3, 3.1 and 12)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, count, pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from dunright.connectors.base import Page, Problem, Read
from dunright.connectors.zoho_books import mapping, probing, values, wire
from dunright.connectors.zoho_books.client import Client, Envelope, usable_id
from dunright.connectors.zoho_books.rows import Rows, page_decoder
from dunright.domain.records import InvoiceRecord
from dunright.remote.errors import BadData

PER_PAGE = 200
OVERLAP = timedelta(minutes=10)
"""How far before the watermark a read goes back: Zoho's timestamps are not transactional."""
CHANGED = "last_modified_time"
CREATED_FIRST = {"sort_column": "created_time", "sort_order": "A"}
SORTED, FILTERED = "sorted_by_change", "filtered_by_change"
"""What is learnt about a list: whether it can be sorted by the time of change, and filtered by it."""
Learn = Callable[[str, bool], None]
SECOND_PASS = 100_000
"""Page numbers of a second pass over a list start after this one."""

READS: Mapping[str, Read] = MappingProxyType(
    {
        "organisations": Read(
            "organizations", "organizations", mapping.organisation, wire.OrganisationRow, "organization_id"
        ),
        "currencies": Read(
            "settings/currencies", "currencies", mapping.currency, wire.CurrencyRow, "currency_id"
        ),
        "customers": Read(
            "contacts",
            "contacts",
            mapping.customer,
            wire.CustomerRow,
            "contact_id",
            # Without filter_by some organisations hide their inactive contacts.
            params={"filter_by": "Status.All", "contact_type": "customer"},
            since=CHANGED,
        ),
        "persons": Read(
            "contacts/contactpersons", "contact_persons", mapping.person, wire.PersonRow, "contact_person_id"
        ),
        "invoices": Read(
            "invoices",
            "invoices",
            mapping.invoice,
            wire.InvoiceRow,
            "invoice_id",
            params={"filter_by": "Status.All"},
            since=CHANGED,
        ),
        "payments": Read(
            "customerpayments",
            "customerpayments",
            mapping.payment,
            wire.PaymentRow,
            "payment_id",
            since=CHANGED,
        ),
        "credit_notes": Read(
            "creditnotes",
            "creditnotes",
            mapping.credit_note,
            wire.CreditNoteRow,
            "creditnote_id",
            params={"filter_by": "Status.All"},
            since=CHANGED,
        ),
    }
)


OPEN_INVOICES = READS["invoices"]._replace(to_record=mapping.open_invoice, params={"status": "unpaid"})
OVERDUE_INVOICES = OPEN_INVOICES._replace(params={"status": "overdue"})
INVOICES_BY_BALANCE = OPEN_INVOICES._replace(
    params={"filter_by": "Status.All", "sort_column": "balance", "sort_order": "D"}
)


STATUSES = {"paid": "Status.Paid", "void": "Status.Void", "draft": "Status.Draft"}
COUNTED = {"all": "Status.All", "paid": STATUSES["paid"], "void": STATUSES["void"]}


class _CountContext(msgspec.Struct):
    total: Any = None


class _Count(Envelope):
    page_context: _CountContext | None = None


_COUNT = msgspec.json.Decoder(_Count)


class Sheet(NamedTuple):
    """One page as it came."""

    rows: list[Any]
    """As decoded, vendors and doubles included."""
    records: tuple[Any, ...]
    problems: tuple[Problem, ...]
    sorted_by: str
    has_more: bool | None
    """None when the answer does not say."""
    is_empty: bool = False
    """The answer held no row, neither good nor bad."""

    @property
    def moments(self) -> list[datetime]:
        """When the rows changed, in the order they came; rows that do not say are left out."""
        return [moment for row in self.rows if (moment := values.moment(row.last_modified_time)) is not None]

    def ids(self, read: Read) -> tuple[str, ...]:
        """Return the ids in the order they came."""
        return tuple(getattr(row, read.id) for row in self.rows)


def fetch(client: Client, read: Read, params: Mapping[str, str]) -> Sheet:
    """Fetch one page of a list."""
    decode = page_decoder(read.row, read.rows, read.id)
    rows: Rows[Any] = client.get(
        read.path, decode, {**read.params, **params}, of_organisation=read.path != "organizations"
    )
    records, problems = _mapped(read, rows.rows)
    # A page without rows is the end, whatever the answer promises.
    has_more = rows.has_more and rows.sent > 0 if rows.has_more is not None or rows.sent else False
    return Sheet(rows.rows, records, rows.problems + problems, rows.sorted_by, has_more, rows.sent == 0)


def whole(
    client: Client, read: Read, params: Mapping[str, str], *, start: int = 1
) -> Iterator[tuple[int, Sheet]]:
    """Read a list from page `start` to its end."""
    seen: tuple[str, ...] = ()
    for number in count(start):
        sheet = fetch(client, read, {**params, "page": str(number), "per_page": str(PER_PAGE)})
        ids = sheet.ids(read)
        if ids and ids == seen:
            if sheet.has_more:
                raise BadData(
                    f"Zoho Books gives the same page of “{read.path}” again and again; reading it was stopped."
                )
            # A list that knows no pages gave all at once before.
            sheet = Sheet([], (), (), "", has_more=False)
        yield number, sheet
        if sheet.has_more is False:
            return
        seen = ids


def full_pages(
    client: Client, read: Read, *, start: int = 1, learn: Learn | None = None
) -> Iterator[Page[Any]]:
    """Read a list in the order its rows were created: edits do not move rows there.

    The watermark is asked for first, so a change made while the list is read is found by the next read. A list that
    is empty then costs no further call. `learn` is told how the list can be read by changes.
    """
    if not read.since:
        pages = whole(client, read, {}, start=start)
        yield from (_page(sheet, number, is_last=sheet.has_more is False) for number, sheet in pages)
        return
    watermark, is_sorted = None, True
    if start == 1:
        newest = _newest(client, read)
        if newest is not None and newest.is_empty:
            yield _page(newest, 1, is_last=True)
            return
        is_sorted = newest is not None and newest.sorted_by == read.since
        watermark = max(newest.moments, default=None) if newest is not None and is_sorted else None
        if learn is not None:
            learn(SORTED, is_sorted)
    for number, sheet in whole(client, read, CREATED_FIRST, start=start):
        if number == 1 and not is_sorted and learn is not None:
            watermark = _watermark_of_filter(client, read, sheet, learn)
        yield _page(
            sheet, number, is_last=sheet.has_more is False, watermark=watermark if number == 1 else None
        )


def _newest(client: Client, read: Read) -> Sheet | None:
    """Return the row that changed last; None where the list refuses to be sorted so."""
    try:
        return fetch(client, read, {**_by_change(read), "page": "1", "per_page": "1"})
    except BadData:
        return None


def _watermark_of_filter(client: Client, read: Read, first: Sheet, learn: Learn) -> datetime | None:
    """Return a watermark for a list that only the filter reads by changes; None when the filter does not work.

    Where nothing sorts by change the newest one is unknown. Any change that was there before the read began is a safe
    watermark; the rows made last tell a late one.
    """
    works = probing.filter_works(
        first.moments, lambda since: fetch(client, read, _since(read, since)).moments
    )
    if works is None:
        return None
    learn(FILTERED, works)
    if not works:
        return None
    order = {"sort_column": "created_time", "sort_order": "D", "page": "1", "per_page": str(PER_PAGE)}
    return max([*first.moments, *fetch(client, read, order).moments])


def changed_pages(
    client: Client, read: Read, since: datetime, *, start: int = 1, learn: Learn | None = None
) -> Iterator[Page[Any]]:
    """Read what changed since a watermark, newest first, without the filter (zoho-books-api.md section 3.1).

    An answer that does not say it is sorted by change, or is not, is not believed: then every page is read. So it is
    where the order is refused.
    """
    limit = since - OVERLAP
    sheets = whole(client, read, _by_change(read), start=start)
    try:
        first = next(sheets)
    except BadData:
        if start > 1:
            raise
        yield from full_pages(client, read, learn=learn)
        return
    for number, sheet in chain([first], sheets):
        moments = sheet.moments
        is_sorted = sheet.sorted_by == read.since and all(
            newer >= older for newer, older in pairwise(moments)
        )
        reached = is_sorted and bool(moments) and moments[-1] < limit
        watermark = moments[0] if number == 1 and is_sorted and moments else None
        yield _page(sheet, number, is_last=reached or sheet.has_more is False, watermark=watermark)
        if reached:
            return


def filtered_pages(
    client: Client, read: Read, since: datetime, *, start: int = 1, learn: Learn
) -> Iterator[Page[Any]]:
    """Read what changed since a watermark by the filter: for books that were found to filter and not to sort.

    An answer with an older row shows that the filter does not work any more: then every page is read.
    """
    limit = since - OVERLAP
    for number, sheet in whole(client, read, {**CREATED_FIRST, **_since(read, limit)}, start=start):
        if any(moment < limit for moment in sheet.moments):
            learn(FILTERED, False)  # noqa: FBT003 - what was learnt
            yield from full_pages(client, read, start=number, learn=learn)
            return
        watermark = max(sheet.moments, default=None) if number == 1 else None
        yield _page(sheet, number, is_last=sheet.has_more is False, watermark=watermark)


def open_pages(client: Client, *, start: int = 1) -> Iterator[Page[InvoiceRecord]]:
    """Read every open invoice. Pages of the second pass, where one is needed, are numbered from `SECOND_PASS` + 1.

    Zoho does not say whether `unpaid` includes what is overdue. An overdue invoice among them settles it;
    without one, the overdue ones are asked for by their own name.
    """
    includes_overdue = False
    if start <= SECOND_PASS:
        for number, sheet in whole(client, OPEN_INVOICES, CREATED_FIRST, start=start):
            includes_overdue = includes_overdue or any(row.status == "overdue" for row in sheet.rows)
            if sheet.is_empty and number > 1 and not includes_overdue:
                # Resumed behind the last page of this pass: what is left is the second one.
                break
            yield _page(sheet, number, is_last=sheet.has_more is False and includes_overdue)
    if not includes_overdue:
        for number, sheet in whole(
            client, OVERDUE_INVOICES, CREATED_FIRST, start=max(start - SECOND_PASS, 1)
        ):
            yield _page(sheet, SECOND_PASS + number, is_last=sheet.has_more is False)


def invoice_counts(client: Client) -> dict[str, int]:
    """Count invoices by `response_option=2`, a call each; empty where the answer holds no number (section 7.1)."""
    found: dict[str, int] = {}
    for name, wanted in COUNTED.items():
        params = {"filter_by": wanted, "response_option": "2"}
        context = client.get("invoices", _COUNT.decode, params).page_context
        number = context.total if context else None
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            return {}
        found[name] = number
    return found


def invoices_called(client: Client, status: str) -> Iterator[Page[InvoiceRecord]]:
    """Read the invoices of one status, `paid`, `void` or `draft`, in the order they were created."""
    read = READS["invoices"]._replace(params={"filter_by": STATUSES[status]})
    for number, sheet in whole(client, read, CREATED_FIRST):
        yield _page(sheet, number, is_last=sheet.has_more is False)


def open_of_customer(client: Client, customer_id: str) -> tuple[InvoiceRecord, ...]:
    """Read all open invoices of one customer, those with the largest balance first: one call for nearly everyone.

    No status filter is trusted here. Raises `BadData` when a row cannot be believed, `NotFound` for an id that is none.
    """
    found: dict[str, InvoiceRecord] = {}
    for _, sheet in whole(client, INVOICES_BY_BALANCE, {"customer_id": usable_id(customer_id)}):
        if sheet.problems:
            raise BadData(sheet.problems[0].sentence)
        # Zoho ignores parameters it does not know: nothing of another customer may come from here.
        found |= {record.external_id: record for record in sheet.records if record.customer_id == customer_id}
        balances = [values.amount(row.balance, "balance") for row in sheet.rows]
        is_sorted = sheet.sorted_by == "balance" and all(
            larger >= smaller for larger, smaller in pairwise(balances)
        )
        if is_sorted and balances and balances[-1] <= 0:
            break
    return tuple(found.values())


def _since(read: Read, moment: datetime) -> dict[str, str]:
    """The filter as Zoho takes it: an offset without a colon; `Z` is refused (zoho-books-api.md section 3.1)."""
    return {read.since: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")}


def _by_change(read: Read) -> dict[str, str]:
    return {"sort_column": read.since, "sort_order": "D"}


def _page(sheet: Sheet, number: int, *, is_last: bool, watermark: datetime | None = None) -> Page[Any]:
    return Page(sheet.records, number, is_last, sheet.problems, watermark)


def _mapped(read: Read, rows: list[Any]) -> tuple[tuple[Any, ...], tuple[Problem, ...]]:
    """Map rows to records, one for each id: of doubles, the one that changed last."""
    found: dict[str, Any] = {}
    problems = []
    to_record = read.to_record
    for row in rows:
        try:
            record = to_record(row)
        except ValueError as error:
            row_id = getattr(row, read.id)
            # The id is as hostile as the rest of the row: a sentence for people holds printable signs only.
            shown = "".join(sign for sign in str(row_id)[:40] if sign.isprintable())
            problems.append(Problem(row_id, f"Zoho's {_singular(read)} {shown} was left out: {error}."))
            continue
        if record is not None and not _is_older(record, found.get(record.external_id)):
            found[record.external_id] = record
    return tuple(found.values()), tuple(problems)


def _is_older(record: Any, other: Any) -> bool:
    if other is None:
        return False
    mine, others = getattr(record, "modified_at", None), getattr(other, "modified_at", None)
    return mine is not None and others is not None and mine < others


def _singular(read: Read) -> str:
    return read.id.removesuffix("_id").replace("_", " ").replace("creditnote", "credit note")
