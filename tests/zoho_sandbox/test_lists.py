"""Pages, and rows that change between them; sorting and filtering by the moment of the last change (section 3)."""

import pytest

from zoho_sandbox.testing import running_sandbox


@pytest.fixture
def fresh():
    with running_sandbox(customers=3) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


@pytest.fixture(scope="module")
def shared():
    """A company that no test of this file changes."""
    with running_sandbox(customers=60) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


def test_per_page_is_capped_and_a_page_past_the_end_is_empty(shared):
    sandbox, token = shared
    capped = sandbox.get("/invoices", token, per_page=500).json
    assert (len(capped["invoices"]), capped["page_context"]["per_page"]) == (200, 200)
    past = sandbox.get("/invoices", token, page=9999).json
    assert (past["invoices"], past["page_context"]["has_more_page"]) == ([], False)


def test_a_row_inserted_between_pages_shifts_the_next_page(fresh):
    sandbox, token = fresh
    ask = {"sort_column": "created_time", "sort_order": "D", "per_page": 2}
    first = sandbox.get("/invoices", token, **ask).json["invoices"]
    sandbox.create_invoice(first[0]["customer_id"], 10)
    second = sandbox.get("/invoices", token, page=2, **ask).json["invoices"]
    assert second[0]["invoice_id"] == first[1]["invoice_id"]


def invoices(sandbox, token, **query):
    answer = sandbox.get("/invoices", token, **query).json
    return [row["invoice_id"] for row in answer["invoices"]], answer["page_context"]["has_more_page"]


@pytest.mark.parametrize("length", [6, 9])
def test_a_list_that_is_an_exact_multiple_of_its_page_ends_with_a_full_one(length):
    with running_sandbox(customers=0) as sandbox:
        sandbox.stop_clock()
        token = sandbox.access_token()
        contact = sandbox.create_contact("Exact Ltd")
        for _ in range(length):
            sandbox.create_invoice(contact, 10)
        last = length // 3
        assert [len(invoices(sandbox, token, per_page=3, page=page)[0]) for page in (last, last + 1)] == [
            3,
            0,
        ]
        assert [invoices(sandbox, token, per_page=3, page=page)[1] for page in (last - 1, last)] == [
            True,
            False,
        ]


def test_a_row_deleted_between_pages_hides_another_one(fresh):
    sandbox, token = fresh
    ask = {"sort_column": "created_time", "sort_order": "A", "per_page": 2}
    contact = sandbox.create_contact("Gone Ltd")
    made = [sandbox.create_invoice(contact, 10) for _ in range(4)]
    ask["customer_id"] = contact
    first, _ = invoices(sandbox, token, **ask)
    sandbox.happen("invoices/delete", invoice=made[0])
    second, _ = invoices(sandbox, token, page=2, **ask)
    assert (first, second) == (made[:2], made[3:])


def test_a_row_edited_between_pages_jumps_to_the_first_one(fresh):
    sandbox, token = fresh
    contact = sandbox.create_contact("Edited Ltd")
    made = []
    for _ in range(4):
        made.insert(0, sandbox.create_invoice(contact, 10))
        sandbox.move(seconds=1)
    ask = {"sort_column": "last_modified_time", "sort_order": "D", "per_page": 2, "customer_id": contact}
    first, _ = invoices(sandbox, token, **ask)
    sandbox.happen("invoices/edit", invoice=made[3], reference_number="changed")
    second, _ = invoices(sandbox, token, page=2, **ask)
    again, _ = invoices(sandbox, token, **ask)
    assert (first, second, again) == (made[:2], made[1:3], [made[3], made[0]])


def test_the_default_length_of_a_page_is_a_switch(fresh):
    sandbox, token = fresh
    sandbox.switch(per_page_default=10)
    assert sandbox.get("/invoices", token).json["page_context"]["per_page"] == 10
    assert sandbox.get("/invoices", token, per_page=200).json["page_context"]["per_page"] == 200


@pytest.mark.parametrize(("mode", "expected"), [("since", 2), ("exact", 1), ("ignored", None)])
def test_last_modified_time_filters_by_the_switch(fresh, mode, expected):
    sandbox, token = fresh
    sandbox.switch(last_modified_filter=mode)
    rows = sandbox.get("/invoices", token, sort_column="created_time", sort_order="A").json["invoices"]
    for place, row in enumerate(rows[:2]):
        sandbox.move(seconds=60 + place)
        sandbox.happen("invoices/edit", invoice=row["invoice_id"], reference_number="changed")
    token = sandbox.access_token()
    stamp = sandbox.get(f"/invoices/{rows[0]['invoice_id']}", token).json["invoice"]["last_modified_time"]
    found = sandbox.get("/invoices", token, last_modified_time=stamp).json["invoices"]
    assert len(found) == (len(rows) if expected is None else expected)


def test_sorting_by_last_modified_time_may_be_ignored_and_says_so(fresh):
    sandbox, token = fresh
    ask = {"sort_column": "last_modified_time", "sort_order": "D"}
    assert sandbox.get("/invoices", token, **ask).json["page_context"]["sort_column"] == "last_modified_time"
    sandbox.switch(last_modified_sort="ignored")
    assert sandbox.get("/invoices", token, **ask).json["page_context"]["sort_column"] == "created_time"


def test_the_bulk_list_of_persons_can_be_missing(fresh):
    sandbox, token = fresh
    sandbox.switch(bulk_persons="404")
    assert sandbox.get("/contacts/contactpersons", token).json == {"code": 5, "message": "Invalid URL Passed"}


def test_only_some_lists_may_filter_and_sort_by_the_last_change(fresh):
    sandbox, token = fresh
    sandbox.switch(
        last_modified_filter="since",
        last_modified_filter_lists=["invoices"],
        last_modified_sort="ignored",
        last_modified_sort_lists=["contacts"],
    )
    query = {"last_modified_time": "2050-01-01T00:00:00+0000", "sort_column": "last_modified_time"}
    answers = {key: sandbox.get(f"/{key}", token, **query).json for key in ("contacts", "invoices")}
    assert {
        key: (len(each[key]) > 0, each["page_context"]["sort_column"]) for key, each in answers.items()
    } == {
        "contacts": (True, "contact_name"),
        "invoices": (False, "last_modified_time"),
    }


def test_sorting_by_the_last_change_may_be_refused(fresh):
    sandbox, token = fresh
    sandbox.switch(last_modified_sort="refused")
    answer = sandbox.get("/invoices", token, sort_column="last_modified_time")
    assert (answer.status, answer.json) == (
        400,
        {"code": 2, "message": "Invalid value passed for sort_column"},
    )


def persons(sandbox, token, **query):
    return sandbox.get("/contacts/contactpersons", token, **query).json["contact_persons"]


def test_the_bulk_list_may_lack_permission_or_have_shorter_pages(fresh):
    sandbox, token = fresh
    sandbox.switch(bulk_persons_cap=2)
    answer = sandbox.get("/contacts/contactpersons", token, per_page=200).json
    assert (len(answer["contact_persons"]), answer["page_context"]["per_page"]) == (2, 2)
    sandbox.switch(bulk_persons="57")
    answer = sandbox.get("/contacts/contactpersons", token)
    assert (answer.status, answer.json["code"]) == (401, 57)


def test_persons_of_vendors_and_archived_customers_come_by_the_switches(fresh):
    sandbox, token = fresh
    person = [{"first_name": "Una", "email": "una@supplier.example"}]
    vendor = sandbox.create_contact("Supplier Ltd", contact_type="vendor", persons=person)
    archived = sandbox.get("/contacts", token).json["contacts"][0]["contact_id"]
    sandbox.happen("contacts/active", contact=archived, active=False)
    found = [{row["contact_id"] for row in persons(sandbox, token)}]
    sandbox.switch(bulk_persons_vendors=True, bulk_persons_inactive=False)
    found.append({row["contact_id"] for row in persons(sandbox, token)})
    assert [(vendor in each, archived in each) for each in found] == [(False, True), (True, False)]


def test_vendors_are_contacts_but_no_customers(fresh):
    sandbox, token = fresh
    vendor = sandbox.create_contact("Supplier Ltd", contact_type="vendor")
    listed = {
        kind: {
            row["contact_id"] for row in sandbox.get("/contacts", token, contact_type=kind).json["contacts"]
        }
        for kind in ("", "customer", "vendor")
    }
    assert (listed["vendor"], listed[""] - listed["customer"]) == ({vendor}, {vendor})
    assert sandbox.get(f"/contacts/{vendor}", token).json["contact"]["contact_type"] == "vendor"


def test_archived_customers_may_be_hidden_when_nobody_asks(fresh):
    sandbox, token = fresh
    archived = sandbox.create_contact("Old Ltd")
    sandbox.happen("contacts/active", contact=archived, active=False)
    found = []
    for shown in ("Status.All", "Status.Active"):
        sandbox.switch(contacts_default_filter=shown)
        for query in ({}, {"filter_by": "Status.All"}):
            rows = sandbox.get("/contacts", token, **query).json["contacts"]
            found.append(archived in {row["contact_id"] for row in rows})
    assert found == [True, True, False, True]


@pytest.mark.parametrize("shown", ["overdue", "partially_paid"])
def test_what_is_past_due_and_partly_paid_has_a_status_by_the_switch(fresh, shown):
    sandbox, token = fresh
    sandbox.switch(partly_paid_overdue=shown)
    contact = sandbox.create_contact("Partly Ltd")
    made = [sandbox.create_invoice(contact, 50, date="2026-10-01", due_date="2026-10-31") for _ in range(2)]
    sandbox.pay(made[1], 20)
    statuses = [sandbox.get(f"/invoices/{each}", token).json["invoice"]["status"] for each in made]
    assert statuses == ["overdue", shown]
    for status in ("overdue", "partially_paid"):
        listed, _ = invoices(sandbox, token, status=status, customer_id=contact)
        assert sorted(listed) == [each for each, own in zip(made, statuses, strict=True) if own == status]


@pytest.mark.parametrize(
    ("mode", "keys"),
    [
        ("live", ["is_email_enabled", "is_sms_enabled", "is_whatsapp_enabled"]),
        ("documented", ["is_sms_enabled", "is_whatsapp_enabled"]),
        ("absent", []),
    ],
)
def test_persons_tell_how_they_may_be_written_to_by_the_switch(fresh, mode, keys):
    sandbox, token = fresh
    sandbox.switch(communication_preference=mode)
    contact = sandbox.create_contact("Asked Ltd", persons=[{"first_name": "Una"}])
    [person] = sandbox.get(f"/contacts/{contact}", token).json["contact"]["contact_persons"]
    assert list(person.get("communication_preference", {})) == keys


def test_users_are_listed_by_state(fresh):
    sandbox, token = fresh
    found = {
        state: len(sandbox.get("/users", token, filter_by=f"Status.{state}").json["users"])
        for state in ("All", "Active", "Invited")
    }
    assert found == {"All": 2, "Active": 2, "Invited": 0}
    first = sandbox.get("/users", token, per_page=1).json
    assert (len(first["users"]), first["page_context"]["has_more_page"]) == (1, True)


def test_a_role_may_lack_a_module(fresh):
    sandbox, token = fresh
    aoife = "aoife@northwindparts.example"
    sandbox.control("POST", "users/deny", user=aoife, modules=["invoices"])
    refused = sandbox.get("/invoices", token)
    assert (refused.status, refused.json["code"], sandbox.get("/contacts", token).status) == (401, 57, 200)
    sandbox.control("POST", "users/deny", user=aoife, modules=[])
    assert sandbox.get("/invoices", token).status == 200
    with pytest.raises(AssertionError, match="Give modules as a list of settings"):
        sandbox.control("POST", "users/deny", user=aoife, modules=["bills"])


def test_two_sandboxes_in_one_process_keep_their_pages_apart():
    found = []
    for customers in (40, 20):
        with running_sandbox(customers=customers, seed=customers) as sandbox:
            sandbox.stop_clock()
            token = sandbox.access_token()
            # The second page is asked for first, as a client does that goes on where it stopped.
            ask = {"per_page": 20, "sort_column": "created_time", "sort_order": "A"}
            second, first = (invoices(sandbox, token, page=page, **ask)[0] for page in (2, 1))
            whole, _ = invoices(sandbox, token, sort_column="created_time", sort_order="A")
            found.append(first + second == whole[:40])
            invoices(sandbox, token, page=2, **ask)
    assert found == [True, True]
