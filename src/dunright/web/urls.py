"""Addresses of the pages: the start page, and every feature folder that has a `urls.py`.

A feature's `urls.py` names itself (`app_name`) and writes whole paths: `o/<int:organisation>/receivables/…`.
"""

from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from django.urls import include, path

from dunright.web.home import home


def features() -> list[str]:
    """Names of the folders beside this file that hold pages."""
    folders = [found.name for found in iter_modules([str(Path(__file__).parent)]) if found.ispkg]
    return [name for name in folders if find_spec(f"dunright.web.{name}.urls")]


urlpatterns = [
    path("", home, name="home"),
    *(path("", include(f"dunright.web.{name}.urls")) for name in sorted(features())),
]
