"""What commands share: the organisation they are about, their JSON, and the database made ready."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import click
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from dunright.domain.money import amount_text
from dunright.models import Organisation

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
for_organisation = click.option(
    "--organisation",
    "organisation_id",
    type=int,
    required=True,
    help="Id, as `dunright organisation list` shows it.",
)
on_day = click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A local date (YYYY-MM-DD); default today."
)


PREPARING = 7_310_245
"""The key of PostgreSQL's advisory lock for bringing the tables up to date."""


def now() -> datetime:
    """Read the clock, once a command."""
    return datetime.now(UTC)


def prepare_database() -> None:
    """Bring the tables up to date; safe at any time and from several processes."""
    try:
        with _one_at_a_time():
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
            if "dunright_cache" not in connection.introspection.table_names():
                call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        raise click.ClickException(f"The database cannot be used: {_first_line(error)}") from error


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of several that start at once, one makes the tables and the others wait: two would get in each other's way."""
    if connection.vendor != "postgresql":
        with (settings.DATA_DIR / "preparing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
    try:
        yield
    finally:
        # After an error there may be nothing to say it on; the lock ends with the connection, too.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARING])


def the_organisation(organisation_id: int) -> Organisation:
    """The organisation a command is about."""
    prepare_database()
    found = Organisation.objects.select_related("settings_version").filter(pk=organisation_id).first()
    if found is None:
        raise click.ClickException(
            f"There is no organisation {organisation_id}; `dunright organisation list` shows those there are."
        )
    return found


def show(document: dict[str, Any], *, as_json: bool, text: Callable[[], str] | str) -> None:
    """Print the document as JSON, or its text for people."""
    if as_json:
        click.echo(json.dumps(document, default=_plain, ensure_ascii=False, indent=2))
    else:
        click.echo(text() if callable(text) else text)


def amounts(sums: dict[str, Decimal]) -> dict[str, str]:
    """Amounts by currency with the currency's decimals."""
    return {currency: amount_text(amount, currency) for currency, amount in sums.items()}


@contextmanager
def one_line(*errors: type[Exception]) -> Iterator[None]:
    """Turn expected errors into the command's one clear line, exit status 1."""
    try:
        yield
    except errors as error:
        raise click.ClickException(str(error)) from error


def day_of(value: datetime | None, default: date) -> date:
    """The day a person gave, or the default."""
    return value.date() if value else default


def pairs(words: tuple[str, ...]) -> dict[str, str]:
    """key=value words of a command line. Raises UsageError for a word without `=` or a key given twice."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise click.UsageError(f"{word!r} is no key=value pair, such as chase_time=11:00.")
        if key in found:
            raise click.UsageError(f"{key} is given twice; give it once.")
        found[key] = value
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
