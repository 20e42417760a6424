"""Both servers together over one store: what the command starts and what tests use."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from mail_catcher import api, pages
from mail_catcher.faults import Faults
from mail_catcher.smtp import SmtpService
from mail_catcher.store import Store
from mail_catcher.web import HttpServer, NotFound, Request, Response

Answer = Callable[..., Response]


class Catcher:
    """A mail server that delivers nothing and an inbox page that shows what came. Port 0 picks a free one.

    Raises OSError when a port is taken, sqlite3.Error when the state file cannot be used.
    """

    def __init__(
        self,
        *,
        state: Path | str,
        host: str = "127.0.0.1",
        smtp_port: int = 0,
        http_port: int = 0,
        faults: Faults | None = None,
    ) -> None:
        self.host = host
        self.faults = faults or Faults()
        self.store = Store(state)
        try:
            self._http = HttpServer((host, http_port), self._answer, pages.error_page)
            try:
                self._smtp = SmtpService(self.store, lambda: self.faults, host=host, port=smtp_port)
            except BaseException:
                self._http.server_close()
                raise
        except BaseException:
            self.store.close()
            raise
        self.http_port: int = self._http.server_address[1]
        self.smtp_port = self._smtp.port
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="http", daemon=True
        )

    @property
    def smtp_url(self) -> str:
        """Where to send: `smtp://127.0.0.1:2525`."""
        return f"smtp://{self._netloc(self.smtp_port)}"

    @property
    def http_url(self) -> str:
        """Where to look, without a slash at the end."""
        return f"http://{self._netloc(self.http_port)}"

    def start(self) -> Self:
        """Begin to answer."""
        self._smtp.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop both servers and close the file."""
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self.store.close()

    def _netloc(self, port: int) -> str:
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"

    def _answer(self, request: Request) -> Response:
        """Find who answers: the first route whose method and path match."""
        method = "GET" if request.method == "HEAD" else request.method
        for wanted, pattern, answer in _ROUTES:
            if wanted == method and (found := pattern.fullmatch(request.path)):
                return answer(self, request, *(int(number) for number in found.groups()))
        raise NotFound("There is nothing at this address.")


def _route(method: str, path: str, answer: Answer) -> tuple[str, re.Pattern[str], Answer]:
    return method, re.compile(path.replace("N", "([0-9]{1,15})")), answer


_ROUTES = (
    _route("GET", "/", lambda self, request: pages.inbox(request, self.store)),
    _route("GET", "/messages/N", lambda self, request, number: pages.message(request, self.store, number)),
    _route("GET", "/messages/N/html", lambda self, _request, number: pages.message_html(self.store, number)),
    _route("GET", "/messages/N/raw", lambda self, _request, number: pages.raw_message(self.store, number)),
    _route(
        "GET",
        "/messages/N/files/N/[^/]*",
        lambda self, request, number, file: pages.attachment(
            self.store, number, file, opened=request.query.get("open") == "1"
        ),
    ),
    _route("POST", "/delete", lambda self, _request: pages.delete_all(self.store)),
    _route("GET", "/catcher.css", lambda _self, _request: pages.stylesheet()),
    _route("GET", "/icon.svg", lambda _self, _request: pages.icon()),
    _route("GET", "/api/messages", lambda self, request: api.messages(request, self.store)),
    _route("DELETE", "/api/messages", lambda self, _request: api.delete_messages(self.store)),
    _route("GET", "/api/messages/N", lambda self, _request, number: api.message(self.store, number)),
    _route(
        "GET", "/api/messages/N/raw", lambda self, _request, number: pages.raw_message(self.store, number)
    ),
    _route("GET", "/api/copies", lambda self, _request: api.copies(self.store)),
    _route("GET", "/api/faults", lambda self, _request: api.faults(self)),
    _route("PUT", "/api/faults", lambda self, request: api.set_faults(request, self)),
)
