"""How a webhook is signed (zoho-books-api.md section 10): what Books does is not known, so a switch chooses."""

import hashlib
import hmac
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

HEADER = "X-Zoho-Webhook-Signature"
Way = Literal["billing", "payments", "none"]


def signature(way: Way, *, secret: str, url: str, form: dict[str, str], body: bytes, at: float) -> str:
    """The value of the signature's header; empty when nothing is signed.

    `billing`, as documented for the sister product: the parameters of query and form, sorted, each name joined with its
    value, and a JSON body as it is; HMAC-SHA256 in hex. `payments`: the moment in milliseconds, a dot and the body.
    """
    if way == "none" or not secret:
        return ""
    if way == "payments":
        moment = str(round(at * 1000))
        return f"t={moment},v={_hex(secret, moment.encode() + b'.' + body)}"
    given = [*parse_qsl(urlsplit(url).query, keep_blank_values=True), *form.items()]
    text = "".join(name + value for name, value in sorted(given))
    return _hex(secret, text.encode() + (b"" if form else body))


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
