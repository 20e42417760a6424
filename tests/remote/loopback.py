"""A web server on this machine that answers as told, well or badly, and remembers what it was asked."""

import json
import socket
import ssl
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Answer(NamedTuple):
    """What to answer. `cut`: send only so many bytes of the body, then hang up. `pause`: seconds before each byte."""

    body: object = b""
    status: int = 200
    headers: dict[str, str] = {"Content-Type": "application/json;charset=UTF-8"}
    cut: int | None = None
    pause: float = 0

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


HTML = {"Content-Type": "text/html"}


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Loopback:
    """The server from a test's side: `answers` are given in turn, the last one again and again."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, *answers: object) -> None:
        self.answers[:] = [one if isinstance(one, Answer) else Answer(one) for one in answers]

    def next(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    told: Loopback

    def handle_error(self, *_):
        """Say nothing: a client that hangs up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.reply(self.server.told.next(Asked(self.command, parts.path, query, headers, form)))

    def do_POST(self):
        self.do_GET()

    def reply(self, answer):
        body = answer.sent
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.pause:
            for byte in body:
                time.sleep(answer.pause)
                self.wfile.write(bytes([byte]))
        elif answer.cut is not None:
            self.wfile.write(body[: answer.cut])
            self.wfile.flush()
            # Hang up hard, as a dying server does.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        else:
            self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        """Keep quiet."""


@contextmanager
def loopback(tls: ssl.SSLContext | None = None):
    """Run the server on a free port of 127.0.0.1."""
    with Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        told = server.told = Loopback(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
