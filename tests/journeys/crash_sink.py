"""A mail server beside the crash points, in a process of its own: it takes everything and counts by Message-ID.

    python tests/journeys/crash_sink.py

prints its port. `XCOPIES` waits until every other connection has come to its end, then answers with what was
accepted since the last time, as JSON, and forgets it.
"""

import contextlib
import json
import os
import re
import socketserver
import sys
import threading

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^>]+)>")
_REPLIES = {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"RSET": b"250 ok\r\n"}


class Server(socketserver.ThreadingTCPServer):
    """Knows what came, and how many connections there are."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.copies = {}
        self.open = 0
        self.changed = threading.Condition()


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    def setup(self):
        super().setup()
        with self.server.changed:
            self.server.open += 1

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()
        with self.server.changed:
            self.server.open -= 1
            self.server.changed.notify_all()

    def handle(self):
        with contextlib.suppress(OSError):
            self.wfile.write(b"220 sink\r\n")
            while line := self.rfile.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"DATA":
                    self.wfile.write(b"354 go ahead\r\n")
                    if not self._take():
                        return
                elif verb in {b"EHLO", b"HELO"}:
                    self.wfile.write(b"250-sink\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n")
                elif verb == b"XCOPIES":
                    self.wfile.write(b"250 " + self._told() + b"\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(_REPLIES.get(verb, b"502 what\r\n"))

    def _take(self):
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            content += line
        found = _MESSAGE_ID.search(content)
        name = found.group(1).decode() if found else ""
        with self.server.changed:
            self.server.copies[name] = self.server.copies.get(name, 0) + 1
        self.wfile.write(b"250 taken\r\n")
        return True

    def _told(self):
        server = self.server
        with server.changed:
            server.changed.wait_for(lambda: server.open == 1, timeout=20)
            told, server.copies = server.copies, {}
            return json.dumps({"copies": told, "others": server.open - 1}).encode()


def main():
    """Serve until standard input closes."""
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
