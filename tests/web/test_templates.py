"""Every template compiles, every file a template names exists, and nothing in one breaks the strict policy."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

import dunright.web
from dunright.web import build_assets
from dunright.web.icons import icon

FOLDER = Path(dunright.web.__file__).parent / "templates"
NAMES = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.suffix in {".html", ".txt"}
)
INLINE = re.compile(
    r"""\s(?:style|on[a-z]+|hx-on[:\w-]*)\s*=|<style\b|<script(?![^>]*\bsrc=)(?![^>]*application/json)"""
)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    assert get_template(name).template.name == name


@pytest.mark.parametrize("name", NAMES)
def test_every_static_file_it_names_exists(name):
    named = re.findall(r"""{%\s*static\s+["']([^"']+)["']""", (FOLDER / name).read_text())
    assert [path for path in named if finders.find(path) is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_it_names_exists(name):
    named = re.findall(r"""{%\s*icon\s+["']([^"']+)["']|icon=["']([^"']+)["']""", (FOLDER / name).read_text())
    assert all(icon(first or second) for first, second in named)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_it_is_inline(name):
    assert INLINE.findall((FOLDER / name).read_text()) == []


@pytest.mark.parametrize(
    "markup", ['<p style="x">', "<b onclick='x'>", "<script>x", "<style>", '<i hx-on:click="x">']
)
def test_what_counts_as_inline(markup):
    assert INLINE.search(markup)


def test_the_built_assets_are_there():
    package = Path(dunright.web.__file__).parents[1]
    assert [path.name for path in build_assets.outputs(package) if not path.exists()] == []
