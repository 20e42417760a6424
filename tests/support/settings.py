"""Dunright's settings with what only tests want: a quick password hasher, no manifest of static files, no fsync."""

from dunright.project.settings import *  # noqa: F403  the point is to have all of them
from dunright.project.settings import DATA_DIR, DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: several processes and threads work on it. Under the name that programs started by a test use.
    _database["TEST"] = {"NAME": str(DATA_DIR / "dunright.sqlite3")}
    _database["OPTIONS"] = _database["OPTIONS"] | {
        # Tests end processes, never the power.
        "init_command": _database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    }
else:
    _database["TEST"] = {"NAME": _database["NAME"]}

# Django's live server answers below MEDIA_URL with files of the working folder, and by default that is every address.
MEDIA_URL = "/media-of-tests/"
