"""Dirty data by a switch: a share of the records, the same ones in each call, and clean again afterwards."""

from datetime import datetime

import pytest

from zoho_sandbox.switches import DIRT
from zoho_sandbox.testing import running_sandbox


@pytest.fixture(scope="module")
def company():
    with running_sandbox(customers=25) as sandbox:
        sandbox.stop_clock()
        yield sandbox, sandbox.access_token()


@pytest.fixture
def dirty(company):
    """Makes all records dirty in one way; clean again afterwards."""
    sandbox, token = company

    def switch(kind, share=1.0):
        sandbox.switch(dirty_share=share, dirty_kinds=[kind], invoice_url="stable")
        return sandbox, token

    yield switch
    sandbox.switch(dirty_share=0, dirty_kinds=list(DIRT))


def rows(sandbox, token, key="invoices", **query):
    name = "contact_persons" if key.endswith("contactpersons") else key
    return sandbox.get(f"/{key}", token, **query).json[name]


def clean(sandbox, token, key="invoices"):
    sandbox.switch(dirty_share=0, invoice_url="stable")
    return rows(sandbox, token, key)


@pytest.mark.parametrize(
    ("kind", "key", "changed"),
    [
        ("empty_numbers", "customerpayments", {"bcy_amount": "", "tax_amount_withheld": ""}),
        ("empty_numbers", "invoices", {"exchange_rate": "", "write_off_amount": "", "shipping_charge": ""}),
        ("negative_terms", "contacts", {"payment_terms": -3, "payment_terms_label": "Due end of next month"}),
        ("missing_email", "contacts", {"email": ""}),
        ("missing_email", "invoices", {"email": ""}),
        ("unknown_keys", "creditnotes", {"cf_region": "North", "is_new_thing": True}),
        ("nulls", "invoices", {"reference_number": None, "phone": None}),
    ],
)
def test_all_rows_are_dirty_in_the_way_that_is_set(dirty, kind, key, changed):
    sandbox, token = dirty(kind)
    found = rows(sandbox, token, key)
    assert [{name: row[name] for name in changed} for row in found] == [changed] * len(found)


def test_names_carry_markup_and_control_characters_everywhere_alike(dirty):
    sandbox, token = dirty("odd_text")
    invoice = rows(sandbox, token)[0]
    detail = sandbox.get(f"/invoices/{invoice['invoice_id']}", token).json["invoice"]
    contact = sandbox.get(f"/contacts/{invoice['customer_id']}", token).json["contact"]
    assert invoice["customer_name"].endswith(" <b>&amp;</b>\x00\u202e'\"\n")
    assert detail["customer_name"] == contact["contact_name"] == invoice["customer_name"]


def test_customers_without_persons_are_missing_from_the_bulk_list(dirty):
    sandbox, token = dirty("no_persons", 0.4)
    contacts = rows(sandbox, token, "contacts")
    details = [sandbox.get(f"/contacts/{row['contact_id']}", token).json["contact"] for row in contacts]
    without = {each["contact_id"] for each in details if not each["contact_persons"]}
    bulk = {row["contact_id"] for row in rows(sandbox, token, "contacts/contactpersons")}
    assert bulk == {row["contact_id"] for row in contacts} - without
    assert 5 <= len(without) <= 15
    assert {row["first_name"] + row["email"] for row in contacts if row["contact_id"] in without} == {""}
    one = min(without)
    assert rows(sandbox, token, f"contacts/{one}/contactpersons") == []


def test_dates_may_be_absurd(dirty):
    sandbox, token = dirty("absurd_dates")
    assert {row["due_date"] for row in rows(sandbox, token)} == {"0000-00-00", "9999-12-31", "2026-02-30", ""}


def test_an_offset_may_change_but_not_the_moment(dirty, company):
    before = [row["last_modified_time"] for row in clean(*company)]
    after = [row["last_modified_time"] for row in rows(*dirty("changed_offsets"))]
    assert {each[-5:] for each in after} == {"+0100", "+0200"}
    moments = [[datetime.fromisoformat(each) for each in stamps] for stamps in (before, after)]
    assert moments[0] == moments[1]


def test_an_invoice_may_come_twice_with_another_link(dirty):
    sandbox, token = dirty("duplicate_rows")
    found = rows(sandbox, token, status="overdue", per_page=3)
    numbers = [row["invoice_number"] for row in found]
    assert (len(found), len(set(numbers)), len({row["invoice_url"] for row in found})) == (6, 3, 6)
    again = sandbox.request("GET", found[1]["invoice_url"].strip().removeprefix(sandbox.url))
    assert found[1]["invoice_number"].encode() in again.body


def test_a_share_of_the_rows_is_dirty_and_always_the_same_ones(dirty, company):
    before = clean(*company)
    first, second = (rows(*dirty("nulls", 0.25)) for _ in range(2))
    touched = sum(old != new for old, new in zip(before, first, strict=True))
    assert (first == second, 30 <= touched <= 70) == (True, True)
    assert clean(*company) == before


@pytest.mark.parametrize(("mode", "expected"), [("changing", 2), ("stable", 1), ("absent", 0)])
def test_the_payment_link_changes_by_the_switch(company, mode, expected):
    sandbox, token = company
    sandbox.switch(invoice_url=mode)
    links = {rows(sandbox, token, status="overdue")[0].get("invoice_url") for _ in range(2)}
    assert len(links - {None}) == expected
