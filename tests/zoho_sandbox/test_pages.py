"""The pages of switches, mistakes and webhooks, as a person uses them."""

import re
from urllib.parse import urlencode

import pytest

from zoho_sandbox.switch_words import GROUPS
from zoho_sandbox.switches import Switches
from zoho_sandbox.testing import FORM, running_sandbox

ORG = "60001234567"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(customers=1) as running:
        running.stop_clock()
        yield running


def press(sandbox, action, **fields):
    return sandbox.request("POST", action, urlencode(fields).encode(), FORM)


def page(sandbox, path):
    return sandbox.request("GET", path).body.decode()


def test_every_switch_is_told_in_words_once():
    told = [name for words in GROUPS.values() for name in words]
    assert sorted(told) == sorted(Switches.__struct_fields__)
    assert {sentence[-1] for words in GROUPS.values() for sentence in words.values()} == {"."}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("per_minute", "30", 30),
        ("dirty_share", "0.25", 0.25),
        ("enforce_limits", "true", True),
        ("token_error_status", "400", 400),
        ("bulk_persons", "404", "404"),
        ("last_modified_filter", "exact", "exact"),
        ("last_modified_filter_lists", "invoices, creditnotes", ["invoices", "creditnotes"]),
        ("dirty_kinds", "", []),
    ],
)
def test_a_switch_is_set_on_its_page_and_back(sandbox, name, typed, value):
    assert press(sandbox, "/switches", name=name, value=typed).status == 303
    assert sandbox.control("GET", "switches")[name] == value
    assert page(sandbox, "/switches").count("(changed)") == 1
    press(sandbox, "/switches/usual")
    assert "(changed)" not in page(sandbox, "/switches")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("per_minute", "many", "These switches cannot be set"),
        ("dirty_share", "7", "These switches cannot be set"),
        ("dirty_kinds", "mud", "These switches cannot be set"),
        ("per_page_cap", "0", "These switches cannot be set"),
        ("answer_seconds", "-1", "These switches cannot be set"),
        ("per_day", "1e30", "These switches cannot be set"),
        ("nothing", "1", "There is no such switch."),
    ],
)
def test_a_switch_that_cannot_be_set_says_so(sandbox, name, typed, sentence):
    answer = press(sandbox, "/switches", name=name, value=typed)
    assert (answer.status, sentence in answer.body.decode()) == (400, True)
    assert "(changed)" not in page(sandbox, "/switches")


def test_what_was_asked_wrongly_stands_on_its_page_as_text(sandbox):
    token = sandbox.access_token()
    sandbox.get("/contacts", token, **{"organization_id": ORG, "<b>": 1, "sort_column": "age"})
    shown = page(sandbox, "/mistakes")
    assert "&lt;b&gt; on /books/v3/contacts" in shown
    assert "sort_column=age on /books/v3/contacts" in shown
    assert re.search("A parameter that Zoho passes over.*A value that Zoho refuses or passes over", shown)
    press(sandbox, "/mistakes/forget")
    assert "Nothing. Every call was a right one." in page(sandbox, "/mistakes")


def test_a_webhook_is_set_up_and_removed_on_its_page(sandbox):
    given = {
        "organisation": ORG,
        "url": "http://127.0.0.1:9/<x>",
        "kind": "invoice",
        "secret": "",
        "body": "json",
    }
    refused = press(sandbox, "/webhooks/add", **given)
    assert "Choose at least one of the events." in refused.body.decode()
    assert press(sandbox, "/webhooks/add", on_created="1", **given).status == 303
    [hook] = sandbox.control("GET", "hooks")["hooks"]
    assert (hook["events"], hook["kind"]) == (["created"], "invoice")
    assert "http://127.0.0.1:9/&lt;x&gt;" in page(sandbox, "/webhooks")
    press(sandbox, "/webhooks/remove", hook=hook["hook"])
    assert "No webhook is set up." in page(sandbox, "/webhooks")


def test_a_write_off_is_cancelled_on_the_page(sandbox):
    made = sandbox.create_invoice(sandbox.create_contact("Given Up Ltd"), 50)
    here = f"/{ORG}/invoices/{made}"
    press(sandbox, f"{here}/write-off")
    assert "Cancel the write-off" in page(sandbox, here)
    press(sandbox, f"{here}/reopen")
    shown = page(sandbox, here)
    assert ("Cancel the write-off" in shown, "Pay in full" in shown) == (False, True)
