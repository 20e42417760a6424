"""Faults by path and count: what the outside does to a client on a bad day."""

import re
import threading
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from zoho_sandbox.wire import HTML_TYPE, Response

MAINTENANCE = (
    b"<html><head><title>Zoho</title></head><body><h1>We are down for maintenance</h1></body></html>"
)


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault. `path` is a regular expression searched in the path with its query; `count` -1 means always.

    Kinds: `status` (with a JSON error), `html` (a maintenance page with the status), `malformed` (half a JSON text),
    `cut` (the connection ends within the body), `reset` (it ends before any answer), `slow` (after `seconds`).
    `after` passing calls are let through first. A call that is `cut`, `malformed` or `slow` was carried out all the
    same. `method` narrows the fault to one method, such as POST.
    """

    path: str = ""
    method: str = ""
    kind: Literal["status", "html", "malformed", "cut", "reset", "slow"] = "status"
    status: int = 500
    code: int = 1000
    message: str = "Internal error"
    seconds: float = 1.0
    count: int = 1
    after: int = 0


def read(body: bytes) -> list[Fault]:
    """Faults from a JSON object or list of them; ValueError with a clear sentence otherwise."""
    try:
        decoded = msgspec.json.decode(body)
        faults = msgspec.convert(decoded if isinstance(decoded, list) else [decoded], list[Fault])
        for fault in faults:
            re.compile(fault.path)
    except (msgspec.ValidationError, msgspec.DecodeError, re.error) as error:
        message = f"This is no fault that can be set: {error}"
        raise ValueError(message) from error
    return faults


class Faults:
    """The faults that are set, in order; the first that fits a call strikes."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """Start without any."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._sleep = sleep

    def add(self, faults: list[Fault]) -> None:
        """Set more faults."""
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        """Take all faults back."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        """The faults that are still to strike."""
        with self._lock:
            return list(self._faults)

    def strike(self, target: str, method: str = "GET") -> Fault | None:
        """The fault that meets a call of that path and method, counted down."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.method not in {"", method} or not re.search(fault.path, target):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.count > 0:
                    fault.count -= 1
                    if fault.count == 0:
                        self._faults.remove(fault)
                return fault
        return None

    def suffer(self, fault: Fault, answer: Callable[[], Response]) -> Response:
        """The answer under a fault; `answer` makes the healthy one."""
        if fault.kind == "status":
            body = msgspec.json.encode({"code": fault.code, "message": fault.message})
            return Response(fault.status, body)
        if fault.kind == "html":
            return Response(fault.status if fault.status >= 400 else 503, MAINTENANCE, HTML_TYPE)  # noqa: PLR2004
        if fault.kind == "reset":
            return Response(cut_after=0)
        if fault.kind == "slow":
            self._sleep(fault.seconds)
            return answer()
        response = answer()
        half = max(1, len(response.body) // 2)
        if fault.kind == "malformed":
            response.body = response.body[:half]
        else:
            response.cut_after = half
        return response
