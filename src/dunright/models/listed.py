"""`field__in=Listed(values)`: many values as one parameter.

Django writes down, checks and converts each value of a list by itself, at several microseconds a value; for the ids of
a thousand rows that is more than the database needs to find them.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Func, TextField, Value


class Listed(Func):
    """Texts or whole numbers, for the right side of `__in`. Without any, nothing matches."""

    def __init__(self, values: Iterable[str] | Iterable[int]) -> None:
        given = list(values)
        is_whole = bool(given) and isinstance(given[0], int)
        field: Any = BigIntegerField() if is_whole else TextField()
        super().__init__(
            Value(msgspec.json.encode(given).decode(), output_field=TextField()), output_field=field
        )
        self._type = "bigint" if is_whole else "text"
        self._is_empty = not given

    def as_sql(self, *arguments: Any, **how: Any) -> Any:
        """Nothing is asked where there are no values."""
        if self._is_empty:
            raise EmptyResultSet
        return super().as_sql(*arguments, **how)

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """The values as rows."""
        return self.as_sql(
            compiler, connection, template="(SELECT value FROM json_each(%(expressions)s))", **extra
        )

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """The values as rows."""
        rows = f"(SELECT value::{self._type} FROM jsonb_array_elements_text(%(expressions)s::jsonb))"  # noqa: S608 - our own words
        return self.as_sql(compiler, connection, template=rows, **extra)
