"""`dunright connect` and `dunright disconnect`: headless, with a refresh token of a self-client."""

import sys

import click

from dunright.management.common import as_json, for_organisation, now, one_line, show, the_organisation
from dunright.remote.errors import RemoteError
from dunright.services import connections

LONGEST_TOKEN = 4096
STANDARD_INPUT = "-"


@click.command(
    epilog="Example: dunright connect zoho_books --organisation 1 --location eu --external-id 60001234567 "
    "--refresh-token - < token.txt"
)
@click.argument("system", type=click.Choice(["zoho_books"]))
@for_organisation
@click.option("--location", required=True, help="Data centre: us, eu, in, au, jp, ca, sa, uk, cn or sandbox.")
@click.option("--external-id", required=True, help="Organisation id in Zoho Books.")
@click.option("--refresh-token", required=True, help="The token, or - to read it from standard input.")
@as_json
def connect(
    system: str, organisation_id: int, location: str, external_id: str, refresh_token: str, *, as_json: bool
) -> None:
    """Connect an organisation to its books, or reconnect it."""
    assert system == connections.SYSTEM
    found = the_organisation(organisation_id)
    # Others can read a command line; standard input they cannot.
    given = sys.stdin.read(LONGEST_TOKEN) if refresh_token == STANDARD_INPUT else refresh_token
    with one_line(connections.CannotConnect, RemoteError):
        made = connections.connect_with_token(
            found, location=location, external_id=external_id, refresh_token=given.strip(), now=now()
        )
    document = {"connected": True, "organisation_name": made.books_name}
    show(document, as_json=as_json, text=f"{found.name} is connected to the books of {made.books_name}.")


@click.command(epilog="Example: dunright disconnect --organisation 1")
@for_organisation
@as_json
def disconnect(organisation_id: int, *, as_json: bool) -> None:
    """End the connection: revoked at the source, the mirror stays."""
    found = the_organisation(organisation_id)
    with one_line(connections.CannotConnect):
        revoked = connections.disconnect(found, by=None, now=now())
    text = f"{found.name} is disconnected; customers, invoices and history stay."
    show({"disconnected": True, "revoked": revoked}, as_json=as_json, text=text)
