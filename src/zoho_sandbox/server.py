"""The socket side: HTTP/1.1 with keep-alive, a thread per connection, one write per answer."""

import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zoho_sandbox.wire import Request, Response

Handler = Callable[[Request], Response]

LARGEST_BODY = 10_000_000
logger = logging.getLogger("zoho_sandbox")


class _Connection(BaseHTTPRequestHandler):
    """One client connection."""

    protocol_version = "HTTP/1.1"
    server_version = "ZGS"
    sys_version = ""
    timeout = 120
    # Without these an answer waits 40 ms for the acknowledgement of its own head.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "SandboxServer"

    def _serve(self) -> None:
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY or "transfer-encoding" in self.headers:
            self.close_connection = True
            self._answer(
                Response(413, b"Send a body of at most 10 MB with its Content-Length.", "text/plain")
            )
            return
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body, self.server.centre)
        try:
            response = self.server.handler(request)
        except Exception:
            logger.exception("%s %s failed", self.command, self.path)
            response = Response(500, b'{"code":1000,"message":"Internal error"}')
        self._answer(response)

    def _answer(self, response: Response) -> None:
        if response.cut_after == 0:
            self._reset()
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.cut_after])
        self.wfile.flush()
        if response.cut_after is not None:
            self._reset()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve  # noqa: N815 named by the base class

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


class SandboxServer(ThreadingHTTPServer):
    """Serves a handler at an address, for one data centre; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: Handler, centre: str = "sandbox") -> None:
        """Bind at once: OSError when the port is taken."""
        self.handler = handler
        self.centre = centre
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Connection)
        self.host = host

    @property
    def url(self) -> str:
        """Where it answers."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that the base class makes: it may take seconds."""
        self.allow_reuse_address = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.host_name, self.server_address[1]

    host_name = "localhost"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 as in the base class
        """Clients hang up: that is no error of ours."""
        logger.debug("connection %s ended early", client_address, exc_info=True)  # noqa: LOG014 it is called within one

    def run_in_thread(self) -> threading.Thread:
        """Serve from a thread of its own until `shutdown`."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        return thread
