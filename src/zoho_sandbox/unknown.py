"""What clients asked wrongly: a wrong client should fail here, not in production."""

import threading
from collections import Counter

LONGEST = 300
KINDS = {
    "call": "A call that Zoho does not know",
    "parameter": "A parameter that Zoho passes over",
    "value": "A value that Zoho refuses or passes over",
    "missing": "Something Zoho should have been told",
    "key": "A key of a body that Zoho passes over",
}
"""Every kind of mistake, in words."""


class Unknown:
    """Counts each mistake since the sandbox started."""

    def __init__(self) -> None:
        """Start with none."""
        self._seen: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def record(self, kind: str, what: str) -> None:
        """Note a mistake of one of the `KINDS`."""
        with self._lock:
            self._seen[kind, what[:LONGEST]] += 1

    def listed(self) -> list[dict[str, object]]:
        """All of them, by kind and name, with how often they came."""
        with self._lock:
            seen = sorted(self._seen.items())
        return [{"kind": kind, "what": what, "times": times} for (kind, what), times in seen]

    def forget(self) -> None:
        """Start afresh."""
        with self._lock:
            self._seen.clear()
