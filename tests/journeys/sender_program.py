"""A program that hands over due messages in processes of its own, each of which can be told where to stand still.

    python tests/journeys/sender_program.py

reads orders from standard input, one JSON object a line, and forks a sender for each: Django is loaded once, and yet
every sender is a process that SIGKILL ends like any other. It tells on standard output, one JSON object a line, which
process serves an order, that one stands still at its point, and what one has done.
"""

import json
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from datetime import datetime

import django


def tell(**news):
    # One write: several processes share this pipe.
    os.write(1, json.dumps(news).encode() + b"\n")


def main():
    """Serve orders until standard input closes."""
    django.setup()
    from tests.journeys import points

    # Ended senders leave nothing behind, so that it is seen when a process is gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    tell(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            obey(order, points)
        tell(order=order["order"], pid=pid)


def obey(order, points):
    """Be the sender of one order, and end with it."""
    from django.conf import settings

    from dunright.services.due import run_due

    name = order["order"]
    try:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, **order["settings"])
        settings.EMAIL_URL = order["mail"]
        if order["point"]:

            def stand_still():
                tell(order=name, at=order["point"])
                signal.pause()

            points.POINTS[order["point"]](stand_still)
        time.sleep(max(order["begin"] - time.monotonic(), 0))
        done = run_due(now=datetime.fromisoformat(order["now"]))
        tell(
            order=name,
            done={
                "syncs": done.syncs,
                "runs": done.runs,
                "messages": done.messages,
                "problems": done.problems,
            },
        )
    except BaseException:  # noqa: BLE001 - whatever it is, the test must hear of it
        tell(order=name, error=traceback.format_exc())
    os._exit(0)


if __name__ == "__main__":
    main()
