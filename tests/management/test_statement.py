"""`dunright statement`: the file it writes, and its one-line failures."""

import io
import json
from datetime import date

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from dunright.management.statement import statement
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def halloran():
    made = factories.customer(factories.organisation(), external_id="K1")
    factories.invoice(made, "INV-000231", due=date(2026, 10, 1), balance="2865.40")
    return made


def run(customer, file, *arguments, external_id="K1"):
    given = [
        "--organisation",
        str(customer.organisation_id),
        "--customer",
        external_id,
        "--output",
        str(file),
    ]
    result = CliRunner().invoke(statement, [*given, *arguments])
    return result.exit_code, result.stdout, result.stderr


def words_in(file):
    pages = PdfReader(io.BytesIO(file.read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_statement_is_a_pdf_of_what_is_open(halloran, tmp_path):
    file = tmp_path / "halloran.pdf"
    file.write_text("an older one")
    assert run(halloran, file, "--on", "2026-11-30") == (
        0,
        f"Halloran Bearings owes 2865.40 EUR on 2026-11-30; written to {file}.\n",
        "",
    )
    words = words_in(file)
    assert "INV-000231" in words
    assert "€2,865.40" in words
    assert "30 Nov 2026" in words
    assert [path.name for path in tmp_path.iterdir()] == ["halloran.pdf"]


def test_nothing_outstanding_is_a_statement_as_well(tmp_path):
    nobody = factories.customer(factories.organisation(), external_id="K1")
    file = tmp_path / "nobody.pdf"
    status, out, _ = run(nobody, file, "--on", "2026-11-30", "--json")
    assert (status, json.loads(out)) == (
        0,
        {"customer": "K1", "on": "2026-11-30", "file": str(file), "outstanding": {}, "credits": {}},
    )
    assert "Nothing is open on this day." in words_in(file)


def test_unknown_customer(halloran, tmp_path):
    file = tmp_path / "x.pdf"
    assert run(halloran, file, external_id="K2") == (
        1,
        "",
        (
            "Error: Northwind Parts Ltd has no customer 'K2'; "
            f"`dunright customer list --organisation {halloran.organisation_id} --json` shows the ids there are.\n"
        ),
    )
    assert not file.exists()


def test_customer_of_another_company_is_unknown(halloran, tmp_path):
    factories.customer(factories.organisation("Southwind"), "Theirs", external_id="K9")
    assert run(halloran, tmp_path / "x.pdf", external_id="K9")[0] == 1


def test_unwritable_file_is_one_line(halloran, tmp_path):
    file = tmp_path / "none" / "x.pdf"
    status, out, err = run(halloran, file)
    assert (status, out, err) == (1, "", f"Error: {file} cannot be written: No such file or directory.\n")
    assert run(halloran, tmp_path)[2] == f"Error: {tmp_path} cannot be written: Is a directory.\n"


def test_day_that_is_none_is_wrong_usage(halloran, tmp_path):
    assert run(halloran, tmp_path / "x.pdf", "--on", "31.12.2026")[0] == 2
