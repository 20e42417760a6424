"""The sandbox's clock: it runs beside the real one, and can be moved, stopped and set going again."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Real time plus `offset` seconds, or a fixed moment while `stopped_at` is set."""

    offset: float = 0.0
    stopped_at: float | None = None
    real: Callable[[], float] = time.time

    def now(self) -> float:
        """Epoch seconds, sandbox time."""
        return self.stopped_at if self.stopped_at is not None else self.real() + self.offset

    def move_to(self, moment: float) -> None:
        """Set the clock; it goes on running unless it is stopped."""
        if self.stopped_at is not None:
            self.stopped_at = moment
        else:
            self.offset = moment - self.real()

    def stop(self) -> None:
        """Let no time pass until `start`."""
        self.stopped_at = self.now()

    def start(self) -> None:
        """Run on from the moment at which the clock was stopped."""
        if self.stopped_at is not None:
            moment, self.stopped_at = self.stopped_at, None
            self.move_to(moment)

    def follow_real_time(self) -> None:
        """Show real time again, running."""
        self.offset, self.stopped_at = 0.0, None
