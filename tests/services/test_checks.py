"""Whether what is committed is on the disk, as `dunright check` says it."""

import errno
import os

import pytest
from django.db import connection

from dunright.services import checks
from tests.support.factories import NOW

ON = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}


def durability():
    return next(one for one in checks.run_checks(now=NOW) if one.name == "durability")


@pytest.mark.parametrize(
    ("level", "mode", "told"),
    [
        ("2", "wal", "SQLite writes through to the disk at every commit (WAL, synchronous=FULL)."),
        ("3", "wal", "SQLite writes through to the disk at every commit (WAL, synchronous=EXTRA)."),
        ("1", "wal", "SQLite runs with synchronous=NORMAL and journal_mode=WAL, "),
        ("0", "wal", "SQLite runs with synchronous=OFF and journal_mode=WAL, "),
        ("2", "delete", "SQLite runs with synchronous=FULL and journal_mode=DELETE, "),
    ],
)
def test_sqlite_needs_full_and_wal(level, mode, told):
    try:
        said = checks._on_sqlite(level=level, mode=mode)
    except checks._NotInOrder as error:
        said = str(error)
        assert said.endswith("move DUNRIGHT_DATA_DIR from a share to a local disk.")
    assert said.startswith(told)


@pytest.mark.parametrize("name", ON)
def test_postgresql_needs_everything_on(name):
    with pytest.raises(checks._NotInOrder) as caught:
        checks._on_postgresql(ON | {name: "off"})
    assert str(caught.value) == (
        f"PostgreSQL runs with {name}=off, so that a power cut could make a message go twice; "
        "switch on what is off in postgresql.conf and reload the server."
    )


@pytest.mark.parametrize("value", ["on", "local", "remote_write", "remote_apply"])
def test_postgresql_that_waits_for_its_own_disk_is_in_order(value):
    said = checks._on_postgresql(ON | {"synchronous_commit": value})
    assert said == f"PostgreSQL writes through to the disk at every commit (synchronous_commit={value})."


@pytest.mark.cross_tenant  # Looks at a whole installation.
@pytest.mark.django_db
def test_database_of_the_tests_is_careless_and_that_is_seen():
    """Tests end processes, never the power: their databases do not flush, and the check must say so."""
    found = durability()
    told = "synchronous=OFF" if connection.vendor == "sqlite" else "fsync=off, full_page_writes=off"
    assert (found.ok, told in found.sentence) == (False, True)


@pytest.mark.cross_tenant  # As above.
@pytest.mark.django_db
def test_full_disk_is_told_in_words(monkeypatch, settings):
    def full(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    found = durability()
    told = (
        f"Nothing can be written to {settings.DATA_DIR} (No space left on device): make room there, or mend the disk. "
        "Nothing is lost by it, no message goes twice, and Dunright goes on by itself."
    )
    assert (found.ok, found.sentence) == (False, told)
    assert list(settings.DATA_DIR.glob("room-*")) == []
