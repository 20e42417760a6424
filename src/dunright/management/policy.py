"""`dunright schedule …` and `dunright template …`: policy as text, out and in, without loss."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dunright.domain.wording.policy_file import FileFormat, PolicyFault
from dunright.domain.wording.policy_text import (
    read_schedules,
    read_templates,
    write_schedules,
    write_templates,
)
from dunright.management.common import as_json, for_organisation, now, one_line, show, the_organisation
from dunright.models import Organisation
from dunright.queries.policies import schedules_of, texts_of
from dunright.services import policies

MOST_BYTES = 2_000_000
_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def schedule() -> None:
    """Schedules of dunning steps."""


@click.group()
def template() -> None:
    """Texts of reminders and other letters."""


@schedule.command("export", epilog="Example: dunright schedule export --organisation 1 schedules.yaml")
@for_organisation
@_file
@as_json
def export_schedules(organisation_id: int, file: Path, *, as_json: bool) -> None:
    """Write the schedules in force to a file (YAML, or JSON when its name ends in .json)."""
    found = the_organisation(organisation_id)
    schedules = schedules_of(found).values()
    _write(file, write_schedules(schedules, _format(file)))
    show({"written": len(schedules)}, as_json=as_json, text=f"{len(schedules)} schedules written to {file}.")


@schedule.command("import", epilog="Example: dunright schedule import --organisation 1 schedules.yaml")
@for_organisation
@_file
@as_json
def import_schedules(organisation_id: int, file: Path, *, as_json: bool) -> None:
    """Replace schedules of the same name; others stay as they are."""
    found = the_organisation(organisation_id)
    count = _read(found, file, lambda text: read_schedules(text, _format(file)), policies.import_schedules)
    show({"read": count}, as_json=as_json, text=f"{count} schedules read.")


@template.command("export", epilog="Example: dunright template export --organisation 1 templates.yaml")
@for_organisation
@_file
@as_json
def export_templates(organisation_id: int, file: Path, *, as_json: bool) -> None:
    """Write the texts in force to a file (YAML, or JSON when its name ends in .json)."""
    found = the_organisation(organisation_id)
    texts = [text for text, _ in texts_of(found).values()]
    _write(file, write_templates(texts, _format(file)))
    show({"written": len(texts)}, as_json=as_json, text=f"{len(texts)} texts written to {file}.")


@template.command("import", epilog="Example: dunright template import --organisation 1 templates.yaml")
@for_organisation
@_file
@as_json
def import_templates(organisation_id: int, file: Path, *, as_json: bool) -> None:
    """Replace texts of the same name, form and language; others stay as they are."""
    found = the_organisation(organisation_id)
    count = _read(found, file, lambda text: read_templates(text, _format(file)), policies.import_texts)
    show({"read": count}, as_json=as_json, text=f"{count} texts read.")


def _read(
    organisation: Organisation,
    file: Path,
    read: Callable[[str], tuple[Any, ...]],
    store: Callable[..., int],
) -> int:
    try:
        content = file.read_bytes()
        text = content[: MOST_BYTES + 1].decode("utf-8-sig")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8; save it as such.") from error
    if len(content) > MOST_BYTES:
        raise click.ClickException(f"{file} is larger than {MOST_BYTES:,} bytes; no policy is that long.")
    with one_line(PolicyFault, policies.CannotUse):
        return store(organisation, read(text), by=None, now=now())


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error


def _format(file: Path) -> FileFormat:
    return "json" if file.suffix.lower() == ".json" else "yaml"
