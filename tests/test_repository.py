"""What holds for every committed file: licence, size, no addresses of package indexes, static files that exist."""

import re
import subprocess
import tomllib
from pathlib import Path

from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[1]
TEXT = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yml",
    ".yaml",
    ".json",
    ".cfg",
    ".sh",
    ".svg",
    ".typ",
    "",
}
LONGEST_CODE_FILE = 400
"""Lines that can be read in one sitting."""
INDEX_ADDRESS = re.compile(
    r"https?://[^\s\"'>)]*/(?:simple|artifactory|nexus)[./]|--(?:extra-)?index-url|--find-links",
    re.IGNORECASE,
)
"""Where packages come from is the business of the machine that installs them."""


def committed():
    """Every file that git would carry to somebody else."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def text_of(path):
    return path.read_text(encoding="utf-8")


def test_licence_is_whole_and_declared():
    licence = text_of(ROOT / "LICENSE")
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_code_files_can_be_read_in_one_sitting():
    generated = ROOT / "src" / "dunright" / "migrations"
    lengths = {
        path.relative_to(ROOT).as_posix(): text_of(path).count("\n")
        for path in committed()
        if (path.suffix in {".py", ".html", ".js", ".css"} or path.name in {"start", "test"})
        and path.parent != generated
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_CODE_FILE} == {}


def test_no_file_names_a_package_index():
    ours = Path(__file__)
    found = {
        path.relative_to(ROOT).as_posix(): match.group()
        for path in committed()
        if path.suffix in TEXT and path != ours and (match := INDEX_ADDRESS.search(text_of(path)))
    }
    assert found == {}


def test_no_file_is_larger_than_it_needs_to_be():
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in committed()}
    assert {name: size for name, size in sizes.items() if size > 1_000_000} == {}


def test_locks_carry_a_hash_for_everything():
    for lock in (ROOT / "requirements").glob("*.txt"):
        blocks = re.split(r"\n(?=[a-z0-9])", text_of(lock).strip(), flags=re.IGNORECASE)
        assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_run_time_lock_agrees_with_the_development_lock():
    def versions(name):
        return set(
            re.findall(r"^([A-Za-z0-9_.-]+==[^ \\]+)", text_of(ROOT / "requirements" / name), re.MULTILINE)
        )

    assert versions("run.txt") - versions("dev.txt") == set()


def test_static_files_exist():
    asked = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in committed()
        if path.suffix == ".html"
        for name in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", text_of(path))
    }
    assert asked
    assert sorted(place for place in asked if not finders.find(place[1])) == []


def test_lock_files_hold_no_address():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock.name for lock in locks] == ["airbyte.txt", "dev.txt", "dlt.txt", "run.txt"]
    assert [lock.name for lock in locks if "://" in text_of(lock)] == []
