"""`dunright statement`: a customer's statement of account as a PDF."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from dunright.management.common import (
    amounts,
    as_json,
    day_of,
    for_organisation,
    now,
    on_day,
    one_line,
    show,
    the_organisation,
)
from dunright.models import Customer, Organisation
from dunright.pdf.statement import statement_pdf
from dunright.queries.local_time import local_date
from dunright.queries.statements import BalancesUnknown, statement_of


@click.command(
    epilog="Example: dunright statement --organisation 1 --customer 460000000026049 --on 2026-11-30 --output kelly.pdf"
)
@for_organisation
@click.option("--customer", "external_id", required=True, help="Its id in the books.")
@on_day
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write; one there is replaced.",
)
@as_json
def statement(
    organisation_id: int, external_id: str, day: datetime | None, output: Path, *, as_json: bool
) -> None:
    """Write what a customer owes on a day, and its credits, to a PDF. Sends nothing."""
    found = the_organisation(organisation_id)
    customer = _customer(found, external_id)
    today = local_date(found, now())
    with one_line(BalancesUnknown):
        document = statement_of(found, customer, day=day_of(day, today), today=today)
    _write(output, statement_pdf(document))
    outstanding = amounts({one.currency: one.outstanding for one in document.accounts if one.lines})
    credit = amounts({one.currency: one.credit for one in document.accounts if one.credits})
    owed = ", ".join(f"{amount} {currency}" for currency, amount in outstanding.items()) or "nothing"
    show(
        {
            "customer": external_id,
            "on": document.day,
            "file": str(output),
            "outstanding": outstanding,
            "credits": credit,
        },
        as_json=as_json,
        text=f"{customer.name} owes {owed} on {document.day}; written to {output}.",
    )


def _customer(organisation: Organisation, external_id: str) -> Customer:
    customer = Customer.objects.filter(organisation=organisation, external_id=external_id[:64]).first()
    if customer is None:
        raise click.ClickException(
            f"{organisation.name} has no customer {external_id[:64]!r}; "
            f"`dunright customer list --organisation {organisation.pk} --json` shows the ids there are."
        )
    return customer


def _write(file: Path, content: bytes) -> None:
    """Write the file whole or not at all: half a PDF must not take the place of a good one."""
    try:
        if file.exists() and not file.is_file():
            # A pipe or a device is written to as it is; a folder is refused by the system.
            file.write_bytes(content)
            return
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name[:50]}.", delete=False) as written:
            part = Path(written.name)
            try:
                written.write(content)
                written.flush()
                part.chmod(0o666 & ~_umask())
                part.replace(file)
            except OSError:
                with suppress(OSError):
                    part.unlink()
                raise
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror or error}.") from error


def _umask() -> int:
    """What the person's shell takes off new files; a temporary file would be readable by its owner only."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
