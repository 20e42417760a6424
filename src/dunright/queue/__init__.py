"""The queue carries nudges and nothing else: "look at row 7 now". Losing all of them loses no work (jobs.md)."""

from dunright.queue.nudges import HANDLERS, nudge, queue, serve_nudges

__all__ = ["HANDLERS", "nudge", "queue", "serve_nudges"]
