"""Every setting and every command has a heading in docs/, and no heading is left of one that is gone."""

import re
from dataclasses import fields
from pathlib import Path

import click

from dunright.connectors.zoho_books.data_centres import DATA_CENTRES
from dunright.connectors.zoho_books.oauth import SCOPES
from dunright.domain.settings import OrganisationSettings
from dunright.management.cli import program
from dunright.management.configuration import PREFIX, VARIABLES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
NOT_VERSIONED = {"call_share", "trial_ends", "owner_email"}
"""What `organisation set` takes beside the settings that are kept as versions."""


def headings(page, level=3):
    found = re.findall(
        rf"^{'#' * level} `?([^`\n]+)`?$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(found) == len(set(found)), f"{page} has a heading twice"
    return set(found)


def commands(command, path=()):
    """Every command that does something, by the words that call it."""
    if not isinstance(command, click.Group):
        return {" ".join(path): command}
    context, found = click.Context(command), {}
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if not child.hidden:
            found |= commands(child, (*path, name))
    return found


def test_every_setting_has_a_heading():
    installation = {variable.full_name for variable in VARIABLES}
    company = {field.name for field in fields(OrganisationSettings)} | NOT_VERSIONED
    assert headings("settings.md") == installation | company
    assert all(name.startswith(PREFIX) for name in installation)


def test_every_default_of_the_installation_is_told():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for variable in VARIABLES:
        section = text.partition(f"### {variable.full_name}\n")[2].partition("\n### ")[0]
        assert "Default: " in section, f"docs/settings.md does not tell the default of {variable.full_name}"
        if variable.default:
            assert variable.default in section, f"the default of {variable.full_name} is {variable.default!r}"


def test_every_command_has_a_heading():
    assert headings("commands.md") == set(commands(program))


def test_every_command_has_help_with_an_example():
    lacking = {
        words
        for words, command in commands(program).items()
        if not command.help or f"dunright {words}" not in f"{command.help}\n{command.epilog or ''}"
    }
    assert lacking == set()


def test_every_command_has_an_example_in_docs():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    for words in commands(program):
        section = text.partition(f"### {words}\n")[2].partition("\n### ")[0]
        assert f"dunright {words}" in section, f"docs/commands.md has no example of dunright {words}"


def test_zoho_page_tells_the_scopes_and_hosts_that_are_used():
    text = (DOCS / "zoho.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(ZohoBooks\.[A-Za-z.]+)` \|", text, re.MULTILINE)) == SCOPES
    told = re.findall(r"^\| `(\w+)` \| ([\w.]+) \| ([\w.]+) \|$", text, re.MULTILINE)
    used = [(key, centre.web, centre.accounts) for key, centre in DATA_CENTRES.items()]
    assert [(key, f"https://{web}", f"https://{accounts}") for key, web, accounts in told] == used


def test_links_between_pages_lead_somewhere():
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / target).exists(), (
                    f"{page.relative_to(ROOT)} links to {target}, which is not there"
                )
