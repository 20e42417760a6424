"""`dunright demo`: a Zoho Books sandbox, a mail catcher, pages and worker together, with a demo company connected.

The past sixty days are played through the real services, with `now` passed in and the sandbox's clock moved along. No
mail leaves this machine: the only mail server it knows is the catcher.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import click

CLIENT = {
    "DUNRIGHT_ZOHO_CLIENT_ID": "1000.DEMODEMODEMODEMODEMODEMODEMO00",
    "DUNRIGHT_ZOHO_CLIENT_SECRET": "demo-secret-of-the-sandbox",
}
SEED = 1
READY_SECONDS = 60


@click.command(epilog="Example: dunright demo --port 8000 --data-dir var/demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Its own folder.",
)
@click.option(
    "--customers", type=click.IntRange(1, 10_000), default=25, show_default=True, help="Of a new company."
)
@click.option(
    "--days", type=click.IntRange(0, 365), default=60, show_default=True, help="How much past to play."
)
def demo(host: str, port: int, data_dir: Path, customers: int, days: int) -> None:
    """Show Dunright with a demo company; no mail leaves this machine."""
    _refuse_taken_port(host, port)
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = datetime.now(UTC).date() - timedelta(days=days)
    with ExitStack() as running:
        ports = _ports(data_dir)
        sandbox, catcher = f"http://127.0.0.1:{ports['zoho']}", f"http://127.0.0.1:{ports['mails']}/"
        # They come up while this process reads its own modules, which takes about as long.
        programs = (
            running.enter_context(_sandbox(data_dir, ports["zoho"], customers, begun)),
            running.enter_context(_catcher(data_dir, ports["smtp"], ports["mails"])),
        )
        os.environ.update(CLIENT)
        os.environ["DUNRIGHT_DATA_DIR"] = str(data_dir)
        os.environ["DUNRIGHT_BASE_URL"] = f"http://{host}:{port}"
        os.environ["DUNRIGHT_ZOHO_SANDBOX_URL"] = sandbox
        os.environ["DUNRIGHT_EMAIL_URL"] = f"smtp://127.0.0.1:{ports['smtp']}"
        _serve(host, port, data_dir, partial(_come_in, host, port, sandbox, catcher, begun, programs))


def _serve(host: str, port: int, data_dir: Path, come_in: Callable[[], None]) -> None:
    from dunright.management import serve

    stamp = data_dir / "played"
    made_from = f"{_tables()}\n{serve.assets_mark()}"

    def get_ready() -> None:
        # Django reads the environment when it is set up: not before it is complete.
        from dunright.management.cli import set_up_django

        set_up_django()
        serve.get_ready()
        come_in()
        stamp.write_text(made_from, encoding="utf-8")

    is_played = stamp.exists() and stamp.read_text(encoding="utf-8") == made_from
    if is_played and (data_dir / "dunright.sqlite3").exists():
        serve.run(host, port, with_worker=True, beside=get_ready)
        return
    # Nobody should look at a company whose past is still being played.
    get_ready()
    serve.run(host, port, with_worker=True)


def _tables() -> str:
    """What the tables are made from: while they change, pages have to wait."""
    folder = Path(__file__).resolve().parent.parent / "migrations"
    return "\n".join(sorted(file.name for file in folder.glob("0*.py")))


def _come_in(
    host: str, port: int, sandbox: str, catcher: str, begun: date, programs: Iterable["_Program"]
) -> None:
    from dunright.management import demo_company

    for program in programs:
        program.wait()
    secret = demo_company.prepare(partial(_control, sandbox), begun=begun, say=_say)
    address = f"http://{host}:{port}"
    _say(f"Dunright is at {address}")
    if secret:
        _say(f"Come in by this link, it works once:  {address}/welcome/{secret}/")
    _say(f"The demo company's books (a Zoho Books sandbox): {sandbox}")
    _say(f"Every mail it sends stays here: {catcher}")


def _say(sentence: str) -> None:
    click.echo(sentence)
    sys.stdout.flush()


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
            ) from error


def _ports(data_dir: Path) -> dict[str, int]:
    """Ports of the sandbox and the catcher: the same at every start where they are still free."""
    kept = data_dir / "ports.json"
    known: Mapping[str, int] = {}
    if kept.exists():
        known = json.loads(kept.read_text(encoding="utf-8"))
    ports = {name: _free_port(known.get(name, 0)) for name in ("zoho", "smtp", "mails")}
    kept.write_text(json.dumps(ports), encoding="utf-8")
    return ports


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("No free port was found on 127.0.0.1; end some programs and try again.")


class _Program:
    """One of our own programs, from its start on; ended with the block."""

    def __init__(self, name: str, options: list[str], port: int) -> None:
        self.name, self.port = name, port
        program = Path(sys.executable).with_name(name)
        command = [str(program), *options, "--exit-with-parent"]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own programs

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.running.poll() is not None:
                raise click.ClickException(f"{self.name} ended at once; the lines above say why.")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise click.ClickException(f"{self.name} did not come up within {READY_SECONDS} seconds; try again.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.running.terminate()
        self.running.wait()


def _sandbox(data_dir: Path, port: int, customers: int, begun: date) -> _Program:
    options = ["--port", str(port), "--customers", str(customers), "--seed", str(SEED), "--today", str(begun)]
    options += ["--state", str(data_dir / "zoho.sqlite3")]
    options += ["--client-id", CLIENT["DUNRIGHT_ZOHO_CLIENT_ID"]]
    options += ["--client-secret", CLIENT["DUNRIGHT_ZOHO_CLIENT_SECRET"]]
    return _Program("zoho-sandbox", options, port)


def _catcher(data_dir: Path, smtp_port: int, http_port: int) -> _Program:
    options = [
        "--smtp-port",
        str(smtp_port),
        "--http-port",
        str(http_port),
        "--state",
        str(data_dir / "mails.sqlite3"),
    ]
    return _Program("mail-catcher", options, http_port)


def _control(sandbox: str, call: str, values: Mapping[str, Any]) -> Any:
    """Move the sandbox's clock and the like, as its own pages do."""
    connection = HTTPConnection(urlsplit(sandbox).netloc, timeout=120)
    try:
        connection.request(
            "POST", f"/sandbox/api/{call}", json.dumps(dict(values)), {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:  # noqa: PLR2004 - the one status that means it was done
            raise click.ClickException(f"The sandbox refused {call}: {body[:200].decode('utf-8', 'replace')}")
        return json.loads(body)
    finally:
        connection.close()
