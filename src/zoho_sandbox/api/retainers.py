"""Retainer invoices (zoho-books-api.md section 9): read with the scope of invoices."""

import msgspec

from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.lists import Listing, Where, identity, page
from zoho_sandbox.wire import Response, success

RETAINERS = Listing(
    table="retainers",
    key="retainerinvoices",
    report="Retainer Invoices",
    sort="created_time",
    order="D",
    sorts={
        "customer_name": "customer_name",
        "retainerinvoice_number": "number",
        "date": "date",
        "total": "total",
        "balance": "balance",
        "created_time": "created",
        "last_modified_time": "modified",
    },
)
FILTERS = {
    "Status.Sent": ("sent",),
    "Status.Draft": ("draft",),
    "Status.Paid": ("paid",),
    "Status.Void": ("void",),
    "Status.Unpaid": ("sent",),
}
# Filters of Zoho for which this company has none.
EMPTY_FILTERS = {"Status.OverDue", "Status.PartiallyPaid", "Status.Viewed", "Date.PaymentExpectedDate"}


def retainers(call: Call) -> Response:
    """`GET /retainerinvoices`."""
    where, wanted = Where(), call.get("filter_by") or "Status.All"
    if wanted in FILTERS:
        where.add("state = ?", *FILTERS[wanted])
    elif wanted in EMPTY_FILTERS:
        where.add("0")
    elif wanted != "Status.All":
        raise invalid("filter_by")
    identity(call, where, "customer_id", "customer")
    return page(call, RETAINERS, where, wanted)


def retainer(call: Call) -> Response:
    """`GET /retainerinvoices/{id}`."""
    found = call.db.execute(
        "SELECT row FROM retainers WHERE id = ? AND org = ?", (call.id("Retainer Invoice"), call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Retainer Invoice")
    row = msgspec.json.decode(found[0])
    line = {"line_item_id": row["retainerinvoice_id"], "description": "Advance", "item_total": row["total"]}
    return success(
        retainerinvoice=row | {"line_items": [line], "sub_total": row["total"], "notes": "", "terms": ""}
    )
