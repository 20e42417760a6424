"""What is logged goes to standard error, in the chosen form, and tells no values of variables."""

import json
import os
import subprocess
import sys

import pytest

CODE = """
import logging
import django, structlog
django.setup()
password = "hunter" + "2"
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("dunright.sync").exception("sync failed", run=7)
    logging.getLogger("dunright.other").exception("failed as well")
print("{}")
"""


@pytest.fixture(params=["console", "json"])
def said(request, tmp_path):
    """(form, standard output, standard error) of a program that logs two errors."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("DUNRIGHT_")}
    settings = {
        "DJANGO_SETTINGS_MODULE": "dunright.project.settings",
        "DUNRIGHT_DATA_DIR": str(tmp_path),
        "DUNRIGHT_LOG_FORMAT": request.param,
        "PYTHONPATH": "src",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environ | settings, capture_output=True, text=True, check=True
    )
    return request.param, done.stdout, done.stderr


def test_logs_leave_standard_output_to_the_document(said):
    form, output, errors = said
    assert output == "{}\n"
    assert errors.count("ZeroDivisionError: division by zero") == 2
    assert "hunter2" not in errors
    if form == "json":
        lines = [json.loads(line) for line in errors.splitlines()]
        assert [(one["event"], one["level"], one["logger"]) for one in lines] == [
            ("sync failed", "error", "dunright.sync"),
            ("failed as well", "error", "dunright.other"),
        ]
