"""Calls from Zoho Books: whatever they carry, they only point at a record."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from dunright.connectors.zoho_books.webhooks import FORM, Told, signature_holds, told
from zoho_sandbox.hooks.signing import signature

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEY = "k3yK3yk3yK3y"
BODY = b'{"invoice":{"invoice_id":"471900000000114002"}}'


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (BODY, "application/json;charset=UTF-8", Told("invoice", "471900000000114002")),
        (b'{"contact":{"contact_id":91005}}', "", Told("customer", "91005")),
        (b'{"invoice_id":"12"}', "text/plain", Told("invoice", "12")),
        (
            urlencode({"JSONString": '{"contact":{"contact_id":"7"}}'}).encode(),
            f"{FORM}; charset=UTF-8",
            Told("customer", "7"),
        ),
        (
            b'{"invoice":{"invoice_id":"1","last_modified_time":"2026-11-24T08:59:00+0000"}}',
            "",
            Told("invoice", "1", datetime(2026, 11, 24, 8, 59, tzinfo=UTC)),
        ),
        (
            b'{"invoice":{"invoice_id":"1","last_modified_time":"2026-99-99T08:59:00+0000"}}',
            "",
            Told("invoice", "1"),
        ),
        (b'{"payment":{"payment_id":"5","invoices":[]}}', "", Told()),
        (b'{"invoice":{"invoice_id":"../contacts"}}', "", Told()),
        (b'{"invoice":{"invoice_id":true}}', "", Told()),
        (b'{"invoice":[1]}', "", Told()),
        (b"[1, 2]", "", Told()),
        (b"[" * 100_000, "", Told()),
        (b"\xff\xfe", "", Told()),
        (b"\xff\xfe", FORM, Told()),
        (b"&".join([b"a=b"] * 1000), FORM, Told()),
        (b"", "", Told()),
    ],
)
def test_a_call_points_at_a_record_or_at_nothing(body, content_type, expected):
    assert told(body, content_type=content_type) == expected


@pytest.mark.parametrize("way", ["billing", "payments"])
@pytest.mark.parametrize("form", [{}, {"JSONString": BODY.decode(), "b": ""}])
@pytest.mark.parametrize("query", ["", "zeta=1&alpha=two"])
def test_signatures_of_either_way_hold_and_no_others(way, form, query):
    body = urlencode(form).encode() if form else BODY
    content_type = FORM if form else "application/json"
    url = f"https://chasing.example.com/hooks/{f'?{query}' if query else ''}"
    # The sandbox signs what it sends over a form, body and all, by its own reading of the documents.
    signed = signature(way, secret=KEY, url=url, form=form, body=body, at=NOW.timestamp())

    def holds(**changes):
        given = {"key": KEY, "query": query, "body": body, "content_type": content_type, "now": NOW} | changes
        return signature_holds(given.pop("signature", signed), given.pop("key"), **given)

    assert holds()
    assert holds(signature=f" {signed} ")
    assert not holds(key="another12345")
    assert not holds(body=body + b"x")
    assert not holds(signature="")
    assert not holds(signature="é" * 64)
    assert holds(now=NOW.replace(hour=10)) == (way == "billing")
