"""Rate limits per organisation: per minute, per day until the organisation's midnight, and in flight."""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field

from zoho_sandbox import stamps
from zoho_sandbox.store.rows import Organisation
from zoho_sandbox.switches import Switches
from zoho_sandbox.wire import ZohoError

PER_MINUTE = (
    "For security reasons your organization has been blocked as it have exceeded the maximum number of requests per "
    "minute that can originate from an organization."
)
# The number was seen without its wording; this one is ours.
BURST = "You have made too many requests in a short time. Please try again after some time."
IN_FLIGHT = (
    "You have reached the maximum number of in process requests allowed. Kindly try again after some time."
)
MINUTE = 60


@dataclass(slots=True)
class _Use:
    day: int = 0
    today: int = 0
    in_flight: int = 0
    recent: deque[float] = field(default_factory=deque)
    # Until when every call is refused, and by which of 43 and 44.
    blocked_until: float = 0.0
    blocked_by: int = 0


def _refusal(use: _Use, now: float, switches: Switches) -> ZohoError | None:
    """The limit that a call breaks, if any."""
    if use.today > switches.per_day:
        cap = f"{switches.per_day:,}" if switches.per_day_written == "comma" else str(switches.per_day)
        message = f"The API call for this organization has exceeded the maximum call rate limit of {cap}."
        return ZohoError(429, 45, message)
    if now >= use.blocked_until:
        use.blocked_by = 0
    if 0 < switches.burst < len(use.recent) and not use.blocked_by:
        use.blocked_by, use.blocked_until = 43, now + switches.burst_block_seconds
    if len(use.recent) > switches.per_minute and not use.blocked_by:
        if switches.per_minute_block_seconds:
            use.blocked_by, use.blocked_until = 44, now + switches.per_minute_block_seconds
        return ZohoError(429, 44, PER_MINUTE)
    if use.blocked_by:
        return ZohoError(429, use.blocked_by, BURST if use.blocked_by == 43 else PER_MINUTE)  # noqa: PLR2004
    if use.in_flight > switches.in_flight:
        return ZohoError(429, 1070, IN_FLIGHT)
    return None


class Limits:
    """Counts the calls of each organisation, and refuses those above its limits while they are enforced."""

    def __init__(self) -> None:
        """Start with nothing used."""
        self._uses: dict[int, _Use] = {}
        self._lock = threading.Lock()
        self.calls = 0
        # How many calls were refused, by code.
        self.refused: Counter[int] = Counter()

    def begin(self, org: Organisation, now: float, switches: Switches) -> None:
        """Count a call that starts; ZohoError 43, 44, 45 or 1070 when it is one too many. Always pair with `end`."""
        with self._lock:
            use = self._uses.setdefault(org.id, _Use())
            day = stamps.local_day(now, org.zone).toordinal()
            if use.day != day:
                use.day, use.today = day, 0
            use.today += 1
            use.in_flight += 1
            self.calls += 1
            while use.recent and not now - MINUTE < use.recent[0] <= now:
                use.recent.popleft()
            use.recent.append(now)
            if not switches.enforce_limits:
                return
            if refused := _refusal(use, now, switches):
                if not switches.refused_calls_count:
                    use.today -= 1
                    use.recent.pop()
                self.refused[refused.code] += 1
                raise refused

    def end(self, org: Organisation) -> None:
        """The call is answered."""
        with self._lock:
            self._uses[org.id].in_flight -= 1

    def headers(self, org: Organisation, now: float, switches: Switches) -> list[tuple[str, str]]:
        """The headers that tell the daily allowance, as on every reply but `/organizations`."""
        used = self._uses[org.id].today if org.id in self._uses else 0
        return [
            ("x-rate-limit-limit", str(switches.per_day)),
            ("x-rate-limit-remaining", str(max(0, switches.per_day - used))),
            ("x-rate-limit-reset", str(int(stamps.midnight_after(now, org.zone) - now))),
        ]

    def used(self, org: int) -> int:
        """Calls of an organisation on its current day."""
        return self._uses[org].today if org in self._uses else 0

    def forget(self) -> None:
        """Start counting afresh."""
        with self._lock:
            for use in self._uses.values():
                use.today, use.blocked_until = 0, 0.0
                use.recent.clear()
            self.calls = 0
            self.refused.clear()
