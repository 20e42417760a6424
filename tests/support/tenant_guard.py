"""No statement of Dunright's touches a company's rows without saying which company.

Watches every statement of every connection of the test run. A tenant table is one whose model has a foreign key
called `organisation`. A statement passes when it binds that column to a value, when Django works on a row that is
already in hand (`save`, `refresh_from_db`, following a foreign key), or when the function that asks is listed below
with the reason why it may ask across companies. What the tests themselves ask is not looked at.
"""

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parents[2]
OURS = str(ROOT / "src" / "dunright") + "/"
TESTS = str(ROOT / "tests") + "/"

ALLOWED = {
    "dunright.services.connections.holder_of": "books may be connected once; it asks which other company has them",
    "dunright.services.hooks.heard": "the digest of the secret in the address names the company",
    "dunright.services.log_ins._is_used": "a log-in may serve many companies, and stays while one of them uses it",
    "dunright.services.onboarding._answered": "the digest of the state names the consent, and that row the company",
    "dunright.services.work": "the queue names rows by key, and a worker looks for due rows of every company",
}
"""Modules, or `module.function`, that may ask across companies."""

ROW_IN_HAND = (
    ("django/db/models/base.py", {"save_base", "refresh_from_db", "delete"}),
    ("django/db/models/fields/related_descriptors.py", None),
    ("django/db/models/query.py", {"prefetch_related_objects", "bulk_update"}),
)
"""Where Django itself asks about rows that were read before; None: every function of that file."""

PERSONAL = {"dunright_membership": re.compile(r'"dunright_membership"\."user_id" (=|IN) ')}
"""Tables that a person may be asked about instead of a company: in which companies am I?"""

_TABLE = re.compile(r"\bdunright_\w+")
_BOUND = re.compile(r"\borganisation_id\"?\s*(?:=|IN)\s*\(?\s*(?:%s|%\(|\d|SELECT|ANY\b)", re.IGNORECASE)
_BY_ORGANISATION = re.compile(r'"dunright_organisation"\."id"\s*(?:=|IN)', re.IGNORECASE)
_BY_KEY = re.compile(r'"(?!external_)(?:\w+_)?id" (?:=|IN) ')
_ROWS = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)

leaks: list[str] = []
"""What was refused since the running test began."""


class TenantLeak(AssertionError):
    """A statement on a tenant table that does not say whose rows it wants."""


@lru_cache
def tenant_tables() -> frozenset[str]:
    """Names of the tables whose rows belong to one organisation."""
    models = apps.get_app_config("dunright").get_models()
    return frozenset(
        model._meta.db_table
        for model in models
        if any(field.name == "organisation" for field in model._meta.fields)
    )


@lru_cache(maxsize=4096)
def unscoped_table(sql: str) -> str | None:
    """Return the first tenant table in a statement that does not bind its organisation; None when all is well."""
    if not _ROWS.match(sql):
        return None
    tables = [name for name in _TABLE.findall(sql) if name in tenant_tables()]
    if not tables or _BOUND.search(sql) or _BY_ORGANISATION.search(sql):
        return None
    if sql.lstrip()[:6].upper() == "INSERT" and "organisation_id" in sql:
        return None
    if all(table in PERSONAL and PERSONAL[table].search(sql) for table in tables):
        return None
    return tables[0]


def _asks_about_row_in_hand(frame: FrameType, sql: str) -> bool:
    path, function = frame.f_code.co_filename, frame.f_code.co_name
    if path.endswith("django/db/models/deletion.py"):
        # What depends on rows that were selected before goes by their keys; the selection itself does not.
        return bool(_BY_KEY.search(sql))
    return any(path.endswith(file) and (names is None or function in names) for file, names in ROW_IN_HAND)


def asker(frame: FrameType | None, sql: str) -> str | None:
    """Return `module.function` of Dunright's code that sent the statement; None when it is not ours to judge."""
    while frame is not None:
        path = frame.f_code.co_filename
        if _asks_about_row_in_hand(frame, sql) or path.startswith(TESTS):
            return None
        if path.startswith(OURS) and not path.startswith(OURS + "migrations/"):
            module = frame.f_globals["__name__"]
            name = f"{module}.{frame.f_code.co_qualname}"
            return None if module in ALLOWED or name in ALLOWED else name
        frame = frame.f_back
    return None


def _watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    table = unscoped_table(str(sql))
    if table and (name := asker(sys._getframe(1), str(sql))):
        sentence = f"{name} asks {table} without its organisation: {sql}"
        leaks.append(sentence)
        raise TenantLeak(sentence)
    return execute(sql, params, many, context)


def _attach(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def install() -> None:
    """Watch every connection that is made from now on."""
    connection_created.connect(_attach, dispatch_uid="tenant_guard")
