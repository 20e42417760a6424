"""Where Chromium is: the path in CHROMIUM, else what the system calls it."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "Browser tests did not run: no Chromium was found. Install it (Debian, Ubuntu: apt install chromium)"
    " or set CHROMIUM to its path."
)


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    if given := os.environ.get("CHROMIUM"):
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)
