"""A stand-in for a mail provider's API: real HTTP on this machine, answers as scripted, requests kept."""

import dataclasses
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from dunright.mail.providers import PROVIDERS, ProviderAccount

CUT = "hang up without an answer"
TAKEN = {
    "postmark": (200, {"To": "ap@k.example", "MessageID": "pm-7", "ErrorCode": 0, "Message": "OK"}),
    "mailgun": (200, {"id": "<mg-7@mg.example>", "message": "Queued. Thank you."}),
    "brevo": (201, {"messageId": "<brevo-7@smtp-relay.example>"}),
    "resend": (200, {"id": "re-7"}),
}
"""What each provider says when it takes a message."""
UNAUTHORISED = {
    "postmark": (401, {"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied."}),
    "mailgun": (401, b"Forbidden"),
    "brevo": (401, {"code": "unauthorized", "message": "Key not found"}),
    "resend": (403, {"statusCode": 403, "name": "invalid_api_key", "message": "API key is invalid"}),
}
"""What each provider says to a wrong key."""


class StandIn:
    """Keeps each request as (method, path, headers, body) and who asked; answers with `answer`."""

    def __init__(self):
        self.requests = []
        self.clients = []
        self.answer = CUT

    def json(self, number=-1):
        return json.loads(self.requests[number][3])

    def form(self, number=-1):
        return {name: one for name, (one, *_) in parse_qs(self.requests[number][3].decode()).items()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _take(self):
        stand_in = self.server.stand_in
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand_in.requests.append((self.command, self.path, dict(self.headers), body))
        stand_in.clients.append(self.client_address)
        # As servers do that ignore the wish to close: what the client kept would be used again.
        self.close_connection = False
        if stand_in.answer is CUT:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if callable(stand_in.answer):
            stand_in.answer()
            return
        status, said, *headers = stand_in.answer
        said = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = _take  # noqa: N815 - http.server finds them by these names

    def log_message(self, *_):
        pass


def started():
    """A server on a free port and what it keeps."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.stand_in = StandIn()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server, server.stand_in


def account(key, port, secret="hunter2", **fields):
    """An account at a provider whose API stands at a port of this machine."""
    provider = dataclasses.replace(PROVIDERS[key], addresses={"": f"http://127.0.0.1:{port}/v3/"})
    domain = "mg.example" if provider.needs_domain else ""
    return ProviderAccount(provider, secret, domain, **fields)
