"""The `dunright` program: its commands are loaded when they are called, so that each starts quickly."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

COMMANDS: Final = {
    "demo": "demo",
    "serve": "serve",
    "web": "serve",
    "worker": "serve",
    "run-due": "run_due",
    "organisation": "organisation",
    "connect": "connect",
    "disconnect": "connect",
    "sync": "sync",
    "schedule": "policy",
    "template": "policy",
    "customer": "customer",
    "receivables": "receivables",
    "todo": "todo",
    "preview": "preview",
    "explain": "explain",
    "simulate": "simulate",
    "outbox": "outbox",
    "statement": "statement",
    "check": "check",
}
"""Command -> the module of this folder that holds it, under its own name (dashes become underscores)."""

WITHOUT_DATABASE: Final = frozenset({"demo", "simulate"})
"""Those that need no tables, or set them up themselves."""


class Program(click.Group):
    """Finds a command's module by the table, and turns expected failures into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in WITHOUT_DATABASE:
            set_up_django()
        module = importlib.import_module(f"dunright.management.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dunright", message="%(prog)s %(version)s")
def program() -> None:
    """Dunright chases the unpaid invoices in your Zoho Books, politely and on time."""


def set_up_django() -> None:
    """Read the configuration and make the tables known; a wrong setting becomes one line."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dunright.project.settings")
    if not settings.configured:
        from dunright.management.configuration import ConfigurationError

        try:
            settings.DEBUG  # noqa: B018 - reading one setting reads them all
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from error
    django.setup()


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the program. Exit status: 0 done, 1 a clear reason on standard error, 2 wrong usage."""
    try:
        return program(args=arguments, prog_name="dunright", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        if isinstance(error, click.UsageError):
            error.show()
        else:
            click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
