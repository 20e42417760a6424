"""The few things that are written into the books, each only where a person asked for it (zoho-books-api.md 6.4, 7.3).

Every call is sent once. What cannot be done leaves the books as they were.
"""

from datetime import date
from html import unescape

import msgspec

from dunright.connectors.zoho_books.client import Client, Envelope, usable_id
from dunright.connectors.zoho_books.rows import storable
from dunright.remote.errors import BadData

LONGEST_COMMENT = 500


class _Comment(msgspec.Struct):
    description: str = ""


class _Comments(Envelope):
    comments: list[msgspec.Raw] | None = None


_COMMENTS = msgspec.json.Decoder(_Comments)
_COMMENT = msgspec.json.Decoder(_Comment)


def expect_payment(client: Client, invoice_id: str, day: date | None) -> None:
    """Write the expected payment date of an invoice; None takes it back.

    By its documents Zoho wants the whole invoice in each change, which Dunright never sends: a line left out would be
    lost. Where a change of the date alone is refused, the date goes with a comment, and cannot be taken back.
    """
    path = f"invoices/{usable_id(invoice_id)}"
    text = day.isoformat() if day else ""
    try:
        client.write("PUT", path, {"payment_expected_date": text})
    except BadData:
        if day is None:
            raise BadData(
                "Zoho Books does not take the expected payment date back; clear it there, on the invoice."
            ) from None
        said = {
            "description": f"Payment is promised for {text}.",
            "payment_expected_date": text,
            "show_comment_to_clients": False,
        }
        client.write("POST", f"{path}/comments", said)


def stop_reminders(client: Client, area: str, external_id: str) -> None:
    """Switch Zoho's own reminders off; `area` is `contacts` or `invoices`."""
    client.write("POST", f"{area}/{usable_id(external_id)}/paymentreminder/disable")


def comments(client: Client, invoice_id: str) -> tuple[str, ...]:
    """Read the comments on an invoice; those that cannot be read are left out."""
    path = f"invoices/{usable_id(invoice_id)}/comments"
    answer = client.get(path, lambda body: _COMMENTS.decode(storable(body)))
    found = []
    for raw in answer.comments or ():
        try:
            found.append(unescape(_COMMENT.decode(raw).description))
        except msgspec.MsgspecError:
            continue
    return tuple(found)


def add_comment(client: Client, invoice_id: str, text: str) -> None:
    """Write a comment on an invoice; the customer's portal does not show it."""
    said = {"description": text[:LONGEST_COMMENT], "show_comment_to_clients": False}
    client.write("POST", f"invoices/{usable_id(invoice_id)}/comments", said)
