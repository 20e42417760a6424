"""Customers and their persons: added, changed, archived, deleted, merged."""

from typing import Any

import msgspec

from zoho_sandbox.life.books import Books, LifeError, settle_totals
from zoho_sandbox.life.changes import KIND_OF_TABLE, note
from zoho_sandbox.store.contacts import contact_more, contact_row, detail_address, person_row
from zoho_sandbox.store.identity import next_id
from zoho_sandbox.store.rows import EMPTY_ADDRESS
from zoho_sandbox.wire import encode

PERSON_KEYS = (
    "salutation",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "designation",
    "department",
)
CONTACT_KEYS = ("contact_name", "company_name", "payment_terms", "payment_terms_label", "notes")
DOCUMENTS = ("invoices", "payments", "creditnotes", "retainers")


def create(books: Books, facts: dict[str, Any]) -> int:
    """Add a customer.

    `facts`: name; may have company, currency, terms, address (as in invoice rows), notes, persons, and contact_type
    `vendor` for one that sells to the company.
    """
    name = str(facts.get("name", "")).strip()
    if not name:
        raise LifeError("A customer needs a name.")
    code = str(facts.get("currency", books.org.currency))
    currency = books.db.execute(
        "SELECT id, rate FROM currencies WHERE org = ? AND code = ?", (books.org.id, code)
    ).fetchone()
    if currency is None:
        raise LifeError(f"{books.org.name} does not use the currency “{code}”.")
    identity, terms = next_id(books.db, books.org.id, "contact"), int(facts.get("terms", 30))
    row = contact_row(books.org, {
        "id": identity, "name": name, "company": str(facts.get("company", name)), "status": "active", "terms": terms,
        "terms_label": str(facts.get("terms_label", f"Net {terms}" if terms else "Due on Receipt")), "currency": code,
        "currency_id": currency[0], "rate": currency[1], "outstanding": 0, "credits": 0, "created": books.now,
        "modified": books.now, "first_name": "", "last_name": "", "email": "", "phone": "", "mobile": "",
    })  # fmt: skip
    address = EMPTY_ADDRESS | {
        key: str(value) for key, value in facts.get("address", {}).items() if key in EMPTY_ADDRESS
    }
    more = contact_more(
        books.org,
        identity,
        address=address,
        country_code=str(facts.get("country_code", "")),
        notes=str(facts.get("notes", "")),
    )
    more["primary_contact_id"] = ""
    kind = str(facts.get("contact_type", "customer"))
    if kind not in {"customer", "vendor"}:
        raise LifeError(f"A contact is a customer or a vendor, not “{kind}”.")
    if kind == "vendor":
        row |= {"contact_type": kind, "vendor_name": name, "customer_name": ""}
        books.db.execute("INSERT INTO vendors VALUES (?, ?)", (identity, books.org.id))
    books.db.execute(
        "INSERT INTO contacts VALUES (?, ?, ?, ?, '', '', '', '', 'active', 0, ?, ?, ?, ?)",
        (identity, books.org.id, name, row["company_name"], books.now, books.now, encode(row), encode(more)),
    )
    note(books.db, books.org, "contact", identity, "created")
    for person in facts.get("persons", []):
        add_person(books, identity, person)
    return identity


def _take(books: Books, identity: int) -> tuple[dict[str, Any], dict[str, Any]]:
    found = books.db.execute(
        "SELECT row, more FROM contacts WHERE id = ? AND org = ?", (identity, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no customer {identity} in {books.org.name}.")
    return msgspec.json.decode(found[0]), msgspec.json.decode(found[1])


def _store(
    books: Books, identity: int, row: dict[str, Any], more: dict[str, Any], *, touch: bool = True
) -> None:
    if touch:
        row["last_modified_time"] = books.stamp
    books.db.execute(
        "UPDATE contacts SET name = ?, company = ?, first_name = ?, last_name = ?, email = ?, phone = ?, status = ?, "
        "modified = CASE WHEN ? THEN ? ELSE modified END, row = ?, more = ? WHERE id = ?",
        (
            row["contact_name"], row["company_name"], row["first_name"], row["last_name"], row["email"], row["phone"],
            row["status"], touch, books.now, encode(row), encode(more), identity,
        ),
    )  # fmt: skip
    if touch:
        note(books.db, books.org, "contact", identity, "edited")


def edit(books: Books, identity: int, changes: dict[str, Any]) -> None:
    """Change contact_name, company_name, payment_terms, payment_terms_label, notes or address (as in invoice rows)."""
    row, more = _take(books, identity)
    unknown = changes.keys() - {*CONTACT_KEYS, "address"}
    if unknown:
        raise LifeError(f"A customer has no {', '.join(sorted(unknown))} that can be changed here.")
    row |= {key: changes[key] for key in CONTACT_KEYS if key in changes and key != "notes"}
    row["customer_name"] = row["contact_name"]
    more["notes"] = changes.get("notes", more["notes"])
    if "address" in changes:
        code = more["billing_address"]["country_code"]
        more["billing_address"] = detail_address(identity, 1, EMPTY_ADDRESS | changes["address"], code)
    only_address = changes.keys() == {"address"}
    _store(books, identity, row, more, touch=not only_address or books.switches.address_edit_moves_contact)
    if "contact_name" in changes:
        for table in DOCUMENTS:
            _rename_on(books, table, identity, row["contact_name"])


def _rename_on(books: Books, table: str, customer: int, name: str, *, into: int | None = None) -> None:
    """Write a customer's name, and id when it is merged `into` another one, on its documents.

    Whether that moves their time is a switch, one for each.
    """
    switches = books.switches
    touch = switches.rename_moves_documents if into is None else switches.merge_moves_documents
    rows = books.db.execute(f"SELECT id, row FROM {table} WHERE customer = ?", (customer,)).fetchall()  # noqa: S608
    for identity, stored in rows:
        row = msgspec.json.decode(stored) | {"customer_name": name, "customer_id": str(into or customer)}
        if touch:
            row["last_modified_time"] = books.stamp
            row |= {"updated_time": books.stamp} if "updated_time" in row else {}
        books.db.execute(
            f"UPDATE {table} SET customer = ?, customer_name = ?, row = ?, "  # noqa: S608
            "modified = CASE WHEN ? THEN ? ELSE modified END WHERE id = ?",
            (into or customer, name, encode(row), touch, books.now, identity),
        )
        if touch and table in KIND_OF_TABLE:
            note(books.db, books.org, KIND_OF_TABLE[table], identity, "edited")


def set_active(books: Books, identity: int, *, active: bool) -> None:
    """Archive a customer or take it back."""
    row, more = _take(books, identity)
    row["status"] = "active" if active else "inactive"
    _store(books, identity, row, more)


def set_reminders(books: Books, identity: int, *, on: bool) -> None:
    """Switch Zoho's own reminders of a customer. Whether that moves its time is a switch."""
    row, more = _take(books, identity)
    more["payment_reminder_enabled"] = on
    _store(books, identity, row, more, touch=books.switches.reminder_switch_moves_record)


def delete(books: Books, identity: int, *, force: bool = False) -> None:
    """Delete a customer. One with documents is kept, as at Zoho, unless `force` deletes them too."""
    _take(books, identity)
    held = sum(
        books.db.execute(f"SELECT count(*) FROM {table} WHERE customer = ?", (identity,)).fetchone()[0]  # noqa: S608
        for table in DOCUMENTS
    )
    if held and not force:
        raise LifeError("Customers with transactions cannot be deleted. Mark this one as inactive instead.")
    books.db.execute(
        "DELETE FROM applications WHERE payment IN (SELECT id FROM payments WHERE customer = ?)", (identity,)
    )
    books.db.execute(
        "DELETE FROM credits WHERE creditnote IN (SELECT id FROM creditnotes WHERE customer = ?)", (identity,)
    )
    for table in DOCUMENTS:
        if table in KIND_OF_TABLE:
            gone = books.db.execute(f"SELECT id FROM {table} WHERE customer = ?", (identity,)).fetchall()  # noqa: S608
            for (each,) in gone:
                note(books.db, books.org, KIND_OF_TABLE[table], each, "deleted")
        books.db.execute(f"DELETE FROM {table} WHERE customer = ?", (identity,))  # noqa: S608
    _remove(books, identity)


def _remove(books: Books, identity: int) -> None:
    note(books.db, books.org, "contact", identity, "deleted")
    books.db.execute("DELETE FROM persons WHERE contact = ?", (identity,))
    books.db.execute("DELETE FROM vendors WHERE contact = ?", (identity,))
    books.db.execute("DELETE FROM opening_balances WHERE contact = ?", (identity,))
    books.db.execute("DELETE FROM contacts WHERE id = ?", (identity,))


def merge(books: Books, duplicate: int, into: int) -> None:
    """Merge a duplicate into another customer: its documents and persons move, its id vanishes."""
    if duplicate == into:
        raise LifeError("A customer cannot be merged into itself.")
    _take(books, duplicate)
    name = _take(books, into)[0]["contact_name"]
    for table in DOCUMENTS:
        _rename_on(books, table, duplicate, name, into=into)
    for identity, stored in books.db.execute(
        "SELECT id, row FROM persons WHERE contact = ?", (duplicate,)
    ).fetchall():
        row = msgspec.json.decode(stored) | {
            "contact_id": str(into),
            "contact_name": name,
            "is_primary_contact": False,
        }
        books.db.execute(
            "UPDATE persons SET contact = ?, is_primary = 0, row = ? WHERE id = ?",
            (into, encode(row), identity),
        )
    books.db.execute("UPDATE plan SET customer = ? WHERE customer = ?", (into, duplicate))
    _remove(books, duplicate)
    settle_totals(books, into)
    row, more = _take(books, into)
    _store(books, into, row, more)


def _person(facts: dict[str, Any]) -> dict[str, str]:
    unknown = facts.keys() - set(PERSON_KEYS)
    if unknown:
        raise LifeError(f"A contact person has no {', '.join(sorted(unknown))}.")
    return {key: str(value) for key, value in facts.items()}


def add_person(books: Books, contact: int, facts: dict[str, Any]) -> int:
    """Add a contact person; the first one of a customer is the primary one."""
    row, _ = _take(books, contact)
    identity = next_id(books.db, books.org.id, "person")
    is_primary = (
        books.db.execute("SELECT count(*) FROM persons WHERE contact = ?", (contact,)).fetchone()[0] == 0
    )
    values = dict.fromkeys(PERSON_KEYS, "") | _person(facts)
    person = person_row(books.org, values | {
        "id": identity, "contact": contact, "contact_name": row["contact_name"], "is_primary": is_primary,
        "created": books.now, "modified": books.now})  # fmt: skip
    books.db.execute(
        "INSERT INTO persons VALUES (?, ?, ?, ?, ?, ?)",
        (identity, books.org.id, contact, is_primary, person["email"], encode(person)),
    )
    _primary_changed(books, contact)
    return identity


def _take_person(books: Books, identity: int) -> tuple[int, dict[str, Any]]:
    found = books.db.execute(
        "SELECT contact, row FROM persons WHERE id = ? AND org = ?", (identity, books.org.id)
    ).fetchone()
    if found is None:
        raise LifeError(f"There is no contact person {identity} in {books.org.name}.")
    return found[0], msgspec.json.decode(found[1])


def edit_person(books: Books, identity: int, changes: dict[str, Any]) -> None:
    """Change a contact person."""
    contact, row = _take_person(books, identity)
    row |= _person(changes) | {"updated_time": books.stamp}
    books.db.execute(
        "UPDATE persons SET email = ?, row = ? WHERE id = ?", (row["email"], encode(row), identity)
    )
    _primary_changed(books, contact)


def delete_person(books: Books, identity: int) -> None:
    """Delete a contact person; the next one becomes the primary one."""
    contact, row = _take_person(books, identity)
    books.db.execute("DELETE FROM persons WHERE id = ?", (identity,))
    if row["is_primary_contact"]:
        found = books.db.execute(
            "SELECT id, row FROM persons WHERE contact = ? ORDER BY id LIMIT 1", (contact,)
        ).fetchone()
        if found:
            following = msgspec.json.decode(found[1]) | {"is_primary_contact": True}
            books.db.execute(
                "UPDATE persons SET is_primary = 1, row = ? WHERE id = ?", (encode(following), found[0])
            )
    _primary_changed(books, contact)


def _primary_changed(books: Books, contact: int) -> None:
    """Show the primary person on the customer and its invoices. Whether that moves the contact's time is a switch."""
    row, more = _take(books, contact)
    found = books.db.execute(
        "SELECT id, row FROM persons WHERE contact = ? AND is_primary = 1", (contact,)
    ).fetchone()
    person = msgspec.json.decode(found[1]) if found else {}
    row |= {key: person.get(key, "") for key in ("first_name", "last_name", "email", "phone", "mobile")}
    more["primary_contact_id"] = str(found[0]) if found else ""
    _store(books, contact, row, more, touch=books.switches.person_edit_moves_contact)
