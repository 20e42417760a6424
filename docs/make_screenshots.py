"""Make the pictures of README.md: real pages over a company that was synced from a sandbox.

    .venv/bin/python docs/make_screenshots.py

Needs the development requirements and a Chromium. Everything else lives in a temporary folder and ends with it.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from zoho_sandbox.testing import RunningSandbox, running_sandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PROGRAM = Path(sys.executable).parent / "dunright"
OWNER = "owner@northwind.example"
PICTURES = {"receivables": "receivables/"}
SECONDS_TO_START = 60
CODE_OF_SESSION = f"""
import django; django.setup()
from django.conf import settings; from django.test import Client
from dunright.models import User
client = Client(); client.force_login(User.objects.get(email={OWNER!r}))
print(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


def dunright(environ: dict[str, str], *arguments: str, given: str = "") -> dict[str, object]:
    """Run a command and return its JSON document."""
    done = subprocess.run(
        [PROGRAM, *arguments, "--json"], env=environ, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"dunright {arguments[0]}: {done.stderr.strip()}")
    document: dict[str, object] = json.loads(done.stdout)
    return document


def synced_company(environ: dict[str, str], sandbox: RunningSandbox) -> str:
    """Make a company, connect it to the sandbox, read its books; its id."""
    made = dunright(
        environ,
        *(
            "organisation",
            "add",
            "--name",
            "Northwind Parts Ltd",
            "--country",
            "IE",
            "--timezone",
            "Europe/Dublin",
        ),
        *("--currency", "EUR", "--owner-email", OWNER),
    )
    if sandbox.inside is None:
        raise SystemExit("The sandbox runs elsewhere.")
    with sandbox.inside.database.reading() as db:
        books = str(db.execute("SELECT min(org) FROM organisations").fetchone()[0])
    company = str(made["id"])
    connection = ("--location", "sandbox", "--external-id", books, "--refresh-token", "-")
    dunright(
        environ,
        "connect",
        "zoho_books",
        "--organisation",
        company,
        *connection,
        given=sandbox.refresh_token(),
    )
    dunright(environ, "sync", "--organisation", company)
    return company


@contextmanager
def pages(environ: dict[str, str], port: int) -> Iterator[str]:
    """Serve the pages for as long as it takes; their address."""
    with subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)], env=environ, stderr=subprocess.DEVNULL
    ) as serving:
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or serving.poll() is not None:
                        raise SystemExit("dunright serve did not start.") from None
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            serving.terminate()


def take(address: str, company: str, session: tuple[str, str]) -> None:
    """Photograph the pages, light and dark."""
    from tests.support import chromium  # noqa: PLC0415 - found from the checkout's folder, added to the path above

    found = chromium.find()
    if found is None:
        raise SystemExit(chromium.MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for theme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 1440, "height": 1200}, color_scheme=theme)
            context.add_cookies([{"name": session[0], "value": session[1], "url": address}])
            page = context.new_page()
            for name, path in PICTURES.items():
                answer = page.goto(f"{address}/o/{company}/{path}")
                if answer is None or not answer.ok:
                    raise SystemExit(f"{path} could not be shown.")
                suffix = "" if theme == "light" else "-dark"
                page.screenshot(path=str(ROOT / "docs" / "images" / f"{name}{suffix}.png"))
        browser.close()


def main() -> None:
    """Make every picture anew."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(customers=60, life_goes_on=False) as sandbox,
    ):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DUNRIGHT_")} | {
            "DJANGO_SETTINGS_MODULE": "dunright.project.settings",
            "DUNRIGHT_DATA_DIR": folder,
            "DUNRIGHT_BASE_URL": f"http://127.0.0.1:{port}",
            "DUNRIGHT_ZOHO_SANDBOX_URL": sandbox.url,
            "DUNRIGHT_ZOHO_CLIENT_ID": sandbox.client_id,
            "DUNRIGHT_ZOHO_CLIENT_SECRET": sandbox.client_secret,
        }
        company = synced_company(environ, sandbox)
        session = subprocess.run(
            [sys.executable, "-c", CODE_OF_SESSION], env=environ, capture_output=True, text=True, check=True
        ).stdout.split()
        with pages(environ, port) as address:
            take(address, company, (session[0], session[1]))


if __name__ == "__main__":
    main()
