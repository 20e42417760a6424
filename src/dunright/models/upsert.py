"""Mirror rows written a batch at a time.

`INSERT … ON CONFLICT DO UPDATE … WHERE changed`: a row that is the same is not rewritten, an older version of a record
never replaces a newer one, and the columns a user owns are set only when the row is new.

The rows reach SQLite through `executemany` in groups, and PostgreSQL as one parameter of JSON: each is the way on which
that database was measured fastest (a statement with thousands of parameters costs more to write down than to perform,
and with foreign keys one of a single row costs SQLite a journal of its own). Values are converted column by column.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

import msgspec
from django.db import connection, models

from dunright.models.fields import MoneyField, to_stored

_encode = msgspec.json.Encoder(decimal_format="string").encode
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""NUL in JSON. After an odd number of backslashes the backslash before `u0000` is text, and so is what follows."""
SQLITE = "sqlite"
GROUP = 40
"""Rows a statement on SQLite: 40 columns of each stay far below its 32,766 parameters."""
Column = tuple[Any, ...]
Convert = Callable[[Column], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Upsert:
    """How records of one kind reach their table.

    `columns`: the source's columns by field name; a foreign key takes the primary key. `quiet`: those of them that
    alone are no change. `only_new`: a row that exists is left alone (rows made in passing know less than the list).
    `first`: columns that come with each row after the source's own, and are written only when the row is new.
    `on_insert`: values of other columns for a new row, the same for all.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    quiet: tuple[str, ...] = ()
    only_new: bool = False
    first: tuple[str, ...] = ()
    on_insert: Mapping[str, Any] = field(default_factory=dict)
    unique: tuple[str, ...] = ("external_id",)
    """What tells rows of one organisation apart."""

    def write(self, organisation_id: int, rows: Sequence[Sequence[Any]]) -> int:
        """Write rows (values in the order of `columns` and `first`); the number inserted or changed.

        No external id may stand twice in one call.
        """
        if not rows:
            return 0
        vendor = connection.vendor
        given = zip(*rows, strict=True)
        converted = [
            convert(column) for convert, column in zip(_converters(self, vendor), given, strict=True)
        ]
        if vendor == SQLITE:
            same = map(repeat, _same_for_all(self))
            return self._in_groups(list(zip(repeat(organisation_id), *converted, *same, strict=False)))
        sent = _without_nul(list(zip(*converted, strict=True)))
        with connection.cursor() as cursor:
            cursor.execute(_statement(self, vendor), [organisation_id, *_same_for_all(self), sent])
            return max(int(cursor.rowcount), 0)

    def _in_groups(self, rows: Sequence[Sequence[Any]]) -> int:
        groups = [rows[start : start + GROUP] for start in range(0, len(rows), GROUP)]
        rest = groups.pop() if len(groups[-1]) < GROUP else ()
        changed = 0
        with connection.cursor() as cursor:
            if groups:
                cursor.executemany(
                    _statement(self, SQLITE, GROUP), [list(chain.from_iterable(group)) for group in groups]
                )
                changed += max(int(cursor.rowcount), 0)
            if rest:
                cursor.execute(_statement(self, SQLITE, len(rest)), list(chain.from_iterable(rest)))
                changed += max(int(cursor.rowcount), 0)
        return changed

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def fill_empty(model: type[models.Model], name: str, organisation_id: int, values: Mapping[str, Any]) -> None:
    """Write a column of rows (external id -> value) in which it is null so far."""
    if not values:
        return
    table, column = f'"{model._meta.db_table}"', f'"{_column(model, name)}"'
    mine = f"organisation_id = %s AND {column} IS NULL AND external_id"
    with connection.cursor() as cursor:
        if connection.vendor == SQLITE:
            converted = _converter(_field(model, name), SQLITE)(tuple(values.values()))
            statement = f"UPDATE {table} SET {column} = %s WHERE {mine} = %s"  # noqa: S608 - our own names
            given_rows: Any = zip(converted, repeat(organisation_id), values, strict=False)
            cursor.executemany(statement, given_rows)
        else:
            given = _out_of(1, _field(model, name))
            source = "jsonb_array_elements(%s::jsonb) AS r"
            statement = f"UPDATE {table} SET {column} = {given} FROM {source} WHERE {mine} = r ->> 0"  # noqa: S608
            cursor.execute(statement, [_without_nul(list(values.items())), organisation_id])


@lru_cache(maxsize=64)
def _statement(upsert: Upsert, vendor: str, rows: int = 1) -> str:
    """Text of the statement: for so many rows on SQLite, for as many as its JSON holds on PostgreSQL."""
    model = upsert.model
    given = [_field(model, name) for name in (*upsert.columns, *upsert.first)]
    names = [
        _column(model, name) for name in ("organisation", *upsert.columns, *upsert.first, *upsert.on_insert)
    ]
    table = f'"{model._meta.db_table}"'
    insert = f"INSERT INTO {table} ({', '.join(_quoted(names))})"
    if vendor == SQLITE:
        row = f"({', '.join(['%s'] * len(names))})"
        values = f"VALUES {', '.join([row] * rows)}"
    else:
        same = [f"%s::{_type(_field(model, name))}" for name in upsert.on_insert]
        sent = [_out_of(number, one) for number, one in enumerate(given)]
        values = f"SELECT {', '.join(['%s::bigint', *sent, *same])}"
    unique = ", ".join(_quoted(_column(model, name) for name in ("organisation", *upsert.unique)))
    return (
        f"{insert} {values} {_source(vendor)} ON CONFLICT ({unique}) DO {_on_conflict(upsert, table, vendor)}"
    )


def _source(vendor: str) -> str:
    # Without WHERE, SQL could take ON for the condition of a join; and the order of rows is the order of their keys.
    return (
        ""
        if vendor == SQLITE
        else "FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS sent(r, n) ORDER BY n"
    )


def _out_of(number: int, column: "models.Field[Any, Any]") -> str:
    """A value of a row that came as JSON."""
    if isinstance(column, models.JSONField):
        # A null of JSON would be a value, and no empty column.
        return f"NULLIF(r -> {number}, 'null'::jsonb)"
    return f"(r ->> {number})::{_type(column)}"


def _on_conflict(upsert: Upsert, table: str, vendor: str) -> str:
    """What happens to a row that is there."""
    if upsert.only_new:
        return "NOTHING"
    own = [_column(upsert.model, name) for name in upsert.columns if name not in upsert.unique]
    quiet = {_column(upsert.model, name) for name in upsert.quiet}
    differs = "IS NOT" if vendor == SQLITE else "IS DISTINCT FROM"
    changes = [f'{table}."{name}" {differs} EXCLUDED."{name}"' for name in own if name not in quiet]
    sets = [f'"{name}" = EXCLUDED."{name}"' for name in own]
    if "modified_at" not in upsert.columns:
        return f"UPDATE SET {', '.join(sets)} WHERE {' OR '.join(changes)}"
    # What the source shows again is not gone.
    where = " OR ".join([*changes, f"{table}.gone_at IS NOT NULL"])
    return (
        f"UPDATE SET {', '.join(sets)}, gone_at = NULL WHERE ({where}) AND ({table}.modified_at IS NULL"
        f" OR EXCLUDED.modified_at IS NULL OR EXCLUDED.modified_at >= {table}.modified_at)"
    )


@lru_cache(maxsize=64)
def _converters(upsert: Upsert, vendor: str) -> tuple[Convert, ...]:
    return tuple(_converter(_field(upsert.model, name), vendor) for name in (*upsert.columns, *upsert.first))


def _same_for_all(upsert: Upsert) -> list[Any]:
    return [
        next(iter(_converter(_field(upsert.model, name), SQLITE)((value,))))
        for name, value in upsert.on_insert.items()
    ]


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


def _column(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).column)


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _type(column: "models.Field[Any, Any]") -> str:
    return str(
        column.rel_db_type(connection)
        if isinstance(column, models.ForeignKey)
        else column.db_type(connection)
    )


def _converter(column: "models.Field[Any, Any]", vendor: str) -> Convert:
    """How the values of a column are handed to the database."""
    if isinstance(column, MoneyField):
        return _amounts
    if isinstance(column, models.CharField | models.TextField):
        return _lines(getattr(column, "max_length", None))
    if vendor != SQLITE:
        return _same
    if isinstance(column, models.JSONField):
        return _json
    if isinstance(column, models.DateTimeField):
        return _moments
    if isinstance(column, models.DateField):
        return _dates
    return _decimals if isinstance(column, models.DecimalField) else _same


def _same(column: Column) -> Column:
    return column


def _amounts(column: Column) -> list[int | None]:
    return [None if value is None else to_stored(value) for value in column]


def _lines(longest: int | None) -> Convert:
    """Text as the column can hold it: PostgreSQL refuses NUL and what is too long, whatever the source sent."""

    def convert(column: Column) -> Iterable[str | None]:
        try:
            is_fit = "\x00" not in "".join(column) and (not longest or max(map(len, column)) <= longest)
        except TypeError:
            is_fit = False
        if is_fit:
            return column
        return [None if value is None else str(value).replace("\x00", "")[:longest] for value in column]

    return convert


def _json(column: Column) -> list[str | None]:
    return [None if value is None else _without_nul(value) for value in column]


def _without_nul(value: Any) -> str:
    text = _encode(value).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text


def _moments(column: Sequence[datetime | None]) -> list[str | None]:
    return [
        None if value is None else value.astimezone(UTC).isoformat(" ").removesuffix("+00:00")
        for value in column
    ]


def _dates(column: Sequence[date | None]) -> list[str | None]:
    return [None if value is None else value.isoformat() for value in column]


def _decimals(column: Sequence[Decimal | None]) -> list[str | None]:
    # Rates: nearly all of a page are the same.
    adapted = {value: connection.ops.adapt_decimalfield_value(value, 24, 10) for value in set(column)}
    return [adapted[value] for value in column]
