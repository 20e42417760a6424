"""Requests and answers as plain values, so that everything behind the socket can be tested without one."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec

JSON_TYPE = "application/json;charset=UTF-8"
HTML_TYPE = "text/html; charset=utf-8"

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `headers` has lower-case names; `target` is the raw path with its query.

    `centre` is the data centre whose address was called.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    centre: str = "sandbox"

    @property
    def path(self) -> str:
        """The path without the query, not percent-decoded: every path served here is plain ASCII."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; the last one wins, and a bare `+` is a space, as at Zoho."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """Fields of a form body; empty for any other content type."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def origin(self) -> str:
        """The address this sandbox was called by, such as `http://127.0.0.1:9090`."""
        return "http://" + self.headers.get("host", "127.0.0.1")


@dataclass(slots=True)
class Response:
    """One answer. `cut_after` makes the server drop the connection after that many bytes of the body."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: list[tuple[str, str]] = field(default_factory=list)
    cut_after: int | None = None


def encode(value: object) -> bytes:
    """JSON bytes of any plain value."""
    return _encoder.encode(value)


def json_response(value: object, *, status: int = 200) -> Response:
    """Answer with a value as JSON."""
    return Response(status=status, body=encode(value))


def success(**fields: Any) -> Response:
    """Answer as Zoho does when all went well: `{"code": 0, "message": "success", …}`."""
    return json_response({"code": 0, "message": "success", **fields})


class ZohoError(Exception):
    """An error as the Books API words it; see zoho-books-api.md section 4."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """`status` is the HTTP status, `code` and `message` go into the body."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> Response:
        """The answer that carries this error."""
        return json_response({"code": self.code, "message": self.message}, status=self.status)
