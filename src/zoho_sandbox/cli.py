"""The command `zoho-sandbox`."""

import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

import click

from zoho_sandbox.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from zoho_sandbox.starting import Options, start
from zoho_sandbox.state import StateError

PARENT_CHECK_SECONDS = 0.5


@click.command(
    epilog="Example: zoho-sandbox --port 8010 --customers 25 --seed 1 --state var/zoho-sandbox.sqlite3"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8010, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--customers",
    default=25,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="Customers of a new company.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**31),
    help="The same seed makes the same company.",
)
@click.option(
    "--state",
    default="zoho-sandbox.sqlite3",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="State file; a new one is filled with a company, an existing one goes on.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which a new company's clock starts. [default: today]",
)
@click.option(
    "--client-id", default=DEFAULT_CLIENT_ID, show_default=True, help="Client id of the registered app."
)
@click.option("--client-secret", default=DEFAULT_CLIENT_SECRET, show_default=True, help="Its secret.")
@click.option(
    "--redirect-uri",
    multiple=True,
    help="Registered redirect address; may be repeated. [default: any on this machine]",
)
@click.option(
    "--first-invoice-number",
    default=1,
    show_default=True,
    type=click.IntRange(1, 900_000),
    help="Number of a new company's first invoice.",
)
@click.option("--frozen-life", is_flag=True, help="Nothing happens by itself when the clock moves.")
@click.option("--exit-with-parent", is_flag=True, help="Stop when the process that started this one ends.")
def main(  # noqa: PLR0913 each is an option of the command
    *,
    host: str,
    port: int,
    customers: int,
    seed: int,
    state: Path,
    today: datetime | None,
    client_id: str,
    client_secret: str,
    redirect_uri: tuple[str, ...],
    first_invoice_number: int,
    frozen_life: bool,
    exit_with_parent: bool,
) -> None:
    """Run a Zoho Books of your own, with a demo company in it."""
    # Read first: a parent that ends while the company is made is noticed too.
    parent = os.getppid()
    options = Options(
        state,
        host,
        port,
        customers,
        seed,
        today.date() if today else None,
        client_id,
        client_secret,
        redirect_uri,
        not frozen_life,
        first_invoice_number,
    )
    try:
        sandbox, server = start(options)
    except StateError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        message = (
            f"{host}:{port} cannot be used ({error.strerror}). Name another --port, or 0 for a free one."
        )
        raise click.ClickException(message) from error
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    server.run_in_thread()
    click.echo(f"Zoho Books sandbox at {server.url} (client id {client_id}, client secret {client_secret})")
    sys.stdout.flush()
    while not stop.wait(PARENT_CHECK_SECONDS if exit_with_parent else None):
        if exit_with_parent and os.getppid() != parent:
            break
    server.shutdown()
    server.server_close()
    sandbox.close()


if __name__ == "__main__":
    main()
