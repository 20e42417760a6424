"""Contacts and their persons (zoho-books-api.md section 6)."""

import msgspec

from zoho_sandbox.api.call import BAD_URL, NOT_AUTHORIZED, Call, does_not_exist, invalid
from zoho_sandbox.api.dirt import soil, without_persons
from zoho_sandbox.api.lists import Listing, Where, modified_since, page, texts
from zoho_sandbox.store.contacts import person_detail
from zoho_sandbox.wire import Response, success

CONTACTS = Listing(
    table="contacts",
    key="contacts",
    report="Contacts",
    sort="contact_name",
    order="A",
    sorts={
        "contact_name": "name",
        "first_name": "first_name",
        "last_name": "last_name",
        "email": "email",
        "outstanding_receivable_amount": "outstanding",
        "created_time": "created",
        "last_modified_time": "modified",
    },
)
PERSONS = Listing(
    table="persons",
    key="contact_persons",
    report="Contact Persons",
    sort="contact_person_id",
    order="A",
    sorts={"contact_person_id": "id"},
)
TEXTS = {
    "contact_name": "name",
    "company_name": "company",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone",
}
UNPAID = "EXISTS (SELECT 1 FROM invoices i WHERE i.customer = contacts.id AND i.is_open = 1"
FILTERS = {
    "Status.All": "",
    "Status.Active": "status = 'active'",
    "Status.Inactive": "status = 'inactive'",
    "Invoice.Unpaid": f"{UNPAID})",
}
VENDORS = "(SELECT contact FROM vendors)"
# Filters of Zoho for which this company has nobody.
EMPTY_FILTERS = {"Status.Duplicate", "Status.PortalEnabled", "Status.CreditLimitExceed", "Status.Crm"}


def contacts(call: Call) -> Response:
    """`GET /contacts`."""
    where, wanted = Where(), call.get("filter_by") or call.switches.contacts_default_filter
    if wanted == "Invoice.OverDue":
        where.add(f"{UNPAID} AND i.due < ?)", call.today.isoformat())
    elif wanted in EMPTY_FILTERS:
        where.add("0")
    elif wanted != "Status.PortalDisabled":
        if wanted not in FILTERS:
            raise invalid("filter_by")
        if FILTERS[wanted]:
            where.add(FILTERS[wanted])
    kind = call.get("contact_type")
    if kind not in {"", "customer", "vendor"}:
        raise invalid("contact_type")
    if kind:
        where.add(f"id {'NOT IN' if kind == 'customer' else 'IN'} {VENDORS}")
    texts(call, where, TEXTS)
    if text := call.get("search_text"):
        where.add("(instr(lower(name), lower(?)) OR instr(lower(company), lower(?)))", text, text)
    modified_since(call, where, "contacts")
    return page(call, CONTACTS, where, wanted)


def contact(call: Call) -> Response:
    """`GET /contacts/{id}`."""
    identity = call.id("Contact")
    found = call.db.execute(
        "SELECT row, more FROM contacts WHERE id = ? AND org = ?", (identity, call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Contact")
    detail = msgspec.json.decode(found[0]) | msgspec.json.decode(found[1])
    persons = call.db.execute("SELECT row FROM persons WHERE contact = ? ORDER BY id", (identity,))
    detail["contact_persons"] = [
        person_detail(msgspec.json.decode(row), call.switches.communication_preference) for (row,) in persons
    ]
    return success(contact=soil("contacts", detail, call.switches))


def all_persons(call: Call) -> Response:
    """`GET /contacts/contactpersons`: the persons of all contacts. Whether Zoho has it, and who is in it: switches."""
    if call.switches.bulk_persons == "404":
        raise BAD_URL
    if call.switches.bulk_persons == "57":
        raise NOT_AUTHORIZED
    where = Where()
    texts(call, where, {"email": "email"})
    if not call.switches.bulk_persons_vendors:
        where.add(f"contact NOT IN {VENDORS}")
    if not call.switches.bulk_persons_inactive:
        where.add("contact IN (SELECT id FROM contacts WHERE status = 'active')")
    if call.switches.dirty_share:
        where.add(*without_persons("contact", call.switches))
    return page(call, PERSONS, where, most=call.switches.bulk_persons_cap)


def persons(call: Call) -> Response:
    """`GET /contacts/{id}/contactpersons`."""
    identity = call.id("Contact")
    if (
        call.db.execute("SELECT 1 FROM contacts WHERE id = ? AND org = ?", (identity, call.org.id)).fetchone()
        is None
    ):
        raise does_not_exist("Contact")
    where = Where()
    where.add("contact = ?", identity)
    if call.switches.dirty_share:
        where.add(*without_persons("contact", call.switches))
    return page(call, PERSONS, where)


def person(call: Call) -> Response:
    """`GET /contacts/contactpersons/{id}` and `GET /contacts/{id}/contactpersons/{id}`."""
    identity = call.id("Contact person", len(call.ids) - 1)
    found = call.db.execute(
        "SELECT row FROM persons WHERE id = ? AND org = ?", (identity, call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Contact person")
    return success(contact_person=msgspec.json.decode(found[0]))


def addresses(call: Call) -> Response:
    """`GET /contacts/{id}/address`."""
    found = call.db.execute(
        "SELECT more FROM contacts WHERE id = ? AND org = ?", (call.id("Contact"), call.org.id)
    ).fetchone()
    if found is None:
        raise does_not_exist("Contact")
    more = msgspec.json.decode(found[0])
    return success(addresses=[more["billing_address"], more["shipping_address"], *more["addresses"]])
