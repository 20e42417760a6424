"""Sends webhooks from a thread of its own, and again when nobody takes them."""

import contextlib
import http.client
import logging
import random
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import msgspec

from zoho_sandbox.api import contacts, invoices, receipts
from zoho_sandbox.api.call import Call, Handler
from zoho_sandbox.company import organisations
from zoho_sandbox.hooks.registry import Hook, hooks
from zoho_sandbox.hooks.signing import HEADER, signature
from zoho_sandbox.wire import ZohoError, encode

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

DETAILS: dict[str, Handler] = {
    "contact": contacts.contact,
    "invoice": invoices.invoice,
    "payment": receipts.payment,
    "creditnote": receipts.credit_note,
}
TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 200
logger = logging.getLogger("zoho_sandbox")


@dataclass(frozen=True, slots=True)
class Due:
    """A change that is to be sent now."""

    id: int
    hook: int
    event: str
    record: int
    row: bytes
    tries: int


class Delivery:
    """Sends what is queued; asleep while there is nothing."""

    def __init__(self, sandbox: "Sandbox") -> None:
        """Sends for a sandbox, once it is started."""
        self._sandbox = sandbox
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        """Something was committed: send what it queued. The thread starts with the first change to be sent.

        Called while the writer is held, so never twice at a time.
        """
        if self._thread is None and self.waiting():
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """End the thread after what it is just sending."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT_SECONDS)

    def waiting(self) -> int:
        """How many changes are still to be sent."""
        with self._sandbox.database.reading() as db:
            return int(db.execute("SELECT count(*) FROM hook_queue WHERE state = 'waiting'").fetchone()[0])

    def settle(self, seconds: float) -> int:
        """Wait until all is sent or given up, but no longer than that; returns how many are left."""
        until = time.monotonic() + seconds
        while (left := self.waiting()) and time.monotonic() < until:
            time.sleep(0.02)
        return left

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            try:
                pause = self._send_due()
            except Exception:
                # One change that cannot be sent must not end the sending of all others.
                logger.exception("sending webhooks failed")
                pause = 1.0
            self._wake.wait(pause)

    def _send_due(self) -> float | None:
        """Send what is due; returns after how many seconds to look again, None when nothing waits."""
        order = "DESC" if self._sandbox.switches.webhook_order == "newest_first" else "ASC"
        while not self._ended.is_set():
            with self._sandbox.database.reading() as db:
                found = db.execute(
                    "SELECT id, hook, event, record, row, tries FROM hook_queue WHERE state = 'waiting' AND due <= ? "  # noqa: S608 ours
                    f"ORDER BY id {order} LIMIT 1",
                    (time.time(),),
                ).fetchone()
                if found is None:
                    due = db.execute("SELECT min(due) FROM hook_queue WHERE state = 'waiting'").fetchone()[0]
                    return None if due is None else max(0.01, due - time.time())
                due_hooks = hooks(db, "id = ?", found[1])
            if due_hooks:
                self._send(due_hooks[0], Due(*found))
        return None

    def _send(self, hook: Hook, due: Due) -> None:
        switches = self._sandbox.switches
        if random.random() < switches.webhook_loss:
            self._settled(due, "lost", "never sent")
            return
        body = self._body(hook, due)
        for _ in range(2 if switches.webhook_twice else 1):
            status, answer = send(hook, body, way=switches.webhook_signature)
        tries = due.tries + 1
        if 200 <= status < 300:  # noqa: PLR2004
            self._settled(due, "sent", answer)
        elif tries > switches.webhook_retries:
            self._settled(due, "failed", answer)
        else:
            wait = switches.webhook_retry_seconds * 2.0 ** (tries - 1)
            self._settled(due, "waiting", answer, again_at=time.time() + wait)

    def _body(self, hook: Hook, due: Due) -> bytes:
        """The whole record under its name, as it is now; as it was in lists when it is gone by now."""
        sandbox = self._sandbox
        with sandbox.database.reading() as db:
            org = organisations.load(db, hook.org)
            if org is not None and due.event != "deleted":
                call = Call(
                    db, org, 0, sandbox.clock.now(), {}, sandbox.centres.url("sandbox"), sandbox.switches,
                    sandbox.database.version, (str(due.record),),
                )  # fmt: skip
                with contextlib.suppress(ZohoError):
                    return encode({hook.kind: msgspec.json.decode(DETAILS[hook.kind](call).body)[hook.kind]})
        return encode({hook.kind: msgspec.Raw(due.row)})

    def _settled(self, due: Due, state: str, answer: str, *, again_at: float = 0.0) -> None:
        with self._sandbox.database.writing() as db:
            db.execute(
                "UPDATE hook_queue SET state = ?, tries = tries + 1, answer = ?, due = ? WHERE id = ?",
                (state, answer[:LONGEST_ANSWER], again_at, due.id),
            )


def send(hook: Hook, body: bytes, *, way: str) -> tuple[int, str]:
    """Send one webhook; returns the status, 0 when nobody answered, and a word about it."""
    form = {"JSONString": body.decode()} if hook.body == "form" else {}
    sent = urlencode(form).encode() if form else body
    headers = {
        "Content-Type": "application/x-www-form-urlencoded" if form else "application/json;charset=UTF-8",
        "User-Agent": "ZohoBooks",
        **hook.headers,
    }
    signed = signature(way, secret=hook.secret, url=hook.url, form=form, body=body, at=time.time())  # type: ignore[arg-type]
    if signed:
        headers[HEADER] = signed
    parts = urlsplit(hook.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = _connection(hook.url)
        try:
            connection.request(hook.method, target, sent, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"no answer: {error}"
    return status, f"status {status}"


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)
