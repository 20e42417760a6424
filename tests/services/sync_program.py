"""A program that syncs and is killed on the way, at a step that was chosen before.

    python tests/services/sync_program.py

reads orders from standard input, one JSON object a line, and forks a worker for each: Django is loaded once, and yet
every worker is a process that SIGKILL ends like any other. A step is a statement, the end of a transaction or a call to
the books, each counted before it is made and once it is done; the worker kills itself at the step `kill_at`, wherever
that is. It tells on standard output how each worker ended, and the worker how many steps it made to the end.
"""

import json
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import datetime

import django


def tell(**news):
    # One write: both processes share this pipe.
    os.write(1, json.dumps(news).encode() + b"\n")


def main():
    """Serve orders until standard input closes."""
    django.setup()
    tell(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            obey(order)
        _, status = os.waitpid(pid, 0)
        tell(killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)


class Steps:
    """Counts, and at one step ends the process as a power cut would."""

    def __init__(self, kill_at):
        self.kill_at, self.made = kill_at, 0

    def step(self):
        self.made += 1
        if self.made == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner, name):
        work = getattr(owner, name)

        def counted(*given, **named):
            self.step()
            done = work(*given, **named)
            self.step()
            return done

        setattr(owner, name, counted)


def obey(order):
    """Be the worker of one order, and end with it."""
    from django.conf import settings
    from django.db import connection
    from django.db.backends.utils import CursorWrapper

    from dunright.remote.http import Http
    from dunright.services import sync

    try:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, **order["settings"])
        steps = Steps(order["kill_at"])
        for owner, name in (
            (CursorWrapper, "execute"),
            (CursorWrapper, "executemany"),
            (type(connection._connections[connection._alias]), "_commit"),
            (Http, "_call"),
        ):
            steps.around(owner, name)
        run = sync.perform(order["run"], now=datetime.fromisoformat(order["now"]))
        tell(steps=steps.made, state=run.state if run else None)
    except BaseException:  # noqa: BLE001 - whatever it is, the test must hear of it
        tell(error=traceback.format_exc())
    os._exit(0)


if __name__ == "__main__":
    main()
