"""The WSGI application that the page processes serve."""

import os
import signal
import threading
import time

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dunright.project.settings")

application = get_wsgi_application()


def _end_with(parent: int) -> None:
    """End this page process when the one that started it is gone: no child answers on after its parent's SIGKILL."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()


if _parent := os.environ.get("SERVED_BY_DUNRIGHT"):
    from dunright.queue import serve_nudges

    serve_nudges()
    _end_with(int(_parent))
