"""`dunright simulate FILE...`: what it writes, and its exit status."""

import json

from click.testing import CliRunner

from dunright.management.simulate import simulate
from tests.domain.scenario_examples import TWO_INVOICES

LINE = json.dumps(TWO_INVOICES) + "\n"
WRONG = json.dumps(TWO_INVOICES | {"from": "x"}) + "\n"
WORDS = "scenario: from: must be a date such as 2026-03-02, not 'x'"


def run(*arguments, stdin=""):
    result = CliRunner().invoke(simulate, list(arguments), input=stdin)
    return result.exit_code, [json.loads(line)["name"] for line in result.stdout.splitlines()], result.stderr


def test_a_scenario_is_answered_on_one_line(tmp_path):
    file = tmp_path / "one.json"
    file.write_text(json.dumps(TWO_INVOICES, indent=2))
    assert run(str(file)) == (0, ["two invoices"], "")


def test_standard_input():
    assert run("-", stdin=LINE + LINE) == (0, ["two invoices"] * 2, "")


def test_yaml_by_its_name_with_dates_as_yaml_reads_them(tmp_path):
    file = tmp_path / "one.YML"
    bare = LINE.replace('"2026-02-25"', "2026-02-25").replace('"2026-03-02"', "2026-03-02")
    file.write_text(bare)
    assert run(str(file)) == (0, ["two invoices"], "")


def test_a_scenario_that_cannot_be_read_is_named_and_the_others_are_answered():
    assert run("-", stdin=LINE + WRONG + LINE) == (2, ["two invoices"] * 2, f"line 2: {WORDS}\n")


def test_with_several_files_each_refusal_names_its_own(tmp_path):
    right, wrong = tmp_path / "right.jsonl", tmp_path / "wrong.jsonl"
    right.write_text(LINE)
    wrong.write_text(WRONG)
    assert run(str(wrong), str(right)) == (2, ["two invoices"], f"line 1: {WORDS} (in {wrong})\n")


def test_a_file_that_is_not_there():
    words = "line 1: scenario: file: cannot be read: No such file or directory\n"
    assert run("/no/such/file") == (2, [], words)


def test_without_a_file_it_says_how_it_is_used():
    exit_code, answers, errors = run()
    assert (exit_code, answers) == (2, [])
    assert "Missing argument 'FILE...'" in errors
