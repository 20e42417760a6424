"""Messages sent one after another with the settings of an installation, for ci/crash/durable.py to watch.

    python tests/journeys/crash_sends.py COUNT [PRAGMA]

PRAGMA: what to say to SQLite after its own settings, to see that carelessness would be noticed.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]


def main() -> None:
    """Send them, and print how many were sent."""
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="dunright-durable-") as folder:
        os.environ |= {
            "DUNRIGHT_DATA_DIR": folder,
            "DUNRIGHT_SECRET_KEY": "check-only",
            "DUNRIGHT_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "DJANGO_SETTINGS_MODULE": "dunright.project.settings",
        }
        print(f"{sent(count, ' '.join(sys.argv[2:]))} sent", flush=True)


def sent(count: int, pragma: str) -> int:
    """Send so many messages; the number of those that are marked as sent."""
    import django

    django.setup()
    from dunright.management.common import prepare_database
    from dunright.models import OutboxMessage
    from dunright.services import sending
    from tests.journeys import crash_program, crash_scenarios

    prepare_database()
    if pragma:
        _say_to_sqlite(pragma)
    done = 0
    with crash_program.stage() as stage:
        send = stage.until("send")
        while done < count:
            send.restore()
            with sending.Post() as post:
                for message in OutboxMessage.objects.filter(state="approved"):
                    left = sending.send(
                        message.pk, now=crash_scenarios.at(crash_scenarios.MONDAY, 11, 6), post=post
                    )
                    done += left is not None and left.state == "sent"
    return done


def _say_to_sqlite(pragma: str) -> None:
    from django.db import connection
    from django.db.backends.signals import connection_created

    def say(connection, **_):
        connection.cursor().execute(f"PRAGMA {pragma}")

    connection_created.connect(say, weak=False)
    connection.close()


if __name__ == "__main__":
    main()
