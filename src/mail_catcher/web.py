"""Requests and answers over HTTP on the standard library, with the head lines that keep a hostile mail harmless."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_LARGEST_BODY: Final = 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class BadRequest(Exception):
    """The request cannot be understood; its sentence goes back with status 400."""


class NotFound(Exception):
    """There is nothing at this address; status 404."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    """The last value of each name."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    policy: str = PAGE_POLICY
    """The Content-Security-Policy."""


Answer = Callable[[Request], Response]
ErrorPage = Callable[[int, str], Response]


class HttpServer(ThreadingHTTPServer):
    """Answers every request with `answer`; a refused one with `error_page`, or in JSON under /api/."""

    daemon_threads = True
    # Else a second catcher on the same port would start without a word.
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], answer: Answer, error_page: ErrorPage) -> None:
        super().__init__(address, _Handler)
        self.answer = answer
        self.error_page = error_page

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer
    server_version = "mail-catcher"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer a request of whatever method."""
        self._respond()

    do_HEAD = do_GET  # noqa: N815 - the base class finds it by this name
    do_POST = do_GET  # noqa: N815 - as above
    do_PUT = do_GET  # noqa: N815 - as above
    do_DELETE = do_GET  # noqa: N815 - as above

    def _respond(self) -> None:
        try:
            response = self._answer()
        except BadRequest as error:
            response = self._error(400, str(error))
        except NotFound as error:
            response = self._error(404, str(error))
        self.send_response(response.status)
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            "Content-Security-Policy": response.policy,
            "X-Content-Type-Options": "nosniff",
            # Not no-referrer: browsers then name no origin with a form, and deleting would look like a trick.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
            **response.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _answer(self) -> Response:
        if (refused := self._stranger()) is not None:
            return self._error(403, refused)
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > _LARGEST_BODY:
            raise BadRequest("The request is too large.")
        parts = urlsplit(self.path)
        body = self.rfile.read(int(length))
        query = dict(parse_qsl(parts.query, keep_blank_values=True, errors="replace"))
        return self.server.answer(Request(self.command, parts.path, query, body))

    def _stranger(self) -> str | None:
        """Why this request must be a trick: another site's page that reaches for a catcher on one's own machine."""
        host = self.headers.get("Host", "")
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            name = ""
        bound = str(self.server.server_address[0])
        if bound in _LOOPBACK and name not in _LOOPBACK:
            return "Open this page by the address that the catcher printed when it started."
        origin = self.headers.get("Origin")
        if self.command not in {"GET", "HEAD"} and origin is not None and origin != f"http://{host}":
            return "This came from another site's page, so nothing was done."
        return None

    def _error(self, status: int, sentence: str) -> Response:
        if self.path.startswith("/api/"):
            return Response(json.dumps({"error": sentence}).encode(), "application/json", status)
        return self.server.error_page(status, sentence)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not reported: a terminal shows what matters, where the inbox is."""
