"""The keys that are made at the first start: whole or not at all, and one for all that start at once."""

import os
import stat

import pytest
from cryptography.fernet import Fernet

from dunright.management import configuration


def keys(folder):
    read = configuration.read({"DUNRIGHT_DATA_DIR": str(folder)})
    return read.secret_key, read.encryption_keys


def test_keys_are_made_once_and_for_nobody_else_to_read(tmp_path):
    made = keys(tmp_path)
    assert keys(tmp_path) == made
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["encryption.key", "secret.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_two_that_start_at_once_have_the_same_keys(tmp_path, monkeypatch):
    """While one makes a key, another reads the configuration from beginning to end."""
    seen = []
    generate = Fernet.generate_key

    def meanwhile():
        monkeypatch.setattr(Fernet, "generate_key", generate)
        seen.append(keys(tmp_path))
        return generate()

    monkeypatch.setattr(Fernet, "generate_key", meanwhile)
    assert [keys(tmp_path)] == seen


def test_a_crash_while_a_key_is_made_leaves_no_broken_one(tmp_path, monkeypatch):
    def crash(_descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            keys(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(keys(tmp_path)[1]) == 1
