"""`mail-catcher`: starts the two servers and says where they are."""

import json
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path

import click

from mail_catcher.catcher import Catcher
from mail_catcher.faults import CUTS, Faults, FaultsError


@click.command(epilog="Example: mail-catcher --smtp-port 2525 --http-port 8025 --state var/mail.sqlite3")
@click.option(
    "--smtp-port", type=click.IntRange(0, 65535), default=2525, show_default=True, help="0: any free one."
)
@click.option(
    "--http-port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="0: any free one."
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="SQLite file; made when missing.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--exit-with-parent", is_flag=True, help="End when the program that started this one has ended."
)
@click.option(
    "--refuse", multiple=True, metavar="ADDRESS=ANSWER", help='Such as "gone@k.example=550 No such user".'
)
@click.option(
    "--delay", type=click.FloatRange(0, 3600), default=0.0, help="Seconds before a message is answered."
)
@click.option("--cut", type=click.Choice(CUTS), help="Hang up at this point.")
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one line of JSON.")
def main(  # noqa: PLR0913 - one for each switch
    *,
    smtp_port: int,
    http_port: int,
    state: Path,
    host: str,
    exit_with_parent: bool,
    refuse: tuple[str, ...],
    delay: float,
    cut: str | None,
    as_json: bool,
) -> None:
    """Take every mail, deliver none, and show all of them on a page."""
    parent = os.getppid()
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
        catcher = Catcher(
            state=state,
            host=host,
            smtp_port=smtp_port,
            http_port=http_port,
            faults=_faults(refuse, delay, cut),
        )
    except FaultsError as error:
        raise click.UsageError(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{state} cannot be used as the state file: {error}.") from error
    except OSError as error:
        wanted = f"{host}, ports {smtp_port} (SMTP) and {http_port} (HTTP)"
        raise click.ClickException(
            f"Cannot listen on {wanted}: {error.strerror or error}. Choose other ports."
        ) from error
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    catcher.start()
    if as_json:
        click.echo(json.dumps({"smtp_url": catcher.smtp_url, "http_url": catcher.http_url}))
    else:
        click.echo(f"Mail catcher: send to {catcher.smtp_url}, read at {catcher.http_url}/")
    sys.stdout.flush()
    while not stopped.wait(0.25):
        # A parent that ended hands its children to another process.
        if exit_with_parent and os.getppid() != parent:
            break
    catcher.stop()


def _faults(refuse: tuple[str, ...], delay: float, cut: str | None) -> Faults:
    for one in refuse:
        if "=" not in one:
            raise FaultsError(f'--refuse: ADDRESS=ANSWER is needed, not "{one}".')
    pairs = dict(one.split("=", 1) for one in refuse)
    return Faults.from_json(
        {"refuse": pairs, "delay_seconds": {"content": delay} if delay else {}, "cut": cut or ""}
    )
